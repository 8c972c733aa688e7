#include "replication/assembly/due_documents.h"

#include <chrono>

#include "node/core/number_text.h"
#include "replication/rows/big_endian.h"

namespace cacheindex::replication {
namespace {

constexpr std::string_view kDuePrefix = "due/";
constexpr std::string_view kDueOfPrefix = "dueof/";
constexpr std::string_view kClockKey = "clock";
constexpr std::uint64_t kSignBit = std::uint64_t{1} << 63U;

void AppendSecond(std::string& bytes, std::int64_t second) {
  AppendBigEndian(bytes, static_cast<std::uint64_t>(second) ^ kSignBit);
}

std::int64_t TakeSecond(std::string_view& bytes) {
  return static_cast<std::int64_t>(TakeBigEndian<std::uint64_t>(bytes) ^ kSignBit);
}

std::string DueKey(std::int64_t second, cache::CollectionNumber collection, std::string_view key) {
  std::string bytes(kDuePrefix);
  AppendSecond(bytes, second);
  AppendBigEndian(bytes, static_cast<std::uint32_t>(collection));
  return bytes.append(key);
}

std::string DueOfKey(cache::CollectionNumber collection, std::string_view key) {
  std::string bytes(kDueOfPrefix);
  AppendBigEndian(bytes, static_cast<std::uint32_t>(collection));
  return bytes.append(key);
}

Result<std::optional<std::int64_t>> FindDue(const cache::View& view,
                                            cache::CollectionNumber collection,
                                            std::string_view key) {
  const auto value = view.FindEntry(cache::kOwnersColumn, DueOfKey(collection, key));
  if (!value) {
    return value.error();
  }
  if (!*value) {
    return std::nullopt;
  }
  std::string_view bytes = **value;
  if (bytes.size() != sizeof(std::uint64_t)) {
    return Error(ErrorCode::kCorruption, "damaged entry of a due document");
  }
  return TakeSecond(bytes);
}

// Calls visit(document) for the due ones, the earliest first, until it returns false.
Result<void> ForEachDue(const cache::View& view, const std::function<bool(DueDocument)>& visit) {
  Result<void> outcome;
  auto scanned = view.ScanEntries(
      cache::kOwnersColumn, kDuePrefix, [&](std::string_view key, std::string_view) {
        key.remove_prefix(kDuePrefix.size());
        if (key.size() < sizeof(std::uint64_t) + sizeof(std::uint32_t)) {
          outcome = Error(ErrorCode::kCorruption, "damaged entry of a due document");
          return false;
        }
        DueDocument document;
        document.second = TakeSecond(key);
        document.collection = cache::CollectionNumber{TakeBigEndian<std::uint32_t>(key)};
        document.key = key;
        return visit(std::move(document));
      });
  return scanned ? outcome : scanned;
}

}  // namespace

UnixClock SystemClock() {
  return [] {
    return std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now())
        .time_since_epoch()
        .count();
  };
}

Result<void> SetDue(cache::WriteTransaction& transaction, cache::CollectionNumber collection,
                    std::string_view key, std::optional<std::int64_t> second) {
  const auto known = FindDue(transaction, collection, key);
  if (!known) {
    return known.error();
  }
  if (*known == second) {
    return {};
  }
  if (*known) {
    if (auto deleted =
            transaction.DeleteEntry(cache::kOwnersColumn, DueKey(**known, collection, key));
        !deleted) {
      return deleted;
    }
  }
  const std::string due_of = DueOfKey(collection, key);
  if (!second) {
    return transaction.DeleteEntry(cache::kOwnersColumn, due_of);
  }
  std::string value;
  AppendSecond(value, *second);
  if (auto put = transaction.PutEntry(cache::kOwnersColumn, due_of, value); !put) {
    return put;
  }
  return transaction.PutEntry(cache::kOwnersColumn, DueKey(*second, collection, key), {});
}

Result<void> SetDueSooner(cache::WriteTransaction& transaction, cache::CollectionNumber collection,
                          std::string_view key, std::int64_t second) {
  const auto known = FindDue(transaction, collection, key);
  if (!known) {
    return known.error();
  }
  return *known && **known <= second ? Result<void>()
                                     : SetDue(transaction, collection, key, second);
}

Result<std::optional<std::int64_t>> NextDue(const cache::View& view) {
  std::optional<std::int64_t> next;
  auto scanned = ForEachDue(view, [&](const DueDocument& document) {
    next = document.second;
    return false;
  });
  return scanned ? Result<std::optional<std::int64_t>>(next) : std::move(scanned).error();
}

Result<std::vector<DueDocument>> DueUntil(const cache::View& view, std::int64_t second,
                                          std::size_t documents_max) {
  std::vector<DueDocument> documents;
  auto scanned = ForEachDue(view, [&](DueDocument document) {
    const bool is_wanted =
        document.second <= second &&
        (documents.size() < documents_max || document.second == documents.back().second);
    if (is_wanted) {
      documents.push_back(std::move(document));
    }
    return is_wanted;
  });
  return scanned ? Result<std::vector<DueDocument>>(std::move(documents))
                 : std::move(scanned).error();
}

Result<std::int64_t> LoadClock(const cache::View& view) {
  const auto text = view.FindEntry(cache::kOwnersColumn, kClockKey);
  if (!text) {
    return text.error();
  }
  if (!*text) {
    return INT64_MIN;
  }
  const auto second = ToNumber<std::int64_t>(**text);
  return second ? Result<std::int64_t>(*second)
                : Error(ErrorCode::kCorruption, "damaged clock of due documents");
}

Result<void> SaveClock(cache::WriteTransaction& transaction, std::int64_t second) {
  return transaction.PutEntry(cache::kOwnersColumn, kClockKey, std::to_string(second));
}

}  // namespace cacheindex::replication
