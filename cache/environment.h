#pragma once

#include <lmdb.h>

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <mutex>
#include <vector>

#include "cache/checked_pages.h"
#include "cache/compression.h"
#include "cache/lasting_environment.h"
#include "cache/lmdb_handle.h"
#include "cache/page_table.h"
#include "node/core/result.h"

namespace cacheindex::cache {

/// LMDB's numbers for the tables (records.cc says what is in them).
struct Tables {
  MDB_dbi documents = 0;
  MDB_dbi numbers = 0;
  MDB_dbi columns = 0;
  MDB_dbi entries = 0;
  MDB_dbi log = 0;
  MDB_dbi collections = 0;
  MDB_dbi names = 0;
  MDB_dbi meta = 0;
};

/// A store's open file: handle, tables, dictionaries.
///
/// Threads: as LMDB; the dictionaries may be used by all. Lifetime: outlives its transactions.
class Environment {
 public:
  struct Options {
    std::filesystem::path directory;
    std::uint64_t map_size_bytes = 0;
    std::uint32_t readers_max = 0;
    /// Sorted.
    std::vector<CollectionNumber> fenced = {};
  };
  /// Errors: as OpenEnvironment; kCorruption when the layout's version is not ours.
  static Result<std::unique_ptr<Environment>> Open(const Options& options);
  /// As Open, of a store that another process has open and writes; see foreign_store.h. Only the
  /// directory and what is fenced are looked at.
  static Result<std::unique_ptr<Environment>> OpenBeside(const Options& options);

  MDB_env* handle() const noexcept { return lasting_->handle(); }
  Result<TransactionHandle> BeginRead() const { return lasting_->BeginRead(); }
  const Tables& tables() const noexcept { return tables_; }
  /// Whether nobody may read the collection: pages of it are damaged, and end the process.
  bool IsFenced(CollectionNumber collection) const noexcept;
  /// Lets nobody read the collection who has not begun yet.
  void Fence(CollectionNumber collection);
  /// Returns a collection's version after `previous`: larger, and never given before by this
  /// process, not even to a transaction that was given up. So whoever remembers something of a
  /// version remembers what was committed as that version, or never meets it again. The writer's
  /// only.
  std::uint64_t NextVersion(std::uint64_t previous) const noexcept {
    last_version_ = std::max(last_version_, previous) + 1;
    return last_version_;
  }

  /// A cache: reading through a const view may fill it.
  DictionaryTable& dictionaries() const noexcept { return dictionaries_; }
  /// As the dictionaries. Whoever moves the map clears them.
  PageTables& page_tables() const noexcept { return page_tables_; }
  CheckedPages& checked_pages() const noexcept { return checked_pages_; }

 private:
  using Fenced = std::vector<CollectionNumber>;

  Environment(std::unique_ptr<LastingEnvironment> lasting, Fenced fenced);

  Result<void> OpenTables(MDB_txn* transaction);

  mutable DictionaryTable dictionaries_;
  mutable PageTables page_tables_;
  mutable CheckedPages checked_pages_;
  std::unique_ptr<LastingEnvironment> lasting_;
  std::mutex fencing_;
  /// Every fence there was: whoever looks takes no lock.
  std::vector<std::unique_ptr<const Fenced>> fences_;
  std::atomic<const Fenced*> fenced_;
  Tables tables_;
  /// Of this run of the process, not of the stored state.
  mutable std::uint64_t last_version_ = 0;
};

}  // namespace cacheindex::cache
