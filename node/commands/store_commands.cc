#include "node/commands/store_commands.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <iostream>
#include <memory>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "cache/generation.h"
#include "cache/settings.h"
#include "cache/verify.h"
#include "node/backup/backup.h"
#include "node/backup/backup_manifest.h"
#include "node/core/files/file_error.h"
#include "node/disk/data_directory.h"
#include "node/disk/node_identity.h"
#include "node/disk/required_files.h"
#include "node/scrub/separate_process.h"
#include "node/stores/served_store.h"

namespace cacheindex::node {
namespace {

namespace fs = std::filesystem;

// No code that a sanitizer or a library would end a process with.
constexpr int kWithFindings = 42;
constexpr int kWithMissingTexts = 43;

enum class Depth {
  // Whether what is stored can be read and is what was written.
  kStored,
  // Also whether what is derived from it fits.
  kDerived,
};

int Fail(const Error& error) {
  std::cerr << "cacheindex: " << error.message() << '\n';
  return EXIT_FAILURE;
}

Result<std::vector<fs::path>> ListStores(const DataDirectory& directory) {
  std::error_code failure;
  std::vector<fs::path> stores;
  const fs::path root = directory.path() / "stores";
  for (fs::directory_iterator entry(root, failure), end; !failure && entry != end;
       entry.increment(failure)) {
    if (IsStoreName(entry->path().filename().string())) {
      stores.push_back(entry->path());
    }
  }
  if (failure) {
    return FileError(failure, "list " + root.string());
  }
  std::sort(stores.begin(), stores.end());
  return stores;
}

// Opening its stores would change files of which the manifest says what they hold.
int VerifyBackup(const fs::path& backup) {
  const auto files = CompareWithManifest(backup, Compare::kContents);
  if (!files) {
    return Fail(files.error());
  }
  if (!files->differences.empty()) {
    return Fail(DifferenceError(backup, *files));
  }
  std::cout << backup.string() << ": a backup, all " << files->files.size()
            << " files are as they were made; restore reads what is in them\n";
  return EXIT_SUCCESS;
}

Result<DataDirectory> LockExisting(const Config& config) {
  if (HasManifest(config.data_directory)) {
    return Error(ErrorCode::kInvalidArgument,
                 config.data_directory.string() +
                     " is a backup that no node was started on: restore it, or copy it as it is");
  }
  std::error_code ignored;
  const fs::path& path = config.data_directory;
  if (!fs::exists(path / "stores", ignored) && !fs::exists(NodeIdentityPath(path), ignored) &&
      !fs::exists(path / "settings", ignored)) {
    return Error(ErrorCode::kInvalidArgument,
                 config.data_directory.string() + " is no data directory of cacheindex");
  }
  return DataDirectory::Lock(config.data_directory);
}

// What CheckStore found.
struct Findings {
  std::size_t count = 0;
  /// What the next start builds again by itself.
  std::uint32_t missing_texts = 0;
};

Result<Findings> CheckStore(const fs::path& generation, const std::string& name,
                            const Config& config, Depth depth) {
  auto opened = ServedStore::Open(generation, config);
  if (!opened) {
    return std::move(opened).error();
  }
  ServedStore& store = **opened;
  const bool has_texts = store.missing_texts() == 0;
  // What is durable but not yet searchable after a crash is no damage: let the text index catch up.
  if (depth == Depth::kDerived && has_texts) {
    auto caught_up = store.index().WaitSearchable(
        store.store().position(), std::chrono::steady_clock::now() + kSearchableWaitMax);
    if (!caught_up) {
      return std::move(caught_up).error();
    }
  }
  auto snapshot = store.store().OpenSnapshot();
  if (!snapshot) {
    return std::move(snapshot).error();
  }
  const cache::VerifyReport report = cache::Verify(*snapshot);
  auto differences = depth == Depth::kDerived && has_texts
                         ? store.index().Verify(*snapshot)
                         : Result<std::vector<std::string>>(std::vector<std::string>());
  if (!differences) {
    return std::move(differences).error();
  }
  const std::array<const std::vector<std::string>*, 2> all_findings = {&report.findings,
                                                                       &*differences};
  for (const std::vector<std::string>* findings : all_findings) {
    for (const std::string& finding : *findings) {
      std::cout << finding << '\n';
    }
  }
  const std::size_t count = report.findings.size() + differences->size();
  if (depth == Depth::kDerived || count > 0) {
    std::cout << name << ": verified " << report.documents << " documents and "
              << report.column_pages << " column pages: " << count
              << (count == 1 ? " finding" : " findings") << '\n';
  }
  return Findings{.count = count,
                  .missing_texts = depth == Depth::kDerived ? store.missing_texts() : 0};
}

// Runs `check`, which returns how many findings it wrote, on what is in `directory`. Returns
// whether there are none.
Result<bool> CheckSeparately(const fs::path& directory, const std::string& name,
                             const std::function<Result<Findings>()>& check) {
  const auto ended = RunSeparately([&] {
    const auto findings = check();
    if (!findings) {
      Fail(Error(findings.error()).WithContext(directory.string()));
      return kWithFindings;
    }
    const int otherwise = findings->missing_texts > 0 ? kWithMissingTexts : EXIT_SUCCESS;
    return findings->count > 0 ? kWithFindings : otherwise;
  });
  if (!ended) {
    return ended.error();
  }
  if (*ended == EXIT_SUCCESS) {
    return true;
  }
  if (*ended == kWithMissingTexts) {
    std::cout << directory.string()
              << ": a text index is missing, damaged or too far behind: the next start builds it "
                 "again from the documents, and is not ready before\n";
    return false;
  }
  if (*ended != kWithFindings) {
    const std::string how =
        *ended < 0 ? "signal " + std::to_string(-*ended) : "exit code " + std::to_string(*ended);
    std::cout << directory.string() << ": is damaged: reading it ended with " << how << '\n';
  }
  std::cout << directory.string() << ": " << WayOut(name) << '\n';
  return false;
}

Result<Findings> CheckSettings(const fs::path& directory) {
  const auto settings = cache::Settings::Open(directory);
  if (!settings) {
    return settings.error();
  }
  const auto verified = (*settings)->Verify();
  return verified ? Result<Findings>(Findings()) : verified.error();
}

// What is lost is a finding, and whatever else is wrong an error.
Result<bool> FindingOf(const Error& error) {
  if (error.code() != ErrorCode::kCorruption) {
    return error;
  }
  std::cout << error.message() << '\n';
  return false;
}

// Returns whether nothing was found.
Result<bool> CheckAll(const DataDirectory& directory, const Config& config, Depth depth) {
  const auto is_used = CheckRequiredFiles(directory);
  if (is_used && !*is_used) {
    std::cout << directory.path().string() << ": nothing was ever kept here\n";
    return false;
  }
  if (!is_used) {
    return FindingOf(is_used.error());
  }
  auto is_good = CheckSeparately(directory.settings(), std::string(kSettingsName),
                                 [&] { return CheckSettings(directory.settings()); });
  if (!is_good) {
    return is_good;
  }
  const auto stores = ListStores(directory);
  if (!stores) {
    return stores.error();
  }
  bool are_good = *is_good;
  for (const fs::path& path : *stores) {
    const auto generation = cache::FindCurrentGeneration(path);
    const std::string name = path.filename();
    if (!generation) {
      is_good = FindingOf(WithWayOut(generation.error(), name));
      if (!is_good) {
        return is_good;
      }
      are_good = false;
      continue;
    }
    is_good = CheckSeparately(*generation, name,
                              [&] { return CheckStore(*generation, name, config, depth); });
    if (!is_good) {
      return is_good;
    }
    are_good = are_good && *is_good;
  }
  return are_good;
}

Result<void> CopyAll(const DataDirectory& directory, const Config& config, const fs::path& target) {
  auto settings = cache::Settings::Open(directory.settings());
  if (!settings) {
    return std::move(settings).error();
  }
  const auto paths = ListStores(directory);
  if (!paths) {
    return paths.error();
  }
  std::vector<std::unique_ptr<ServedStore>> stores;
  std::vector<NamedStore> names;
  for (const fs::path& path : *paths) {
    const auto generation = cache::FindCurrentGeneration(path);
    auto store = generation ? ServedStore::Open(*generation, config)
                            : Result<std::unique_ptr<ServedStore>>(generation.error());
    if (!store) {
      return std::move(store).error();
    }
    stores.push_back(std::move(*store));
    names.push_back({.name = path.filename().string(), .store = stores.back().get()});
  }
  return WriteBackup(directory, **settings, names, target);
}

}  // namespace

int VerifyStores(const Config& config) {
  if (HasManifest(config.data_directory)) {
    return VerifyBackup(config.data_directory);
  }
  const auto directory = LockExisting(config);
  if (!directory) {
    return Fail(directory.error());
  }
  const auto are_good = CheckAll(*directory, config, Depth::kDerived);
  if (!are_good) {
    return Fail(are_good.error());
  }
  return *are_good ? EXIT_SUCCESS : EXIT_FAILURE;
}

int BackUpStores(const Config& config, const fs::path& target) {
  const auto directory = LockExisting(config);
  if (!directory) {
    return Fail(directory.error());
  }
  const auto are_good = CheckAll(*directory, config, Depth::kStored);
  if (!are_good) {
    return Fail(are_good.error());
  }
  if (!*are_good) {
    return Fail(Error(ErrorCode::kCorruption,
                      "nothing was backed up: a copy would be as damaged as what is there"));
  }
  std::error_code failure;
  const fs::path absolute = fs::absolute(target, failure);
  if (auto copied = CopyAll(*directory, config, absolute); !copied) {
    return Fail(copied.error());
  }
  std::cout << "backed up to " << absolute.string() << '\n';
  return EXIT_SUCCESS;
}

int RestoreStores(const Config& config, const fs::path& backup) {
  const auto restored = RestoreBackup(backup, config.data_directory);
  if (!restored) {
    return Fail(restored.error());
  }
  std::cout << "restored to " << config.data_directory.string() << '\n';
  if (!restored->is_compared) {
    std::cout << backup.string()
              << ": has no MANIFEST, as backups of earlier versions: its files could be compared "
                 "with nothing\n";
  }
  const auto directory = LockExisting(config);
  const auto are_good =
      directory ? CheckAll(*directory, config, Depth::kStored) : Result<bool>(directory.error());
  if (!are_good) {
    return Fail(are_good.error());
  }
  if (!*are_good) {
    return Fail(Error(ErrorCode::kCorruption,
                      "what was restored is as damaged as the backup; use another one"));
  }
  return EXIT_SUCCESS;
}

}  // namespace cacheindex::node
