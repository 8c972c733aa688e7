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
#include "index/columns/document_set.h"
#include "index/documents/document_writer.h"
#include "index/search/search_session.h"
#include "index/text/text_statistics.h"
#include "node/core/json.h"
#include "node/core/position.h"
#include "node/core/result.h"
#include "node/core/search.h"

namespace cacheindex::index {

/// The sets of synonyms and curation rules that a collection's definition names.
struct AttachedSets {
  std::vector<std::string> synonym_sets;
  std::vector<std::string> curation_sets;
};

/// What makes a store of documents searchable: schemas, columns, text index, and the searches over
/// them. Start here.
///
/// Invariants (README.md, "Invariants"): columns are written in the transaction of their document
/// (2, 3); the text index follows the store's log, is never ahead of it, and can be rebuilt from
/// the documents (4).
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

  // Collections, inside a transaction. Bodies and answers are the contract's (api/README.md 2.6).
  /// Returns the number of the new collection.
  /// Errors: kInvalidArgument, kConflict.
  Result<cache::CollectionNumber> CreateCollection(cache::WriteTransaction& transaction,
                                                   const Json& body, std::int64_t created_at);
  /// Returns the collection of that name, creating it when there is none. Other nodes may make it
  /// too, from the same source at other moments: all of them show the same documents in the same
  /// order (sort_order.h).
  /// Errors: kConflict when it was created from another body, or by CreateCollection;
  /// kInvalidArgument.
  Result<cache::CollectionNumber> EnsureCollection(cache::WriteTransaction& transaction,
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

  /// Replaces some members of a stored document; see document_writer.h.
  Result<std::optional<DocumentWritten>> ReplaceMembers(
      cache::WriteTransaction& transaction, cache::CollectionNumber collection, std::string_view id,
      const std::vector<std::string>& names, Json members, const DocumentWriteOptions& options);

  /// Returns the contract's description of a collection.
  Result<Json> DescribeCollection(const cache::View& view, const cache::Collection& collection);

  /// Returns the names of the collection's fields that are never shown, at the version that `view`
  /// has of it (cache::CollectionHead). Cost: a look-up, unless the schema just changed.
  Result<std::vector<std::string>> HiddenFields(const cache::View& view,
                                                cache::CollectionNumber collection,
                                                std::uint64_t version);
  /// As HiddenFields, inside a transaction.
  Result<std::vector<std::string>> HiddenFields(const cache::WriteTransaction& transaction,
                                                cache::CollectionNumber collection);

  Result<AttachedSets> FindAttachedSets(const cache::View& view,
                                        const cache::Collection& collection);

  /// Returns whether the facet field has, or had, a value that is the same as `value` to filters
  /// (filter/filter.h); false for a field that is no facet of strings. Cost: one look-up.
  Result<bool> HasFacetValue(const cache::View& view, const cache::Collection& collection,
                             std::string_view field, std::string_view value);

  /// Returns the numbers of all documents that `filter_by` matches, of all documents when it is
  /// empty. Errors: kInvalidArgument, kNotFound as for searches.
  Result<DocumentSet> Filter(const cache::View& view, const cache::Collection& collection,
                             std::string_view filter_by, bool validate_field_names = true);

  /// Returns what answers the searches of one request from `view`.
  /// Hits show what `newer_document` returns instead of what is stored; filters, facets and texts
  /// know the stored documents only.
  SearchSession OpenSession(const cache::View& view, NewerDocument newer_document = {});
  /// Answers one search alone.
  Result<SearchPage> Search(const cache::View& view, const cache::Collection& collection,
                            const SearchRequest& request);

  /// Returns a number that no other index of this process ever had.
  std::uint64_t identity() const noexcept;
  /// Returns a position that no change of the collection's documents, and of its schema, came
  /// after; for a view that sees a change, it is never before that change.
  Position ChangedAt(cache::CollectionNumber collection) const;

  /// Returns the position up to which everything is searchable.
  Position position() const;
  /// Waits until position() has reached `position`.
  /// Errors: kUnavailable at the deadline, or when the text index cannot be written.
  Result<void> WaitSearchable(Position position, std::chrono::steady_clock::time_point deadline);

  TextStatistics statistics() const;

  /// Somebody found the files of the collection's text index damaged: it is built again from the
  /// documents, and cannot be searched meanwhile (kUnavailable).
  void ReportTextDamage(cache::CollectionNumber collection);
  /// Fills new columns and dictionaries from the documents, in the place of those that the
  /// collection has: some of them are damaged.
  /// Cost: one pass over all documents in the writer.
  /// Errors: kCorruption when a document, or the schema, cannot be read either; kNotFound;
  /// kUnavailable when `should_stop` says so, which is asked at each document.
  Result<void> RebuildColumns(cache::WriteTransaction& transaction,
                              cache::CollectionNumber collection,
                              const std::function<bool()>& should_stop);

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
