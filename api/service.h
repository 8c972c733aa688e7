#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "api/rate_limits.h"
#include "api/request_record.h"
#include "api/stored_key.h"
#include "node/core/document.h"
#include "node/core/json.h"
#include "node/core/result.h"
#include "node/core/search.h"

namespace cacheindex::api {

/// How fresh an answer must be (api/README.md 3.2).
struct Freshness {
  /// A position as an earlier answer showed it; empty asks for nothing.
  std::string position_min;
  std::chrono::milliseconds wait_max{1000};
  std::chrono::steady_clock::time_point asked_at = std::chrono::steady_clock::now();
};

/// What to show of a document.
struct Projection {
  std::vector<std::string> include_fields;
  std::vector<std::string> exclude_fields;
};

struct DocumentRead {
  std::string_view collection;
  std::string_view id;
  Projection projection;
  Freshness freshness;
  /// The entity tags of If-None-Match, without quotes; on a match `body` stays empty.
  std::vector<std::string> known_etags;
};

struct DocumentAnswer {
  AnswerPositions positions;
  /// Hexadecimal xxh3 of the stored bytes, without quotes.
  std::string etag;
  bool is_known = false;
  std::string body;
};

struct BatchAnswer {
  AnswerPositions positions;
  /// In the asked order; nullopt for a missing document.
  std::vector<std::optional<std::string>> documents;
};

using cacheindex::DirtyValues;
using cacheindex::WriteAction;

struct WriteOptions {
  WriteAction action = WriteAction::kCreate;
  /// Absent leaves the choice to the schema (api/README.md 2.6).
  std::optional<DirtyValues> dirty_values;
  bool return_document = false;
};

/// What became of one written document.
struct WriteOutcome {
  /// Set when the document was refused; the others of its batch are not affected.
  std::optional<Error> error;
  std::string id;
  /// The stored bytes; only with return_document, and always for single writes.
  std::string document;
};

/// One running import. Lines are acknowledged by Finish, not before: until then an answer must not
/// leave the node.
///
/// Threads: one caller at a time.
class ImportSession {
 public:
  virtual ~ImportSession() = default;

  /// Writes the documents that `lines` spell, in order; returns one outcome for each line.
  /// Errors: only what concerns the whole import (the collection went away, the store is full).
  virtual Result<std::vector<WriteOutcome>> Write(std::span<const std::string_view> lines) = 0;

  /// Returns when all lines so far are durable and searchable.
  virtual Result<void> Finish() = 0;
};

/// One running export: JSON lines in the order of ids, in pieces. With a filter, of the documents
/// that matched when it began.
///
/// Threads: one caller at a time. Holds no snapshot between two calls.
class ExportCursor {
 public:
  virtual ~ExportCursor() = default;

  /// Returns what every document of it reflects at least.
  virtual const AnswerPositions& positions() const = 0;

  /// Returns the next lines, at most about a megabyte, each ended by a newline; nullopt at the end.
  virtual Result<std::optional<std::string>> Next() = 0;
};

/// Which documents a write or an export is about.
struct DocumentFilter {
  /// Empty: all.
  std::string filter_by;
  /// When false, a comparison with an unknown field matches nothing instead of being an error.
  bool validate_field_names = true;
};

struct ExportOptions {
  DocumentFilter filter;
  Projection projection;
  Freshness freshness;
};

struct ListOptions {
  std::optional<std::uint32_t> limit;
  std::uint32_t offset = 0;
  std::vector<std::string> exclude_fields;
  Freshness freshness;
  /// Whether whoever asks may know of the collection of that name: `limit` and `offset` count no
  /// others.
  std::function<bool(std::string_view name)> is_visible = [](std::string_view) { return true; };
};

/// One collection as the contract describes it, or an array of several.
struct CollectionAnswer {
  AnswerPositions positions;
  Json description;
};

struct CloneOptions {
  /// Empty, or the collection whose schema is copied.
  std::string source_name;
  bool copy_documents = false;
};

/// What merchandisers keep by name and searches use. The last two have their names under `id`.
enum class ResourceKind {
  kPreset,
  kSynonymSet,
  kCurationSet,
  kStopwordSet,
  /// Body: {"words":[{"word","root"}]}.
  kStemmingDictionary,
};

/// A set of synonyms or of curation rules: one with a name of its own, or, in the older generation
/// of the interface, the one that belongs to a collection.
struct ItemSet {
  ResourceKind kind = ResourceKind::kSynonymSet;
  std::string_view name;
  bool is_of_collection = false;
};

struct Readiness {
  bool is_ready = false;
  /// Says why not, when not.
  Json details;
};

/// What the HTTP front asks of the node behind it. Implemented by node/, faked in tests.
///
/// Every message of an error may be shown to the client. Names are decoded, of any bytes.
/// A write that returned success is durable, readable and searchable.
///
/// Threads: all methods may be called concurrently, for the whole life of the front.
class Service {
 public:
  virtual ~Service() = default;

  // Collections and aliases. Bodies and answers are the contract's objects (api/README.md 1, 2.6).
  virtual Result<Json> CreateCollection(const Json& body, const CloneOptions& options) = 0;
  virtual Result<CollectionAnswer> ListCollections(const ListOptions& options) = 0;
  virtual Result<CollectionAnswer> GetCollection(std::string_view name,
                                                 const Freshness& freshness) = 0;
  virtual Result<Json> UpdateCollection(std::string_view name, const Json& body) = 0;
  virtual Result<Json> DropCollection(std::string_view name) = 0;

  virtual Result<Json> ListAliases() = 0;
  virtual Result<Json> GetAlias(std::string_view name) = 0;
  virtual Result<Json> PutAlias(std::string_view name, const Json& body) = 0;
  virtual Result<Json> DeleteAlias(std::string_view name) = 0;

  // Keys (api/README.md 2.7). The value of a key is in the answer to its creation and in no other.
  virtual Result<Json> CreateKey(const Json& body) = 0;
  /// Returns an array.
  virtual Result<Json> ListKeys() = 0;
  virtual Result<Json> GetKey(std::uint32_t id) = 0;
  virtual Result<Json> DeleteKey(std::uint32_t id) = 0;
  /// Returns the key whose value has this KeyDigest; null when there is none. Never waits.
  virtual std::shared_ptr<const StoredKey> FindKey(std::string_view digest) = 0;
  /// Returns the keys that scoped keys can be made from and whose values begin with `prefix`.
  virtual std::vector<std::shared_ptr<const StoredKey>> FindParentKeys(std::string_view prefix) = 0;

  /// Lives as long as the service.
  virtual RateLimits& rate_limits() = 0;

  // Presets, synonyms, curation (api/README.md 2.8). Lists are arrays.
  virtual Result<Json> ListResources(ResourceKind kind) = 0;
  virtual Result<Json> GetResource(ResourceKind kind, std::string_view name) = 0;
  virtual Result<Json> PutResource(ResourceKind kind, std::string_view name, const Json& body) = 0;
  virtual Result<Json> DeleteResource(ResourceKind kind, std::string_view name) = 0;
  virtual Result<Json> ListItems(const ItemSet& set) = 0;
  virtual Result<Json> GetItem(const ItemSet& set, std::string_view id) = 0;
  virtual Result<Json> PutItem(const ItemSet& set, std::string_view id, const Json& body) = 0;
  virtual Result<Json> DeleteItem(const ItemSet& set, std::string_view id) = 0;

  // Documents.
  virtual Result<DocumentAnswer> ReadDocument(const DocumentRead& read) = 0;
  virtual Result<BatchAnswer> ReadDocuments(std::string_view collection,
                                            std::span<const std::string> ids,
                                            const Projection& projection,
                                            const Freshness& freshness) = 0;
  /// `id` is set for PATCH /documents/:id and then wins over the body's.
  virtual Result<WriteOutcome> WriteDocument(std::string_view collection, std::string_view body,
                                             std::optional<std::string_view> id,
                                             const WriteOptions& options) = 0;
  /// Returns the deleted document's bytes; nullopt when there was none.
  virtual Result<std::optional<std::string>> DeleteDocument(std::string_view collection,
                                                            std::string_view id) = 0;
  /// Returns how many documents matched and were merged with `body`.
  virtual Result<std::uint64_t> UpdateByFilter(std::string_view collection,
                                               const DocumentFilter& filter, std::string_view body,
                                               const WriteOptions& options) = 0;
  virtual Result<std::uint64_t> DeleteByFilter(std::string_view collection,
                                               const DocumentFilter& filter) = 0;
  /// Deletes all documents and keeps the collection; returns how many there were.
  virtual Result<std::uint64_t> Truncate(std::string_view collection) = 0;
  virtual Result<std::unique_ptr<ImportSession>> BeginImport(std::string_view collection,
                                                             const WriteOptions& options) = 0;
  virtual Result<std::unique_ptr<ExportCursor>> BeginExport(std::string_view collection,
                                                            const ExportOptions& options) = 0;

  // Search. The searches of one call share one snapshot and what else they have in common.
  virtual std::vector<Result<SearchPage>> Search(std::span<const SearchRequest> requests,
                                                 const Freshness& freshness) = 0;
  /// Merges the results of several searches into one.
  virtual Result<UnionPage> SearchUnion(std::span<const SearchRequest> requests,
                                        const UnionRequest& request,
                                        const Freshness& freshness) = 0;

  // Operations.
  virtual bool IsHealthy() = 0;
  virtual Readiness IsReady() = 0;
  virtual Json MetricsJson() = 0;
  virtual Json StatsJson() = 0;
  /// The Prometheus text format.
  virtual std::string MetricsText() = 0;
  virtual Json Status() = 0;
  virtual Result<Json> ListSources() = 0;
  virtual Result<Json> GetSource(std::string_view name) = 0;
  /// Begins to build the collections of a source anew; what serves goes on serving meanwhile.
  virtual Result<void> RebuildSource(std::string_view name) = 0;
  /// Writes a backup to `path`; when that is empty, to a place of the node's own.
  virtual Result<void> CreateSnapshot(std::string_view path) = 0;
  virtual Result<void> ClearCache() = 0;
  virtual Result<void> CompactDatabase() = 0;
  /// Body of POST /config, e.g. {"log-slow-requests-time-ms": 2000}.
  virtual Result<void> Configure(const Json& body) = 0;
  /// Returns the level of each part of the log: {"requests": "info"}.
  virtual Json LogLevels() = 0;
  /// Changes those that `body` names. Errors: kInvalidArgument, and then none is changed.
  virtual Result<void> SetLogLevels(const Json& body) = 0;

  /// Called once after each answered request, from the thread that answered it.
  virtual void Observe(const RequestRecord& record) = 0;
};

}  // namespace cacheindex::api
