#include "api/router.h"

#include <algorithm>
#include <array>

#include "api/routes.h"

namespace cacheindex::api {
namespace {

using enum Lane;
using enum Method;

constexpr std::array kRoutes = {
    Route{kGet, "GET /collections/:c/documents/search", kWorker, SearchDocuments, KeyCheck::kFront,
          true},
    Route{kPost, "POST /multi_search", kWorker, MultiSearch, KeyCheck::kHandler, true},
    Route{kGet, "GET /collections/:c/documents/export", kExport, nullptr},
    Route{kPost, "POST /collections/:c/documents/import", kImport, nullptr},
    Route{kGet, "GET /collections/:c/documents/batch", kInline, ReadBatch, KeyCheck::kFront, true},
    Route{kPost, "POST /collections/:c/documents/batch", kInline, ReadBatch, KeyCheck::kFront,
          true},
    Route{kGet, "GET /collections/:c/documents/:id", kInline, ReadDocument, KeyCheck::kFront, true},
    Route{kPatch, "PATCH /collections/:c/documents/:id", kWorker, PatchDocument},
    Route{kDelete, "DELETE /collections/:c/documents/:id", kWorker, DeleteDocument},
    Route{kPost, "POST /collections/:c/documents", kWorker, WriteDocument},
    Route{kPatch, "PATCH /collections/:c/documents", kWorker, UpdateDocuments},
    Route{kDelete, "DELETE /collections/:c/documents", kWorker, DeleteDocuments},

    Route{kGet, "GET /collections", kWorker, ListCollections},
    Route{kPost, "POST /collections", kWorker, CreateCollection},
    Route{kGet, "GET /collections/:c", kWorker, GetCollection},
    Route{kPatch, "PATCH /collections/:c", kWorker, UpdateCollection},
    Route{kDelete, "DELETE /collections/:c", kWorker, DropCollection},

    Route{kGet, "GET /aliases", kWorker, ListAliases},
    Route{kGet, "GET /aliases/:alias", kWorker, GetAlias},
    Route{kPut, "PUT /aliases/:alias", kWorker, PutAlias},
    Route{kDelete, "DELETE /aliases/:alias", kWorker, DeleteAlias},

    Route{kGet, "GET /health", kInline, ShowHealth, KeyCheck::kNone, true},
    Route{kGet, "GET /readyz", kInline, ShowReadiness, KeyCheck::kNone, true},
    Route{kGet, "GET /debug", kInline, ShowDebug},
    Route{kGet, "GET /metrics", kWorker, ShowMetricsText},
    Route{kGet, "GET /metrics.json", kWorker, ShowMetricsJson},
    Route{kGet, "GET /stats.json", kWorker, ShowStatsJson},
    Route{kGet, "GET /status", kWorker, ShowStatus},
    Route{kGet, "GET /sources", kWorker, ListSources},
    Route{kGet, "GET /sources/:name", kWorker, GetSource},
    Route{kPost, "POST /config", kWorker, Configure},
    Route{kPost, "POST /operations/snapshot", kWorker, CreateSnapshot},
    Route{kPost, "POST /operations/cache/clear", kWorker, ClearCache},
    Route{kPost, "POST /operations/db/compact", kWorker, CompactDatabase},
    Route{kPost, "POST /operations/vote", kInline, Vote},
    Route{kGet, "GET /operations/schema_changes", kInline, ListSchemaChanges},
};

std::string_view TakeSegment(std::string_view& path) {
  path.remove_prefix(1);  // The slash.
  const std::string_view segment = path.substr(0, path.find('/'));
  path.remove_prefix(segment.size());
  return segment;
}

// Compares as sent: "%73earch" is a document's id, "search" the search.
bool Matches(std::string_view pattern, std::string_view path) {
  while (!pattern.empty() && path.starts_with('/')) {
    const std::string_view expected = TakeSegment(pattern);
    const std::string_view segment = TakeSegment(path);
    if (expected.starts_with(':') ? segment.empty() : segment != expected) {
      return false;
    }
  }
  return pattern.empty() && path.empty();
}

}  // namespace

std::span<const Route> Routes() noexcept { return kRoutes; }

Result<void> FindRoute(Request& request) {
  const Method method = request.method == Method::kHead ? Method::kGet : request.method;
  const auto* const found = std::find_if(kRoutes.begin(), kRoutes.end(), [&](const Route& route) {
    return route.method == method && Matches(route.pattern(), request.path);
  });
  const bool is_missing =
      found == kRoutes.end() || (request.method == Method::kHead && found->lane == Lane::kExport);
  request.route = is_missing ? nullptr : found;
  if (is_missing) {
    return {};
  }
  std::string_view pattern = found->pattern();
  std::string_view path = request.path;
  while (!pattern.empty()) {
    const bool is_name = TakeSegment(pattern).starts_with(':');
    const std::string_view segment = TakeSegment(path);
    if (is_name) {
      auto name = PercentDecode(segment, false);
      if (!name) {
        return Error(ErrorCode::kInvalidArgument,
                     "The path has a `%` that two hexadecimal digits do not follow.");
      }
      request.names.push_back(std::move(*name));
    }
  }
  return {};
}

}  // namespace cacheindex::api
