#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace cacheindex::api {

/// A change, for whoever asks later who made it.
struct ChangeRecord {
  /// What the key had to allow: "collections:create".
  std::string_view action;
  /// What was changed: the names of the path, or of what was made.
  std::string_view target;
  /// Absent for the node's own key.
  std::optional<std::uint32_t> key_id;
  std::string_view key_description;
  /// Numeric; whose connection it was.
  std::string_view address = {};
  /// Of all documents that a filter names.
  std::string_view filter = {};
  /// Documents that were written one by one come and go by the thousand; what else changes,
  /// somebody decided.
  bool is_one_document = false;
};

/// One answered request, for counting and for the log. The views live as long as the call.
struct RequestRecord {
  /// Its place in CountedRoutes.
  std::size_t route = 0;
  int status = 0;
  /// Refused unseen, because there was no room for it.
  bool is_shed = false;
  std::chrono::steady_clock::time_point answered_at;
  std::chrono::microseconds latency{0};
  /// As the answer says it in X-Request-Id.
  std::string_view request_id = {};
  /// What the client was told when the node failed: of a status of 500 or 507.
  std::string_view failure = {};
  /// It failed because stored bytes contradict each other.
  bool is_damage = false;
  /// Set when it changed something.
  const ChangeRecord* change = nullptr;
};

}  // namespace cacheindex::api
