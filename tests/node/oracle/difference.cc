#include "tests/node/oracle/difference.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <vector>

namespace cacheindex::test {
namespace {

std::string Ids(const std::vector<Candidate>& candidates) {
  Json ids = Json::array();
  for (const Candidate& candidate : candidates) {
    ids.push_back(*candidate.id);
  }
  return DumpJson(ids);
}

std::string IdOf(const SearchHit& hit) {
  return Json::parse(hit.document).at("id").get<std::string>();
}

bool AreClose(double a, double b, double scale) { return std::fabs(a - b) <= 1e-9 * scale; }

// The first difference between what the product answered and what it should have, if any.
class Difference {
 public:
  Difference(const Query& query, const Model& model, const SearchPage& actual,
             const NaivePage& expected)
      : query_(&query), model_(&model), actual_(&actual), expected_(&expected) {}

  std::string First() const {
    const bool is_grouped = !query_->group_fields.empty();
    const std::uint64_t found = is_grouped ? actual_->found_documents.value_or(0) : actual_->found;
    if (found != expected_->found.size()) {
      return "found: " + std::to_string(found) + " instead of " +
             std::to_string(expected_->found.size()) + ", which are " + Ids(expected_->found) +
             MissingOrExtra();
    }
    if (is_grouped && actual_->found != expected_->groups.size()) {
      return "groups: " + std::to_string(actual_->found) + " instead of " +
             std::to_string(expected_->groups.size());
    }
    if (actual_->out_of != model_->documents().size()) {
      return "out_of: " + std::to_string(actual_->out_of);
    }
    std::string difference =
        is_grouped ? CompareGroups() : CompareHits(actual_->hits, expected_->hits);
    return difference.empty() ? CompareFacets() : difference;
  }

 private:
  std::string MissingOrExtra() const {
    for (const SearchHit& hit : actual_->hits) {
      const bool is_expected =
          std::any_of(expected_->found.begin(), expected_->found.end(),
                      [&](const Candidate& candidate) { return *candidate.id == IdOf(hit); });
      if (!is_expected) {
        return "\n  should not be found: " + hit.document;
      }
    }
    for (const Candidate& candidate : expected_->found) {
      const bool is_there =
          std::any_of(actual_->hits.begin(), actual_->hits.end(),
                      [&](const SearchHit& hit) { return IdOf(hit) == *candidate.id; });
      if (!is_there) {
        return "\n  perhaps missing: " + DumpJson(candidate.document->fields);
      }
    }
    return {};
  }

  std::string CompareGroups() const {
    const SearchRequest& request = query_->request;
    const auto& groups = expected_->groups;
    const std::size_t skip = std::min<std::size_t>(
        request.offset.value_or((std::max(request.page, 1U) - 1) * request.per_page),
        groups.size());
    const std::size_t count = std::min<std::size_t>(request.per_page, groups.size() - skip);
    if (actual_->groups.size() != count || !actual_->hits.empty()) {
      return "groups shown: " + std::to_string(actual_->groups.size()) + " instead of " +
             std::to_string(count);
    }
    for (std::size_t i = 0; i < count; ++i) {
      const SearchGroup& actual = actual_->groups[i];
      const NaiveGroup& expected = groups[skip + i];
      const std::string place = "group " + std::to_string(i) + " " + actual.key + ": ";
      if (Json::parse(actual.key) != expected.key || actual.found != expected.members.size()) {
        return place + std::to_string(actual.found) + " instead of " + DumpJson(expected.key) +
               ": " + std::to_string(expected.members.size());
      }
      std::vector<Candidate> members;
      for (const std::size_t member : expected.members) {
        if (members.size() < request.group_limit) {
          members.push_back(expected_->found[member]);
        }
      }
      if (std::string difference = CompareHits(actual.hits, members); !difference.empty()) {
        return place + difference;
      }
    }
    return {};
  }

  static std::string CompareHits(const std::vector<SearchHit>& actual,
                                 const std::vector<Candidate>& expected) {
    if (actual.size() != expected.size()) {
      return "hits: " + std::to_string(actual.size()) + " instead of " +
             std::to_string(expected.size());
    }
    for (std::size_t i = 0; i < actual.size(); ++i) {
      const SearchHit& hit = actual[i];
      const Candidate& candidate = expected[i];
      const std::string place = "hit " + std::to_string(i) + ": ";
      const std::string document = DumpJson(candidate.document->fields);
      if (hit.document != document) {
        return place + hit.document + "\n  instead of " + document + Scores(hit, candidate);
      }
      if (hit.text_match.has_value() != candidate.match.has_value() ||
          (hit.text_match && hit.text_match->score != candidate.match->score)) {
        return place + document + Scores(hit, candidate);
      }
      if (std::string difference =
              CompareHighlight(hit.highlights.tree, candidate.document->fields);
          !difference.empty()) {
        return place + document + difference;
      }
    }
    return {};
  }

  // Whoever reads highlights by name and place must find what the document has there.
  static std::string CompareHighlight(const HighlightTree& tree, const Json& value) {
    if (tree.kind == HighlightTree::Kind::kText) {
      const std::string plain = value.is_string() ? value.get<std::string>() : "";
      const std::string shown = WithoutTags(tree.text.snippet);
      const bool is_right = tree.text.matched_tokens.empty()
                                ? shown == plain
                                : plain.find(shown) != std::string::npos;
      return is_right ? "" : "\n  highlighted: " + tree.text.snippet + " of " + DumpJson(value);
    }
    const bool is_array = tree.kind == HighlightTree::Kind::kArray;
    if (is_array && (!value.is_array() || value.size() != tree.parts.size())) {
      return "\n  highlighted: " + std::to_string(tree.parts.size()) + " elements of " +
             DumpJson(value);
    }
    for (const HighlightTree::Part& part : tree.parts) {
      if (!is_array && !(value.is_object() && value.contains(part.name))) {
        return "\n  highlighted: " + part.name + " of " + DumpJson(value);
      }
      const Json& child = is_array ? value[part.place] : value[part.name];
      if (std::string difference = CompareHighlight(part.tree, child); !difference.empty()) {
        return difference;
      }
    }
    return {};
  }

  static std::string Scores(const SearchHit& hit, const Candidate& candidate) {
    const auto show = [](const std::optional<TextMatch>& match) {
      return match ? std::to_string(match->score) : std::string("none");
    };
    return "\n  text_match " + show(hit.text_match) + " instead of " + show(candidate.match);
  }

  std::string CompareFacets() const {
    if (actual_->facet_counts.size() != expected_->facet_counts.size()) {
      return "facets: " + std::to_string(actual_->facet_counts.size()) + " instead of " +
             std::to_string(expected_->facet_counts.size());
    }
    for (std::size_t i = 0; i < actual_->facet_counts.size(); ++i) {
      const std::string actual = ShowFacet(actual_->facet_counts[i]);
      const std::string expected = ShowFacet(expected_->facet_counts[i]);
      if (actual != expected) {
        return "facet " + actual + "\n  instead of " + expected;
      }
      for (const FacetValue& value : actual_->facet_counts[i].counts) {
        const bool is_queried = query_->facet_query_field == actual_->facet_counts[i].field_name;
        if (WithoutTags(value.highlighted) != value.value ||
            (value.highlighted != value.value) != is_queried) {
          return "highlighted: " + value.highlighted + " of " + value.value;
        }
      }
      if (std::string difference =
              CompareStatistics(actual_->facet_counts[i], expected_->facet_counts[i]);
          !difference.empty()) {
        return difference;
      }
    }
    return {};
  }

  static std::string WithoutTags(std::string text) {
    for (const std::string tag : {"<mark>", "</mark>"}) {
      for (auto place = text.find(tag); place != std::string::npos; place = text.find(tag)) {
        text.erase(place, tag.size());
      }
    }
    return text;
  }

  static std::string ShowFacet(const FacetCounts& facet) {
    Json counts = Json::array();
    for (const FacetValue& value : facet.counts) {
      counts.push_back({value.value, value.count});
    }
    return DumpJson({facet.field_name, facet.total_values, facet.statistics.has_value(), counts});
  }

  std::string CompareStatistics(const FacetCounts& actual, const FacetCounts& expected) const {
    if (!actual.statistics) {
      return {};
    }
    const FacetStatistics& a = *actual.statistics;
    const FacetStatistics& b = *expected.statistics;
    // Sums depend on the order of adding as far as large numbers swallow small ones.
    double scale = 1;
    for (const Candidate& candidate : expected_->found) {
      for (const Json& value : ValuesAt(candidate.document->fields, actual.field_name)) {
        scale += std::fabs(value.get<double>());
      }
    }
    if (a.minimum == b.minimum && a.maximum == b.maximum && AreClose(a.sum, b.sum, scale) &&
        AreClose(a.average, b.average, scale)) {
      return {};
    }
    const auto show = [](const FacetStatistics& s) {
      return DumpJson({s.minimum, s.maximum, s.sum, s.average});
    };
    return "stats of " + actual.field_name + ": " + show(a) + " instead of " + show(b);
  }

  const Query* query_;
  const Model* model_;
  const SearchPage* actual_;
  const NaivePage* expected_;
};

}  // namespace

std::string FirstDifference(const Query& query, const Model& model, const SearchPage& actual,
                            const NaivePage& expected) {
  return Difference(query, model, actual, expected).First();
}

}  // namespace cacheindex::test
