#include <algorithm>
#include <chrono>
#include <filesystem>
#include <numeric>
#include <system_error>
#include <utility>

#include "node/backup/backup.h"
#include "node/logging/log.h"
#include "node/services/node_service.h"
#include "node/watch/source_report.h"
#include "node/watch/system_statistics.h"

namespace cacheindex::node {
namespace {

// With less room than this a commit may fail.
constexpr std::uint64_t kFreeBytesMin = std::uint64_t{16} << 20;

// Why the disk takes no more; empty when it does.
std::string WhyNotRoomy(const std::filesystem::path& directory) {
  std::error_code failure;
  const auto space = std::filesystem::space(directory, failure);
  if (failure) {
    return "the disk of the data directory cannot be looked at: " + failure.message();
  }
  return space.available >= kFreeBytesMin
             ? ""
             : "the disk of the data directory is full, " + std::to_string(space.available) +
                   " bytes are left: make room there";
}

// Why the store does not take writes or cannot make them searchable; empty when it does.
std::string WhyNotWritten(ServedStore& served) {
  if (const std::string refusal = served.store().statistics().refusal; !refusal.empty()) {
    return "nothing can be written: " + refusal;
  }
  const auto text = served.index().statistics();
  if (!text.failure.empty()) {
    return "the text index cannot be written: " + text.failure;
  }
  return text.building > 0 ? std::to_string(text.building) + " text indexes are being built again"
                           : "";
}

// Returns how much damage there is in each store that has any.
Json FindingsByStore(const Scrub* scrub) {
  Json found = Json::object();
  if (scrub == nullptr) {
    return found;
  }
  for (const auto& [store, findings] : scrub->statistics().findings) {
    const std::uint64_t all = std::accumulate(findings.begin(), findings.end(), std::uint64_t{0});
    if (all > 0) {
      found[store] = all;
    }
  }
  return found;
}

void AddNumbers(const Scrub* scrub, Metrics::Numbers& numbers) {
  if (scrub == nullptr) {
    return;
  }
  const Scrub::Statistics statistics = scrub->statistics();
  numbers.counters.push_back({"cacheindex_scrub_rounds", "Times that all that is stored was read.",
                              static_cast<double>(statistics.rounds)});
  numbers.counters.push_back({"cacheindex_scrub_read_bytes", "Bytes read to look for damage.",
                              static_cast<double>(statistics.bytes)});
  if (statistics.age) {
    numbers.gauges.push_back({"cacheindex_scrub_age_seconds",
                              "Time since all that is stored was last read.",
                              static_cast<double>(statistics.age->count())});
  }
  for (const auto& [store, findings] : statistics.findings) {
    for (std::size_t place = 0; place < kScrubPlaces; ++place) {
      numbers.gauges.push_back(
          {"cacheindex_scrub_findings",
           "Damaged things that the latest look at a store found.",
           static_cast<double>(findings[place]),
           {{"store", store}, {"place", std::string(Name(static_cast<ScrubPlace>(place)))}}});
    }
  }
}

}  // namespace

NodeService::NodeService(Stores& stores, const DataDirectory& directory, const Config& config)
    : stores_(&stores),
      native_(&stores.native()),
      keys_(stores.settings()),
      rate_limits_(stores.settings()),
      resources_(stores.settings()),
      directory_(&directory),
      search_time_max_(config.search_time_max),
      readiness_waiting_documents_max_(config.readiness_waiting_documents_max),
      answers_(config.answer_cache_bytes),
      requests_(config.slow_requests) {}

void NodeService::Reconfigure(const Config& config) noexcept {
  readiness_waiting_documents_max_ = config.readiness_waiting_documents_max;
  requests_.SetSlow(config.slow_requests);
}

bool NodeService::IsHealthy() { return native_->index().statistics().failure.empty(); }

api::Readiness NodeService::IsReady() {
  readiness_asked_at_ = std::chrono::steady_clock::now().time_since_epoch().count();
  return LookAtReadiness();
}

bool NodeService::IsWatched() const {
  const std::chrono::steady_clock::time_point asked_at{
      std::chrono::steady_clock::duration(readiness_asked_at_.load())};
  return std::chrono::steady_clock::now() - asked_at < kWatchedWithin;
}

api::Readiness NodeService::LookAtReadiness() {
  const auto statistics = native_->index().statistics();
  Json details = {{"position", static_cast<std::uint64_t>(native_->store().position())},
                  {"search_position", static_cast<std::uint64_t>(native_->index().position())},
                  {"documents_waiting", statistics.documents_waiting}};
  std::string reason = is_stopping_ ? "stopping" : WhyNotWritten(*native_);
  const std::string settings = stores_->settings().refusal();
  if (reason.empty() && !settings.empty()) {
    reason = "keys, aliases and the like cannot be changed: " + settings;
  }
  reason = reason.empty() ? WhyNotRoomy(directory_->path()) : reason;
  const std::uint64_t waiting_max = readiness_waiting_documents_max_;
  if (reason.empty() && statistics.documents_waiting > waiting_max) {
    reason = "more than " + std::to_string(waiting_max) + " documents wait for the text index";
  }
  for (const auto& source : stores_->sources()) {
    const replication::SourceStatus status = source->Status();
    std::string why_not = WhyNotReady(source->config(), status);
    if (const auto live = source->live(); why_not.empty() && live != nullptr) {
      why_not = WhyNotWritten(live->served());
      why_not = why_not.empty() ? "" : "the source `" + source->config().name + "`: " + why_not;
    }
    details["sources"][source->config().name] = {{"state", Name(status.state)},
                                                 {"ready", why_not.empty()}};
    reason = reason.empty() ? why_not : reason;
  }
  if (!reason.empty()) {
    details["reason"] = reason;
  }
  // All that is sound is served: damage is no reason to send requests elsewhere.
  if (Json damage = FindingsByStore(scrub_); !damage.empty()) {
    details["damage"] = std::move(damage);
  }
  details["ready"] = reason.empty();
  return {.is_ready = reason.empty(), .details = std::move(details)};
}

Json NodeService::MetricsJson() { return SystemMetrics(directory_->path()); }

Json NodeService::StatsJson() { return metrics_.Stats(native_->store().statistics().jobs_waiting); }

std::string NodeService::MetricsText() {
  const auto store = native_->store().statistics();
  const auto index = native_->index().statistics();
  const auto answers = answers_.statistics();
  const api::Server* server = front_;
  const auto front = server != nullptr ? server->GetStatistics() : api::Server::Statistics{};
  const auto number = [](auto value) { return static_cast<double>(value); };
  Metrics::Numbers numbers;
  numbers.counters = {
      {"cacheindex_text_documents_indexed", "Documents that the text index took in.",
       number(index.documents_indexed)},
      {"cacheindex_text_commits", "Commits of text indexes.", number(index.commits)},
      {"cacheindex_text_rebuilds", "Text indexes that began to be built again.",
       number(index.rebuilds)},
      {"cacheindex_store_commits", "Commits of the store.", number(store.commits)},
      {"cacheindex_http_requests_shed", "Requests refused because a queue was full.",
       number(front.requests_shed)},
      {"cacheindex_http_requests_rejected", "Requests refused by framing rules or deadlines.",
       number(front.requests_rejected)},
      {"cacheindex_http_received_bytes", "Bytes received.", number(front.bytes_received)},
      {"cacheindex_http_sent_bytes", "Bytes sent.", number(front.bytes_sent)},
      {"cacheindex_remembered_answer_hits", "Searches that one of these answered.",
       number(answers.hits)},
      {"cacheindex_remembered_answer_misses", "Searches that none of these could answer.",
       number(answers.misses)},
      {"cacheindex_page_ins", "Pages that had to be read from disk.", number(PageIns())},
  };
  numbers.gauges = {
      {"cacheindex_position", "Position of the documents.",
       number(static_cast<std::uint64_t>(native_->store().position()))},
      {"cacheindex_search_position", "Position up to which everything is searchable.",
       number(static_cast<std::uint64_t>(native_->index().position()))},
      {"cacheindex_text_documents_waiting", "Logged documents that the text index has not seen.",
       number(index.documents_waiting)},
      {"cacheindex_text_building", "Text indexes that are being built again.",
       number(index.building)},
      {"cacheindex_text_damaged_documents", "Stored documents that could not be read.",
       number(index.damaged_documents)},
      {"cacheindex_text_last_commit_seconds", "Duration of the latest text commit.",
       number(index.last_commit.count()) / 1e6},
      {"cacheindex_store_map_bytes", "Address space reserved for the store.",
       number(store.map_size_bytes)},
      {"cacheindex_store_used_bytes", "Bytes of the store in use.", number(store.used_bytes)},
      {"cacheindex_store_snapshots", "Snapshots open.", number(store.snapshots_open)},
      {"cacheindex_store_oldest_snapshot_seconds", "Age of the oldest open snapshot.",
       number(store.oldest_snapshot.count()) / 1e3},
      {"cacheindex_store_jobs_waiting", "Writes that wait for the writer.",
       number(store.jobs_waiting)},
      {"cacheindex_http_connections", "Open connections.", number(front.connections)},
      {"cacheindex_http_requests_queued", "Requests that wait for a worker.",
       number(front.queued_requests)},
      {"cacheindex_http_transfers_queued", "Imports and exports that wait for a thread.",
       number(front.queued_transfers)},
      {"cacheindex_remembered_answers", "Answers kept for searches that allow it.",
       number(answers.answers)},
      {"cacheindex_remembered_answer_bytes", "Bytes of these answers.", number(answers.bytes)},
      {"cacheindex_private_memory_bytes", "Memory that is no page cache.",
       number(PrivateMemoryBytes())},
  };
  AddNumbers(scrub_, numbers);
  for (const auto& source : stores_->sources()) {
    AddNumbers(source->config(), source->Status(), numbers);
  }
  return metrics_.Text(numbers);
}

Json NodeService::Status() {
  Json status = {{"state", "LEADER"},
                 {"committed_index", static_cast<std::uint64_t>(native_->store().position())},
                 {"queued_writes", native_->store().statistics().jobs_waiting}};
  for (const auto& source : stores_->sources()) {
    status["sources"][source->config().name] = SummarizeSource(source->config(), source->Status());
  }
  return status;
}

Result<Json> NodeService::ListSources() {
  Json list = Json::array();
  for (const auto& source : stores_->sources()) {
    list.push_back(DescribeSource(source->config(), source->Status()));
  }
  return list;
}

Result<ManagedSource*> NodeService::FindSource(std::string_view name) {
  for (const auto& source : stores_->sources()) {
    if (source->config().name == name) {
      return source.get();
    }
  }
  return Error(ErrorCode::kNotFound, "Could not find a source named `" + std::string(name) + "`.");
}

Result<Json> NodeService::GetSource(std::string_view name) {
  auto source = FindSource(name);
  if (!source) {
    return std::move(source).error();
  }
  return DescribeSource((*source)->config(), (*source)->Status());
}

Result<void> NodeService::RebuildSource(std::string_view name) {
  auto source = FindSource(name);
  if (!source) {
    return std::move(source).error();
  }
  return (*source)->RequestRebuild();
}

Result<void> NodeService::CreateSnapshot(std::string_view path) {
  // Held while it is copied, whatever takes its place meanwhile.
  std::vector<std::shared_ptr<ManagedGeneration>> generations;
  std::vector<NamedStore> stores = {{.name = std::string(kNativeStore), .store = native_}};
  for (const auto& source : stores_->sources()) {
    generations.push_back(source->live());
    stores.push_back({.name = source->config().name, .store = &generations.back()->served()});
  }
  const std::filesystem::path target = path.empty()
                                           ? std::filesystem::absolute(directory_->snapshot())
                                           : std::filesystem::path(path);
  const auto begin = std::chrono::steady_clock::now();
  auto written = WriteBackup(*directory_, stores_->settings(), stores, target);
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - begin;
  if (written) {
    Log(LogPart::kNode, LogLevel::kInfo, "snapshot",
        {{"path", target.string()}, {"seconds", Rounded(seconds.count())}});
  } else {
    Log(LogPart::kNode, LogLevel::kError, "snapshot_failed",
        {{"path", target.string()}, {"reason", written.error().message()}});
  }
  return written;
}

Result<void> NodeService::ClearCache() {
  answers_.Clear();
  return {};
}

// LMDB reuses freed pages and Xapian's blocks are reused too; there is nothing to give back while
// running.
Result<void> NodeService::CompactDatabase() { return {}; }

Result<void> NodeService::Configure(const Json& body) {
  constexpr const char* kSlowRequests = "log-slow-requests-time-ms";
  const auto value = body.is_object() ? body.find(kSlowRequests) : body.end();
  if (!body.is_object() || value == body.end() || !value->is_number_integer()) {
    return Error(ErrorCode::kInvalidArgument,
                 "Expected {\"log-slow-requests-time-ms\": milliseconds}; 0 or less logs none.");
  }
  requests_.SetSlow(std::chrono::milliseconds(value->get<std::int64_t>()));
  return {};
}

Json NodeService::LogLevels() { return node::LogLevels(); }

Result<void> NodeService::SetLogLevels(const Json& body) { return node::SetLogLevels(body); }

void NodeService::Observe(const api::RequestRecord& record) {
  metrics_.Observe(record);
  requests_.Observe(record);
}

}  // namespace cacheindex::node
