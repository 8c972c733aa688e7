#include "cache/lmdb_handle.h"

#include <cerrno>
#include <cstdint>
#include <cstring>
#include <set>
#include <string>
#include <system_error>
#include <utility>

#include "node/core/files/durable_file.h"

namespace cacheindex::cache {
namespace {

constexpr mdb_mode_t kFileMode = 0640;
// NOTLS ties a reader slot to the snapshot instead of the thread. Reads are random, so read-ahead
// would only push useful pages out. WRITEMAP and NOSYNC stay off: one exposes the file to stray
// pointers, the other loses it at a power cut.
constexpr unsigned kEnvironmentFlags = MDB_NOTLS | MDB_NORDAHEAD;
// Whoever opens it says how large it may become.
constexpr std::uint64_t kNewMapBytes = std::uint64_t{1} << 20;
// Less free space than this explains a failed write.
constexpr std::uint64_t kDiskFullBytes = std::uint64_t{16} << 20;
constexpr const char* kCreatingDirectory = "creating";

ErrorCode CodeOf(int status) {
  switch (status) {
    case MDB_MAP_FULL:
    case MDB_TXN_FULL:
    case ENOSPC:
    case EDQUOT:
    case ENOMEM:
      return ErrorCode::kExhausted;
    case MDB_READERS_FULL:
    case EAGAIN:
      return ErrorCode::kUnavailable;
    case MDB_BAD_VALSIZE:
      return ErrorCode::kInvalidArgument;
    case MDB_CORRUPTED:
    case MDB_PAGE_NOTFOUND:
    case MDB_VERSION_MISMATCH:
    case MDB_INVALID:
      return ErrorCode::kCorruption;
    default:
      return ErrorCode::kIo;
  }
}

Result<EnvironmentHandle> OpenExisting(const EnvironmentOptions& options,
                                       const std::filesystem::path& directory) {
  MDB_env* raw = nullptr;
  if (const int status = mdb_env_create(&raw); status != MDB_SUCCESS) {
    return FromLmdb(status, "create environment");
  }
  EnvironmentHandle environment(raw);
  mdb_env_set_mapsize(raw, options.map_size_bytes);
  mdb_env_set_maxreaders(raw, options.readers_max);
  mdb_env_set_maxdbs(raw, options.tables_max);
  if (const int status = mdb_env_open(raw, directory.c_str(), kEnvironmentFlags, kFileMode);
      status != MDB_SUCCESS) {
    return FromLmdb(status, "open " + directory.string());
  }
  return environment;
}

// Returns whether LMDB's list of free pages (its table 0: transaction -> count, page numbers) holds
// every page from `first` to `last`.
Result<bool> AreFree(MDB_env* environment, std::uint64_t first, std::uint64_t last) {
  auto transaction = BeginRead(environment);
  if (!transaction) {
    return std::move(transaction).error();
  }
  constexpr MDB_dbi kFreePages = 0;
  MDB_cursor* raw_cursor = nullptr;
  if (const int status = mdb_cursor_open(transaction->get(), kFreePages, &raw_cursor);
      status != MDB_SUCCESS) {
    return FromLmdb(status, "read the free pages");
  }
  const CursorHandle cursor(raw_cursor);
  std::set<std::uint64_t> missing;
  for (std::uint64_t page = first; page <= last; ++page) {
    missing.insert(page);
  }
  MDB_val key;
  MDB_val pages;
  int status = mdb_cursor_get(cursor.get(), &key, &pages, MDB_FIRST);
  for (; status == MDB_SUCCESS; status = mdb_cursor_get(cursor.get(), &key, &pages, MDB_NEXT)) {
    for (std::size_t offset = sizeof(std::size_t); offset + sizeof(std::size_t) <= pages.mv_size;
         offset += sizeof(std::size_t)) {
      std::size_t page = 0;
      std::memcpy(&page, static_cast<const char*>(pages.mv_data) + offset, sizeof(page));
      missing.erase(page);
    }
  }
  if (status != MDB_NOTFOUND) {
    return FromLmdb(status, "read the free pages");
  }
  return missing.empty();
}

// LMDB maps the file without comparing its size; a read beyond its end would kill the process. A
// sound file may be short of pages at its end that a transaction took and gave back unwritten: they
// are in the list of free pages, and the file gets its length. Anything else is a cut-off file.
Result<void> CheckSize(MDB_env* environment, const std::filesystem::path& file) {
  MDB_envinfo information{};
  MDB_stat statistics{};
  mdb_env_info(environment, &information);
  mdb_env_stat(environment, &statistics);
  std::error_code failure;
  const std::uint64_t size = std::filesystem::file_size(file, failure);
  const std::uint64_t needed = (information.me_last_pgno + 1) * statistics.ms_psize;
  if (failure) {
    return Error(ErrorCode::kIo, "size of " + file.string() + ": " + failure.message());
  }
  if (size >= needed) {
    return {};
  }
  // The list itself may be in what is missing; zeros there are an error, no list.
  std::filesystem::resize_file(file, needed, failure);
  if (failure) {
    return Error(ErrorCode::kIo, "extend " + file.string() + ": " + failure.message());
  }
  const auto are_free = AreFree(environment, size / statistics.ms_psize, information.me_last_pgno);
  if (are_free && *are_free) {
    return {};
  }
  std::filesystem::resize_file(file, size, failure);
  return Error(ErrorCode::kCorruption, file.string() + " is cut off: it has " +
                                           std::to_string(size) + " of " + std::to_string(needed) +
                                           " bytes");
}

Result<std::optional<KeyValue>> Move(MDB_cursor* cursor, MDB_val key, MDB_cursor_op operation) {
  MDB_val value;
  const int status = mdb_cursor_get(cursor, &key, &value, operation);
  if (status == MDB_NOTFOUND) {
    return std::nullopt;
  }
  if (status != MDB_SUCCESS) {
    return FromLmdb(status, "move cursor");
  }
  return KeyValue{ToView(key), ToView(value)};
}

}  // namespace

Error FromLmdb(int status, std::string_view action) {
  return Error(CodeOf(status), mdb_strerror(status)).WithContext(action);
}

// Creates the file where nobody looks, and gives it its name when it is whole.
Result<void> CreateDataFile(const std::filesystem::path& directory) {
  const std::filesystem::path nursery = directory / kCreatingDirectory;
  std::error_code failure;
  std::filesystem::remove_all(nursery, failure);
  std::filesystem::create_directories(nursery, failure);
  if (failure) {
    return Error(ErrorCode::kIo, "create " + nursery.string() + ": " + failure.message());
  }
  const EnvironmentOptions options{
      .directory = nursery, .map_size_bytes = kNewMapBytes, .readers_max = 1, .tables_max = 0};
  if (auto environment = OpenExisting(options, nursery); !environment) {
    return std::move(environment).error();
  }
  if (auto synced = Synchronize(nursery / kDataFile); !synced) {
    return synced;
  }
  std::filesystem::rename(nursery / kDataFile, directory / kDataFile, failure);
  if (failure) {
    return Error(ErrorCode::kIo, "name the new data file: " + failure.message());
  }
  std::filesystem::remove_all(nursery, failure);
  return Synchronize(directory);
}

Result<EnvironmentHandle> OpenEnvironment(const EnvironmentOptions& options) {
  std::error_code failure;
  std::filesystem::create_directories(options.directory, failure);
  if (failure) {
    return Error(ErrorCode::kIo, "create " + options.directory.string() + ": " + failure.message());
  }
  const std::filesystem::path file = options.directory / kDataFile;
  const bool exists = std::filesystem::exists(file, failure);
  if (failure) {
    return Error(ErrorCode::kIo, "look at " + file.string() + ": " + failure.message());
  }
  if (!exists) {
    if (auto created = CreateDataFile(options.directory); !created) {
      return std::move(created).error();
    }
  }
  // LMDB would make an empty file a new database; what is there must never be recreated.
  if (!std::filesystem::is_regular_file(file, failure) || failure) {
    return Error(ErrorCode::kCorruption, file.string() + " is no file");
  }
  if (std::filesystem::file_size(file, failure) == 0 || failure) {
    return Error(ErrorCode::kCorruption, file.string() + " is empty");
  }
  auto environment = OpenExisting(options, options.directory);
  if (!environment) {
    return environment;
  }
  if (auto checked = CheckSize(environment->get(), file); !checked) {
    return std::move(checked).error();
  }
  int dead = 0;
  mdb_reader_check(environment->get(), &dead);
  return environment;
}

Result<TransactionHandle> BeginRead(MDB_env* environment) {
  MDB_txn* raw = nullptr;
  if (const int status = mdb_txn_begin(environment, nullptr, MDB_RDONLY, &raw);
      status != MDB_SUCCESS) {
    return FromLmdb(status, "begin reading");
  }
  return TransactionHandle(raw);
}

Result<TransactionHandle> BeginWrite(MDB_env* environment) {
  MDB_txn* raw = nullptr;
  if (const int status = mdb_txn_begin(environment, nullptr, 0, &raw); status != MDB_SUCCESS) {
    return FromLmdb(status, "begin writing");
  }
  return TransactionHandle(raw);
}

Result<void> Commit(TransactionHandle transaction) {
  // Commit frees the transaction whether or not it succeeds, so the handle lets go first.
  if (const int status = mdb_txn_commit(transaction.release()); status != MDB_SUCCESS) {
    return FromLmdb(status, "commit");
  }
  return {};
}

Result<MDB_dbi> OpenTable(MDB_txn* transaction, const char* name) {
  MDB_dbi table = 0;
  if (const int status = mdb_dbi_open(transaction, name, MDB_CREATE, &table);
      status != MDB_SUCCESS) {
    return FromLmdb(status, std::string("open table ") + name);
  }
  return table;
}

Result<std::optional<std::string_view>> GetValue(MDB_txn* transaction, MDB_dbi table,
                                                 std::string_view key) {
  MDB_val raw_key = ToValue(key);
  MDB_val value;
  const int status = mdb_get(transaction, table, &raw_key, &value);
  if (status == MDB_NOTFOUND) {
    return std::nullopt;
  }
  if (status != MDB_SUCCESS) {
    return FromLmdb(status, "read");
  }
  return ToView(value);
}

Result<CursorHandle> OpenCursor(MDB_txn* transaction, MDB_dbi table) {
  MDB_cursor* raw = nullptr;
  if (const int status = mdb_cursor_open(transaction, table, &raw); status != MDB_SUCCESS) {
    return FromLmdb(status, "open cursor");
  }
  return CursorHandle(raw);
}

Result<std::optional<KeyValue>> Seek(MDB_cursor* cursor, std::string_view key) {
  // LMDB knows no empty key; every key comes after it.
  return key.empty() ? Move(cursor, {}, MDB_FIRST) : Move(cursor, ToValue(key), MDB_SET_RANGE);
}

Result<std::optional<KeyValue>> Next(MDB_cursor* cursor) { return Move(cursor, {}, MDB_NEXT); }

Result<std::optional<KeyValue>> Previous(MDB_cursor* cursor) { return Move(cursor, {}, MDB_PREV); }

Result<std::optional<KeyValue>> Last(MDB_cursor* cursor) { return Move(cursor, {}, MDB_LAST); }

Result<void> ConfirmAbsence(MDB_cursor* cursor, std::string_view key) {
  constexpr int kNeighbours = 2;
  auto item = Seek(cursor, key);
  const bool is_end = item && !*item;
  std::string_view last = key;
  for (int i = 0; i < kNeighbours && item && *item; ++i, item = Next(cursor)) {
    if ((*item)->key <= last) {
      return Error(ErrorCode::kCorruption, "keys are out of order");
    }
    last = (*item)->key;
  }
  if (!item) {
    return std::move(item).error();
  }
  // Where there is nothing after it, the last one is the one before.
  item = is_end ? Last(cursor) : Seek(cursor, key);
  if (item && *item && !is_end) {
    item = Previous(cursor);
  }
  last = key;
  for (int i = 0; i < kNeighbours && item && *item; ++i, item = Previous(cursor)) {
    if ((*item)->key >= last) {
      return Error(ErrorCode::kCorruption, "keys are out of order");
    }
    last = (*item)->key;
  }
  return item ? Result<void>() : std::move(item).error();
}

Result<void> CopyEnvironment(MDB_env* environment, const std::filesystem::path& target) {
  std::error_code failure;
  std::filesystem::create_directories(target, failure);
  if (failure) {
    return Error(ErrorCode::kIo, "create " + target.string() + ": " + failure.message());
  }
  if (std::filesystem::exists(target / kDataFile, failure) || failure) {
    return Error(ErrorCode::kConflict, target.string() + " holds a store already");
  }
  int status = mdb_env_copy2(environment, target.c_str(), MDB_CP_COMPACT);
  if (status == MDB_INCOMPATIBLE) {
    // Compacting refuses a file in which pages got lost (harmless otherwise); a plain copy works.
    std::filesystem::remove(target / kDataFile, failure);
    status = mdb_env_copy2(environment, target.c_str(), 0);
  }
  if (status != MDB_SUCCESS) {
    return FromLmdb(status, "copy to " + target.string());
  }
  if (auto synced = Synchronize(target / kDataFile); !synced) {
    return synced;
  }
  return Synchronize(target);
}

bool IsDiskFull(const std::filesystem::path& directory) {
  std::error_code failure;
  const auto space = std::filesystem::space(directory, failure);
  return !failure && space.available < kDiskFullBytes;
}

}  // namespace cacheindex::cache
