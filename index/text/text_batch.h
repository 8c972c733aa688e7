#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <vector>

#include "cache/numbers.h"
#include "cache/view.h"
#include "index/documents/document_words.h"
#include "index/documents/fresh_words.h"
#include "index/schema/schema_cache.h"
#include "index/text/text_index.h"
#include "index/text/text_terms.h"
#include "node/core/document.h"
#include "node/core/position.h"
#include "node/core/result.h"

namespace cacheindex::index {

/// What the text index shall hold of some documents: as they were under one snapshot, or when their
/// entry of the log was written if the words were fresh.
struct TextBatch {
  /// Of one document.
  struct Entry {
    cache::CollectionNumber collection{};
    DocumentNumber number = 0;
    TextDocument document;
  };
  std::vector<Entry> entries;
  /// Of the documents that were read, and of the words of those that need not be.
  std::uint64_t bytes = 0;
  /// Stored documents that could not be read; the index keeps what it had of them.
  std::uint64_t damaged_documents = 0;
  /// The log's entries up to here are in the batch or before it.
  Position position{};
  /// There was nothing behind.
  bool is_end = false;

  /// Bytes beyond which no further document is read.
  static constexpr std::uint64_t kBytesMax = std::uint64_t{16} << 20;
  bool is_full() const noexcept { return bytes >= kBytesMax; }
};

/// Reads documents and finds their terms.
///
/// Threads: one at a time. Lifetime: within that of the schemas and of `fresh`.
class TextBatchReader {
 public:
  /// By collection, the position up to which the log's entries are in its index.
  using Indexed = std::map<cache::CollectionNumber, Position>;

  TextBatchReader(SchemaCache& schemas, FreshWords& fresh) : schemas_(&schemas), fresh_(&fresh) {}

  /// Returns the documents that the log names behind `after`, without those that are `indexed`, in
  /// the order in which they must be written. Collections that no longer exist are passed over.
  Result<TextBatch> ReadLog(const cache::View& view, Position after, const Indexed& indexed);

  /// Adds one document to `batch`. Without one, it is empty.
  Result<void> ReadDocument(const cache::View& view, cache::CollectionNumber collection,
                            const Schema& schema, DocumentNumber number, TextBatch& batch);

 private:
  SchemaCache* schemas_;
  FreshWords* fresh_;
  DocumentSplitter splitter_;
  DocumentWords words_;
  TextTerms terms_;
};

}  // namespace cacheindex::index
