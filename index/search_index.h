#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cache/store.h"
#include "cache/write_transaction.h"
#include "index/document_set.h"
#include "index/document_writer.h"
#include "node/core/json.h"
#include "node/core/position.h"
#include "node/core/result.h"
#include "node/core/search.h"

namespace cacheindex::index {

/// What makes a store of documents searchable: schemas, columns, text index, and the searches over
/// them. Start here.
///
/// Invariants (DESIGN.md section 7): columns are written in the transaction of their document (2,
/// 3); the text index follows the store's log, is never ahead of it, and can be rebuilt from the
/// documents (4).
///
/// Use: create it, open the store with listener(), then Start. Stop before the store is closed.
/// Threads: Search and the other readers may be called concurrently. What takes a WriteTransaction
/// may only be called from a job of that store.
class SearchIndex {
 public:
  SearchIndex();
  ~SearchIndex();
  SearchIndex(const SearchIndex&) = delete;
  SearchIndex& operator=(const SearchIndex&) = delete;

  /// Keeps columns true; pass it to cache::Store::Open.
  cache::DocumentListener& listener();

  /// Opens the text indexes below `directory` and starts to follow `store`, which must outlive
  /// Stop.
  Result<void> Start(cache::Store& store, const std::filesystem::path& directory);
  void Stop();

  // Collections, inside a transaction. Bodies and answers are the contract's (API.md 2.6).
  /// Returns the number of the new collection.
  /// Errors: kInvalidArgument, kConflict.
  Result<cache::CollectionNumber> CreateCollection(cache::WriteTransaction& transaction,
                                                   const Json& body, std::int64_t created_at);
  /// Returns the altered part. Errors: kInvalidArgument, kNotFound.
  Result<Json> ChangeCollection(cache::WriteTransaction& transaction,
                                cache::CollectionNumber collection, const Json& body);
  Result<void> DropCollection(cache::WriteTransaction& transaction,
                              cache::CollectionNumber collection);
  /// Writes one document; see document_writer.h.
  Result<DocumentWritten> Write(cache::WriteTransaction& transaction,
                                cache::CollectionNumber collection, DocumentWrite& write,
                                const DocumentWriteOptions& options);

  /// Returns the contract's description of a collection.
  Result<Json> DescribeCollection(const cache::View& view, const cache::Collection& collection);

  /// Returns the numbers of all documents that `filter_by` matches, of all documents when it is
  /// empty. Errors: kInvalidArgument, kNotFound as for searches.
  Result<DocumentSet> Filter(const cache::View& view, const cache::Collection& collection,
                             std::string_view filter_by);

  /// Answers `request` from `view`, apart from the search's own fields, `collection` is the real
  /// one.
  Result<SearchPage> Search(const cache::View& view, const cache::Collection& collection,
                            const SearchRequest& request);

  /// Returns the position up to which everything is searchable.
  Position position() const;
  /// Waits until position() has reached `position`.
  /// Errors: kUnavailable at the deadline, or when the text index cannot be written.
  Result<void> WaitSearchable(Position position, std::chrono::steady_clock::time_point deadline);

  struct Statistics {
    std::uint64_t documents_indexed = 0;
    std::uint64_t commits = 0;
    std::uint64_t documents_waiting = 0;
    std::chrono::microseconds last_commit{0};
    /// Text indexes that are being built again; their collections cannot be searched meanwhile.
    std::uint32_t building = 0;
    /// Stored documents that could not be read and so not be indexed.
    std::uint64_t damaged_documents = 0;
    /// Why the text index cannot be written at present; empty when it can.
    std::string failure;
  };
  Statistics statistics() const;

  /// Compares everything derived with the documents: presence, columns' values, text index. Returns
  /// one sentence for each difference, at most kDifferencesMax.
  static constexpr std::size_t kDifferencesMax = 1'000;
  Result<std::vector<std::string>> Verify(const cache::View& view);

  /// Writes copies of all text indexes below `target` and then calls `copy_store`; no text index
  /// changes and the log is not trimmed before that returns, so the copy of the store can bring the
  /// copies of the text indexes up to date.
  Result<void> CopyTo(const std::filesystem::path& target,
                      const std::function<Result<void>()>& copy_store);

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace cacheindex::index
