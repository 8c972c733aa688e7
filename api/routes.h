#pragma once

#include <optional>
#include <string>

#include "api/router.h"

namespace cacheindex::api {

// The handlers, one for each row of the table in router.cc. They answer every failure and throw
// nothing of their own.

Answer CreateCollection(const RouteContext& context, const Request& request);
Answer ListCollections(const RouteContext& context, const Request& request);
Answer GetCollection(const RouteContext& context, const Request& request);
Answer UpdateCollection(const RouteContext& context, const Request& request);
Answer DropCollection(const RouteContext& context, const Request& request);

Answer ListAliases(const RouteContext& context, const Request& request);
Answer GetAlias(const RouteContext& context, const Request& request);
Answer PutAlias(const RouteContext& context, const Request& request);
Answer DeleteAlias(const RouteContext& context, const Request& request);

Answer ListKeys(const RouteContext& context, const Request& request);
Answer CreateKey(const RouteContext& context, const Request& request);
Answer GetKey(const RouteContext& context, const Request& request);
Answer DeleteKey(const RouteContext& context, const Request& request);

Answer ListLimits(const RouteContext& context, const Request& request);
Answer CreateLimit(const RouteContext& context, const Request& request);
Answer GetLimit(const RouteContext& context, const Request& request);
Answer PutLimit(const RouteContext& context, const Request& request);
Answer DeleteLimit(const RouteContext& context, const Request& request);
Answer ListActiveLimits(const RouteContext& context, const Request& request);
Answer DeleteActiveLimit(const RouteContext& context, const Request& request);
Answer ListExceededLimits(const RouteContext& context, const Request& request);
Answer DeleteExceededLimit(const RouteContext& context, const Request& request);

// Of the kind that the route says; the items also of a collection's own set.
Answer ListResources(const RouteContext& context, const Request& request);
Answer GetResource(const RouteContext& context, const Request& request);
Answer PutResource(const RouteContext& context, const Request& request);
Answer DeleteResource(const RouteContext& context, const Request& request);
Answer ListItems(const RouteContext& context, const Request& request);
Answer GetItem(const RouteContext& context, const Request& request);
Answer PutItem(const RouteContext& context, const Request& request);
Answer DeleteItem(const RouteContext& context, const Request& request);

Answer ListStopwords(const RouteContext& context, const Request& request);
Answer GetStopwords(const RouteContext& context, const Request& request);
Answer PutStopwords(const RouteContext& context, const Request& request);
Answer DeleteStopwords(const RouteContext& context, const Request& request);
Answer ListStemmingDictionaries(const RouteContext& context, const Request& request);
Answer ImportStemmingDictionary(const RouteContext& context, const Request& request);

Answer ReadDocument(const RouteContext& context, const Request& request);
Answer ReadBatch(const RouteContext& context, const Request& request);
Answer WriteDocument(const RouteContext& context, const Request& request);
Answer PatchDocument(const RouteContext& context, const Request& request);
Answer DeleteDocument(const RouteContext& context, const Request& request);
Answer UpdateDocuments(const RouteContext& context, const Request& request);
Answer DeleteDocuments(const RouteContext& context, const Request& request);

Answer SearchDocuments(const RouteContext& context, const Request& request);
Answer MultiSearch(const RouteContext& context, const Request& request);

Answer ListAnalyticsRules(const RouteContext& context, const Request& request);
Answer FindAnalyticsRule(const RouteContext& context, const Request& request);
Answer PutAnalyticsRule(const RouteContext& context, const Request& request);
Answer ListAnalyticsEvents(const RouteContext& context, const Request& request);
Answer CreateAnalyticsEvent(const RouteContext& context, const Request& request);
Answer ShowAnalyticsStatus(const RouteContext& context, const Request& request);
Answer FlushAnalytics(const RouteContext& context, const Request& request);

Answer ShowHealth(const RouteContext& context, const Request& request);
Answer ShowReadiness(const RouteContext& context, const Request& request);
Answer ShowDescription(const RouteContext& context, const Request& request);
Answer ShowDebug(const RouteContext& context, const Request& request);
Answer ShowMetricsText(const RouteContext& context, const Request& request);
Answer ShowMetricsJson(const RouteContext& context, const Request& request);
Answer ShowStatsJson(const RouteContext& context, const Request& request);
Answer ShowStatus(const RouteContext& context, const Request& request);
Answer ListSources(const RouteContext& context, const Request& request);
Answer GetSource(const RouteContext& context, const Request& request);
Answer RebuildSource(const RouteContext& context, const Request& request);
Answer ShowLogLevels(const RouteContext& context, const Request& request);
Answer ChangeLogLevels(const RouteContext& context, const Request& request);
Answer Configure(const RouteContext& context, const Request& request);
Answer CreateSnapshot(const RouteContext& context, const Request& request);
Answer ClearCache(const RouteContext& context, const Request& request);
Answer CompactDatabase(const RouteContext& context, const Request& request);
Answer Vote(const RouteContext& context, const Request& request);
Answer ListSchemaChanges(const RouteContext& context, const Request& request);

}  // namespace cacheindex::api
