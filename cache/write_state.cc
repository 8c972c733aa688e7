#include "cache/write_state.h"

#include <utility>

namespace cacheindex::cache {

Error WriteState::Fail(Error error) {
  if (!failure) {
    failure = error;
  }
  return error;
}

Result<void> WriteState::Put(MDB_dbi table, std::string_view key, std::string_view value) {
  MDB_val raw_key = ToValue(key);
  MDB_val raw_value = ToValue(value);
  ++writes;
  bytes += key.size() + value.size();
  const int status = mdb_put(handle(), table, &raw_key, &raw_value, 0);
  if (status != MDB_SUCCESS) {
    is_map_full = is_map_full || status == MDB_MAP_FULL;
    return Fail(FromLmdb(status, "write"));
  }
  return {};
}

Result<bool> WriteState::Delete(MDB_dbi table, std::string_view key) {
  MDB_val raw_key = ToValue(key);
  ++writes;
  const int status = mdb_del(handle(), table, &raw_key, nullptr);
  if (status != MDB_SUCCESS && status != MDB_NOTFOUND) {
    is_map_full = is_map_full || status == MDB_MAP_FULL;
    return Fail(FromLmdb(status, "delete"));
  }
  return status == MDB_SUCCESS;
}

Result<std::uint32_t> WriteState::DeletePrefix(MDB_dbi table, std::string_view prefix,
                                               std::uint32_t keys_max) {
  auto cursor = OpenCursor(handle(), table);
  if (!cursor) {
    return Fail(std::move(cursor).error());
  }
  std::uint32_t deleted = 0;
  while (deleted < keys_max) {
    // A fresh descent for each key: where a cursor stands after a delete that merged pages is not
    // worth relying on.
    const auto item = Seek(cursor->get(), prefix);
    if (!item) {
      return Fail(item.error());
    }
    if (!*item || !(*item)->key.starts_with(prefix)) {
      break;
    }
    ++writes;
    if (const int status = mdb_cursor_del(cursor->get(), 0); status != MDB_SUCCESS) {
      is_map_full = is_map_full || status == MDB_MAP_FULL;
      return Fail(FromLmdb(status, "delete"));
    }
    ++deleted;
  }
  return deleted;
}

}  // namespace cacheindex::cache
