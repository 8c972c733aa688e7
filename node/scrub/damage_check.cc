#include "node/scrub/damage_check.h"

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "cache/generation.h"
#include "cache/verify.h"
#include "node/disk/required_files.h"
#include "node/logging/log.h"
#include "node/scrub/crash_mark.h"
#include "node/scrub/separate_process.h"
#include "node/stores/fence.h"
#include "node/stores/managed_generations.h"
#include "node/stores/served_store.h"

namespace cacheindex::node {
namespace {

namespace fs = std::filesystem;

using Collections = std::vector<FencedCollection>;

// Beside EXIT_SUCCESS: everything could be read, and something is not as it was written.
constexpr int kWithFindings = 3;

// Reads all that is not fenced, and what is derived from it. Returns the code to exit with.
int ReadAll(const fs::path& generation, const Config& config, const Collections& fence) {
  const auto served = ServedStore::Open(generation, config, fence);
  if (!served) {
    return EXIT_FAILURE;
  }
  ServedStore& store = **served;
  const auto deadline = std::chrono::steady_clock::now() + kSearchableWaitMax;
  const bool has_texts = store.missing_texts() == 0 &&
                         store.index().WaitSearchable(store.store().position(), deadline);
  const auto snapshot = store.store().OpenSnapshot();
  if (!snapshot) {
    return EXIT_FAILURE;
  }
  // The tables are common to all collections.
  bool is_sound = !fence.empty() || cache::Verify(*snapshot).findings.empty();
  if (has_texts) {
    const auto differences = store.index().Verify(*snapshot);
    is_sound = is_sound && differences && differences->empty();
  }
  return is_sound ? EXIT_SUCCESS : kWithFindings;
}

// Returns the collections that are not fenced; nullopt when even that ends the process.
Result<std::optional<Collections>> ListSeparately(const DataDirectory& directory,
                                                  const fs::path& generation,
                                                  const Config& config) {
  const fs::path list = directory.spool() / "collections";
  const auto ended = RunSeparately([&] {
    const auto store = cache::Store::Open({.directory = generation,
                                           .map_size_bytes = config.store.map_size_bytes,
                                           .map_size_max_bytes = config.store.map_size_max_bytes},
                                          nullptr);
    const auto snapshot = store ? (*store)->OpenSnapshot() : store.error();
    const auto found = snapshot ? snapshot->Collections() : snapshot.error();
    Collections collections;
    for (const cache::Collection& collection : found ? *found : std::vector<cache::Collection>()) {
      collections.push_back({.number = collection.number, .name = collection.name});
    }
    return found && WriteCollections(list, collections) ? EXIT_SUCCESS : EXIT_FAILURE;
  });
  if (!ended) {
    return ended.error();
  }
  if (*ended != EXIT_SUCCESS) {
    return std::nullopt;
  }
  auto collections = ReadCollections(list);
  std::error_code failure;
  fs::remove(list, failure);
  return collections ? Result<std::optional<Collections>>(*std::move(collections))
                     : std::move(collections).error();
}

struct Reading {
  bool has_ended_well = false;
  bool has_findings = false;
};

Result<Reading> ReadSeparately(const fs::path& generation, const Config& config,
                               const Collections& fence) {
  const auto ended = RunSeparately([&] { return ReadAll(generation, config, fence); });
  if (!ended) {
    return ended.error();
  }
  return Reading{.has_ended_well = *ended == EXIT_SUCCESS || *ended == kWithFindings,
                 .has_findings = *ended == kWithFindings};
}

// Returns the collections that end a process that reads them, each looked at with all others
// fenced; nullopt when the store cannot be opened without them.
Result<std::optional<Collections>> FindDamaged(const DataDirectory& directory,
                                               const fs::path& generation, const Config& config) {
  const auto all = ListSeparately(directory, generation, config);
  if (!all || !*all) {
    return all;
  }
  Collections damaged;
  for (std::size_t i = 0; i < (*all)->size(); ++i) {
    Collections others = **all;
    others.erase(others.begin() + static_cast<std::ptrdiff_t>(i));
    const auto reading = ReadSeparately(generation, config, others);
    if (!reading) {
      return reading.error();
    }
    if (!reading->has_ended_well) {
      damaged.push_back((**all)[i]);
    }
  }
  const auto rest = ReadSeparately(generation, config, damaged);
  if (!rest) {
    return rest.error();
  }
  return rest->has_ended_well ? std::optional(std::move(damaged)) : std::nullopt;
}

Result<void> Rebuild(const fs::path& store, const std::string& name) {
  Log(LogPart::kStores, LogLevel::kError, "damage",
      {{"store", name},
       {"reason",
        "its files are damaged: it is copied again from its source, and answers 503 until then"}});
  return ReplaceLiveGeneration(store);
}

// Returns whether something is served that is not as it was written.
Result<bool> CheckStore(const DataDirectory& directory, const std::string& name,
                        const Config& config, bool has_crashed) {
  const fs::path store = directory.store(name);
  const auto generation = cache::FindCurrentGeneration(store);
  if (!generation) {
    // Whoever opens it says what to do.
    return generation.error().code() == ErrorCode::kCorruption ? Result<bool>(false)
                                                               : generation.error();
  }
  const auto fence = LoadFence(*generation);
  if (!fence) {
    return fence.error();
  }
  if (!has_crashed && fence->empty()) {
    return false;
  }
  const auto reading = ReadSeparately(*generation, config, {});
  if (!reading) {
    return reading.error();
  }
  if (reading->has_findings) {
    Log(LogPart::kStores, LogLevel::kError, "damage",
        {{"store", name},
         {"reason",
          "not all of it is as it was written; what is damaged answers 500 by name: the scrub, "
          "unless it is off, says at once what it is and makes again what can be made; cacheindex "
          "verify names all of it when the node is stopped"}});
  }
  if (reading->has_ended_well) {
    auto saved = fence->empty() ? Result<void>() : SaveFence(*generation, {});
    return saved ? Result<bool>(reading->has_findings) : std::move(saved).error();
  }
  if (name != kNativeStore) {
    auto ordered = Rebuild(store, name);
    return ordered ? Result<bool>(false) : std::move(ordered).error();
  }
  auto damaged = FindDamaged(directory, *generation, config);
  if (!damaged) {
    return std::move(damaged).error();
  }
  if (!*damaged) {
    return WithWayOut(Error(ErrorCode::kCorruption,
                            generation->string() + " is damaged: reading it ends the process"),
                      name);
  }
  for (const FencedCollection& collection : **damaged) {
    Log(LogPart::kStores, LogLevel::kError, "fenced",
        {{"store", name},
         {"collection", collection.name},
         {"reason",
          "it is damaged, answers 500 and is looked at again at the next start: restore a "
          "backup"}});
  }
  auto saved = SaveFence(*generation, **damaged);
  return saved ? Result<bool>(false) : std::move(saved).error();
}

}  // namespace

Result<bool> CheckDamage(const DataDirectory& directory, const Config& config) {
  const auto mark = FindCrashMark(directory.path());
  if (!mark) {
    return mark.error();
  }
  if (*mark) {
    Log(LogPart::kStores, LogLevel::kError, "crashed",
        {{"by", **mark},
         {"reason",
          "all stores are read once before they are served: damaged files may have been the "
          "cause"}});
  }
  std::vector<std::string> names = {std::string(kNativeStore)};
  for (const SourceConfig& source : config.sources) {
    names.push_back(source.name);
  }
  bool has_findings = false;
  for (const std::string& name : names) {
    const auto checked = CheckStore(directory, name, config, mark->has_value());
    if (!checked) {
      return checked;
    }
    has_findings = has_findings || *checked;
  }
  auto removed = *mark ? RemoveCrashMark(directory.path()) : Result<void>();
  return removed ? Result<bool>(has_findings) : std::move(removed).error();
}

}  // namespace cacheindex::node
