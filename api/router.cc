#include "api/router.h"

#include <algorithm>
#include <array>

#include "api/routes.h"

namespace cacheindex::api {
namespace {

using enum Lane;
using enum Method;
using enum ResourceKind;

// Handlers of what merchandisers keep serve several kinds of it.
constexpr Route ResourceRoute(Method method, std::string_view label, std::string_view action,
                              Handler handler, ResourceKind resource) {
  return {method, label, action, kWorker, handler, KeyCheck::kFront, false, resource};
}

constexpr std::array kRoutes = {
    Route{kGet, "GET /collections/:c/documents/search", kSearchAction, kSearch, SearchDocuments,
          KeyCheck::kFront, true},
    Route{kPost, "POST /multi_search", kSearchAction, kSearch, MultiSearch, KeyCheck::kHandler,
          true},
    Route{kGet, "GET /collections/:c/documents/export", "documents:export", kExport, nullptr},
    Route{kPost, "POST /collections/:c/documents/import", "documents:import", kImport, nullptr},
    Route{kGet, "GET /collections/:c/documents/batch", "documents:get", kInline, ReadBatch,
          KeyCheck::kFront, true},
    Route{kPost, "POST /collections/:c/documents/batch", "documents:get", kInline, ReadBatch,
          KeyCheck::kFront, true},
    Route{kGet, "GET /collections/:c/documents/:id", "documents:get", kInline, ReadDocument,
          KeyCheck::kFront, true},
    Route{kPatch, "PATCH /collections/:c/documents/:id", "documents:update", kWorker,
          PatchDocument},
    Route{kDelete, "DELETE /collections/:c/documents/:id", "documents:delete", kWorker,
          DeleteDocument},
    Route{kPost, "POST /collections/:c/documents", "documents:create", kWorker, WriteDocument},
    Route{kPatch, "PATCH /collections/:c/documents", "documents:update", kWorker, UpdateDocuments},
    Route{kDelete, "DELETE /collections/:c/documents", "documents:delete", kWorker,
          DeleteDocuments},

    Route{kGet, "GET /collections", "collections:list", kWorker, ListCollections},
    Route{kPost, "POST /collections", "collections:create", kWorker, CreateCollection},
    Route{kGet, "GET /collections/:c", "collections:get", kWorker, GetCollection},
    Route{kPatch, "PATCH /collections/:c", "collections:update", kWorker, UpdateCollection},
    Route{kDelete, "DELETE /collections/:c", "collections:delete", kWorker, DropCollection},

    Route{kGet, "GET /aliases", "aliases:list", kWorker, ListAliases},
    Route{kGet, "GET /aliases/:alias", "aliases:get", kWorker, GetAlias},
    Route{kPut, "PUT /aliases/:alias", "aliases:upsert", kWorker, PutAlias},
    Route{kDelete, "DELETE /aliases/:alias", "aliases:delete", kWorker, DeleteAlias},

    Route{kGet, "GET /keys", "keys:list", kWorker, ListKeys},
    Route{kPost, "POST /keys", "keys:create", kWorker, CreateKey},
    Route{kGet, "GET /keys/:id", "keys:get", kWorker, GetKey},
    Route{kDelete, "DELETE /keys/:id", "keys:delete", kWorker, DeleteKey},

    Route{kGet, "GET /limits", "limits:list", kWorker, ListLimits},
    Route{kPost, "POST /limits", "limits:create", kWorker, CreateLimit},
    Route{kGet, "GET /limits/active", "limits:list", kWorker, ListActiveLimits},
    Route{kDelete, "DELETE /limits/active/:id", "limits:delete", kWorker, DeleteActiveLimit},
    Route{kGet, "GET /limits/exceeds", "limits:list", kWorker, ListExceededLimits},
    Route{kDelete, "DELETE /limits/exceeds/:id", "limits:delete", kWorker, DeleteExceededLimit},
    Route{kGet, "GET /limits/:id", "limits:get", kWorker, GetLimit},
    Route{kPut, "PUT /limits/:id", "limits:upsert", kWorker, PutLimit},
    Route{kDelete, "DELETE /limits/:id", "limits:delete", kWorker, DeleteLimit},

    ResourceRoute(kGet, "GET /presets", "presets:list", ListResources, kPreset),
    ResourceRoute(kGet, "GET /presets/:name", "presets:get", GetResource, kPreset),
    ResourceRoute(kPut, "PUT /presets/:name", "presets:upsert", PutResource, kPreset),
    ResourceRoute(kDelete, "DELETE /presets/:name", "presets:delete", DeleteResource, kPreset),

    ResourceRoute(kGet, "GET /synonym_sets", "synonym_sets:list", ListResources, kSynonymSet),
    ResourceRoute(kGet, "GET /synonym_sets/:name", "synonym_sets:get", GetResource, kSynonymSet),
    ResourceRoute(kPut, "PUT /synonym_sets/:name", "synonym_sets:upsert", PutResource, kSynonymSet),
    ResourceRoute(kDelete, "DELETE /synonym_sets/:name", "synonym_sets:delete", DeleteResource,
                  kSynonymSet),
    ResourceRoute(kGet, "GET /synonym_sets/:name/items", "synonym_sets:list", ListItems,
                  kSynonymSet),
    ResourceRoute(kGet, "GET /synonym_sets/:name/items/:id", "synonym_sets:get", GetItem,
                  kSynonymSet),
    ResourceRoute(kPut, "PUT /synonym_sets/:name/items/:id", "synonym_sets:upsert", PutItem,
                  kSynonymSet),
    ResourceRoute(kDelete, "DELETE /synonym_sets/:name/items/:id", "synonym_sets:delete",
                  DeleteItem, kSynonymSet),

    ResourceRoute(kGet, "GET /curation_sets", "curation_sets:list", ListResources, kCurationSet),
    ResourceRoute(kGet, "GET /curation_sets/:name", "curation_sets:get", GetResource, kCurationSet),
    ResourceRoute(kPut, "PUT /curation_sets/:name", "curation_sets:upsert", PutResource,
                  kCurationSet),
    ResourceRoute(kDelete, "DELETE /curation_sets/:name", "curation_sets:delete", DeleteResource,
                  kCurationSet),
    ResourceRoute(kGet, "GET /curation_sets/:name/items", "curation_sets:list", ListItems,
                  kCurationSet),
    ResourceRoute(kGet, "GET /curation_sets/:name/items/:id", "curation_sets:get", GetItem,
                  kCurationSet),
    ResourceRoute(kPut, "PUT /curation_sets/:name/items/:id", "curation_sets:upsert", PutItem,
                  kCurationSet),
    ResourceRoute(kDelete, "DELETE /curation_sets/:name/items/:id", "curation_sets:delete",
                  DeleteItem, kCurationSet),

    ResourceRoute(kGet, "GET /collections/:c/synonyms", "synonyms:list", ListItems, kSynonymSet),
    ResourceRoute(kGet, "GET /collections/:c/synonyms/:id", "synonyms:get", GetItem, kSynonymSet),
    ResourceRoute(kPut, "PUT /collections/:c/synonyms/:id", "synonyms:upsert", PutItem,
                  kSynonymSet),
    ResourceRoute(kDelete, "DELETE /collections/:c/synonyms/:id", "synonyms:delete", DeleteItem,
                  kSynonymSet),
    ResourceRoute(kGet, "GET /collections/:c/overrides", "overrides:list", ListItems, kCurationSet),
    ResourceRoute(kGet, "GET /collections/:c/overrides/:id", "overrides:get", GetItem,
                  kCurationSet),
    ResourceRoute(kPut, "PUT /collections/:c/overrides/:id", "overrides:upsert", PutItem,
                  kCurationSet),
    ResourceRoute(kDelete, "DELETE /collections/:c/overrides/:id", "overrides:delete", DeleteItem,
                  kCurationSet),

    Route{kGet, "GET /stopwords", "stopwords:list", kWorker, ListStopwords},
    Route{kGet, "GET /stopwords/:name", "stopwords:get", kWorker, GetStopwords},
    Route{kPut, "PUT /stopwords/:name", "stopwords:upsert", kWorker, PutStopwords},
    Route{kDelete, "DELETE /stopwords/:name", "stopwords:delete", kWorker, DeleteStopwords},

    Route{kGet, "GET /stemming/dictionaries", "stemming/dictionaries:list", kWorker,
          ListStemmingDictionaries},
    Route{kPost, "POST /stemming/dictionaries/import", "stemming/dictionaries:import", kWorker,
          ImportStemmingDictionary},
    ResourceRoute(kGet, "GET /stemming/dictionaries/:name", "stemming/dictionaries:get",
                  GetResource, kStemmingDictionary),
    ResourceRoute(kDelete, "DELETE /stemming/dictionaries/:name", "stemming/dictionaries:delete",
                  DeleteResource, kStemmingDictionary),

    Route{kGet, "GET /analytics/rules", "analytics/rules:list", kInline, ListAnalyticsRules},
    Route{kPost, "POST /analytics/rules", "analytics/rules:create", kWorker, PutAnalyticsRule},
    Route{kGet, "GET /analytics/rules/:name", "analytics/rules:get", kInline, FindAnalyticsRule},
    Route{kPut, "PUT /analytics/rules/:name", "analytics/rules:upsert", kWorker, PutAnalyticsRule},
    Route{kDelete, "DELETE /analytics/rules/:name", "analytics/rules:delete", kInline,
          FindAnalyticsRule},
    Route{kGet, "GET /analytics/events", "analytics/events:list", kInline, ListAnalyticsEvents},
    Route{kPost, "POST /analytics/events", "analytics/events:create", kWorker,
          CreateAnalyticsEvent},
    Route{kGet, "GET /analytics/status", "analytics/status:list", kInline, ShowAnalyticsStatus},
    Route{kPost, "POST /analytics/flush", "analytics/flush:create", kInline, FlushAnalytics},

    Route{kGet, "GET /health", "", kInline, ShowHealth, KeyCheck::kNone, true},
    Route{kGet, "GET /readyz", "", kInline, ShowReadiness, KeyCheck::kNone, true},
    Route{kGet, "GET /openapi.json", "", kInline, ShowDescription, KeyCheck::kNone},
    Route{kGet, "GET /debug", "debug:list", kInline, ShowDebug},
    Route{kGet, "GET /metrics", "metrics.json:list", kWorker, ShowMetricsText},
    Route{kGet, "GET /metrics.json", "metrics.json:list", kWorker, ShowMetricsJson},
    Route{kGet, "GET /stats.json", "stats.json:list", kWorker, ShowStatsJson},
    Route{kGet, "GET /status", "status:list", kWorker, ShowStatus},
    Route{kGet, "GET /sources", "sources:list", kWorker, ListSources},
    Route{kGet, "GET /sources/:name", "sources:get", kWorker, GetSource},
    Route{kPost, "POST /sources/:name/rebuild", "sources:rebuild", kWorker, RebuildSource},
    Route{kGet, "GET /log_levels", "log_levels:list", kInline, ShowLogLevels},
    Route{kPut, "PUT /log_levels", "log_levels:upsert", kWorker, ChangeLogLevels},
    Route{kPost, "POST /config", "config:create", kWorker, Configure},
    Route{kPost, "POST /operations/snapshot", "operations/snapshot:create", kWorker,
          CreateSnapshot},
    Route{kPost, "POST /operations/cache/clear", "operations/cache/clear:create", kWorker,
          ClearCache},
    Route{kPost, "POST /operations/db/compact", "operations/db/compact:create", kWorker,
          CompactDatabase},
    Route{kPost, "POST /operations/vote", "operations/vote:create", kInline, Vote},
    Route{kGet, "GET /operations/schema_changes", "operations/schema_changes:list", kInline,
          ListSchemaChanges},
};

// Returns the next segment, empty at the end. Empty segments are none: many clients end a path with
// a slash or two, or put their own before one that is there.
std::string_view TakeSegment(std::string_view& path) {
  path.remove_prefix(std::min(path.find_first_not_of('/'), path.size()));
  const std::string_view segment = path.substr(0, path.find('/'));
  path.remove_prefix(segment.size());
  return segment;
}

// Compares as sent: "%73earch" is a document's id, "search" the search.
bool Matches(std::string_view pattern, std::string_view path) {
  while (true) {
    const std::string_view expected = TakeSegment(pattern);
    const std::string_view segment = TakeSegment(path);
    if (expected.empty() || segment.empty()) {
      return expected.empty() && segment.empty();
    }
    if (!expected.starts_with(':') && segment != expected) {
      return false;
    }
  }
}

// Whether the path fits when an empty segment inside it stands for a name: the client lost one, as
// in "/collections//documents". Without the segment the word behind it would be taken for the name,
// and something else would be deleted than was meant.
bool LacksName(std::string_view pattern, std::string_view path) {
  path = path.substr(0, path.find_last_not_of('/') + 1);
  bool is_lacking = false;
  while (true) {
    const bool is_gap = path.starts_with("//");
    const std::string_view expected = TakeSegment(pattern);
    if (is_gap && expected.starts_with(':')) {
      is_lacking = true;
      continue;
    }
    const std::string_view segment = TakeSegment(path);
    if (expected.empty() || segment.empty()) {
      return is_lacking && expected.empty() && segment.empty();
    }
    if (!expected.starts_with(':') && segment != expected) {
      return false;
    }
  }
}

const Route* FindByPath(Method method, std::string_view path,
                        bool (*fits)(std::string_view pattern, std::string_view path)) {
  const auto* const found = std::find_if(kRoutes.begin(), kRoutes.end(), [&](const Route& route) {
    return route.method == method && fits(route.pattern(), path);
  });
  return found == kRoutes.end() ? nullptr : found;
}

}  // namespace

std::span<const Route> Routes() noexcept { return kRoutes; }

Result<void> FindRoute(Request& request) {
  const Method method = request.method == Method::kHead ? Method::kGet : request.method;
  if (request.path.find("//") != std::string_view::npos) {
    request.route = FindByPath(method, request.path, LacksName);
    if (request.route != nullptr) {
      return Error(ErrorCode::kInvalidArgument,
                   "The path has no name between two slashes where one belongs: `" +
                       std::string(request.route->pattern()) + "`.");
    }
  }
  const Route* const found = FindByPath(method, request.path, Matches);
  const bool is_missing =
      found == nullptr || (request.method == Method::kHead && found->lane == Lane::kExport);
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
