#include "index/text/text_batch.h"

#include <memory>
#include <set>
#include <utility>

namespace cacheindex::index {
namespace {

// What one step reads at once: enough to make the snapshot cheap, little enough to hold it only for
// some 10 ms.
constexpr std::uint32_t kLogEntriesMax = 512;

}  // namespace

Result<TextBatch> TextBatchReader::ReadLog(const cache::View& view, Position after,
                                           const Indexed& indexed) {
  const auto log = view.Log(after, kLogEntriesMax);
  if (!log) {
    return log.error();
  }
  TextBatch batch;
  // Nullptr: dropped.
  std::map<cache::CollectionNumber, std::shared_ptr<const Schema>> schemas;
  std::set<std::pair<cache::CollectionNumber, DocumentNumber>> seen;
  batch.position = after;
  for (const cache::LogEntry& entry : *log) {
    if (batch.is_full()) {
      return batch;
    }
    batch.position = entry.position;
    const auto [schema, is_first] = schemas.try_emplace(entry.collection);
    if (is_first) {
      const auto collection = view.FindCollection(entry.collection);
      if (!collection) {
        return collection.error();
      }
      if (*collection) {
        auto loaded = schemas_->Load(view, **collection);
        if (!loaded) {
          return std::move(loaded).error();
        }
        schema->second = std::move(*loaded);
      }
    }
    const auto done = indexed.find(entry.collection);
    if (schema->second == nullptr || (done != indexed.end() && entry.position <= done->second)) {
      continue;
    }
    // A document that is read is read as it is now, so that entry stands for the later ones of its
    // document. Fresh words are as old as their entry.
    const std::pair document(entry.collection, entry.number);
    if (seen.contains(document)) {
      continue;
    }
    if (const auto words = fresh_->Take(entry.position)) {
      batch.bytes += words->byte_count();
      batch.entries.push_back({entry.collection, entry.number, TextDocument(terms_.Of(*words))});
      continue;
    }
    seen.insert(document);
    auto read = ReadDocument(view, entry.collection, *schema->second, entry.number, batch);
    if (!read) {
      return std::move(read).error();
    }
  }
  batch.is_end = log->size() < kLogEntriesMax;
  if (batch.is_end) {
    batch.position = view.position();
  }
  return batch;
}

Result<void> TextBatchReader::ReadDocument(const cache::View& view,
                                           cache::CollectionNumber collection, const Schema& schema,
                                           DocumentNumber number, TextBatch& batch) {
  words_.Clear();
  const auto read = [&]() -> Result<void> {
    const auto id = view.FindId(collection, number);
    if (!id) {
      return id.error();
    }
    if (!*id) {
      return {};
    }
    auto document = view.Find(collection, **id);
    if (!document) {
      return std::move(document).error();
    }
    if (!*document) {
      return {};
    }
    batch.bytes += (*document)->json.size();
    const auto fields = ParseJson((*document)->json);
    if (!fields) {
      return Error(ErrorCode::kCorruption, fields.error().message());
    }
    splitter_.Split(schema, *fields, words_);
    return {};
  };
  auto done = read();
  if (done) {
    batch.entries.push_back({collection, number, TextDocument(terms_.Of(words_))});
    return {};
  }
  // One damaged document must not keep all others from being found.
  if (done.error().code() == ErrorCode::kCorruption) {
    ++batch.damaged_documents;
    return {};
  }
  return done;
}

}  // namespace cacheindex::index
