#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace cacheindex::api {

/// The action that a key needs for a search, and the only one of a key that scoped keys are made
/// from.
inline constexpr std::string_view kSearchAction = "documents:search";

/// A key that the node keeps: whom it lets do what. Immutable.
struct StoredKey {
  std::uint32_t id = 0;
  /// What its maker said of it. Like the id it may be shown to operators, unlike the value.
  std::string description = {};
  /// "documents:search", "documents:*" or "*".
  std::vector<std::string> actions;
  /// Each answers whether a collection's name is one that the key is for.
  std::vector<std::function<bool(std::string_view name)>> collections;
  /// Whether the key is for all collections there can be.
  bool covers_all_collections = false;
  /// Unix time in seconds.
  std::int64_t expires_at = 0;
  /// Only of keys that scoped keys can be made from; of all others nobody knows it.
  std::string value;
};

}  // namespace cacheindex::api
