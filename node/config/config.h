#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "api/operations_server.h"
#include "api/server.h"
#include "node/config/source_config.h"
#include "node/core/result.h"
#include "node/logging/log.h"

namespace cacheindex::node {

/// Everything an operator can say about a node. Each key is explained in cacheindex.example.toml.
struct Config {
  std::filesystem::path data_directory;

  struct {
    std::uint64_t map_size_bytes = std::uint64_t{64} << 30;
    std::uint64_t map_size_max_bytes = std::uint64_t{1} << 40;
    std::uint32_t snapshots_max = 512;
  } store;

  /// The scrub (scrub.h) reads everything that is stored again and again.
  struct {
    /// From the beginning of a round to that of the next; 0 means never.
    std::chrono::milliseconds interval = std::chrono::hours(24);
    /// 1,000,000 bytes each.
    std::uint32_t megabytes_per_second = 20;
    /// Who reads, in a process of its own: this program, as the command line sets it. Without one
    /// there is no scrub.
    std::filesystem::path program;
  } scrub;

  LogOptions log;
  /// Requests slower than this are logged; 0 logs none.
  std::chrono::milliseconds slow_requests{0};

  /// /readyz says no while more documents than this wait for the text index.
  std::uint64_t readiness_waiting_documents_max = 100'000;
  /// Answers of searches with `use_cache` that are kept; 0 keeps none.
  std::uint64_t answer_cache_bytes = std::uint64_t{64} << 20;
  /// What the searches of one request may take together, whatever `search_cutoff_ms` they ask for.
  std::chrono::milliseconds search_time_max{5'000};
  /// How long a node that stops goes on serving, while /readyz says that it stops; nothing where
  /// nobody looked at /readyz within the last minute.
  std::chrono::milliseconds stop_delay{2'000};
  /// How long it then waits for running requests.
  std::chrono::milliseconds stop_timeout{8'000};

  api::Server::Options http;
  /// Whether a proxy in front of the node speaks TLS in its place, so that the node itself may do
  /// without it on an address that other machines reach.
  bool tls_ends_at_proxy = false;
  /// A port for operators beside it, under the same key; without one, none.
  std::optional<api::OperationsServer::Options> operations;

  /// What the node follows, at most kSourcesMax; no two declare a collection of one name.
  std::vector<SourceConfig> sources;
};

/// The environment variable that holds the API key, so that it need not stand in a file or in a
/// process list.
inline constexpr const char* kApiKeyVariable = "CACHEINDEX_API_KEY";

/// Where a node listens that nobody told otherwise. Config itself leaves it to the system, so that
/// many can run beside each other in tests.
inline constexpr std::uint16_t kDefaultPort = 8108;

/// Returns the configuration that the TOML file `path` spells over the defaults.
/// Errors: kInvalidArgument naming file, line and key for unknown keys, wrong types and values out
/// of range.
Result<Config> LoadConfig(const std::filesystem::path& path,
                          Collections collections = Collections::kRequired);

/// Splits "127.0.0.1:8108" or "[::1]:8108" into the options' numeric address and port.
/// Errors: kInvalidArgument.
Result<void> SetListenAddress(std::string_view text, api::Server::Options& options);

}  // namespace cacheindex::node
