#include "node/commands/source_commands.h"

#include <algorithm>
#include <cstdlib>
#include <string>
#include <system_error>
#include <utility>

#include "cache/generation.h"
#include "index/schema/schema_definition.h"
#include "node/core/nearest_name.h"
#include "node/disk/data_directory.h"
#include "node/disk/node_identity.h"
#include "node/scrub/separate_process.h"
#include "node/stores/managed_generations.h"
#include "node/stores/managed_source.h"
#include "node/stores/served_store.h"
#include "replication/following/declaration_draft.h"

namespace cacheindex::node {
namespace {

using replication::PreflightFinding;

// A node that never ran has no name yet, and no slot whose name could matter.
Result<std::string> IdentityOf(const Config& config) {
  std::error_code ignored;
  return std::filesystem::exists(NodeIdentityPath(config.data_directory), ignored)
             ? LoadNodeIdentity(config.data_directory)
             : Result<std::string>("0000000000000000");
}

// What the index would say when the collection is made.
Result<void> CheckSchema(const Json& schema) {
  const auto parsed = index::ParseSchema(schema);
  return parsed ? Result<void>() : parsed.error();
}

void Print(const PreflightFinding& finding, std::ostream& out) {
  const bool is_error = finding.severity == PreflightFinding::Severity::kError;
  out << (is_error ? "error: " : "warning: ") << finding.message << '\n';
  if (!finding.remedy.empty()) {
    out << "  " << finding.remedy << '\n';
  }
}

}  // namespace

bool CheckSources(const Config& config, std::ostream& out) {
  const auto identity = IdentityOf(config);
  if (!identity) {
    out << "error: " << identity.error().message() << '\n';
    return false;
  }
  bool is_good = true;
  for (const SourceConfig& source : config.sources) {
    out << "source " << source.name << ":\n";
    const auto findings = replication::Source::Check(
        SourceOptions({.source = source, .slot = SlotName(source.name, *identity)}, {}),
        CheckSchema);
    if (!findings) {
      out << "error: " << findings.error().message() << '\n';
      is_good = false;
      continue;
    }
    for (const PreflightFinding& finding : *findings) {
      Print(finding, out);
      is_good = is_good && finding.severity != PreflightFinding::Severity::kError;
    }
    if (findings->empty()) {
      out << "nothing stands in the way\n";
    }
  }
  return is_good;
}

Result<void> DraftCollection(const Config& config, std::string_view source, const std::string& root,
                             DraftOutput output) {
  const auto known =
      std::find_if(config.sources.begin(), config.sources.end(),
                   [&](const SourceConfig& candidate) { return candidate.name == source; });
  if (known == config.sources.end()) {
    std::vector<std::string> names;
    for (const SourceConfig& candidate : config.sources) {
      names.push_back(candidate.name);
    }
    return Error(ErrorCode::kNotFound, "the configuration has no source named `" +
                                           std::string(source) + "`" +
                                           DidYouMean(source, names, '`'));
  }
  const auto draft = replication::DraftDeclaration(
      SourceOptions({.source = *known, .slot = SlotName(known->name, "draft")}, {}), root);
  if (!draft) {
    return Error(draft.error()).WithContext("source " + known->name);
  }
  output.out << draft->toml;
  output.notes << draft->notes;
  return {};
}

namespace {

// A node that cannot open the live generation does not start, and so cannot build another beside
// it.
Result<bool> CanOpenLive(const std::filesystem::path& store, const Config& config) {
  const auto generation = cache::FindCurrentGeneration(store);
  if (!generation) {
    return generation.error().code() == ErrorCode::kCorruption ? Result<bool>(false)
                                                               : generation.error();
  }
  const auto ended = RunSeparately(
      [&] { return ServedStore::Open(*generation, config) ? EXIT_SUCCESS : EXIT_FAILURE; });
  return ended ? Result<bool>(*ended == EXIT_SUCCESS) : ended.error();
}

}  // namespace

Result<void> OrderRebuild(const Config& config, std::string_view source) {
  const bool is_known =
      std::any_of(config.sources.begin(), config.sources.end(),
                  [&](const SourceConfig& candidate) { return candidate.name == source; });
  if (!is_known) {
    return Error(ErrorCode::kNotFound,
                 "the configuration has no source named `" + std::string(source) + "`");
  }
  auto directory = DataDirectory::Lock(config.data_directory);
  if (!directory) {
    return std::move(directory).error().WithContext("ask the running node with POST /sources/" +
                                                    std::string(source) + "/rebuild");
  }
  const std::filesystem::path store = directory->store(source);
  std::error_code failure;
  if (!std::filesystem::exists(store, failure)) {
    return {};  // It was never built, so the next start builds it anyway.
  }
  const auto can_open = CanOpenLive(store, config);
  if (!can_open) {
    return can_open.error();
  }
  if (!*can_open) {
    return ReplaceLiveGeneration(store);
  }
  return MarkForRebuild(store);
}

}  // namespace cacheindex::node
