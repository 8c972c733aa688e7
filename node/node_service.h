#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "api/server.h"
#include "api/service.h"
#include "node/config.h"
#include "node/metrics.h"
#include "node/native_store.h"

namespace cacheindex::node {

/// What the HTTP front asks, answered from the stores: the wiring of api/ to cache/ and index/.
///
/// Threads: as api::Service. Lifetime: within that of the store and the log.
class NodeService : public api::Service {
 public:
  NodeService(NativeStore& native, const DataDirectory& directory, const Config& config);

  /// Lets /metrics show the front's own figures.
  void SetFrontStatistics(std::function<api::Server::Statistics()> statistics);

  Result<Json> CreateCollection(const Json& body, const api::CloneOptions& options) override;
  Result<Json> ListCollections(const api::ListOptions& options) override;
  Result<Json> GetCollection(std::string_view name) override;
  Result<Json> UpdateCollection(std::string_view name, const Json& body) override;
  Result<Json> DropCollection(std::string_view name) override;

  Result<Json> ListAliases() override;
  Result<Json> GetAlias(std::string_view name) override;
  Result<Json> PutAlias(std::string_view name, const Json& body) override;
  Result<Json> DeleteAlias(std::string_view name) override;

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
  Result<std::uint64_t> UpdateByFilter(std::string_view collection, std::string_view filter_by,
                                       std::string_view body,
                                       const api::WriteOptions& options) override;
  Result<std::uint64_t> DeleteByFilter(std::string_view collection,
                                       std::string_view filter_by) override;
  Result<std::uint64_t> Truncate(std::string_view collection) override;
  Result<std::unique_ptr<api::ImportSession>> BeginImport(
      std::string_view collection, const api::WriteOptions& options) override;
  Result<std::unique_ptr<api::ExportCursor>> BeginExport(
      std::string_view collection, const api::ExportOptions& options) override;

  std::vector<Result<SearchPage>> Search(std::span<const SearchRequest> requests,
                                         const api::Freshness& freshness) override;

  bool IsHealthy() override;
  api::Readiness IsReady() override;
  Json MetricsJson() override;
  Json StatsJson() override;
  std::string MetricsText() override;
  Json Status() override;
  Result<Json> ListSources() override;
  Result<Json> GetSource(std::string_view name) override;
  Result<void> CreateSnapshot(std::string_view path) override;
  Result<void> ClearCache() override;
  Result<void> CompactDatabase() override;
  Result<void> Configure(const Json& body) override;
  void Observe(const api::RequestRecord& record) override;

 private:
  AnswerPositions Positions(const cache::View& view) const;
  Result<void> WaitForDocuments(const api::Freshness& freshness) const;
  Result<void> WaitForSearch(const api::Freshness& freshness);
  Result<cache::CollectionNumber> FindNumber(std::string_view collection);
  /// Returns the numbers of the documents that `filter_by` matches, and the collection they are in.
  struct Selection {
    cache::CollectionNumber collection{};
    std::vector<DocumentNumber> numbers;
  };
  Result<Selection> Select(std::string_view collection, std::string_view filter_by);
  /// Runs `write_one` for each selected document that still exists, in transactions of bounded
  /// size; returns how many there were.
  using WriteOne =
      std::function<Result<void>(cache::WriteTransaction& transaction, const std::string& id)>;
  Result<std::uint64_t> WriteSelected(const Selection& selection, const WriteOne& write_one);
  Result<void> CopyDocuments(cache::CollectionNumber source, cache::CollectionNumber target);

  NativeStore* native_;
  const DataDirectory* directory_;
  std::uint64_t readiness_waiting_documents_max_;
  std::function<api::Server::Statistics()> front_statistics_;
  Metrics metrics_;
  std::atomic<std::int64_t> slow_requests_ms_;
};

}  // namespace cacheindex::node
