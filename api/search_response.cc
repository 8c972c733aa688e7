#include "api/search_response.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "api/http_status.h"
#include "api/json_writer.h"
#include "node/core/json.h"

namespace cacheindex::api {
namespace {

template <class Integer>
void AppendInteger(std::string& output, Integer number) {
  std::array<char, 24> digits{};
  const auto result = std::to_chars(digits.data(), digits.data() + digits.size(), number);
  output.append(digits.data(), result.ptr);
}

// Appends the elements of `items` with commas between them.
template <class Items, class Append>
void AppendList(std::string& output, const Items& items, const Append& append) {
  output += '[';
  bool is_first = true;
  for (const auto& item : items) {
    output += is_first ? "" : ",";
    is_first = false;
    append(item);
  }
  output += ']';
}

void AppendStrings(std::string& output, const std::vector<std::string>& strings) {
  AppendList(output, strings, [&](const std::string& text) { AppendJsonString(output, text); });
}

void AppendFacet(std::string& output, const FacetCounts& facet) {
  output += R"({"counts":)";
  AppendList(output, facet.counts, [&](const FacetValue& value) {
    output += R"({"count":)";
    AppendInteger(output, value.count);
    output += R"(,"highlighted":)";
    AppendJsonString(output, value.highlighted);
    if (!value.parent.empty()) {
      output += R"(,"parent":)";
      output += value.parent;
    }
    output += R"(,"value":)";
    AppendJsonString(output, value.value);
    output += '}';
  });
  output += R"(,"field_name":)";
  AppendJsonString(output, facet.field_name);
  output += R"(,"sampled":false,"stats":{)";
  if (facet.statistics) {
    output += R"("avg":)";
    AppendJsonNumber(output, facet.statistics->average);
    output += R"(,"max":)";
    AppendJsonNumber(output, facet.statistics->maximum);
    output += R"(,"min":)";
    AppendJsonNumber(output, facet.statistics->minimum);
    output += R"(,"sum":)";
    AppendJsonNumber(output, facet.statistics->sum);
    output += ',';
  }
  output += R"("total_values":)";
  AppendInteger(output, facet.total_values);
  output += "}}";
}

// What a fragment says, as members of an object that somebody else opens and closes.
void AppendFragmentMembers(std::string& output, const HighlightFragment& fragment) {
  output += R"("matched_tokens":)";
  AppendStrings(output, fragment.matched_tokens);
  output += R"(,"snippet":)";
  AppendJsonString(output, fragment.snippet);
  if (fragment.value) {
    output += R"(,"value":)";
    AppendJsonString(output, *fragment.value);
  }
}

void AppendFragment(std::string& output, const HighlightFragment& fragment) {
  output += '{';
  AppendFragmentMembers(output, fragment);
  output += '}';
}

// Elements that are left out before another one are null, so that the other one keeps its place.
void AppendGap(std::string& output, std::uint32_t first, std::uint32_t last) {
  for (; first < last; ++first) {
    output += "null,";
  }
}

void AppendHighlightTree(std::string& output, const HighlightTree& tree) {
  switch (tree.kind) {
    case HighlightTree::Kind::kText:
      AppendFragment(output, tree.text);
      return;
    case HighlightTree::Kind::kObject:
      output += '{';
      for (const HighlightTree::Part& part : tree.parts) {
        output += &part == &tree.parts.front() ? "" : ",";
        AppendJsonString(output, part.name);
        output += ':';
        AppendHighlightTree(output, part.tree);
      }
      output += '}';
      return;
    case HighlightTree::Kind::kArray:
      output += '[';
      std::uint32_t place = 0;
      for (const HighlightTree::Part& part : tree.parts) {
        output += place == 0 ? "" : ",";
        AppendGap(output, place, part.place);
        AppendHighlightTree(output, part.tree);
        place = part.place + 1;
      }
      output += ']';
      return;
  }
}

// The older form of an array knows only the elements in which something matched.
void AppendArrayHighlight(std::string& output, const HighlightTree& array) {
  std::vector<const HighlightTree::Part*> matched;
  for (const HighlightTree::Part& part : array.parts) {
    if (!part.tree.text.matched_tokens.empty()) {
      matched.push_back(&part);
    }
  }
  output += R"("indices":)";
  AppendList(output, matched, [&](const auto* part) { AppendInteger(output, part->place); });
  output += R"(,"matched_tokens":)";
  AppendList(output, matched,
             [&](const auto* part) { AppendStrings(output, part->tree.text.matched_tokens); });
  output += R"(,"snippets":)";
  AppendList(output, matched,
             [&](const auto* part) { AppendJsonString(output, part->tree.text.snippet); });
  if (!matched.empty() && matched.front()->tree.text.value) {
    output += R"(,"values":)";
    AppendList(output, matched, [&](const auto* part) {
      AppendJsonString(output, part->tree.text.value.value_or(std::string()));
    });
  }
}

// The older form: a flat list.
void AppendFlatHighlights(std::string& output, const Highlights& highlights) {
  output += '[';
  for (const std::string& name : highlights.members) {
    const auto part = std::ranges::find(highlights.tree.parts, name, &HighlightTree::Part::name);
    if (part == highlights.tree.parts.end()) {
      continue;
    }
    output += output.back() == '[' ? "" : ",";
    output += R"({"field":)";
    AppendJsonString(output, name);
    output += ',';
    if (part->tree.kind == HighlightTree::Kind::kArray) {
      AppendArrayHighlight(output, part->tree);
    } else {
      AppendFragmentMembers(output, part->tree.text);
    }
    output += '}';
  }
  output += ']';
}

void AppendTextMatch(std::string& output, const TextMatch& match) {
  output += R"(,"text_match":)";
  AppendInteger(output, match.score);
  output += R"(,"text_match_info":{"best_field_score":")";
  AppendInteger(output, match.best_field_score);
  output += R"(","best_field_weight":)";
  AppendInteger(output, match.best_field_weight);
  output += R"(,"fields_matched":)";
  AppendInteger(output, match.fields_matched);
  output += R"(,"num_tokens_dropped":)";
  AppendInteger(output, match.num_tokens_dropped);
  output += R"(,"score":")";
  AppendInteger(output, match.score);
  output += R"(","tokens_matched":)";
  AppendInteger(output, match.tokens_matched);
  output += R"(,"typo_prefix_score":)";
  AppendInteger(output, match.typo_prefix_score);
  output.push_back('}');
}

void AppendGeoDistances(std::string& output, const std::vector<GeoDistance>& distances) {
  output += R"(,"geo_distance_meters":{)";
  bool is_first = true;
  for (const GeoDistance& distance : distances) {
    output += is_first ? "" : ",";
    is_first = false;
    AppendJsonString(output, distance.field);
    output += ':';
    AppendInteger(output, distance.meters);
  }
  output += '}';
}

// Where a hit of a union comes from.
struct Origin {
  std::string_view collection;
  std::uint32_t search = 0;
};

// `origin` is nullptr for a hit of a single search.
void AppendHit(std::string& output, const SearchRequest& request, const SearchHit& hit,
               const Origin* origin) {
  output += '{';
  if (origin != nullptr) {
    output += R"("collection":)";
    AppendJsonString(output, origin->collection);
    output += ',';
  }
  output += hit.is_curated ? R"("curated":true,"document":)" : R"("document":)";
  output += hit.document;
  if (!hit.geo_distances.empty()) {
    AppendGeoDistances(output, hit.geo_distances);
  }
  output += R"(,"highlight":)";
  AppendHighlightTree(output, hit.highlights.tree);
  if (request.enable_highlight_v1) {
    output += R"(,"highlights":)";
    AppendFlatHighlights(output, hit.highlights);
  }
  if (origin != nullptr) {
    output += R"(,"search_index":)";
    AppendInteger(output, origin->search);
  }
  if (hit.text_match) {
    AppendTextMatch(output, *hit.text_match);
  }
  output += '}';
}

void AppendHits(std::string& output, const SearchRequest& request,
                const std::vector<SearchHit>& hits) {
  output += R"("hits":)";
  AppendList(output, hits, [&](const SearchHit& hit) { AppendHit(output, request, hit, nullptr); });
}

// `append_hits` appends the member `hits` of a group.
template <class Group, class Append>
void AppendGroups(std::string& output, const std::vector<Group>& groups,
                  const Append& append_hits) {
  output += R"("grouped_hits":)";
  AppendList(output, groups, [&](const Group& group) {
    output += R"({"found":)";
    AppendInteger(output, group.found);
    output += R"(,"group_key":)";
    output += group.key;
    output += ',';
    append_hits(group.hits);
    output += '}';
  });
}

bool IsExcluded(const SearchRequest& request, std::string_view name) {
  return std::find(request.exclude_fields.begin(), request.exclude_fields.end(), name) !=
         request.exclude_fields.end();
}

}  // namespace

void AppendSearchPage(std::string& output, const SearchRequest& request, const SearchPage& page) {
  output += R"({"facet_counts":)";
  AppendList(output, page.facet_counts,
             [&](const FacetCounts& facet) { AppendFacet(output, facet); });
  output += R"(,"found":)";
  AppendInteger(output, page.found);
  if (page.found_documents) {
    output += R"(,"found_docs":)";
    AppendInteger(output, *page.found_documents);
  }
  output += ',';
  if (page.found_documents) {
    AppendGroups(output, page.groups,
                 [&](const std::vector<SearchHit>& hits) { AppendHits(output, request, hits); });
  } else {
    AppendHits(output, request, page.hits);
  }
  if (!page.metadata.empty()) {
    output += R"(,"metadata":)";
    output += page.metadata;
  }
  if (request.offset) {
    output += R"(,"offset":)";
    AppendInteger(output, *request.offset);
  }
  if (!IsExcluded(request, "out_of")) {
    output += R"(,"out_of":)";
    AppendInteger(output, page.out_of);
  }
  if (!request.offset) {
    output += R"(,"page":)";
    AppendInteger(output, request.page);
  }
  output += R"(,"request_params":{"collection_name":)";
  AppendJsonString(output, page.collection_name);
  output += R"(,"first_q":)";
  AppendJsonString(output, request.query);
  output += R"(,"per_page":)";
  AppendInteger(output, request.per_page);
  output += R"(,"q":)";
  AppendJsonString(output, page.query.value_or(request.query));
  output += page.search_cutoff ? R"(},"search_cutoff":true)" : R"(},"search_cutoff":false)";
  if (!IsExcluded(request, "search_time_ms")) {
    output += R"(,"search_time_ms":)";
    AppendInteger(output, page.search_time_ms);
  }
  output += '}';
}

void AppendUnionPage(std::string& output, std::span<const SearchRequest> requests,
                     const UnionRequest& united, const UnionPage& page) {
  output += R"({"facet_counts":)";
  AppendList(output, page.facet_counts,
             [&](const FacetCounts& facet) { AppendFacet(output, facet); });
  output += R"(,"found":)";
  AppendInteger(output, page.found);
  const auto append_hits = [&](const std::vector<UnionPage::Hit>& hits) {
    output += R"("hits":)";
    AppendList(output, hits, [&](const UnionPage::Hit& hit) {
      const Origin origin{.collection = page.parts[hit.search].collection_name,
                          .search = hit.search};
      AppendHit(output, requests[hit.search], hit.hit, &origin);
    });
  };
  if (page.found_documents) {
    output += R"(,"found_docs":)";
    AppendInteger(output, *page.found_documents);
  }
  output += ',';
  if (page.found_documents) {
    AppendGroups(output, page.groups, append_hits);
  } else {
    append_hits(page.hits);
  }
  if (united.offset) {
    output += R"(,"offset":)";
    AppendInteger(output, *united.offset);
  }
  output += R"(,"out_of":)";
  AppendInteger(output, page.out_of);
  if (!united.offset) {
    output += R"(,"page":)";
    AppendInteger(output, united.page);
  }
  output += page.search_cutoff ? R"(,"search_cutoff":true)" : R"(,"search_cutoff":false)";
  output += R"(,"search_time_ms":)";
  AppendInteger(output, page.search_time_ms);
  output += R"(,"union_request_params":)";
  AppendList(output, requests, [&](const SearchRequest& request) {
    const auto& part = page.parts[static_cast<std::size_t>(&request - requests.data())];
    // Pages read the first name, typed clients the second.
    output += R"({"collection":)";
    AppendJsonString(output, part.collection_name);
    output += R"(,"collection_name":)";
    AppendJsonString(output, part.collection_name);
    output += R"(,"first_q":)";
    AppendJsonString(output, request.query);
    output += R"(,"found":)";
    AppendInteger(output, part.found);
    output += R"(,"per_page":)";
    AppendInteger(output, united.per_page);
    output += R"(,"q":)";
    AppendJsonString(output, part.query.value_or(request.query));
    output += '}';
  });
  output += '}';
}

void AppendSearchError(std::string& output, const Error& error) {
  output += R"({"code":)";
  AppendInteger(output, HttpStatus(error.code()));
  output += R"(,"error":)";
  AppendJsonString(output, error.message());
  output += '}';
}

}  // namespace cacheindex::api
