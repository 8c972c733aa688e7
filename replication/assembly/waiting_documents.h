#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cache/write_transaction.h"
#include "node/core/result.h"
#include "replication/declaration/field_set.h"
#include "replication/rows/log_position.h"

namespace cacheindex::replication {

/// The documents that wait to be rebuilt: persisted, each once, the longest waiting first.
///
/// Layout: entries of cache::kOwnersColumn, numbers big-endian. "wait/" collection u32, root key:
/// position u64 of the first change it waits for, then the id of a document to remove, if any.
/// "gone/" collection u32, a digest of that id: nothing.
/// "order/" position u64, collection u32, root key: FieldSet::bits u64, or nothing for all fields.
struct WaitingDocument {
  cache::CollectionNumber collection{};
  std::string key;
  LogPosition since{};
  /// A document that its row no longer makes; empty for none.
  std::string gone_id;
  /// What of the stored document may not be true any more.
  FieldSet fields = FieldSet::All();
};

/// Returns the waiting document of this root row, without its fields; nullopt when it does not
/// wait.
Result<std::optional<WaitingDocument>> FindWaiting(const cache::View& view,
                                                   cache::CollectionNumber collection,
                                                   std::string_view key);

/// Returns whether a document with this id waits to be removed.
Result<bool> IsGoneIdWaiting(const cache::View& view, cache::CollectionNumber collection,
                             std::string_view id);

/// Returns up to `documents_max` documents, the longest waiting first, without their gone ids.
Result<std::vector<WaitingDocument>> OldestWaiting(const cache::View& view,
                                                   std::size_t documents_max);

/// Adds a document; one that waits already keeps its place and waits for these fields too. Returns
/// whether it is new.
Result<bool> AddWaiting(cache::WriteTransaction& transaction, const WaitingDocument& document);

/// Removes and returns the waiting document of this root row, nullopt when it did not wait.
Result<std::optional<WaitingDocument>> TakeWaiting(cache::WriteTransaction& transaction,
                                                   cache::CollectionNumber collection,
                                                   std::string_view key);

}  // namespace cacheindex::replication
