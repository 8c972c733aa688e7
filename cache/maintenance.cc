#include "cache/maintenance.h"

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "cache/records.h"

namespace cacheindex::cache {
namespace {

struct Leftover {
  MDB_dbi table;
  std::string prefix;
};

// Where the dropped thing named by `mark` (the key of its record in meta) has left keys.
std::vector<Leftover> LeftoversOf(const Tables& tables, std::string_view mark) {
  const std::string number(mark.substr(2));
  if (static_cast<DropKind>(mark[1]) == DropKind::kColumn) {
    return {{tables.columns, number}, {tables.entries, number}};
  }
  return {{tables.documents, number},
          {tables.numbers, number},
          {tables.meta, std::string(1, kDictionaryPrefix) + number}};
}

}  // namespace

Result<void> WorkOffDrops(WriteState& state) {
  std::uint32_t left = kDropKeysMax;
  while (left > 0 && state.store.drops_pending > 0) {
    std::string mark;
    {
      auto cursor = OpenCursor(state.handle(), state.tables().meta);
      if (!cursor) {
        return std::move(cursor).error();
      }
      const auto item = Seek(cursor->get(), std::string_view(&kDropPrefix, 1));
      if (!item) {
        return item.error();
      }
      // "dictionary" and the like would start with the same letter; a mark has six bytes.
      if (!*item || (*item)->key.front() != kDropPrefix || (*item)->key.size() != 6) {
        return Error(ErrorCode::kCorruption, "a pending drop has lost its record");
      }
      mark = (*item)->key;
    }
    for (const Leftover& leftover : LeftoversOf(state.tables(), mark)) {
      const auto deleted = state.DeletePrefix(leftover.table, leftover.prefix, left);
      if (!deleted) {
        return deleted.error();
      }
      left -= *deleted;
    }
    if (left == 0) {
      return {};
    }
    if (auto deleted = state.Delete(state.tables().meta, mark); !deleted) {
      return std::move(deleted).error();
    }
    --state.store.drops_pending;
    state.is_store_changed = true;
  }
  return {};
}

Result<std::uint32_t> TrimLogEntries(WriteState& state, Position position) {
  auto cursor = OpenCursor(state.handle(), state.tables().log);
  if (!cursor) {
    return std::move(cursor).error();
  }
  std::map<CollectionNumber, Position> trimmed;
  std::uint32_t removed = 0;
  for (; removed < kTrimEntriesMax; ++removed) {
    const auto item = Seek(cursor->get(), {});
    if (!item) {
      return item.error();
    }
    if (!*item) {
      break;
    }
    const auto entry = DecodeLogEntry((*item)->key, (*item)->value);
    if (!entry) {
      return entry.error();
    }
    if (entry->position > position) {
      break;
    }
    trimmed[entry->collection] = entry->position;
    ++state.writes;
    if (const int status = mdb_cursor_del(cursor->get(), 0); status != MDB_SUCCESS) {
      state.is_map_full = state.is_map_full || status == MDB_MAP_FULL;
      return state.Fail(FromLmdb(status, "trim log"));
    }
  }
  cursor->reset();
  for (const auto& [collection, last] : trimmed) {
    const auto present =
        GetValue(state.handle(), state.tables().collections, DefinitionKey(collection).view());
    if (!present) {
      return present.error();
    }
    if (!*present) {
      continue;  // Dropped meanwhile.
    }
    if (auto written =
            state.Put(state.tables().meta, TrimmedKey(collection).view(), EncodePosition(last));
        !written) {
      return std::move(written).error();
    }
  }
  return removed;
}

}  // namespace cacheindex::cache
