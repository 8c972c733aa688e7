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
    // Only an entry that is looked at stands for the later ones of its document.
    if (!seen.emplace(entry.collection, entry.number).second) {
      continue;
    }
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
  const auto read = [&]() -> Result<std::vector<WeighedTerm>> {
    const auto id = view.FindId(collection, number);
    if (!id) {
      return id.error();
    }
    if (!*id) {
      return std::vector<WeighedTerm>();
    }
    auto document = view.Find(collection, **id);
    if (!document) {
      return std::move(document).error();
    }
    if (!*document) {
      return std::vector<WeighedTerm>();
    }
    batch.json_bytes += (*document)->json.size();
    const auto fields = ParseJson((*document)->json);
    if (!fields) {
      return Error(ErrorCode::kCorruption, fields.error().message());
    }
    return terms_.Of(schema, *fields);
  };
  auto terms = read();
  if (terms) {
    batch.entries.push_back({collection, number, std::move(*terms)});
    return {};
  }
  // One damaged document must not keep all others from being found.
  if (terms.error().code() == ErrorCode::kCorruption) {
    ++batch.damaged_documents;
    return {};
  }
  return std::move(terms).error();
}

}  // namespace cacheindex::index
