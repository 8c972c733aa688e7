#include <utility>

#include "cache/compression.h"
#include "cache/environment.h"
#include "cache/records.h"
#include "cache/write_state.h"
#include "cache/write_transaction.h"

// The part of WriteTransaction that writes documents and the log.

namespace cacheindex::cache {
namespace {

// The ratio of the last few megabytes counts.
constexpr std::uint64_t kRecentBytesMax = std::uint64_t{4} << 20;

Result<void> CheckDocument(const Document& document) {
  if (document.id.empty() || document.id.size() > kDocumentIdBytesMax) {
    return Error(ErrorCode::kInvalidArgument,
                 "a document's id must have 1 to " + std::to_string(kDocumentIdBytesMax) +
                     " bytes; this one has " + std::to_string(document.id.size()));
  }
  if (document.json.size() > kDocumentBytesMax) {
    return Error(ErrorCode::kTooLarge,
                 "a document must have at most " + std::to_string(kDocumentBytesMax) +
                     " bytes; this one has " + std::to_string(document.json.size()));
  }
  return {};
}

}  // namespace

Position WriteTransaction::TakePosition() {
  const Position position{++state_->store.position};
  state_->is_store_changed = true;
  set_position(position);
  return position;
}

Result<void> WriteTransaction::WriteLogEntry(CollectionNumber collection, DocumentNumber number,
                                             Position position) {
  ++state_->log_entries;
  return state_->Put(state_->tables().log, LogKey(position).view(),
                     EncodeLogEntry(collection, number));
}

Result<void> WriteTransaction::AppendLog(CollectionNumber collection, DocumentNumber number) {
  return WriteLogEntry(collection, number, TakePosition());
}

Result<void> WriteTransaction::Notify(const DocumentChange& change, Position position) {
  if (state_->listener == nullptr) {
    return {};
  }
  if (state_->session == nullptr) {
    state_->session = state_->listener->Begin(*this);
  }
  const auto changed_text = state_->session->Written(change);
  if (!changed_text) {
    // The document is written and what derives from it is not.
    return state_->Fail(changed_text.error());
  }
  return *changed_text ? WriteLogEntry(change.collection, change.number, position) : Result<void>();
}

Result<void> WriteTransaction::WriteDocument(CollectionNumber collection, const Document& document,
                                             const DocumentHeader& header,
                                             CollectionCounters& counters) {
  Dictionary* dictionary = nullptr;
  if (counters.dictionary != 0) {
    const auto found = FindDictionary(collection, counters.dictionary);
    if (!found) {
      return found.error();
    }
    dictionary = *found;
  }
  const std::string_view frame = state_->compressor->Compress(document.json, dictionary);
  std::string record;
  EncodeDocument({.header = header,
                  .is_compressed = !frame.empty(),
                  .dictionary = frame.empty() ? 0 : counters.dictionary,
                  .json_bytes = static_cast<std::uint32_t>(document.json.size()),
                  .payload = frame.empty() ? std::string_view(document.json) : frame},
                 record);
  if (auto written = state_->Put(state_->tables().documents,
                                 DocumentKey(collection, document.id).view(), record);
      !written) {
    return written;
  }
  counters.bytes_put += document.json.size();
  counters.recent_json_bytes += document.json.size();
  counters.recent_stored_bytes += record.size();
  if (counters.recent_json_bytes > kRecentBytesMax) {
    counters.recent_json_bytes /= 2;
    counters.recent_stored_bytes /= 2;
  }
  return {};
}

Result<void> WriteTransaction::WriteChange(const DocumentChange& change,
                                           CollectionCounters& counters) {
  const Position position = TakePosition();
  if (auto written = WriteDocument(
          change.collection, *change.after,
          {.number = change.number, .position = position, .hash = HashOf(change.after->json)},
          counters);
      !written) {
    return state_->Fail(std::move(written).error());
  }
  if (auto notified = Notify(change, position); !notified) {
    return notified;
  }
  if (auto trained = TrainWhenItPays(change.collection, counters); !trained) {
    return state_->Fail(std::move(trained).error());
  }
  return {};
}

Result<PutOutcome> WriteTransaction::Put(CollectionNumber collection, const Document& document) {
  if (auto checked = CheckDocument(document); !checked) {
    return std::move(checked).error();
  }
  const auto counters = ChangeCounters(collection);
  if (!counters) {
    return counters.error();
  }
  const auto present = FindRecord(collection, document.id);
  if (!present) {
    return present.error();
  }
  std::optional<std::string> before;
  PutOutcome outcome{.is_new = !*present};
  if (outcome.is_new) {
    if ((*counters)->number_max == UINT32_MAX) {
      return Error(ErrorCode::kExhausted, "the collection has no document numbers left");
    }
    outcome.number = (*counters)->number_max + 1;
    if (auto written = state_->Put(state_->tables().numbers,
                                   NumberKey(collection, outcome.number).view(), Seal(document.id));
        !written) {
      return std::move(written).error();
    }
    (*counters)->number_max = outcome.number;
    ++(*counters)->documents;
  } else {
    outcome.number = (*present)->header.number;
    if (state_->listener != nullptr) {
      auto json = ReadJson(collection, document.id, **present);
      if (!json) {
        return std::move(json).error();
      }
      before = *std::move(json);
    }
  }
  auto written = WriteChange({.collection = collection,
                              .number = outcome.number,
                              .id = document.id,
                              .before = before,
                              .after = &document},
                             **counters);
  return written ? Result<PutOutcome>(outcome) : std::move(written).error();
}

Result<bool> WriteTransaction::Edit(CollectionNumber collection, std::string_view id,
                                    const DocumentEdit& edit) {
  const auto present = FindRecord(collection, id);
  if (!present) {
    return present.error();
  }
  if (!*present) {
    return false;
  }
  // The record is gone once something is written.
  const DocumentNumber number = (*present)->header.number;
  const auto before = ReadJson(collection, id, **present);
  if (!before) {
    return before.error();
  }
  const auto document = edit(*before);
  if (!document) {
    return document.error();
  }
  if (!*document) {
    return true;
  }
  if (auto checked = CheckDocument(**document); !checked) {
    return std::move(checked).error();
  }
  const auto counters = ChangeCounters(collection);
  if (!counters) {
    return counters.error();
  }
  auto written = WriteChange({.collection = collection,
                              .number = number,
                              .id = (*document)->id,
                              .before = *before,
                              .after = &**document},
                             **counters);
  return written ? Result<bool>(true) : std::move(written).error();
}

Result<std::optional<std::string>> WriteTransaction::Delete(CollectionNumber collection,
                                                            std::string_view id) {
  const auto present = FindRecord(collection, id);
  if (!present) {
    return present.error();
  }
  if (!*present) {
    return std::nullopt;
  }
  auto json = ReadJson(collection, id, **present);
  if (!json) {
    return std::move(json).error();
  }
  const auto counters = ChangeCounters(collection);
  if (!counters) {
    return counters.error();
  }
  const DocumentNumber number = (*present)->header.number;
  const Position position = TakePosition();
  if (auto deleted = state_->Delete(state_->tables().documents, DocumentKey(collection, id).view());
      !deleted) {
    return std::move(deleted).error();
  }
  if (auto deleted = state_->Delete(state_->tables().numbers, NumberKey(collection, number).view());
      !deleted) {
    return std::move(deleted).error();
  }
  --(*counters)->documents;
  if (auto notified =
          Notify({.collection = collection, .number = number, .id = id, .before = *json}, position);
      !notified) {
    return std::move(notified).error();
  }
  return *std::move(json);
}

}  // namespace cacheindex::cache
