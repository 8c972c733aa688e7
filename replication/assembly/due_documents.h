#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cache/write_transaction.h"
#include "node/core/result.h"

namespace cacheindex::replication {

/// Tells the time: seconds since 1970-01-01 UTC.
using UnixClock = std::function<std::int64_t()>;
/// That of this machine.
UnixClock SystemClock();

/// A document that may be another one from a second of the clock on, although no row changes.
struct DueDocument {
  std::int64_t second = 0;
  cache::CollectionNumber collection{};
  /// Of its root row.
  std::string key;
};

// Which documents are due is persisted, each once.
//
// Layout: entries of cache::kOwnersColumn, numbers big-endian, seconds with the sign bit flipped.
// "due/" second u64, collection u32, root key: nothing. "dueof/" collection u32, root key: second
// u64. "clock": the second up to which nothing is due any more, as text.

/// Says when the document of a root row is due next; nullopt for never.
Result<void> SetDue(cache::WriteTransaction& transaction, cache::CollectionNumber collection,
                    std::string_view key, std::optional<std::int64_t> second);
/// As SetDue, when that is sooner than what is known.
Result<void> SetDueSooner(cache::WriteTransaction& transaction, cache::CollectionNumber collection,
                          std::string_view key, std::int64_t second);

/// Returns the second at which the next document is due, nullopt when none is.
Result<std::optional<std::int64_t>> NextDue(const cache::View& view);

/// Returns the documents that are due up to `second`, the earliest first: at most `documents_max`,
/// but all of the last second, so that no second is half done.
Result<std::vector<DueDocument>> DueUntil(const cache::View& view, std::int64_t second,
                                          std::size_t documents_max);

/// Returns what the clock is for documents of `view`; INT64_MIN when none depend on it.
Result<std::int64_t> LoadClock(const cache::View& view);
Result<void> SaveClock(cache::WriteTransaction& transaction, std::int64_t second);

}  // namespace cacheindex::replication
