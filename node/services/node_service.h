#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "api/server.h"
#include "api/service.h"
#include "node/config/config.h"
#include "node/keys/key_ring.h"
#include "node/merchandising/resources.h"
#include "node/scrub/scrub.h"
#include "node/services/answer_cache.h"
#include "node/services/rate_limits.h"
#include "node/stores/stores.h"
#include "node/watch/metrics.h"
#include "node/watch/request_log.h"

namespace cacheindex::node {

class StoreReader;

/// What the HTTP front asks, answered from the stores: the wiring of api/ to cache/ and index/.
///
/// Threads: as api::Service. Lifetime: within that of the stores and the log.
class NodeService : public api::Service {
 public:
  /// Who watches readiness looks more often.
  static constexpr std::chrono::seconds kWatchedWithin{60};

  NodeService(Stores& stores, const DataDirectory& directory, const Config& config);

  /// Reads keys, presets, synonyms and curation rules. Call it before anything else.
  Result<void> LoadSettings();

  /// Lets /metrics show the figures of `front`, which may be serving already.
  void SetFront(const api::Server& front) noexcept { front_ = &front; }

  /// Lets /metrics and /readyz show what it finds.
  void SetScrub(const Scrub& scrub) noexcept { scrub_ = &scrub; }

  /// /readyz says "stopping" from here on.
  void BeginStop() noexcept { is_stopping_ = true; }
  /// Ends all waits for positions, as if their time was over.
  void StopWaiting() noexcept { is_waiting_over_ = true; }

  /// Takes what of `config` can change while the node runs.
  void Reconfigure(const Config& config) noexcept;
  RequestLog& requests() noexcept { return requests_; }

  Result<Json> CreateCollection(const Json& body, const api::CloneOptions& options) override;
  Result<api::CollectionAnswer> ListCollections(const api::ListOptions& options) override;
  Result<api::CollectionAnswer> GetCollection(std::string_view name,
                                              const api::Freshness& freshness) override;
  Result<Json> UpdateCollection(std::string_view name, const Json& body) override;
  Result<Json> DropCollection(std::string_view name) override;

  Result<Json> ListAliases() override;
  Result<Json> GetAlias(std::string_view name) override;
  Result<Json> PutAlias(std::string_view name, const Json& body) override;
  Result<Json> DeleteAlias(std::string_view name) override;

  Result<Json> CreateKey(const Json& body) override;
  Result<Json> ListKeys() override;
  api::RateLimits& rate_limits() override { return rate_limits_; }
  Result<Json> GetKey(std::uint32_t id) override;
  Result<Json> DeleteKey(std::uint32_t id) override;
  std::shared_ptr<const api::StoredKey> FindKey(std::string_view digest) override;
  std::vector<std::shared_ptr<const api::StoredKey>> FindParentKeys(
      std::string_view prefix) override;

  Result<Json> ListResources(api::ResourceKind kind) override;
  Result<Json> GetResource(api::ResourceKind kind, std::string_view name) override;
  Result<Json> PutResource(api::ResourceKind kind, std::string_view name,
                           const Json& body) override;
  Result<Json> DeleteResource(api::ResourceKind kind, std::string_view name) override;
  Result<Json> ListItems(const api::ItemSet& set) override;
  Result<Json> GetItem(const api::ItemSet& set, std::string_view id) override;
  Result<Json> PutItem(const api::ItemSet& set, std::string_view id, const Json& body) override;
  Result<Json> DeleteItem(const api::ItemSet& set, std::string_view id) override;

  Result<api::DocumentAnswer> ReadDocument(const api::DocumentRead& read) override;
  Result<api::BatchAnswer> ReadDocuments(std::string_view collection,
                                         std::span<const std::string> ids,
                                         const api::Projection& projection,
                                         const api::Freshness& freshness) override;
  Result<api::WriteOutcome> WriteDocument(std::string_view collection, std::string_view body,
                                          std::optional<std::string_view> id,
                                          const api::WriteOptions& options) override;
  Result<std::optional<std::string>> DeleteDocument(std::string_view collection,
                                                    std::string_view id) override;
  Result<std::uint64_t> UpdateByFilter(std::string_view collection,
                                       const api::DocumentFilter& filter, std::string_view body,
                                       const api::WriteOptions& options) override;
  Result<std::uint64_t> DeleteByFilter(std::string_view collection,
                                       const api::DocumentFilter& filter) override;
  Result<std::uint64_t> Truncate(std::string_view collection) override;
  Result<std::unique_ptr<api::ImportSession>> BeginImport(
      std::string_view collection, const api::WriteOptions& options) override;
  Result<std::unique_ptr<api::ExportCursor>> BeginExport(
      std::string_view collection, const api::ExportOptions& options) override;

  std::vector<Result<SearchPage>> Search(std::span<const SearchRequest> requests,
                                         const api::Freshness& freshness) override;
  Result<UnionPage> SearchUnion(std::span<const SearchRequest> requests,
                                const UnionRequest& request,
                                const api::Freshness& freshness) override;

  bool IsHealthy() override;
  api::Readiness IsReady() override;
  /// As IsReady, for the node itself.
  api::Readiness LookAtReadiness();
  /// Whether anybody asked for /readyz within kWatchedWithin.
  bool IsWatched() const;
  Json MetricsJson() override;
  Json StatsJson() override;
  std::string MetricsText() override;
  Json Status() override;
  Result<Json> ListSources() override;
  Result<Json> GetSource(std::string_view name) override;
  Result<void> RebuildSource(std::string_view name) override;
  Result<void> CreateSnapshot(std::string_view path) override;
  Result<void> ClearCache() override;
  Result<void> CompactDatabase() override;
  Result<void> Configure(const Json& body) override;
  Json LogLevels() override;
  Result<void> SetLogLevels(const Json& body) override;
  void Observe(const api::RequestRecord& record) override;

 private:
  Result<ManagedSource*> FindSource(std::string_view name);
  using Wait = ManagedSource::Wait;
  Result<void> WaitForNative(const Wait& wait) const;
  /// Waits for a source, or for the native store when there is none, until StopWaiting.
  Result<void> WaitFor(const ManagedSource* source, const Wait& wait) const;
  Result<void> WaitForDocuments(std::string_view collection, const api::Freshness& freshness) const;
  Result<void> WaitForSearch(std::span<const SearchRequest> requests,
                             const api::Freshness& freshness) const;
  /// Waits for the documents of all collections that there can be.
  Result<void> WaitForAll(const api::Freshness& freshness) const;
  /// Waits for the stores of several collections, of which the native ones have no source.
  Result<void> WaitForEach(std::span<const Stores::ManagedName> names, const Wait& wait) const;
  /// Returns the numbers of the documents that `filter_by` matches, and the collection they are in.
  struct Selection {
    cache::CollectionNumber collection{};
    std::vector<DocumentNumber> numbers;
  };
  Result<Selection> Select(std::string_view collection, const api::DocumentFilter& filter);
  /// Runs `write_one` for each selected document that still exists, in transactions of bounded
  /// size; returns how many there were.
  using WriteOne =
      std::function<Result<void>(cache::WriteTransaction& transaction, const std::string& id)>;
  Result<std::uint64_t> WriteSelected(const Selection& selection, const WriteOne& write_one);
  Result<Resources::Set> FindSet(const api::ItemSet& set);
  /// Creates a native collection, unless an alias has its name.
  Result<cache::CollectionNumber> DefineCollection(const Json& definition);
  Result<bool> IsCollection(std::string_view name) const;
  Result<void> CopyDocuments(std::string_view source, cache::CollectionNumber target);

  Stores* stores_;
  ServedStore* native_;
  KeyRing keys_;
  RateLimits rate_limits_;
  Resources resources_;
  const DataDirectory* directory_;
  /// Held while a collection or an alias gets a name: no two of them may have the same.
  std::mutex names_;
  const std::chrono::milliseconds search_time_max_;
  std::atomic<std::uint64_t> readiness_waiting_documents_max_;
  std::atomic<const api::Server*> front_ = nullptr;
  std::atomic<const Scrub*> scrub_ = nullptr;
  AnswerCache answers_;
  Metrics metrics_;
  RequestLog requests_;
  std::atomic<bool> is_stopping_{false};
  /// Of the steady clock, in its unit.
  std::atomic<std::chrono::steady_clock::rep> readiness_asked_at_{
      std::chrono::steady_clock::time_point::min().time_since_epoch().count() / 2};
  std::atomic<bool> is_waiting_over_{false};
};

}  // namespace cacheindex::node
