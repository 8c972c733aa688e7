#include "index/filter/filter_values.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <utility>

#include "index/encoding/column_value.h"
#include "index/expressions/filter_text.h"
#include "index/filter/filter_geo.h"
#include "index/words/tokenizer.h"
#include "index/words/whole_form.h"
#include "node/core/number_text.h"

namespace cacheindex::index {
namespace {

constexpr std::int64_t kLowest = std::numeric_limits<std::int64_t>::min();
constexpr std::int64_t kHighest = std::numeric_limits<std::int64_t>::max();
constexpr ValueRange kNothing{1, 0};

bool IsNumber(FieldType type) {
  return type == FieldType::kInt32 || type == FieldType::kInt64 || type == FieldType::kFloat;
}

bool IsComparison(FilterOperator comparison) {
  return comparison == FilterOperator::kLess || comparison == FilterOperator::kLessOrEqual ||
         comparison == FilterOperator::kGreater || comparison == FilterOperator::kGreaterOrEqual;
}

Error BadValue(const FilterScanner& scanner, const FilterClause& clause,
               const FilterLiteral& literal, std::string_view why) {
  return scanner.Malformed(literal.position, "error with filter field " + Excerpt(clause.path) +
                                                 ": " + Excerpt(literal.text) + " " +
                                                 std::string(why));
}

// What lies on one side of a value. Column values are dense, also those of floats.
ValueRange Side(FilterOperator comparison, std::int64_t value) {
  switch (comparison) {
    case FilterOperator::kLess:
      return value == kLowest ? kNothing : ValueRange{kLowest, value - 1};
    case FilterOperator::kLessOrEqual:
      return {kLowest, value};
    case FilterOperator::kGreater:
      return value == kHighest ? kNothing : ValueRange{value + 1, kHighest};
    case FilterOperator::kGreaterOrEqual:
      return {value, kHighest};
    case FilterOperator::kMatches:
    case FilterOperator::kEquals:
    case FilterOperator::kNotMatches:
    case FilterOperator::kNotEquals:
      return {value, value};
  }
  return kNothing;
}

// Takes the comparison off the front of a list's element: `>=10`.
FilterOperator TakeComparison(std::string_view& text) {
  static constexpr std::pair<std::string_view, FilterOperator> kSigns[] = {
      {"<=", FilterOperator::kLessOrEqual},
      {">=", FilterOperator::kGreaterOrEqual},
      {"<", FilterOperator::kLess},
      {">", FilterOperator::kGreater},
      {"=", FilterOperator::kEquals}};
  for (const auto& [sign, comparison] : kSigns) {
    if (text.starts_with(sign)) {
      text = Trim(text.substr(sign.size()));
      return comparison;
    }
  }
  return FilterOperator::kEquals;
}

Result<ValueRange> ParseNumberRange(const FilterScanner& scanner, FilterOperator comparison,
                                    const FilterLiteral& literal, const FilterClause& clause) {
  std::string_view text = Trim(literal.text);
  if (!IsComparison(comparison)) {
    if (text == "*" && !literal.is_quoted) {
      return ValueRange{kLowest, kHighest};
    }
    comparison = TakeComparison(text);
  }
  const auto parse = [&](std::string_view number) -> Result<std::int64_t> {
    const auto value = ParseColumnNumber(clause.type, Trim(number));
    if (!value) {
      return BadValue(scanner, clause, literal, "is not " + std::string(Article(clause.type)));
    }
    return *value;
  };
  const std::size_t dots = text.find("..");
  const auto low = parse(text.substr(0, dots));
  if (!low) {
    return low.error();
  }
  if (dots == std::string_view::npos) {
    return Side(comparison, *low);
  }
  if (IsComparison(comparison)) {
    return BadValue(scanner, clause, literal, "is a range, which cannot be compared with < or >");
  }
  const auto high = parse(text.substr(dots + 2));
  if (!high) {
    return high.error();
  }
  return ValueRange{*low, *high};
}

Result<ValueRange> ParseBoolean(const FilterScanner& scanner, const FilterLiteral& literal,
                                const FilterClause& clause) {
  std::string_view text = Trim(literal.text);
  if (text == "*" && !literal.is_quoted) {
    return ValueRange{0, 1};
  }
  if (text.starts_with('=')) {
    text = Trim(text.substr(1));
  }
  if (text != "true" && text != "false") {
    return BadValue(scanner, clause, literal, "is not a boolean (true or false)");
  }
  const std::int64_t value = text == "true" ? 1 : 0;
  return ValueRange{value, value};
}

Result<void> CheckPlaces(const FilterScanner::Values& values, const FilterClause& clause) {
  return values.literals.size() <= kFilterRegionsMax
             ? Result<void>()
             : Error(ErrorCode::kUnprocessable,
                     "The filter on " + Excerpt(clause.path) + " has more than " +
                         std::to_string(kFilterRegionsMax) + " points, circles and polygons.");
}

Result<void> SetRegions(const FilterScanner& scanner, const FilterScanner::Values& values,
                        FilterClause& clause) {
  if (auto counted = CheckPlaces(values, clause); !counted) {
    return counted;
  }
  for (const FilterLiteral& literal : values.literals) {
    auto region = ParseRegion(literal.text);
    if (!region) {
      return BadValue(scanner, clause, literal, region.error().message());
    }
    clause.regions.push_back(*std::move(region));
  }
  return {};
}

Result<void> SetPoints(const FilterScanner& scanner, const FilterScanner::Values& values,
                       FilterClause& clause) {
  if (auto counted = CheckPlaces(values, clause); !counted) {
    return counted;
  }
  for (const FilterLiteral& literal : values.literals) {
    const auto point = ParsePlace(literal.text);
    if (!point) {
      return BadValue(scanner, clause, literal, point.error().message());
    }
    clause.points.push_back(*point);
  }
  return {};
}

FilterText ParseText(const FilterLiteral& literal, const TextRules& rules) {
  FilterText text{.text = literal.text, .words = {}, .form = {}, .is_prefix = literal.is_prefix};
  if (!literal.is_quoted && text.text.ends_with('*')) {
    text.is_prefix = true;
    while (text.text.ends_with('*')) {
      text.text.pop_back();
    }
  }
  text.form = WholeForm(text.text);
  if (!HasWords(text.text, rules)) {
    return text;
  }
  std::vector<Token> tokens;
  Tokenizer::OfThread().Tokenize(text.text, tokens, rules);
  for (Token& token : tokens) {
    text.words.push_back(std::move(token.word));
  }
  return text;
}

FilterText ParseIdentifier(const FilterLiteral& literal) {
  return {.text = literal.text, .words = {}, .form = {}, .is_prefix = false};
}

}  // namespace

std::optional<std::int64_t> ParseColumnNumber(FieldType type, std::string_view text) {
  if (type == FieldType::kFloat) {
    const auto value = ToNumber<double>(text);
    return value && std::isfinite(*value) ? std::optional(EncodeFloat(*value)) : std::nullopt;
  }
  if (type == FieldType::kInt32) {
    const auto value = ToNumber<std::int32_t>(text);
    return value ? std::optional<std::int64_t>(*value) : std::nullopt;
  }
  return ToNumber<std::int64_t>(text);
}

std::string_view Article(FieldType type) {
  switch (type) {
    case FieldType::kInt32:
      return "an int32";
    case FieldType::kInt64:
      return "an int64";
    case FieldType::kFloat:
      return "a float";
    case FieldType::kBool:
      return "a boolean";
    case FieldType::kString:
    case FieldType::kStringAuto:
      return "a string";
    case FieldType::kGeopoint:
      return "a geopoint";
    case FieldType::kGeopolygon:
      return "a geopolygon";
    case FieldType::kObject:
      return "an object";
    case FieldType::kAuto:
      return "a value";
  }
  return "a value";
}

Result<void> SetValues(const FilterScanner& scanner, FilterOperator comparison,
                       const FilterScanner::Values& values, FilterClause& clause) {
  clause.is_negated =
      comparison == FilterOperator::kNotEquals || comparison == FilterOperator::kNotMatches;
  clause.is_whole_value =
      comparison == FilterOperator::kEquals || comparison == FilterOperator::kNotEquals;
  if (IsComparison(comparison) && (values.is_list || !IsNumber(clause.type))) {
    return BadValue(scanner, clause, values.literals.front(),
                    values.is_list ? "is in a list, which cannot be compared with < or >"
                                   : "cannot be compared with < or >: the field is no number");
  }
  const auto prefix = std::ranges::find_if(values.literals, &FilterLiteral::is_prefix);
  if (prefix != values.literals.end() && clause.kind != FilterClause::Kind::kText) {
    return BadValue(scanner, clause, *prefix,
                    "cannot be followed by `*`: only text fields have prefixes");
  }
  if (clause.kind == FilterClause::Kind::kPlaces) {
    return SetRegions(scanner, values, clause);
  }
  if (clause.kind == FilterClause::Kind::kAreas) {
    return SetPoints(scanner, values, clause);
  }
  if (clause.kind != FilterClause::Kind::kNumbers) {
    for (const FilterLiteral& literal : values.literals) {
      clause.texts.push_back(clause.kind == FilterClause::Kind::kIdentifier
                                 ? ParseIdentifier(literal)
                                 : ParseText(literal, RulesOf(clause.storage)));
    }
    return {};
  }
  std::vector<ValueRange> ranges;
  for (const FilterLiteral& literal : values.literals) {
    const auto range = clause.type == FieldType::kBool
                           ? ParseBoolean(scanner, literal, clause)
                           : ParseNumberRange(scanner, comparison, literal, clause);
    if (!range) {
      return range.error();
    }
    ranges.push_back(*range);
  }
  clause.ranges = RangeSet(std::move(ranges));
  return {};
}

}  // namespace cacheindex::index
