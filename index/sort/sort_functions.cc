#include "index/sort/sort_functions.h"

#include <array>
#include <chrono>
#include <cmath>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "index/expressions/filter_text.h"
#include "index/filter/filter_geo.h"

namespace cacheindex::index {
namespace {

// What the filters of one `_eval` are read with.
struct CaseReader {
  const SortItem& item;
  const VisibleFields& fields;
  const FilterOptions& options;
};

Result<void> AddCase(const CaseReader& reader, std::string_view filter, std::int64_t weight,
                     SortKey& key) {
  const SortItem& item = reader.item;
  if (Trim(filter).empty()) {
    return MalformedSort(item.text, "a filter is missing");
  }
  if (key.cases.size() == kSortCasesMax) {
    return Error(ErrorCode::kUnprocessable, "Parameter `sort_by`: `_eval` has more than " +
                                                std::to_string(kSortCasesMax) + " filters.");
  }
  auto parsed = Filter::Parse(filter, reader.fields, reader.options);
  if (!parsed) {
    return std::move(parsed).error().WithContext("Parameter `sort_by`: `_eval`");
  }
  key.cases.push_back({.filter = *std::move(parsed), .weight = weight});
  return {};
}

// One of a list: (filter):weight.
Result<void> ParseCase(const CaseReader& reader, std::string_view text, SortKey& key) {
  const SortItem& item = reader.item;
  const std::size_t colon = text.rfind(':');
  const std::string_view filter =
      colon == std::string_view::npos ? std::string_view() : Trim(text.substr(0, colon));
  if (!filter.starts_with('(') || !filter.ends_with(')')) {
    return MalformedSort(item.text, Excerpt(text) + " has not the form `(filter):weight`");
  }
  const auto weight = ParseSortInteger(Trim(text.substr(colon + 1)));
  if (!weight) {
    return MalformedSort(item.text, Excerpt(text.substr(colon + 1)) + " is no weight (an integer)");
  }
  return AddCase(reader, filter.substr(1, filter.size() - 2), *weight, key);
}

Result<double> ParseOptionDistance(const SortItem& item, const SortOption& option) {
  const auto meters = ParseDistance(option.value);
  if (!meters) {
    return MalformedSort(
        item.text, "`" + std::string(option.name) + "` " + std::string(meters.error().message()));
  }
  return *meters;
}

std::optional<SortDecay::Function> FindFunction(std::string_view name) {
  static constexpr std::array kFunctions{
      std::pair{std::string_view("gauss"), SortDecay::Function::kGauss},
      std::pair{std::string_view("linear"), SortDecay::Function::kLinear},
      std::pair{std::string_view("exp"), SortDecay::Function::kExponential},
      std::pair{std::string_view("diff"), SortDecay::Function::kDifference}};
  for (const auto& [known, function] : kFunctions) {
    if (known == name) {
      return function;
    }
  }
  return std::nullopt;
}

Result<void> SetDecayNumber(const SortItem& item, const SortOption& option, SortDecay& decay) {
  const auto number = ParseSortNumber(option.value);
  if (!number) {
    return MalformedSort(item.text, Excerpt(option.value) + " is no number");
  }
  if (option.name == "origin") {
    decay.origin = *number;
  } else if (option.name == "scale") {
    if (*number == 0) {
      return MalformedSort(item.text, "`scale` must not be 0");
    }
    decay.scale = std::fabs(*number);
  } else if (option.name == "offset") {
    decay.offset = std::fabs(*number);
  } else if (option.name == "decay") {
    if (*number < 0 || *number > 1) {
      return MalformedSort(item.text, "`decay` must be between 0.0 and 1.0");
    }
    decay.decay = *number;
  } else {
    return MalformedSort(item.text, Excerpt(option.name) + " is no known option");
  }
  return {};
}

}  // namespace

Result<void> ParseSortCases(const SortItem& item, const VisibleFields& fields,
                            const FilterOptions& options, SortKey& key) {
  key.kind = SortKey::Kind::kCases;
  const CaseReader reader{.item = item, .fields = fields, .options = options};
  const std::string_view cases = item.options;
  if (!cases.starts_with('[')) {
    return AddCase(reader, cases, 1, key);
  }
  if (!cases.ends_with(']')) {
    return MalformedSort(item.text, "the list is not closed by `]`");
  }
  for (const std::string_view part : SplitList(cases.substr(1, cases.size() - 2))) {
    if (auto parsed = ParseCase(reader, part, key); !parsed) {
      return parsed;
    }
  }
  return {};
}

Result<void> ParseSortSeed(const SortItem& item, SortKey& key) {
  key.kind = SortKey::Kind::kRandom;
  if (item.options.empty()) {
    key.seed =
        static_cast<std::uint64_t>(std::chrono::system_clock::now().time_since_epoch().count());
    return {};
  }
  const auto seed = ParseSortInteger(item.options);
  if (!seed || *seed < 0) {
    return MalformedSort(item.text,
                         Excerpt(item.options) + " is no seed (an integer, not below 0)");
  }
  key.seed = static_cast<std::uint64_t>(*seed);
  return {};
}

Result<void> ParseSortDistance(const SortItem& item, SortKey& key) {
  key.kind = SortKey::Kind::kDistance;
  std::vector<double> numbers;
  for (const SortOption& option : SplitSortOptions(item.options)) {
    if (option.name.empty()) {
      const auto number = ParseSortNumber(option.value);
      if (!number) {
        return MalformedSort(item.text, Excerpt(option.value) + " is no number");
      }
      numbers.push_back(*number);
      continue;
    }
    if (option.name != "exclude_radius" && option.name != "precision") {
      return MalformedSort(item.text, Excerpt(option.name) + " is no known option");
    }
    const auto meters = ParseOptionDistance(item, option);
    if (!meters) {
      return meters.error();
    }
    (option.name == "precision" ? key.distance.precision_meters
                                : key.distance.exclude_radius_meters) = *meters;
  }
  if (numbers.size() != 2) {
    return MalformedSort(item.text, "a place needs a latitude and a longitude");
  }
  key.distance.origin = {.latitude = numbers[0], .longitude = numbers[1]};
  if (!IsOnMap(key.distance.origin)) {
    return MalformedSort(
        item.text, "the latitude is beyond 90 degrees or the longitude beyond a thousand worlds");
  }
  return {};
}

Result<void> ParseSortDecay(const SortItem& item, FieldType type, SortKey& key) {
  key.kind = SortKey::Kind::kDecay;
  key.decay.is_float = type == FieldType::kFloat;
  bool has_origin = false;
  bool has_scale = false;
  bool has_function = false;
  for (const SortOption& option : SplitSortOptions(item.options)) {
    has_origin = has_origin || option.name == "origin";
    has_scale = has_scale || option.name == "scale";
    if (option.name != "func") {
      if (auto set = SetDecayNumber(item, option, key.decay); !set) {
        return set;
      }
      continue;
    }
    const auto function = FindFunction(option.value);
    if (!function) {
      return MalformedSort(item.text, "`func` is neither `gauss` nor `linear`, `exp` or `diff`");
    }
    key.decay.function = *function;
    has_function = true;
  }
  const bool needs_scale = key.decay.function != SortDecay::Function::kDifference;
  if (!has_function || !has_origin || (needs_scale && !has_scale)) {
    return MalformedSort(item.text, "`origin`, `func` and `scale` are needed");
  }
  return {};
}

}  // namespace cacheindex::index
