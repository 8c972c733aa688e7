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

void AppendFragments(std::string& output, const FieldHighlight& field) {
  const auto append = [&](const HighlightFragment& fragment) { AppendFragment(output, fragment); };
  if (field.is_array) {
    AppendList(output, field.fragments, append);
  } else if (field.fragments.empty()) {
    output += "{}";
  } else {
    append(field.fragments.front());
  }
}

// Fields in the order of their paths, so that members of one object stand together.
using SortedFields = std::vector<const FieldHighlight*>;

// Appends the object that the fields from `first` to `last` form, whose paths share the first
// `prefix_bytes`.
void AppendHighlightObject(std::string& output, const FieldHighlight* const* first,
                           const FieldHighlight* const* last, std::size_t prefix_bytes) {
  output += '{';
  bool is_first = true;
  while (first != last) {
    const std::string_view path = std::string_view((*first)->field).substr(prefix_bytes);
    const std::string_view name = path.substr(0, path.find('.'));
    const auto* const end = std::find_if(first, last, [&](const FieldHighlight* field) {
      const std::string_view other = std::string_view(field->field).substr(prefix_bytes);
      return other.substr(0, other.find('.')) != name;
    });
    output += is_first ? "" : ",";
    is_first = false;
    AppendJsonString(output, name);
    output += ':';
    if (name.size() == path.size()) {
      AppendFragments(output, **first);  // A value, so nothing can be below it.
    } else {
      AppendHighlightObject(output, first, end, prefix_bytes + name.size() + 1);
    }
    first = end;
  }
  output += '}';
}

void AppendHighlight(std::string& output, const std::vector<FieldHighlight>& highlights) {
  SortedFields sorted;
  for (const FieldHighlight& field : highlights) {
    sorted.push_back(&field);
  }
  // Dots first, so that "a.b" and "a.c" are neighbours even when there is an "a-b".
  const auto key = [](char byte) { return byte == '.' ? 0 : static_cast<unsigned char>(byte) + 1; };
  std::sort(sorted.begin(), sorted.end(), [&](const auto* left, const auto* right) {
    return std::lexicographical_compare(left->field.begin(), left->field.end(),
                                        right->field.begin(), right->field.end(),
                                        [&](char a, char b) { return key(a) < key(b); });
  });
  AppendHighlightObject(output, sorted.data(), sorted.data() + sorted.size(), 0);
}

// The older form: a flat list, plain fields only.
void AppendArrayHighlight(std::string& output, const FieldHighlight& field) {
  const bool has_values = std::any_of(field.fragments.begin(), field.fragments.end(),
                                      [](const auto& fragment) { return fragment.value; });
  output += R"({"field":)";
  AppendJsonString(output, field.field);
  output += R"(,"indices":)";
  AppendList(output, field.fragments,
             [&](const auto& fragment) { AppendInteger(output, fragment.index); });
  output += R"(,"matched_tokens":)";
  AppendList(output, field.fragments,
             [&](const auto& fragment) { AppendStrings(output, fragment.matched_tokens); });
  output += R"(,"snippets":)";
  AppendList(output, field.fragments,
             [&](const auto& fragment) { AppendJsonString(output, fragment.snippet); });
  if (has_values) {
    output += R"(,"values":)";
    AppendList(output, field.fragments, [&](const auto& fragment) {
      AppendJsonString(output, fragment.value.value_or(std::string()));
    });
  }
  output += '}';
}

void AppendFlatHighlight(std::string& output, const FieldHighlight& field) {
  if (field.is_array || field.fragments.empty()) {
    AppendArrayHighlight(output, field);
    return;
  }
  output += R"({"field":)";
  AppendJsonString(output, field.field);
  output += ',';
  AppendFragmentMembers(output, field.fragments.front());
  output += '}';
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
  AppendHighlight(output, hit.highlights);
  if (request.enable_highlight_v1) {
    output += R"(,"highlights":[)";
    bool is_first = true;
    for (const FieldHighlight& field : hit.highlights) {
      if (field.field.find('.') == std::string::npos) {
        output += is_first ? "" : ",";
        is_first = false;
        AppendFlatHighlight(output, field);
      }
    }
    output += ']';
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
  if (request.group_by.empty()) {
    AppendHits(output, request, page.hits);
  } else {
    AppendGroups(output, page.groups,
                 [&](const std::vector<SearchHit>& hits) { AppendHits(output, request, hits); });
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
  output += R"({"found":)";
  AppendInteger(output, page.found);
  const auto append_hits = [&](const std::vector<UnionPage::Hit>& hits) {
    output += R"("hits":)";
    AppendList(output, hits, [&](const UnionPage::Hit& hit) {
      const Origin origin{.collection = page.collection_names[hit.search], .search = hit.search};
      AppendHit(output, requests[hit.search], hit.hit, &origin);
    });
  };
  if (page.found_documents) {
    output += R"(,"found_docs":)";
    AppendInteger(output, *page.found_documents);
  }
  output += ',';
  if (!requests.empty() && !requests.front().group_by.empty()) {
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
    output += R"({"collection":)";
    AppendJsonString(output,
                     page.collection_names[static_cast<std::size_t>(&request - requests.data())]);
    output += R"(,"first_q":)";
    AppendJsonString(output, request.query);
    output += R"(,"per_page":)";
    AppendInteger(output, united.per_page);
    output += R"(,"q":)";
    AppendJsonString(output, request.query);
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
