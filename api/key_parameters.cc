#include "api/key_parameters.h"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "api/description.h"
#include "node/core/nearest_name.h"

namespace cacheindex::api {
namespace {

// What makes a key show or allow less: misspelt, it would show and allow everything.
constexpr std::array<std::string_view, 5> kLimiting = {
    "filter_by", "include_fields", "exclude_fields", "expires_at", "limit_multi_searches"};

bool IsKnown(std::string_view name) {
  const auto described = ParametersOf(ParameterGroup::kSearch);
  return std::ranges::find(kLimiting, name) != kLimiting.end() ||
         std::ranges::find(described, name, &ParameterDescription::name) != described.end();
}

Result<void> CheckNames(const Json& embedded) {
  for (const auto& [name, value] : embedded.items()) {
    const std::string meant =
        IsKnown(name) ? std::string() : NearestName(name, {kLimiting.begin(), kLimiting.end()});
    if (!meant.empty()) {
      return Error(ErrorCode::kInvalidArgument, "The key has a parameter `" + name +
                                                    "`, which does nothing; did you mean `" +
                                                    meant + "`?");
    }
  }
  return {};
}

// As Parameters::GetList reads them: a text with commas, or an array of such texts.
Result<void> CheckList(const Json& embedded, const char* name) {
  const auto list = embedded.find(name);
  const auto is_text = [](const Json& value) { return value.is_string(); };
  if (list == embedded.end() || list->is_null() || list->is_string() ||
      (list->is_array() && std::ranges::all_of(*list, is_text))) {
    return {};
  }
  return Error(ErrorCode::kInvalidArgument, "The key's parameter `" + std::string(name) +
                                                "` must be a string or a list of strings.");
}

}  // namespace

Result<KeyParameters> KeyParameters::Read(const Json& embedded) {
  KeyParameters key;
  if (!embedded.is_object()) {
    return key;
  }
  auto checked = CheckNames(embedded);
  for (const char* name : {"include_fields", "exclude_fields"}) {
    checked = checked ? CheckList(embedded, name) : std::move(checked);
  }
  if (!checked) {
    return std::move(checked).error();
  }
  key.parameters_ = Parameters::FromObject(embedded);
  key.filter_ = key.parameters_.Get("filter_by");
  key.scope_.include_fields = key.parameters_.GetList("include_fields");
  key.scope_.exclude_fields = key.parameters_.GetList("exclude_fields");
  for (const std::string_view name : {"filter_by", "include_fields", "exclude_fields"}) {
    key.parameters_.Remove(name);
  }
  return key;
}

KeyScope KeyParameters::Apply(Parameters& parameters) const {
  KeyScope scope = scope_;
  if (scope.HidesAny()) {
    // What nobody says is filled in by the preset, which may be the sender's choice.
    const bool is_preset_chosen = parameters_.Find("preset") || !parameters.Find("preset");
    const auto is_chosen = [&](std::string_view name) {
      return parameters_.Find(name) || (is_preset_chosen && !parameters.Find(name));
    };
    scope.chose_query_by = is_chosen("query_by");
    scope.chose_filter_by = is_chosen("filter_by");
    scope.chose_sort_by = is_chosen("sort_by");
    scope.chose_hits = is_chosen("pinned_hits") && is_chosen("hidden_hits");
  }
  parameters.Override(parameters_);
  return scope;
}

}  // namespace cacheindex::api
