#pragma once

#include <cstddef>
#include <span>
#include <string_view>

namespace cacheindex::api {

/// What /stats.json counts a request as.
enum class RequestKind {
  kOther,
  kSearch,
  kImport,
  kWrite,   ///< Of documents, one by one or by filter; not imports.
  kDelete,  ///< Of documents.
};

/// Requests that are counted under one name.
struct CountedRoute {
  /// The route's method and pattern, "GET /collections/:c", or words in brackets for what reached
  /// no route.
  std::string_view label;
  RequestKind kind = RequestKind::kOther;
};

/// All of them, the routes of the router in its order first. They never change.
std::span<const CountedRoute> CountedRoutes();

// What reached no route, as places in CountedRoutes.
std::size_t UnknownRoute() noexcept;
std::size_t MalformedRequest() noexcept;
std::size_t Preflight() noexcept;
std::size_t RefusedConnection() noexcept;

}  // namespace cacheindex::api
