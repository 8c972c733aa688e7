#include "api/counted_routes.h"

#include <array>
#include <vector>

#include "api/router.h"
#include "api/stored_key.h"

namespace cacheindex::api {
namespace {

// In the order of the functions below.
constexpr std::array<std::string_view, 4> kBesideRoutes = {"(unknown)", "(malformed)", "OPTIONS *",
                                                           "(connection)"};

RequestKind KindOf(std::string_view action) {
  if (action == kSearchAction) {
    return RequestKind::kSearch;
  }
  if (action == "documents:import") {
    return RequestKind::kImport;
  }
  if (action == "documents:create" || action == "documents:update") {
    return RequestKind::kWrite;
  }
  return action == "documents:delete" ? RequestKind::kDelete : RequestKind::kOther;
}

std::vector<CountedRoute> AllRoutes() {
  std::vector<CountedRoute> all;
  for (const Route& route : Routes()) {
    all.push_back({.label = route.label, .kind = KindOf(route.action)});
  }
  for (const std::string_view label : kBesideRoutes) {
    all.push_back({.label = label});
  }
  return all;
}

}  // namespace

std::span<const CountedRoute> CountedRoutes() {
  static const std::vector<CountedRoute> kAll = AllRoutes();
  return kAll;
}

std::size_t UnknownRoute() noexcept { return Routes().size(); }
std::size_t MalformedRequest() noexcept { return Routes().size() + 1; }
std::size_t Preflight() noexcept { return Routes().size() + 2; }
std::size_t RefusedConnection() noexcept { return Routes().size() + 3; }

}  // namespace cacheindex::api
