#include "replication/assembly/waiting_documents.h"

#include <utility>

#include "replication/rows/big_endian.h"
#include "replication/rows/row_key.h"

namespace cacheindex::replication {
namespace {

constexpr std::string_view kWaitPrefix = "wait/";
constexpr std::string_view kOrderPrefix = "order/";
constexpr std::string_view kGonePrefix = "gone/";

std::string WaitKey(cache::CollectionNumber collection, std::string_view key) {
  std::string bytes(kWaitPrefix);
  AppendBigEndian(bytes, static_cast<std::uint32_t>(collection));
  return bytes.append(key);
}

// An id may be longer than a key.
std::string GoneKey(cache::CollectionNumber collection, std::string_view id) {
  std::string bytes(kGonePrefix);
  AppendBigEndian(bytes, static_cast<std::uint32_t>(collection));
  const auto [first, second] = Digest(id);
  AppendBigEndian(bytes, first);
  AppendBigEndian(bytes, second);
  return bytes;
}

std::string OrderKey(const WaitingDocument& document) {
  std::string bytes(kOrderPrefix);
  AppendBigEndian(bytes, static_cast<std::uint64_t>(document.since));
  AppendBigEndian(bytes, static_cast<std::uint32_t>(document.collection));
  return bytes.append(document.key);
}

std::string FieldsValue(FieldSet fields) {
  std::string value;
  if (!fields.is_all()) {
    AppendBigEndian(value, fields.bits());
  }
  return value;
}

Result<FieldSet> ReadFields(std::string_view value) {
  if (value.empty()) {
    return FieldSet::All();
  }
  if (value.size() != sizeof(std::uint64_t)) {
    return Error(ErrorCode::kCorruption, "damaged entry of a waiting document");
  }
  return FieldSet::OfBits(TakeBigEndian<std::uint64_t>(value));
}

// Returns the fields that a document that FindWaiting returned waits for.
Result<FieldSet> FindFields(const cache::View& view, const WaitingDocument& document) {
  const auto value = view.FindEntry(cache::kOwnersColumn, OrderKey(document));
  if (!value) {
    return value.error();
  }
  return ReadFields(value->value_or(std::string_view()));
}

}  // namespace

Result<std::optional<WaitingDocument>> FindWaiting(const cache::View& view,
                                                   cache::CollectionNumber collection,
                                                   std::string_view key) {
  const auto value = view.FindEntry(cache::kOwnersColumn, WaitKey(collection, key));
  if (!value) {
    return value.error();
  }
  if (!*value) {
    return std::nullopt;
  }
  std::string_view bytes = **value;
  if (bytes.size() < sizeof(std::uint64_t)) {
    return Error(ErrorCode::kCorruption, "damaged entry of a waiting document");
  }
  WaitingDocument document;
  document.collection = collection;
  document.key = key;
  document.since = LogPosition{TakeBigEndian<std::uint64_t>(bytes)};
  document.gone_id = bytes;
  return document;
}

Result<bool> IsGoneIdWaiting(const cache::View& view, cache::CollectionNumber collection,
                             std::string_view id) {
  const auto gone = view.FindEntry(cache::kOwnersColumn, GoneKey(collection, id));
  return gone ? Result<bool>(gone->has_value()) : gone.error();
}

Result<std::vector<WaitingDocument>> OldestWaiting(const cache::View& view,
                                                   std::size_t documents_max) {
  std::vector<WaitingDocument> documents;
  Result<void> outcome;
  auto scanned = view.ScanEntries(
      cache::kOwnersColumn, kOrderPrefix, [&](std::string_view key, std::string_view value) {
        key.remove_prefix(kOrderPrefix.size());
        WaitingDocument& document = documents.emplace_back();
        document.since = LogPosition{TakeBigEndian<std::uint64_t>(key)};
        document.collection = cache::CollectionNumber{TakeBigEndian<std::uint32_t>(key)};
        document.key = key;
        const auto fields = ReadFields(value);
        outcome = fields ? Result<void>() : fields.error();
        document.fields = fields ? *fields : FieldSet();
        return outcome.has_value() && documents.size() < documents_max;
      });
  if (!scanned || !outcome) {
    return std::move(scanned ? outcome : scanned).error();
  }
  return documents;
}

Result<bool> AddWaiting(cache::WriteTransaction& transaction, const WaitingDocument& document) {
  const auto present = FindWaiting(transaction, document.collection, document.key);
  if (!present) {
    return present.error();
  }
  WaitingDocument waiting = document;
  bool has_new_fields = true;
  bool has_new_id = true;
  if (*present) {
    waiting = **present;
    const auto waited_for = FindFields(transaction, waiting);
    if (!waited_for) {
      return waited_for.error();
    }
    waiting.fields = *waited_for;
    waiting.fields |= document.fields;
    has_new_fields = waiting.fields != *waited_for;
    // Of several ids that a row had, the first is the one that is stored.
    has_new_id = waiting.gone_id.empty() && !document.gone_id.empty();
    if (has_new_id) {
      waiting.gone_id = document.gone_id;
    }
  }
  if (has_new_id) {
    std::string value;
    AppendBigEndian(value, static_cast<std::uint64_t>(waiting.since));
    value += waiting.gone_id;
    if (auto put = transaction.PutEntry(cache::kOwnersColumn,
                                        WaitKey(waiting.collection, waiting.key), value);
        !put) {
      return std::move(put).error();
    }
  }
  if (has_new_id && !waiting.gone_id.empty()) {
    if (auto put = transaction.PutEntry(cache::kOwnersColumn,
                                        GoneKey(waiting.collection, waiting.gone_id), {});
        !put) {
      return std::move(put).error();
    }
  }
  if (has_new_fields) {
    if (auto put = transaction.PutEntry(cache::kOwnersColumn, OrderKey(waiting),
                                        FieldsValue(waiting.fields));
        !put) {
      return std::move(put).error();
    }
  }
  return !*present;
}

Result<std::optional<WaitingDocument>> TakeWaiting(cache::WriteTransaction& transaction,
                                                   cache::CollectionNumber collection,
                                                   std::string_view key) {
  auto present = FindWaiting(transaction, collection, key);
  if (!present || !*present) {
    return present;
  }
  const auto fields = FindFields(transaction, **present);
  if (!fields) {
    return fields.error();
  }
  (*present)->fields = *fields;
  if (const std::string& gone_id = (*present)->gone_id; !gone_id.empty()) {
    if (auto deleted = transaction.DeleteEntry(cache::kOwnersColumn, GoneKey(collection, gone_id));
        !deleted) {
      return std::move(deleted).error();
    }
  }
  if (auto deleted = transaction.DeleteEntry(cache::kOwnersColumn, OrderKey(**present)); !deleted) {
    return std::move(deleted).error();
  }
  if (auto deleted = transaction.DeleteEntry(cache::kOwnersColumn, WaitKey(collection, key));
      !deleted) {
    return std::move(deleted).error();
  }
  return present;
}

}  // namespace cacheindex::replication
