#include "node/config/config_changes.h"

#include <algorithm>
#include <array>
#include <map>
#include <string_view>

namespace cacheindex::node {
namespace {

struct Setting {
  std::string_view name;
  // Only compared, never shown.
  Json (*value)(const Config& config);
};

Json Milliseconds(std::chrono::milliseconds value) { return value.count(); }

Json Address(const api::OperationsServer::Options& options) {
  return options.listen_address + ":" + std::to_string(options.port);
}

using C = Config;

constexpr std::array kSettings = {
    Setting{"node.data_directory", [](const C& c) -> Json { return c.data_directory.string(); }},
    Setting{"node.stop_delay_ms", [](const C& c) { return Milliseconds(c.stop_delay); }},
    Setting{"node.stop_timeout_ms", [](const C& c) { return Milliseconds(c.stop_timeout); }},
    Setting{"node.readiness_waiting_documents_max",
            [](const C& c) -> Json { return c.readiness_waiting_documents_max; }},
    Setting{"node.answer_cache_bytes", [](const C& c) -> Json { return c.answer_cache_bytes; }},
    Setting{"node.search_time_max_ms", [](const C& c) { return Milliseconds(c.search_time_max); }},
    Setting{"store.map_size_bytes", [](const C& c) -> Json { return c.store.map_size_bytes; }},
    Setting{"store.map_size_max_bytes",
            [](const C& c) -> Json { return c.store.map_size_max_bytes; }},
    Setting{"store.snapshots_max", [](const C& c) -> Json { return c.store.snapshots_max; }},
    Setting{"scrub.interval_ms", [](const C& c) { return Milliseconds(c.scrub.interval); }},
    Setting{"scrub.megabytes_per_second",
            [](const C& c) -> Json { return c.scrub.megabytes_per_second; }},
    Setting{"http.listen",
            [](const C& c) -> Json {
              return c.http.listen_address + ":" + std::to_string(c.http.port);
            }},
    Setting{"http.api_key", [](const C& c) -> Json { return c.http.api_key; }},
    Setting{"http.certificate_file",
            [](const C& c) -> Json { return c.http.certificate_file.string(); }},
    Setting{"http.certificate_key_file",
            [](const C& c) -> Json { return c.http.certificate_key_file.string(); }},
    Setting{"http.tls_ends_at_proxy", [](const C& c) -> Json { return c.tls_ends_at_proxy; }},
    Setting{"http.loop_threads", [](const C& c) -> Json { return c.http.loop_threads; }},
    Setting{"http.worker_threads", [](const C& c) -> Json { return c.http.worker_threads; }},
    Setting{"http.search_threads", [](const C& c) -> Json { return c.http.search_threads; }},
    Setting{"http.bulk_threads", [](const C& c) -> Json { return c.http.bulk_threads; }},
    Setting{"http.cors_enabled", [](const C& c) -> Json { return c.http.cors.enabled; }},
    Setting{"http.cors_allowed_origins",
            [](const C& c) -> Json { return c.http.cors.allowed_origins; }},
    Setting{"http.connections_max",
            [](const C& c) -> Json { return c.http.limits.connections_max; }},
    Setting{"http.queued_requests_max",
            [](const C& c) -> Json { return c.http.limits.queued_requests_max; }},
    Setting{"http.queued_searches_per_client_max",
            [](const C& c) -> Json { return c.http.limits.queued_searches_per_client_max; }},
    Setting{"http.search_wait_max_ms",
            [](const C& c) { return Milliseconds(c.http.limits.search_wait_max); }},
    Setting{"http.queued_transfers_max",
            [](const C& c) -> Json { return c.http.limits.queued_transfers_max; }},
    Setting{"http.body_bytes_max", [](const C& c) -> Json { return c.http.limits.body_bytes_max; }},
    Setting{"http.query_body_bytes_max",
            [](const C& c) -> Json { return c.http.limits.query_body_bytes_max; }},
    Setting{"http.unkeyed_body_bytes_max",
            [](const C& c) -> Json { return c.http.limits.unkeyed_body_bytes_max; }},
    Setting{"http.multi_searches_max",
            [](const C& c) -> Json { return c.http.limits.multi_searches_max; }},
    Setting{"http.buffered_bytes_max",
            [](const C& c) -> Json { return c.http.limits.buffered_bytes_max; }},
    Setting{"http.import_line_bytes_max",
            [](const C& c) -> Json { return c.http.limits.import_line_bytes_max; }},
    Setting{"http.head_timeout_ms",
            [](const C& c) { return Milliseconds(c.http.limits.head_timeout); }},
    Setting{"http.body_timeout_ms",
            [](const C& c) { return Milliseconds(c.http.limits.body_timeout); }},
    Setting{"http.write_timeout_ms",
            [](const C& c) { return Milliseconds(c.http.limits.write_timeout); }},
    Setting{"http.idle_timeout_ms",
            [](const C& c) { return Milliseconds(c.http.limits.idle_timeout); }},
    Setting{"http.transfer_bytes_per_second_min",
            [](const C& c) -> Json { return c.http.limits.transfer_bytes_per_second_min; }},
    Setting{"http.transfer_window_ms",
            [](const C& c) { return Milliseconds(c.http.limits.transfer_window); }},
    Setting{"operations.listen",
            [](const C& c) { return c.operations ? Address(*c.operations) : Json(); }},
    Setting{"log.level", [](const C& c) -> Json { return c.log.level; }},
    Setting{"log.format", [](const C& c) -> Json { return c.log.format; }},
    Setting{"log.slow_requests_ms", [](const C& c) { return Milliseconds(c.slow_requests); }},
};

std::map<std::string, Json> SourcesOf(const Config& config) {
  std::map<std::string, Json> sources;
  for (const SourceConfig& source : config.sources) {
    sources.emplace("source." + source.name, source.section);
  }
  return sources;
}

}  // namespace

std::vector<std::string> SettingNames() {
  std::vector<std::string> names;
  std::transform(kSettings.begin(), kSettings.end(), std::back_inserter(names),
                 [](const Setting& setting) { return std::string(setting.name); });
  return names;
}

std::vector<std::string> ChangedSettings(const Config& before, const Config& after) {
  std::vector<std::string> changed;
  for (const Setting& setting : kSettings) {
    if (setting.value(before) != setting.value(after)) {
      changed.emplace_back(setting.name);
    }
  }
  auto sources = SourcesOf(before);
  for (auto& [name, section] : SourcesOf(after)) {
    const auto known = sources.find(name);
    if (known == sources.end() || known->second != section) {
      changed.push_back(name);
    }
    if (known != sources.end()) {
      sources.erase(known);
    }
  }
  for (const auto& [name, section] : sources) {
    changed.push_back(name);
  }
  return changed;
}

Config WithChangeableSettings(Config running, const Config& fresh) {
  running.stop_delay = fresh.stop_delay;
  running.stop_timeout = fresh.stop_timeout;
  running.readiness_waiting_documents_max = fresh.readiness_waiting_documents_max;
  running.log.level = fresh.log.level;
  running.slow_requests = fresh.slow_requests;
  // A port that speaks TLS goes on doing so, and one that does not cannot begin.
  if (!running.http.certificate_file.empty() && !fresh.http.certificate_file.empty()) {
    running.http.certificate_file = fresh.http.certificate_file;
    running.http.certificate_key_file = fresh.http.certificate_key_file;
  }
  return running;
}

}  // namespace cacheindex::node
