#include <map>
#include <utility>

#include "tests/node/oracle/naive_search.h"

namespace cacheindex::test {

Json GroupKeyOf(const Query& query, const Candidate& candidate) {
  Json key = Json::array();
  for (const ModelField& field : query.group_fields) {
    const auto values = ValuesAt(candidate.document->fields, field.name);
    if (!values.empty()) {
      key.push_back(field.is_array ? Json(values) : values.front());
    }
  }
  return key;
}

std::vector<NaiveGroup> GroupNaively(const Query& query, const std::vector<Candidate>& found) {
  std::vector<NaiveGroup> groups;
  // By the values of each field, which say more than the key does: a key leaves out what is
  // missing.
  std::map<std::vector<std::vector<Json>>, std::size_t> place_of;
  for (std::size_t i = 0; i < found.size(); ++i) {
    std::vector<std::vector<Json>> values;
    bool has_value = false;
    for (const ModelField& field : query.group_fields) {
      values.push_back(ValuesAt(found[i].document->fields, field.name));
      has_value = has_value || !values.back().empty();
    }
    const bool stands_alone =
        query.group_fields.empty() || (!has_value && !query.request.group_missing_values);
    const auto place = stands_alone ? std::pair{place_of.end(), true}
                                    : place_of.emplace(std::move(values), groups.size());
    if (place.second) {
      groups.push_back({.key = GroupKeyOf(query, found[i]), .members = {}});
    }
    groups[stands_alone ? groups.size() - 1 : place.first->second].members.push_back(i);
  }
  return groups;
}

}  // namespace cacheindex::test
