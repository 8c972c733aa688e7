#pragma once

#include <chrono>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "node/config/config.h"
#include "node/config/source_config.h"
#include "node/core/result.h"
#include "node/core/search.h"
#include "node/disk/data_directory.h"
#include "node/stores/managed_generation.h"
#include "node/stores/managed_generations.h"
#include "replication/following/source.h"

namespace cacheindex::node {

/// One source that the node follows, and the store of the collections that it manages.
///
/// Threads: all methods may be called concurrently, except Stop.
/// Lifetime: within that of the data directory's lock; outlives what was opened from it.
class ManagedSource {
 public:
  struct Options {
    SourceConfig source;
    /// Of this node; see node_identity.h.
    std::string slot;
  };
  /// Opens the live generation and starts to follow. Returns at once, whatever state the source is
  /// in: what was built before serves meanwhile. `config` must outlive it.
  static Result<std::unique_ptr<ManagedSource>> Start(Options options,
                                                      const DataDirectory& directory,
                                                      const Config& config);
  /// Calls Stop.
  ~ManagedSource();
  ManagedSource(const ManagedSource&) = delete;
  ManagedSource& operator=(const ManagedSource&) = delete;

  /// Stops to follow; what was applied is durable. Repeating it is harmless.
  void Stop();

  const SourceConfig& config() const { return options_.source; }

  /// A generation that can be read, with who answers for it.
  struct Lease {
    std::shared_ptr<ManagedGeneration> generation;
    std::shared_ptr<const replication::Applier> applier;
    /// What a snapshot that is opened after this reflects at least.
    AnswerPositions positions;
  };
  /// Errors: kUnavailable before the first build is done, saying how far it is.
  Result<Lease> Open() const;

  /// The error that a collection gets which is declared but not built yet, or set aside and not
  /// kept.
  Error NotBuilt(std::string_view collection) const;
  /// The error that every write over the API gets.
  Error WriteRefused(std::string_view collection) const;

  /// Waits until the position, as X-Position spells it, is readable (`for_search`: searchable).
  /// Errors: kInvalidArgument when it is none, or of a history that the source has left;
  /// kUnavailable at the deadline.
  struct Wait {
    std::string_view position;
    bool for_search = false;
    std::chrono::steady_clock::time_point deadline;
  };
  Result<void> WaitFor(const Wait& wait) const;

  /// Checks that a collection can be as fresh as `position`, which was waited for, because it is
  /// followed.
  /// Errors: kUnavailable where it is set aside and what is kept of it is older.
  Result<void> CheckKept(std::string_view collection, std::string_view position) const;

  replication::SourceStatus Status() const;
  /// Returns the live generation, whether it can be served or not.
  std::shared_ptr<ManagedGeneration> live() const { return generations_.live(); }

  /// Begins to build a new generation beside the live one, also if the node stops before it is
  /// done.
  Result<void> RequestRebuild();

 private:
  ManagedSource(Options options, const std::filesystem::path& directory, const Config& config);

  Error SetAside(const replication::SetAsideCollection& set_aside) const;

  Options options_;
  ManagedGenerations generations_;
  std::unique_ptr<replication::Source> source_;
};

/// How libpq and the preflight get to know a source.
replication::Source::Options SourceOptions(const ManagedSource::Options& options,
                                           const std::filesystem::path& spool_directory);

}  // namespace cacheindex::node
