#include "index/search/search_page.h"

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "index/columns/filter_ranges.h"
#include "index/documents/projection.h"
#include "index/group/document_groups.h"
#include "index/highlight/highlighter.h"

namespace cacheindex::index {
namespace {

// Counting a value costs about this part of reading a posting.
constexpr std::uint64_t kFacetValuesPerVisit = 8;

// Returns the JSON of a document as hits show it, nullopt when a newer state knows that it is gone.
Result<std::optional<std::string>> ShownDocument(const SearchContext& context,
                                                 DocumentNumber number) {
  if (context.newer_document) {
    const cache::CollectionNumber collection = context.collection().number;
    auto id = context.view().FindId(collection, number);
    if (!id) {
      return std::move(id).error();
    }
    auto newer =
        *id ? context.newer_document(collection, **id) : Result<std::optional<Json>>(std::nullopt);
    if (!newer) {
      return std::move(newer).error();
    }
    if (*newer) {
      return (*newer)->is_null() ? std::nullopt : std::optional(DumpJson(**newer));
    }
  }
  auto document = context.ReadDocument(number);
  if (!document) {
    return std::move(document).error();
  }
  return std::optional(std::move(document->json));
}

Result<void> FillHits(const SearchParts& parts, SearchPage& page) {
  const SearchPlan& plan = parts.plan;
  page.found = parts.found.documents.Count();
  if (plan.take == 0 || plan.skip >= page.found) {
    return {};
  }
  auto best = TopWithPinned(parts.context, plan, parts.found.documents, parts.found.matches.scores,
                            parts.found.pinned);
  if (!best) {
    return std::move(best).error();
  }
  for (std::size_t i = plan.skip; i < best->size(); ++i) {
    auto hit = MakeHit(parts, (*best)[i]);
    if (!hit) {
      return std::move(hit).error();
    }
    if (*hit) {
      page.hits.push_back(**std::move(hit));
    }
  }
  return {};
}

Result<SearchGroup> MakeGroup(const SearchParts& parts, const DocumentGroups& groups,
                              const RankedGroup& ranked) {
  SearchGroup group;
  group.found = groups.Size(ranked.group);
  auto key = GroupKey(parts.context, parts.plan.group_fields, ranked.documents.front());
  if (!key) {
    return std::move(key).error();
  }
  group.key = *std::move(key);
  for (const DocumentNumber number : ranked.documents) {
    auto hit = MakeHit(parts, number);
    if (!hit) {
      return std::move(hit).error();
    }
    if (*hit) {
      group.hits.push_back(**std::move(hit));
    }
  }
  return group;
}

Result<void> FillGroups(const SearchParts& parts, const DocumentGroups& groups, SearchPage& page) {
  const SearchPlan& plan = parts.plan;
  page.found = groups.count();
  page.found_documents = parts.found.documents.Count();
  if (plan.take == 0 || plan.skip >= page.found) {
    return {};
  }
  auto best = TopGroupsWithPinned(
      parts.context, plan, parts.found.documents,
      {.scores = &parts.found.matches.scores, .groups = &groups},
      {.groups_max = plan.skip + plan.take, .documents_per_group = parts.request.group_limit},
      parts.found.pinned);
  if (!best) {
    return std::move(best).error();
  }
  for (std::size_t i = plan.skip; i < best->size(); ++i) {
    auto group = MakeGroup(parts, groups, (*best)[i]);
    if (!group) {
      return std::move(group).error();
    }
    page.groups.push_back(*std::move(group));
  }
  return {};
}

}  // namespace

Result<std::optional<SearchHit>> MakeHit(const SearchParts& parts, DocumentNumber number) {
  if (parts.context.IsExpired()) {
    return DeadlinePassed();
  }
  auto document = ShownDocument(parts.context, number);
  if (!document) {
    return std::move(document).error();
  }
  if (!*document) {
    return std::nullopt;
  }
  auto shown =
      ShowDocument(**std::move(document), parts.context.schema().hidden, parts.request.scope);
  if (!shown) {
    return std::move(shown).error();
  }
  const std::string& json = *shown;
  const SearchPlan& plan = parts.plan;
  SearchHit hit;
  hit.is_curated = parts.found.IsPinned(number);
  if (!plan.query.is_match_all && !hit.is_curated) {
    auto explained =
        ExplainMatch(parts.context, plan.query, plan.text_fields, parts.found.matches, number);
    if (!explained) {
      return std::move(explained).error();
    }
    hit.text_match = *explained;
  }
  auto projected = Project(json, parts.request.include_fields, parts.request.exclude_fields);
  if (!projected) {
    return std::move(projected).error();
  }
  hit.document = *std::move(projected);
  if (!plan.query.is_match_all && IsHighlighted(parts.request)) {
    // Pages hold highlights against the document that they got, so what is not shown is marked only
    // where the request names what to mark.
    const bool names_fields =
        !parts.request.highlight_fields.empty() || !parts.request.highlight_full_fields.empty();
    auto fields = ParseJson(names_fields ? json : hit.document);
    if (!fields) {
      return std::move(fields).error().WithContext("stored document number " +
                                                   std::to_string(number));
    }
    hit.highlights = Highlight(*fields, parts.context.schema(), parts.found.marked,
                               plan.text_fields, parts.request);
  }
  auto distances = plan.order.Distances(parts.context, number);
  if (!distances) {
    return std::move(distances).error();
  }
  hit.geo_distances = *std::move(distances);
  std::erase_if(hit.geo_distances, [&](const GeoDistance& distance) {
    return !Shows(parts.request.scope, distance.field);
  });
  if (auto taken = parts.budget.Take(hit); !taken) {
    return std::move(taken).error();
  }
  return std::optional(std::move(hit));
}

Result<void> FillPage(const SearchParts& parts, SearchPage& page) {
  std::optional<DocumentGroups> groups;
  if (!parts.plan.group_fields.empty()) {
    auto created =
        DocumentGroups::Create(parts.context, parts.found.documents,
                               {.fields = parts.plan.group_fields,
                                .are_missing_together = parts.request.group_missing_values});
    if (!created) {
      return std::move(created).error();
    }
    groups = *std::move(created);
  }
  auto filled = groups ? FillGroups(parts, *groups, page) : FillHits(parts, page);
  if (!filled) {
    return filled;
  }
  const std::uint64_t found = page.found_documents.value_or(page.found);
  parts.context.Expect(found * parts.plan.facets.fields().size() / kFacetValuesPerVisit);
  auto counts =
      parts.plan.facets.Count(parts.context, parts.found.documents, groups ? &*groups : nullptr);
  if (!counts) {
    return std::move(counts).error();
  }
  page.facet_counts = *std::move(counts);
  return {};
}

}  // namespace cacheindex::index
