#pragma once

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "api/counted_routes.h"
#include "api/service.h"
#include "tests/api/fake_rate_limits.h"

namespace cacheindex::api::test {

/// A gate that calls wait at until the test opens it.
class Gate {
 public:
  void Wait() {
    std::unique_lock lock(mutex_);
    ++waiting_;
    changed_.notify_all();
    changed_.wait(lock, [this] { return is_open_; });
  }
  void Open() {
    const std::lock_guard lock(mutex_);
    is_open_ = true;
    changed_.notify_all();
  }
  void AwaitWaiting(int count) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return waiting_ >= count; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool is_open_ = false;
  int waiting_ = 0;
};

/// What the fake saw and what it is told to do. Stricter than a node: a test that forgets to say
/// what a call answers gets an error.
struct FakeState {
  std::mutex mutex;
  std::vector<std::string> calls;
  std::map<std::string, int, std::less<>> observed;
  std::vector<std::string> request_ids;
  std::vector<std::string> failures;
  /// "collections:create products by 3 shop".
  std::vector<std::string> changes;
  std::vector<SearchRequest> searches;
  std::vector<std::string> imported;
  std::atomic<int> imports_begun = 0;
  WriteOptions write_options;
  ListOptions list_options;
  CloneOptions clone_options;
  Freshness freshness;
  Projection projection;
  std::string body;

  /// When set, every call that can fail fails with it.
  std::optional<Error> failure;
  std::map<std::string, std::string, std::less<>> documents;
  /// By digest.
  std::map<std::string, std::shared_ptr<const StoredKey>, std::less<>> keys;
  /// Their values, by name.
  std::map<std::string, Json, std::less<>> presets;
  std::function<Result<SearchPage>(const SearchRequest&)> search;
  /// Answers one line of an import.
  std::function<WriteOutcome(std::string_view)> import_line;
  std::optional<Error> import_failure;
  std::function<Result<std::optional<std::string>>()> export_piece;
  /// Where searches wait, or only those of the collection `gated_collection` if it is set.
  Gate* search_gate = nullptr;
  std::string gated_collection;
  /// Where exports wait that ask for a position.
  Gate* export_gate = nullptr;
  std::string missing_collection;
  bool throws = false;
  bool is_healthy = true;
  bool is_ready = true;
  std::atomic<std::uint64_t> export_pieces{0};
  std::atomic<std::uint64_t> import_lines{0};
  bool keeps_imported = true;
};

class FakeImport : public ImportSession {
 public:
  explicit FakeImport(FakeState& state) : state_(state) {}
  Result<std::vector<WriteOutcome>> Write(std::span<const std::string_view> lines) override {
    if (state_.import_failure) {
      return *state_.import_failure;
    }
    std::vector<WriteOutcome> outcomes;
    for (const std::string_view line : lines) {
      outcomes.push_back(state_.import_line
                             ? state_.import_line(line)
                             : WriteOutcome{.error = {}, .id = "x", .document = std::string(line)});
      state_.import_lines++;
      if (state_.keeps_imported) {
        const std::lock_guard lock(state_.mutex);
        state_.imported.emplace_back(line);
      }
    }
    return outcomes;
  }
  Result<void> Finish() override {
    const std::lock_guard lock(state_.mutex);
    state_.calls.emplace_back("Finish");
    return {};
  }

 private:
  FakeState& state_;
};

class FakeExport : public ExportCursor {
 public:
  explicit FakeExport(FakeState& state) : state_(state) {}
  const AnswerPositions& positions() const override { return positions_; }
  Result<std::optional<std::string>> Next() override {
    state_.export_pieces++;
    return state_.export_piece ? state_.export_piece()
                               : Error(ErrorCode::kIo, "the test says nothing to export");
  }

 private:
  FakeState& state_;
  const AnswerPositions positions_{"7", "6"};
};

/// The node behind the front under test.
class FakeService : public Service {
 public:
  FakeState state;
  FakeRateLimits limits;

  RateLimits& rate_limits() override { return limits; }
  Result<Json> CreateCollection(const Json& body, const CloneOptions& options) override {
    state.clone_options = options;
    return Answer("CreateCollection", body);
  }
  Result<CollectionAnswer> ListCollections(const ListOptions& options) override {
    const std::lock_guard lock(state.mutex);
    state.list_options = options;
    state.freshness = options.freshness;
    Json list = Json::array();
    if (options.is_visible("products")) {
      list.push_back({{"name", "products"}});
    }
    return Describe("ListCollections", std::move(list));
  }
  Result<CollectionAnswer> GetCollection(std::string_view name,
                                         const Freshness& freshness) override {
    const std::lock_guard lock(state.mutex);
    state.freshness = freshness;
    if (name == state.missing_collection) {
      return Error(ErrorCode::kNotFound, "Collection not found");
    }
    return Describe("GetCollection", Json{{"name", std::string(name)}});
  }
  Result<Json> UpdateCollection(std::string_view name, const Json& body) override {
    return Answer("UpdateCollection " + std::string(name), body);
  }
  Result<Json> DropCollection(std::string_view name) override {
    return Answer("DropCollection", Json{{"name", std::string(name)}});
  }
  Result<Json> ListAliases() override {
    return Answer("ListAliases", Json{{"aliases", Json::array()}});
  }
  Result<Json> GetAlias(std::string_view name) override {
    return Answer("GetAlias", Json{{"name", std::string(name)}});
  }
  Result<Json> PutAlias(std::string_view name, const Json& body) override {
    return Answer("PutAlias " + std::string(name), body);
  }
  Result<Json> DeleteAlias(std::string_view name) override {
    return Answer("DeleteAlias", Json{{"name", std::string(name)}});
  }

  Result<Json> CreateKey(const Json& body) override { return Answer("CreateKey", body); }
  Result<Json> ListKeys() override { return Answer("ListKeys", Json::array()); }
  Result<Json> GetKey(std::uint32_t id) override { return Answer("GetKey", Json{{"id", id}}); }
  Result<Json> DeleteKey(std::uint32_t id) override {
    return Answer("DeleteKey", Json{{"id", id}});
  }
  std::shared_ptr<const StoredKey> FindKey(std::string_view digest) override {
    const auto found = state.keys.find(digest);
    return found == state.keys.end() ? nullptr : found->second;
  }
  std::vector<std::shared_ptr<const StoredKey>> FindParentKeys(std::string_view prefix) override {
    std::vector<std::shared_ptr<const StoredKey>> parents;
    for (const auto& [digest, key] : state.keys) {
      if (!key->value.empty() && key->value.starts_with(prefix)) {
        parents.push_back(key);
      }
    }
    return parents;
  }

  Result<Json> ListResources(ResourceKind kind) override {
    return Answer("ListResources " + NameOf(kind), Json::array({{{"name", "a"}}, {{"name", "b"}}}));
  }
  Result<Json> GetResource(ResourceKind kind, std::string_view name) override {
    if (kind == ResourceKind::kPreset) {
      const auto found = state.presets.find(name);
      return found == state.presets.end()
                 ? Result<Json>(Error(ErrorCode::kNotFound, "Not Found"))
                 : Result<Json>(Json{{"name", std::string(name)}, {"value", found->second}});
    }
    return Answer("GetResource " + NameOf(kind), Json{{"name", std::string(name)}});
  }
  Result<Json> PutResource(ResourceKind kind, std::string_view name, const Json& body) override {
    return Answer("PutResource " + NameOf(kind) + " " + std::string(name), body);
  }
  Result<Json> DeleteResource(ResourceKind kind, std::string_view name) override {
    return Answer("DeleteResource " + NameOf(kind), Json{{"name", std::string(name)}});
  }
  Result<Json> ListItems(const ItemSet& set) override {
    return Answer("ListItems " + NameOf(set), Json::array({{{"id", "1"}}, {{"id", "2"}}}));
  }
  Result<Json> GetItem(const ItemSet& set, std::string_view id) override {
    return Answer("GetItem " + NameOf(set), Json{{"id", std::string(id)}});
  }
  Result<Json> PutItem(const ItemSet& set, std::string_view id, const Json& body) override {
    return Answer("PutItem " + NameOf(set) + " " + std::string(id), body);
  }
  Result<Json> DeleteItem(const ItemSet& set, std::string_view id) override {
    return Answer("DeleteItem " + NameOf(set), Json{{"id", std::string(id)}});
  }

  Result<DocumentAnswer> ReadDocument(const DocumentRead& read) override {
    {
      const std::lock_guard lock(state.mutex);
      state.freshness = read.freshness;
      state.projection = read.projection;
    }
    if (state.throws) {
      throw std::runtime_error("a secret");
    }
    if (state.failure) {
      return *state.failure;
    }
    const auto found = state.documents.find(read.id);
    if (found == state.documents.end()) {
      return Error(ErrorCode::kNotFound,
                   "Could not find a document with id: " + std::string(read.id));
    }
    DocumentAnswer answer{.positions = {"7", "6"}, .etag = "abc", .is_known = false, .body = {}};
    for (const std::string& tag : read.known_etags) {
      answer.is_known |= tag == answer.etag;
    }
    answer.body = answer.is_known ? "" : found->second;
    return answer;
  }
  Result<BatchAnswer> ReadDocuments(std::string_view /*collection*/,
                                    std::span<const std::string> ids,
                                    const Projection& /*projection*/,
                                    const Freshness& /*freshness*/) override {
    if (state.failure) {
      return *state.failure;
    }
    BatchAnswer answer{.positions = {"7", "6"}, .documents = {}};
    for (const std::string& id : ids) {
      const auto found = state.documents.find(id);
      answer.documents.push_back(found == state.documents.end() ? std::nullopt
                                                                : std::optional(found->second));
    }
    return answer;
  }
  Result<WriteOutcome> WriteDocument(std::string_view /*collection*/, std::string_view body,
                                     std::optional<std::string_view> id,
                                     const WriteOptions& options) override {
    const std::lock_guard lock(state.mutex);
    state.write_options = options;
    state.body = body;
    if (state.failure) {
      return WriteOutcome{.error = state.failure, .id = {}, .document = {}};
    }
    return WriteOutcome{
        .error = {}, .id = std::string(id.value_or("1")), .document = std::string(body)};
  }
  Result<std::optional<std::string>> DeleteDocument(std::string_view /*collection*/,
                                                    std::string_view id) override {
    if (state.failure) {
      return *state.failure;
    }
    const auto found = state.documents.find(id);
    return found == state.documents.end() ? std::optional<std::string>()
                                          : std::optional(found->second);
  }
  Result<std::uint64_t> UpdateByFilter(std::string_view /*collection*/,
                                       const DocumentFilter& filter, std::string_view body,
                                       const WriteOptions& options) override {
    const std::lock_guard lock(state.mutex);
    state.write_options = options;
    state.body = body;
    return Count("UpdateByFilter " + filter.filter_by);
  }
  Result<std::uint64_t> DeleteByFilter(std::string_view /*collection*/,
                                       const DocumentFilter& filter) override {
    const std::lock_guard lock(state.mutex);
    return Count("DeleteByFilter " + filter.filter_by);
  }
  Result<std::uint64_t> Truncate(std::string_view /*collection*/) override {
    const std::lock_guard lock(state.mutex);
    return Count("Truncate");
  }
  Result<std::unique_ptr<ImportSession>> BeginImport(std::string_view /*collection*/,
                                                     const WriteOptions& options) override {
    state.write_options = options;
    ++state.imports_begun;
    if (state.failure) {
      return *state.failure;
    }
    return std::unique_ptr<ImportSession>(std::make_unique<FakeImport>(state));
  }
  Result<std::unique_ptr<ExportCursor>> BeginExport(std::string_view /*collection*/,
                                                    const ExportOptions& options) override {
    if (state.export_gate != nullptr && !options.freshness.position_min.empty()) {
      state.export_gate->Wait();
    }
    const std::lock_guard lock(state.mutex);
    state.body = options.filter.filter_by;
    state.freshness = options.freshness;
    if (state.failure) {
      return *state.failure;
    }
    return std::unique_ptr<ExportCursor>(std::make_unique<FakeExport>(state));
  }

  std::vector<Result<SearchPage>> Search(std::span<const SearchRequest> requests,
                                         const Freshness& freshness) override {
    if (state.search_gate != nullptr &&
        (state.gated_collection.empty() || requests[0].collection == state.gated_collection)) {
      state.search_gate->Wait();
    }
    const std::lock_guard lock(state.mutex);
    state.freshness = freshness;
    std::vector<Result<SearchPage>> pages;
    for (const SearchRequest& request : requests) {
      state.searches.push_back(request);
      if (state.failure) {
        pages.emplace_back(*state.failure);
      } else if (state.search) {
        pages.push_back(state.search(request));
      } else {
        SearchPage page;
        page.positions = {"7", "6"};
        page.collection_name = request.collection;
        pages.emplace_back(std::move(page));
      }
    }
    return pages;
  }

  Result<UnionPage> SearchUnion(std::span<const SearchRequest> requests,
                                const UnionRequest& request, const Freshness& freshness) override {
    const std::lock_guard lock(state.mutex);
    state.freshness = freshness;
    state.searches.assign(requests.begin(), requests.end());
    if (state.failure) {
      return *state.failure;
    }
    UnionPage page;
    page.positions = {"7", "6"};
    page.found = request.remove_duplicates ? 1 : 2;
    page.facet_counts.push_back({.field_name = "f",
                                 .counts = {{"x", "x", 2, ""}},
                                 .statistics = std::nullopt,
                                 .total_values = 1});
    for (const SearchRequest& search : requests) {
      page.parts.push_back({.collection_name = search.collection, .found = 2});
    }
    page.hits.emplace_back();
    page.hits[0].hit.document = R"({"id":"1"})";
    page.hits[0].search = static_cast<std::uint32_t>(requests.size() - 1);
    return page;
  }

  bool IsHealthy() override { return state.is_healthy; }
  Readiness IsReady() override { return {state.is_ready, Json{{"lag_bytes", 5}}}; }
  Json MetricsJson() override { return Json{{"system_memory_used_bytes", "1"}}; }
  Json StatsJson() override { return Json{{"pending_write_batches", 0}}; }
  std::string MetricsText() override {
    if (state.throws) {
      throw std::runtime_error("a secret");
    }
    return "requests_total 1\n";
  }
  Json Status() override { return Json{{"committed_index", 7}}; }
  Result<Json> ListSources() override { return Answer("ListSources", Json::array()); }
  Result<Json> GetSource(std::string_view name) override {
    return Answer("GetSource", Json{{"name", std::string(name)}});
  }
  Result<void> RebuildSource(std::string_view name) override {
    return Done("RebuildSource " + std::string(name));
  }
  Result<void> CreateSnapshot(std::string_view path) override {
    return Done("CreateSnapshot " + std::string(path));
  }
  Result<void> ClearCache() override { return Done("ClearCache"); }
  Result<void> CompactDatabase() override { return Done("CompactDatabase"); }
  Result<void> Configure(const Json& body) override { return Done("Configure " + DumpJson(body)); }
  Json LogLevels() override { return Json{{"requests", "info"}}; }
  Result<void> SetLogLevels(const Json& body) override {
    return Done("SetLogLevels " + DumpJson(body));
  }

  void Observe(const RequestRecord& record) override {
    const std::lock_guard lock(state.mutex);
    state.observed[std::string(CountedRoutes()[record.route].label) + " " +
                   std::to_string(record.status)]++;
    state.request_ids.emplace_back(record.request_id);
    if (!record.failure.empty()) {
      state.failures.push_back((record.is_damage ? "damage: " : "") + std::string(record.failure));
    }
    if (record.change != nullptr) {
      const ChangeRecord& change = *record.change;
      state.changes.push_back(
          std::string(change.action) + " " + std::string(change.target) + " by " +
          (change.key_id
               ? std::to_string(*change.key_id) + " " + std::string(change.key_description)
               : "the node's key") +
          (change.is_one_document ? ", one document" : "") +
          (change.filter.empty() ? "" : " of " + std::string(change.filter)));
    }
  }

  int observed(std::string_view what) {
    const std::lock_guard lock(state.mutex);
    const auto found = state.observed.find(what);
    return found == state.observed.end() ? 0 : found->second;
  }
  std::vector<std::string> calls() {
    const std::lock_guard lock(state.mutex);
    return state.calls;
  }

 private:
  static std::string NameOf(ResourceKind kind) {
    switch (kind) {
      case ResourceKind::kPreset:
        return "preset";
      case ResourceKind::kSynonymSet:
        return "synonyms";
      case ResourceKind::kStopwordSet:
        return "stopwords";
      case ResourceKind::kStemmingDictionary:
        return "stemming";
      case ResourceKind::kCurationSet:
        return "curations";
    }
    return {};
  }
  static std::string NameOf(const ItemSet& set) {
    return NameOf(set.kind) + (set.is_of_collection ? " of " : " ") + std::string(set.name);
  }
  Result<Json> Answer(std::string call, Json value) {
    const std::lock_guard lock(state.mutex);
    state.calls.push_back(std::move(call));
    return state.failure ? Result<Json>(*state.failure) : Result<Json>(std::move(value));
  }
  Result<CollectionAnswer> Describe(std::string call, Json description) {
    state.calls.push_back(std::move(call));
    return state.failure ? Result<CollectionAnswer>(*state.failure)
                         : Result<CollectionAnswer>(CollectionAnswer{
                               .positions = {"7", "6"}, .description = std::move(description)});
  }
  Result<void> Done(std::string call) {
    const std::lock_guard lock(state.mutex);
    state.calls.push_back(std::move(call));
    return state.failure ? Result<void>(*state.failure) : Result<void>();
  }
  Result<std::uint64_t> Count(std::string call) {
    state.calls.push_back(std::move(call));
    return state.failure ? Result<std::uint64_t>(*state.failure) : Result<std::uint64_t>(3U);
  }
};

}  // namespace cacheindex::api::test
