#include "node/merchandising/merchandising.h"

#include <memory>
#include <set>
#include <utility>
#include <vector>

#include "index/documents/projection.h"
#include "node/core/clock.h"
#include "node/merchandising/curator.h"

namespace cacheindex::node {
namespace {

using api::ResourceKind;

// Returns the sets that exist, each once: of the collection's definition, its own, of the request.
template <class FindSet>
auto FindSets(const std::vector<std::string>& attached, const std::string& own,
              const std::vector<std::string>& asked, const FindSet& find) {
  std::vector<decltype(find(own))> sets;
  std::set<std::string_view> names;
  const auto add = [&](const std::string& name) {
    if (names.insert(name).second) {
      if (auto set = find(name)) {
        sets.push_back(std::move(set));
      }
    }
  };
  for (const std::string& name : attached) {
    add(name);
  }
  add(own);
  for (const std::string& name : asked) {
    add(name);
  }
  return sets;
}

void AddSynonyms(const std::vector<std::shared_ptr<const SynonymSet>>& sets,
                 SearchRequest& request) {
  for (const auto& set : sets) {
    if (request.synonym_prefix || request.synonym_num_typos > 0) {
      // Which rules a word with a typo may mean is only known when it is matched.
      request.synonyms.insert(request.synonyms.end(), set->rules().begin(), set->rules().end());
    } else {
      set->AppendFor(request.query, request.synonyms);
    }
  }
}

Result<void> ApplyRules(const std::vector<std::shared_ptr<const Resources::CurationSet>>& sets,
                        const Curator::IsValue& is_value, MerchandisedSearch& search) {
  const std::string before = search.request.query;
  Curator curator(search.request, is_value, UnixSeconds());
  for (const auto& set : sets) {
    auto goes_on = curator.Apply(*set);
    if (!goes_on) {
      return std::move(goes_on).error();
    }
    if (!*goes_on) {
      break;
    }
  }
  curator.Finish();
  search.metadata = curator.metadata();
  if (search.request.query != before) {
    search.query = search.request.query;
  }
  return {};
}

}  // namespace

void MerchandisedSearch::Describe(SearchPage& page) const {
  page.query = query;
  page.metadata = metadata;
}

Result<std::optional<MerchandisedSearch>> Merchandise(const Resources& resources,
                                                      index::SearchIndex& index,
                                                      const cache::View& view,
                                                      const cache::Collection& collection,
                                                      const SearchRequest& request) {
  auto attached = index.FindAttachedSets(view, collection);
  if (!attached) {
    return std::move(attached).error();
  }
  const auto curations =
      FindSets(attached->curation_sets, OwnSetName(ResourceKind::kCurationSet, collection.name),
               request.curation_sets, [&](const std::string& name) {
                 return request.enable_curations ? resources.FindCurations(name) : nullptr;
               });
  const auto synonyms =
      FindSets(attached->synonym_sets, OwnSetName(ResourceKind::kSynonymSet, collection.name),
               request.synonym_sets, [&](const std::string& name) {
                 return request.enable_synonyms ? resources.FindSynonyms(name) : nullptr;
               });
  if (curations.empty() && synonyms.empty()) {
    return std::optional<MerchandisedSearch>();
  }
  MerchandisedSearch search{.request = request, .query = {}, .metadata = {}};
  // Whether a rule applies would tell the values.
  const Curator::IsValue is_value = [&](std::string_view field, std::string_view text) {
    return index::Shows(request.scope, field) ? index.HasFacetValue(view, collection, field, text)
                                              : Result<bool>(false);
  };
  if (auto applied = ApplyRules(curations, is_value, search); !applied) {
    return std::move(applied).error();
  }
  AddSynonyms(synonyms, search.request);
  return std::optional(std::move(search));
}

}  // namespace cacheindex::node
