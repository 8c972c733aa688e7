#pragma once

#include <lmdb.h>

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string_view>
#include <unordered_map>

#include "cache/column_buffer.h"
#include "cache/compression.h"
#include "cache/environment.h"
#include "cache/records.h"
#include "cache/write_transaction.h"
#include "node/core/result.h"

namespace cacheindex::cache {

/// What a transaction knows besides what it has written: counters, buffered columns, and how it
/// fares. All writes to the tables go through Put and Delete here, so that none fails unnoticed.
struct WriteState {
  struct CachedCounters {
    CollectionCounters counters;
    bool is_changed = false;
  };

  const Environment* environment = nullptr;
  TransactionHandle transaction;
  Compressor* compressor = nullptr;
  DocumentListener* listener = nullptr;

  StoreState store;
  bool is_store_changed = false;
  std::unordered_map<std::uint32_t, CachedCounters> counters;
  /// Trained in this transaction: for all to use only when it is committed.
  std::map<std::uint32_t, std::unique_ptr<Dictionary>> dictionaries;
  ColumnBuffer columns;
  std::unique_ptr<DocumentListener::Session> session;

  /// Writes so far; tells whether a failed job left anything behind.
  std::uint64_t writes = 0;
  /// Bytes given to the tables.
  std::uint64_t bytes = 0;
  std::uint64_t log_entries = 0;
  bool is_map_full = false;
  /// The first write that failed: this transaction must not be committed.
  std::optional<Error> failure;

  const Tables& tables() const noexcept { return environment->tables(); }
  MDB_txn* handle() const noexcept { return transaction.get(); }

  Result<void> Put(MDB_dbi table, std::string_view key, std::string_view value);
  /// Returns whether there was something to delete.
  Result<bool> Delete(MDB_dbi table, std::string_view key);
  /// Deletes up to `keys_max` keys that start with `prefix`; returns how many there were.
  Result<std::uint32_t> DeletePrefix(MDB_dbi table, std::string_view prefix,
                                     std::uint32_t keys_max);
  /// Notes `error` as this transaction's end and returns it.
  Error Fail(Error error);
};

}  // namespace cacheindex::cache
