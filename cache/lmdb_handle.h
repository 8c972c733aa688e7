#pragma once

#include <lmdb.h>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string_view>

#include "node/core/result.h"

namespace cacheindex::cache {

// Private to cache/: LMDB's handles with an owner, and its status codes as errors.

struct CloseEnvironment {
  void operator()(MDB_env* environment) const noexcept { mdb_env_close(environment); }
};
using EnvironmentHandle = std::unique_ptr<MDB_env, CloseEnvironment>;

struct AbortTransaction {
  void operator()(MDB_txn* transaction) const noexcept { mdb_txn_abort(transaction); }
};
using TransactionHandle = std::unique_ptr<MDB_txn, AbortTransaction>;

struct CloseCursor {
  void operator()(MDB_cursor* cursor) const noexcept { mdb_cursor_close(cursor); }
};
/// Must be closed before its transaction ends.
using CursorHandle = std::unique_ptr<MDB_cursor, CloseCursor>;

/// Returns the error for a status other than MDB_SUCCESS; `action` says what was tried.
Error FromLmdb(int status, std::string_view action);

/// LMDB takes non-const pointers and promises not to write through them.
inline MDB_val ToValue(std::string_view bytes) noexcept {
  return {bytes.size(), const_cast<char*>(bytes.data())};
}
inline std::string_view ToView(const MDB_val& value) noexcept {
  return {static_cast<const char*>(value.mv_data), value.mv_size};
}

struct EnvironmentOptions {
  std::filesystem::path directory;
  std::uint64_t map_size_bytes = 0;
  std::uint32_t readers_max = 0;
  std::uint32_t tables_max = 0;
};

/// The file of an environment, in its directory.
inline constexpr const char* kDataFile = "data.mdb";

/// Creates an empty environment in the existing `directory`, which has none, durably.
Result<void> CreateDataFile(const std::filesystem::path& directory);

/// Opens the environment in `directory`, creating directory and file when they are missing. The
/// file appears under its name only when it is complete, so an empty or cut file is always damage.
///
/// Errors: kCorruption when there is a file that is not ours or is shorter than it says.
Result<EnvironmentHandle> OpenEnvironment(const EnvironmentOptions& options);

Result<TransactionHandle> BeginRead(MDB_env* environment);
Result<TransactionHandle> BeginWrite(MDB_env* environment);
Result<void> Commit(TransactionHandle transaction);

/// Opens the table `name`, creating it when the transaction may write.
Result<MDB_dbi> OpenTable(MDB_txn* transaction, const char* name);

/// Returns the value under `key`; it is valid until the transaction ends or writes.
Result<std::optional<std::string_view>> GetValue(MDB_txn* transaction, MDB_dbi table,
                                                 std::string_view key);

Result<CursorHandle> OpenCursor(MDB_txn* transaction, MDB_dbi table);

struct KeyValue {
  std::string_view key;
  std::string_view value;
};
/// Moves to the first key at or after `key`; nullopt at the end of the table.
Result<std::optional<KeyValue>> Seek(MDB_cursor* cursor, std::string_view key);
/// Moves to the next or previous key, or the last one.
Result<std::optional<KeyValue>> Next(MDB_cursor* cursor);
Result<std::optional<KeyValue>> Previous(MDB_cursor* cursor);
Result<std::optional<KeyValue>> Last(MDB_cursor* cursor);

/// Looks whether `key`, which was not found, is not hidden by a key that changed: LMDB takes the
/// order of keys for granted. Moves the cursor; reads the two keys before and after.
/// Errors: kCorruption when they are out of order.
Result<void> ConfirmAbsence(MDB_cursor* cursor, std::string_view key);

/// Writes a copy of the environment to the empty directory `target` and makes it durable.
Result<void> CopyEnvironment(MDB_env* environment, const std::filesystem::path& target);

/// Returns whether there is too little room for a commit. LMDB reports a short write, which a full
/// disk causes, as EIO.
bool IsDiskFull(const std::filesystem::path& directory);

}  // namespace cacheindex::cache
