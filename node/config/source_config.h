#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "node/core/json.h"
#include "node/core/result.h"
#include "replication/declaration/collection_declaration.h"

namespace cacheindex::node {

/// One [source.NAME] of the configuration. Each key is explained in cacheindex.example.toml.
struct SourceConfig {
  /// [a-z0-9_], at most kSourceNameBytesMax: it becomes a directory and a part of the slot's name.
  std::string name;
  std::string connection;
  std::string publication;
  std::uint64_t queue_bytes_max = std::uint64_t{64} << 20;
  std::uint64_t transaction_bytes_max = std::uint64_t{8} << 20;
  std::uint64_t spool_bytes_max = std::uint64_t{64} << 30;
  std::chrono::milliseconds status_interval{1'000};
  std::chrono::milliseconds catalog_interval{60'000};
  std::chrono::milliseconds lock_timeout{5'000};
  std::chrono::milliseconds backoff_min{200};
  std::chrono::milliseconds backoff_max{30'000};
  /// /readyz says no while the source's newest state is further away than this ...
  std::uint64_t readiness_lag_bytes_max = std::uint64_t{64} << 20;
  /// ... or nothing was heard and applied for longer than this.
  std::chrono::milliseconds readiness_heartbeat_age_max{15'000};
  std::vector<replication::CollectionDeclaration> collections;
  /// All of it as it was given, to see whether it has changed.
  Json section = {};
};

inline constexpr std::size_t kSourceNameBytesMax = 24;
inline constexpr std::size_t kSourcesMax = 8;

/// Whether a source must say what is made of it: only who is about to draft that need not.
enum class Collections : std::uint8_t { kRequired, kOptional };

/// Reads one section; `section` is its table as JSON.
/// Errors: kInvalidArgument naming the key.
Result<SourceConfig> ParseSourceConfig(std::string_view name, const Json& section,
                                       Collections collections = Collections::kRequired);

}  // namespace cacheindex::node
