#include "node/watch/source_report.h"

#include <algorithm>
#include <utility>

namespace cacheindex::node {
namespace {

using replication::LogPosition;
using replication::SourceStatus;
using State = SourceStatus::State;

std::uint64_t Distance(LogPosition from, LogPosition to) {
  const auto begin = static_cast<std::uint64_t>(from);
  const auto end = static_cast<std::uint64_t>(to);
  return end > begin ? end - begin : 0;
}

std::uint64_t RowsCopied(const SourceStatus& status) {
  std::uint64_t rows = 0;
  for (const auto& table : status.tables) {
    rows += table.rows_copied;
  }
  return rows;
}

Json DescribeTables(const SourceStatus& status) {
  Json tables = Json::array();
  for (const auto& table : status.tables) {
    Json described = {
        {"name", table.name}, {"state", table.state}, {"rows_copied", table.rows_copied}};
    if (!table.reason.empty()) {
      described["reason"] = table.reason;
    }
    tables.push_back(std::move(described));
  }
  return tables;
}

}  // namespace

std::string_view Name(State state) {
  switch (state) {
    case State::kConnecting:
      return "connecting";
    case State::kRefused:
      return "refused";
    case State::kCopying:
      return "copying";
    case State::kCatchUp:
      return "catching_up";
    case State::kBuilding:
      return "building";
    case State::kLive:
      return "live";
    case State::kStale:
      return "stale";
    case State::kRebuilding:
      return "rebuilding";
  }
  return "unknown";
}

std::string DescribeState(const SourceConfig& config, const SourceStatus& status) {
  std::string text = "the source `" + config.name + "` is " + std::string(Name(status.state));
  if (status.state == State::kCopying) {
    text += ", " + std::to_string(RowsCopied(status)) + " rows so far";
  }
  return status.reason.empty() ? text : text + ": " + status.reason;
}

Json DescribeSource(const SourceConfig& config, const SourceStatus& status) {
  Json collections = Json::array();
  for (const auto& collection : config.collections) {
    collections.push_back(collection.name);
  }
  const std::string why_not = WhyNotReady(config, status);
  Json described = {{"name", config.name},
                    {"kind", "postgres"},
                    {"state", Name(status.state)},
                    {"ready", why_not.empty()},
                    {"publication", config.publication},
                    {"collections", std::move(collections)},
                    {"generation", status.generation},
                    {"positions",
                     {{"received", ToString(status.received)},
                      {"applied", ToString(status.applied)},
                      {"indexed", ToString(status.indexed)},
                      {"searchable", ToString(status.searchable)},
                      {"acknowledged", ToString(status.acknowledged)},
                      {"server", ToString(status.server)}}},
                    {"lag_bytes", Distance(status.applied, status.server)},
                    {"lag_seconds", static_cast<double>(status.heartbeat_age.count()) / 1e3},
                    {"retained_bytes", Distance(status.acknowledged, status.server)},
                    {"queue_bytes", status.queue_bytes},
                    {"spool_bytes", status.spool_bytes},
                    {"reconnects", status.reconnects},
                    {"rebuilds", status.rebuilds},
                    {"rows_copied", RowsCopied(status)},
                    {"transactions", status.applier.transactions},
                    {"changes", status.applier.changes},
                    {"changes_without_effect", status.applier.changes_without_effect},
                    {"documents_written", status.applier.documents_written},
                    {"documents_waiting", status.applier.documents_waiting},
                    {"documents_refused", status.applier.documents_refused},
                    {"holes", status.applier.holes},
                    {"rows", status.applier.rows},
                    {"rows_repaired", status.applier.rows_repaired},
                    {"tables", DescribeTables(status)}};
  for (const replication::SetAsideCollection& set_aside : status.set_aside) {
    Json shown = {{"collection", set_aside.collection},
                  {"table", set_aside.table},
                  {"reason", set_aside.reason}};
    if (set_aside.kept_at != LogPosition{}) {
      shown["kept_at"] = ToString(set_aside.kept_at);
    }
    described["set_aside"].push_back(std::move(shown));
  }
  if (status.applier.clock) {
    described["clock"] = *status.applier.clock;
  }
  if (!status.rebuild_reason.empty()) {
    described["rebuild_reason"] = status.rebuild_reason;
  }
  if (!status.refused_documents.empty()) {
    described["refused_documents"] = status.refused_documents;
  }
  if (!status.repaired_values.empty()) {
    described["repaired_values"] = status.repaired_values;
  }
  if (const std::string& reason = status.reason.empty() ? why_not : status.reason;
      !reason.empty()) {
    described["reason"] = reason;
  }
  return described;
}

Json SummarizeSource(const SourceConfig& config, const SourceStatus& status) {
  return {{"state", Name(status.state)},
          {"ready", WhyNotReady(config, status).empty()},
          {"applied", ToString(status.applied)},
          {"searchable", ToString(status.searchable)},
          {"lag_bytes", Distance(status.applied, status.server)},
          {"lag_seconds", static_cast<double>(status.heartbeat_age.count()) / 1e3},
          {"documents_waiting", status.applier.documents_waiting}};
}

std::string WhyNotReady(const SourceConfig& config, const SourceStatus& status) {
  if (status.state != State::kLive) {
    return DescribeState(config, status);
  }
  for (const SourceStatus::TableStatus& table : status.tables) {
    if (table.state == "replaced") {
      return "the source `" + config.name + "`: " + table.reason;
    }
  }
  if (status.heartbeat_age > config.readiness_heartbeat_age_max) {
    return "the source `" + config.name + "` showed no sign of life for " +
           std::to_string(status.heartbeat_age.count()) + " ms";
  }
  const std::uint64_t lag = Distance(status.applied, status.server);
  if (lag > config.readiness_lag_bytes_max) {
    return "the source `" + config.name + "` is " + std::to_string(lag) + " bytes ahead";
  }
  return {};
}

void AddNumbers(const SourceConfig& config, const SourceStatus& status, Metrics::Numbers& numbers) {
  const auto add_to = [&](std::vector<Metrics::Number>& list, std::string_view name,
                          std::string_view help, auto value) {
    list.push_back({.name = name,
                    .help = help,
                    .value = static_cast<double>(value),
                    .labels = {{"source", config.name}}});
  };
  const auto add = [&](std::string_view name, std::string_view help, auto value) {
    add_to(numbers.gauges, name, help, value);
  };
  const auto count = [&](std::string_view name, std::string_view help, auto value) {
    add_to(numbers.counters, name, help, value);
  };
  const auto position = [](LogPosition at) { return static_cast<std::uint64_t>(at); };
  add("cacheindex_source_ready", "Whether the source's collections are as fresh as configured.",
      WhyNotReady(config, status).empty() ? 1 : 0);
  add("cacheindex_source_generation", "Number of the generation that serves.", status.generation);
  add("cacheindex_source_received_position", "Position received from the source.",
      position(status.received));
  add("cacheindex_source_applied_position", "Position of the documents.", position(status.applied));
  add("cacheindex_source_indexed_position", "Position durable in documents and text index.",
      position(status.indexed));
  add("cacheindex_source_searchable_position", "Position up to which everything is searchable.",
      position(status.searchable));
  add("cacheindex_source_acknowledged_position", "Position that the source was told.",
      position(status.acknowledged));
  add("cacheindex_source_server_position", "The source's end of log as last heard.",
      position(status.server));
  add("cacheindex_source_lag_bytes", "Log of the source that is not applied.",
      Distance(status.applied, status.server));
  add("cacheindex_source_heartbeat_age_seconds",
      "Time since the source was heard and everything before applied.",
      static_cast<double>(status.heartbeat_age.count()) / 1e3);
  add("cacheindex_source_retained_bytes", "Log that the source keeps for this node.",
      Distance(status.acknowledged, status.server));
  add("cacheindex_source_queue_bytes", "Received changes in memory.", status.queue_bytes);
  add("cacheindex_source_spool_bytes", "Received changes on disk.", status.spool_bytes);
  count("cacheindex_source_reconnects", "Connections that were lost.", status.reconnects);
  count("cacheindex_source_rebuilds", "Generations that were begun anew.", status.rebuilds);
  add("cacheindex_source_rows_copied", "Rows of the initial copy.", RowsCopied(status));
  add("cacheindex_source_tables_failed", "Tables that cannot be followed.",
      std::count_if(status.tables.begin(), status.tables.end(),
                    [](const auto& table) { return table.state == "failed"; }));
  add("cacheindex_source_collections_set_aside",
      "Collections that are not served because of a table that failed.", status.set_aside.size());
  count("cacheindex_source_transactions", "Transactions applied.", status.applier.transactions);
  count("cacheindex_source_changes", "Row changes applied.", status.applier.changes);
  count("cacheindex_source_changes_without_effect", "Row changes that changed nothing.",
        status.applier.changes_without_effect);
  count("cacheindex_source_documents_written", "Documents assembled and written.",
        status.applier.documents_written);
  add("cacheindex_source_documents_waiting", "Documents that wait to be assembled again.",
      status.applier.documents_waiting);
  add("cacheindex_source_documents_refused", "Rows that cannot be documents.",
      status.applier.documents_refused);
  add("cacheindex_source_rows_repaired", "Rows with values that are no UTF-8.",
      status.applier.rows_repaired);
  add("cacheindex_source_holes", "Values that must be read from the source again.",
      status.applier.holes);
  add("cacheindex_source_rows", "Rows kept.", status.applier.rows);
}

}  // namespace cacheindex::node
