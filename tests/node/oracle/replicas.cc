#include "tests/node/oracle/replicas.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "tests/node/oracle/query.h"

namespace cacheindex::test {
namespace {

Json ToJson(const HighlightTree& tree) {
  Json parts = Json::array();
  for (const HighlightTree::Part& part : tree.parts) {
    parts.push_back({part.name, part.place, ToJson(part.tree)});
  }
  return {static_cast<int>(tree.kind), tree.text.snippet, tree.text.value.value_or(""),
          tree.text.matched_tokens, parts};
}

Json ToJson(const SearchHit& hit) {
  Json shown = {{"document", hit.document}, {"curated", hit.is_curated}};
  shown["highlight"] = ToJson(hit.highlights.tree);
  shown["highlights"] = hit.highlights.members;
  if (hit.text_match) {
    const TextMatch& match = *hit.text_match;
    shown["text_match"] = {match.score,
                           match.best_field_score,
                           match.fields_matched,
                           match.best_field_weight,
                           match.tokens_matched,
                           match.num_tokens_dropped,
                           match.typo_prefix_score};
  }
  for (const GeoDistance& distance : hit.geo_distances) {
    shown["distances"].push_back({distance.field, distance.meters});
  }
  return shown;
}

Json ToJson(const std::vector<SearchHit>& hits) {
  Json shown = Json::array();
  for (const SearchHit& hit : hits) {
    shown.push_back(ToJson(hit));
  }
  return shown;
}

Json ToJson(const FacetCounts& facet) {
  Json shown = {{"field", facet.field_name}, {"total", facet.total_values}};
  for (const FacetValue& value : facet.counts) {
    shown["counts"].push_back({value.value, value.highlighted, value.count, value.parent});
  }
  if (facet.statistics) {
    const FacetStatistics& statistics = *facet.statistics;
    shown["statistics"] = {statistics.minimum, statistics.maximum, statistics.sum,
                           statistics.average};
  }
  return shown;
}

}  // namespace

std::string Text(const SearchPage& page) {
  Json shown = {{"found", page.found},
                {"found_documents", page.found_documents.value_or(0)},
                {"out_of", page.out_of},
                {"cutoff", page.search_cutoff},
                {"hits", ToJson(page.hits)}};
  for (const SearchGroup& group : page.groups) {
    shown["groups"].push_back({group.key, group.found, ToJson(group.hits)});
  }
  for (const FacetCounts& facet : page.facet_counts) {
    shown["facets"].push_back(ToJson(facet));
  }
  return shown.dump(1);
}

void Replicas::Write(const std::vector<WriteOperation>& operations) {
  rebuilt_.reset();
  if (following_ != nullptr) {
    following_->Write(operations);
  }
}

void Replicas::TakeSnapshots(const Model& model) {
  if (following_ == nullptr && random_->Chance(60)) {
    following_ = Build(model);
  }
  rebuilt_ = Build(model);
  forgotten_ = model.FieldsWithoutValues();
  for (Product* replica : {following_.get(), rebuilt_.get()}) {
    if (replica != nullptr) {
      replica->TakeSnapshot();
    }
  }
}

void Replicas::ReleaseSnapshots() {
  for (Product* replica : {following_.get(), rebuilt_.get()}) {
    if (replica != nullptr) {
      replica->ReleaseSnapshot();
    }
  }
}

std::string Replicas::Difference(const SearchRequest& request, const SearchPage& answer) {
  const std::string asked = Show(request);
  const bool may_differ = std::ranges::any_of(
      forgotten_, [&](const std::string& name) { return asked.find(name) != std::string::npos; });
  const bool is_wildcard = request.facet_by.find('*') != std::string::npos;
  if (may_differ || (is_wildcard && !forgotten_.empty())) {
    return {};
  }
  const std::string expected = Text(answer);
  compared_ += rebuilt_ == nullptr ? 0U : 1U;
  for (Product* replica : {following_.get(), rebuilt_.get()}) {
    if (replica == nullptr) {
      continue;
    }
    const auto page = replica->Search(request);
    const std::string actual = page ? Text(*page) : page.error().message();
    if (actual != expected) {
      return std::string(replica == following_.get() ? "one that follows" : "one built anew") +
             " answers " + actual + "\ninstead of " + expected;
    }
  }
  return {};
}

std::unique_ptr<Product> Replicas::Build(const Model& model) {
  std::vector<WriteOperation> copy;
  for (const auto& [id, document] : model.documents()) {
    copy.push_back({.id = id, .document = document.fields});
  }
  copy = random_->Sample(std::move(copy), copy.size());
  auto product = std::make_unique<Product>(*shape_);
  product->Write(copy);
  return product;
}

}  // namespace cacheindex::test
