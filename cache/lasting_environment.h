#pragma once

#include <lmdb.h>

#include <atomic>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "cache/lmdb_handle.h"
#include "node/core/result.h"

namespace cacheindex::cache {

/// An environment that can be read as long as it is open.
///
/// When LMDB fails to write the page that says which commit is the latest, it gives the environment
/// up, for readers too. Then the file is opened once more, for reading only; nobody can write it
/// any more, so that takes no locks, and pages that readers see are never reused.
///
/// Threads: all methods may be called concurrently, OpenTable while it is being opened only.
/// Lifetime: outlives its transactions.
class LastingEnvironment {
 public:
  /// Errors: as OpenEnvironment.
  static Result<std::unique_ptr<LastingEnvironment>> Open(const EnvironmentOptions& options);
  /// Opens what another process has open, to read beside it: locks tell that one what is read.
  /// Creates and changes nothing. Errors: as mdb_env_open.
  static Result<std::unique_ptr<LastingEnvironment>> OpenBeside(const EnvironmentOptions& options);
  LastingEnvironment(const LastingEnvironment&) = delete;
  LastingEnvironment& operator=(const LastingEnvironment&) = delete;

  MDB_env* handle() const noexcept { return current_.load(); }
  /// As the function of that name; where nothing is written, the table must be there.
  Result<MDB_dbi> OpenTable(MDB_txn* transaction, const char* name);
  /// Begins to read the latest commit.
  Result<TransactionHandle> BeginRead() const;

 private:
  LastingEnvironment(EnvironmentOptions options, EnvironmentHandle handle)
      : options_(std::move(options)), handle_(std::move(handle)), current_(handle_.get()) {}

  Result<void> OpenForReading() const;

  const EnvironmentOptions options_;
  bool is_beside_ = false;
  /// In the order of their opening, which LMDB's numbers follow.
  std::vector<std::pair<std::string, MDB_dbi>> tables_;
  const EnvironmentHandle handle_;
  mutable std::mutex mutex_;
  mutable EnvironmentHandle read_only_;
  mutable std::atomic<MDB_env*> current_;
};

}  // namespace cacheindex::cache
