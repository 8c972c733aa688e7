#include "node/watch.h"

#include <condition_variable>
#include <mutex>

#include "node/logging/log.h"

namespace cacheindex::node {
namespace {

constexpr std::chrono::milliseconds kPause{500};

}  // namespace

Watch::Watch(NodeService& service, Stores& stores, RequestLog& requests)
    : service_(&service), stores_(&stores), requests_(&requests) {
  thread_ = std::jthread([this](const std::stop_token& stop) { Run(stop); });
}

void Watch::Stop() {
  if (thread_.joinable()) {
    thread_.request_stop();
    thread_.join();
  }
}

void Watch::Run(const std::stop_token& stop) {
  std::mutex mutex;
  std::condition_variable_any changed;
  std::unique_lock lock(mutex);
  while (!stop.stop_requested()) {
    Look();
    changed.wait_for(lock, stop, kPause, [] { return false; });
  }
}

void Watch::Look() {
  LookAtStore(std::string(kNativeStore), stores_->native());
  for (const auto& source : stores_->sources()) {
    if (const auto live = source->live()) {
      LookAtStore(source->config().name, live->served());
    }
  }
  LookAtSettings();
  LookAtHealth();
  LookAtReadiness();
  requests_->LogEnded(Burst::Clock::now());
}

void Watch::LookAtHealth() {
  const bool is_healthy = service_->IsHealthy();
  if (is_healthy == was_healthy_) {
    return;
  }
  was_healthy_ = is_healthy;
  const std::string failure = stores_->native().index().statistics().failure;
  Log(LogPart::kNode, is_healthy ? LogLevel::kInfo : LogLevel::kError, "health",
      {{"healthy", is_healthy},
       {"reason", is_healthy ? std::string("the text index can be written again")
                             : "the text index cannot be written: " + failure +
                                   ": searches miss what is written until that is mended"}});
}

void Watch::LookAtReadiness() {
  const api::Readiness readiness = service_->LookAtReadiness();
  // Numbers in it may change with every look; the kind of reason does not.
  const std::string reason = readiness.details.value("reason", "");
  const bool is_change = !why_not_ready_ || why_not_ready_->empty() != reason.empty() ||
                         why_not_ready_->substr(0, why_not_ready_->find_first_of("0123456789")) !=
                             reason.substr(0, reason.find_first_of("0123456789"));
  if (is_change) {
    Log(LogPart::kNode, reason.empty() ? LogLevel::kInfo : LogLevel::kWarning, "readiness",
        {{"ready", reason.empty()}, {"reason", reason}});
  }
  why_not_ready_ = reason;
}

void Watch::LookAtStore(const std::string& name, ServedStore& served) {
  // By its directory: a source's next generation is another store. What a store was opened without
  // is logged by who opened it.
  Seen& seen =
      stores_seen_
          .try_emplace(served.directory().string(), Seen{.rebuilds = served.missing_texts(),
                                                         .is_building = served.missing_texts() > 0})
          .first->second;
  const std::string refusal = served.store().statistics().refusal;
  if (!refusal.empty() && refusal != seen.refusal) {
    Log(LogPart::kStores, LogLevel::kError, "writes_refused",
        {{"store", name},
         {"reason", refusal + ": reads go on; mend the disk, restart the node, and run `cacheindex "
                              "verify` before that"}});
  }
  seen.refusal = refusal;
  const auto text = served.index().statistics();
  // One that is quick may have begun and ended between two looks.
  const bool has_begun = text.rebuilds > seen.rebuilds;
  if (has_begun) {
    Log(LogPart::kStores, LogLevel::kWarning, "text_index_rebuild",
        {{"store", name},
         {"directory", served.directory().string()},
         {"indexes", text.rebuilds - seen.rebuilds},
         {"reason",
          "missing, damaged or too far behind: their collections cannot be searched until /readyz "
          "is ready"}});
  }
  if (text.building == 0 && (has_begun || seen.is_building)) {
    Log(LogPart::kStores, LogLevel::kInfo, "text_index_rebuilt", {{"store", name}});
  }
  seen.rebuilds = text.rebuilds;
  seen.is_building = text.building > 0;
  if (text.damaged_documents > seen.damaged_documents) {
    Log(LogPart::kStores, LogLevel::kError, "damage",
        {{"store", name},
         {"documents", text.damaged_documents},
         {"reason",
          "stored documents cannot be read and are not searchable: stop the node, run `cacheindex "
          "verify`, and restore a backup of what it names"}});
  }
  seen.damaged_documents = text.damaged_documents;
}

void Watch::LookAtSettings() {
  const std::string refusal = stores_->settings().refusal();
  if (!refusal.empty() && refusal != settings_refusal_) {
    Log(LogPart::kStores, LogLevel::kError, "writes_refused",
        {{"store", "settings"},
         {"reason", refusal + ": keys, aliases, synonyms and the like cannot be changed; mend the "
                              "disk and restart the node"}});
  }
  settings_refusal_ = refusal;
}

}  // namespace cacheindex::node
