#include "index/filter/filter_elements.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "index/columns/filter_ranges.h"
#include "index/expressions/filter_text.h"
#include "index/filter/filter_geo.h"
#include "index/geo/geo_area.h"
#include "index/schema/field_values.h"
#include "index/words/readings.h"
#include "index/words/tokenizer.h"
#include "index/words/whole_form.h"
#include "node/core/long_number.h"

namespace cacheindex::index {
namespace {

// An array that is one value, not many.
bool IsPlace(const Json& value) {
  return value.is_array() && value.size() == 2 && IsNumber(value[0]) && IsNumber(value[1]);
}

enum class Arrays { kHoldValues, kMayBePlaces, kMayBeAreas };

// Whether `value` is one value although it is an array.
bool IsValue(Arrays arrays, const Json& value) {
  return arrays == Arrays::kMayBePlaces
             ? IsPlace(value)
             : arrays == Arrays::kMayBeAreas && IsListOfNumbers(FieldType::kGeopolygon, value);
}

// Calls visit(value) for every value at the dotted `path`, through arrays of objects, until it
// returns true; returns whether it did. A key may itself hold dots, so every split is tried.
template <Arrays kArrays = Arrays::kHoldValues, class Visitor>
bool AnyAt(const Json& value, std::string_view path, const Visitor& visit) {
  if (value.is_array() && !(path.empty() && IsValue(kArrays, value))) {
    return std::any_of(value.begin(), value.end(),
                       [&](const Json& element) { return AnyAt<kArrays>(element, path, visit); });
  }
  if (path.empty()) {
    return !value.is_null() && visit(value);
  }
  if (!value.is_object()) {
    return false;
  }
  for (std::size_t end = path.find('.');; end = path.find('.', end + 1)) {
    const auto child = value.find(std::string(path.substr(0, end)));
    const auto rest = end == std::string_view::npos ? std::string_view() : path.substr(end + 1);
    if (child != value.end() && AnyAt<kArrays>(*child, rest, visit)) {
      return true;
    }
    if (end == std::string_view::npos) {
      return false;
    }
  }
}

bool HasAllWords(const FilterText& text, const Reading& reading) {
  for (std::size_t i = 0; i < text.words.size(); ++i) {
    const bool may_go_on = text.is_prefix && i + 1 == text.words.size();
    const bool found = std::ranges::any_of(reading, [&](const std::string& word) {
      return may_go_on ? word.starts_with(text.words[i]) : word == text.words[i];
    });
    if (!found) {
      return false;
    }
  }
  return true;
}

// Reads the value in all ways in which the column of its words has it.
bool HasWordsOfAny(const FilterClause& clause, std::string_view value) {
  std::vector<Token> tokens;
  Tokenizer::OfThread().Tokenize(value, tokens, RulesOf(clause.storage));
  // As the words column has them.
  std::vector<Reading> readings(1);
  for (const Token& token : tokens) {
    readings.front().push_back(token.word);
  }
  AddReadings(value, tokens, /*has_infix=*/false, readings);
  return std::ranges::any_of(clause.texts, [&](const FilterText& text) {
    return !text.words.empty() && std::ranges::any_of(readings, [&](const Reading& reading) {
      return HasAllWords(text, reading);
    });
  });
}

bool MatchesText(const FilterClause& clause, std::string_view value) {
  const std::string form = WholeForm(value);
  const bool is_found = std::ranges::any_of(clause.texts, [&](const FilterText& text) {
    if (clause.is_whole_value || text.IsAnything()) {
      return text.IsWhole(form);
    }
    return text.words.empty() && text.IsPiece(form);
  });
  return is_found || (!clause.is_whole_value && HasWordsOfAny(clause, value));
}

bool ClauseHoldsFor(const FilterClause& clause, const Json& element) {
  switch (clause.kind) {
    case FilterClause::Kind::kNumbers:
      return clause.is_negated != AnyAt(element, clause.path, [&](const Json& value) {
               const auto number = EncodeNumber(clause.type, value);
               return number && clause.ranges.Contains(*number);
             });
    case FilterClause::Kind::kText:
      return clause.is_negated != AnyAt(element, clause.path, [&](const Json& value) {
               return value.is_string() && MatchesText(clause, value.get_ref<const std::string&>());
             });
    case FilterClause::Kind::kPlaces:
      return clause.is_negated !=
             AnyAt<Arrays::kMayBePlaces>(element, clause.path, [&](const Json& value) {
               // As the column has it, rounded.
               const auto place = EncodeNumber(FieldType::kGeopoint, value);
               return place && Contains(clause.regions, DecodeGeopoint(*place));
             });
    case FilterClause::Kind::kAreas:
      return clause.is_negated !=
             AnyAt<Arrays::kMayBeAreas>(element, clause.path, [&](const Json& value) {
               std::vector<std::int64_t> encoded;
               EncodeArea(value, encoded);
               return AnyAreaContains(encoded, clause.points);
             });
    case FilterClause::Kind::kNothing:
    case FilterClause::Kind::kIdentifier:
      return false;
  }
  return false;
}

// Calls holds(number) for each of `candidates` and returns those for which it is true. `what` is
// the filter as a message names it.
template <class Predicate>
Result<DocumentSet> KeepDocuments(SearchContext& context, std::string_view what,
                                  const DocumentSet& candidates, const Predicate& holds) {
  const std::uint64_t count = candidates.Count();
  if (count > kDocumentsReadMax) {
    return Error(ErrorCode::kUnprocessable,
                 "The filter on " + Excerpt(what) + " would have to read " + std::to_string(count) +
                     " documents; at most " + std::to_string(kDocumentsReadMax) +
                     " are allowed. Narrow it down with further filters.");
  }
  DocumentSet kept = context.EmptySet();
  std::optional<Error> failure;
  candidates.ForEach([&](DocumentNumber number) {
    if (failure) {
      return;
    }
    if (context.IsExpired()) {
      failure = DeadlinePassed();
      return;
    }
    const auto document = context.ParseDocument(number);
    if (!document) {
      failure = document.error();
    } else if (holds(*document)) {
      kept.Add(number);
    }
  });
  if (failure) {
    return *std::move(failure);
  }
  return kept;
}

}  // namespace

bool HoldsFor(const FilterExpression& expression, const Json& element) {
  const auto holds = [&](const FilterExpression& child) { return HoldsFor(child, element); };
  switch (expression.kind) {
    case FilterExpression::Kind::kEverything:
      return true;
    case FilterExpression::Kind::kClause:
      return ClauseHoldsFor(expression.clause, element);
    case FilterExpression::Kind::kAnd:
      return std::all_of(expression.children.begin(), expression.children.end(), holds);
    case FilterExpression::Kind::kOr:
      return std::any_of(expression.children.begin(), expression.children.end(), holds);
    case FilterExpression::Kind::kSameElement:
      return AnyAt(element, expression.path, [&](const Json& inner) {
        return inner.is_object() && HoldsFor(expression.children.front(), inner);
      });
  }
  return false;
}

Result<DocumentSet> KeepSameElement(SearchContext& context, const FilterExpression& same_element,
                                    const DocumentSet& candidates) {
  return KeepDocuments(
      context, same_element.path + ".{...}", candidates, [&](const Json& document) {
        return AnyAt(document, same_element.path, [&](const Json& element) {
          return element.is_object() && HoldsFor(same_element.children.front(), element);
        });
      });
}

Result<DocumentSet> KeepMatchingText(SearchContext& context, const FilterClause& clause,
                                     const DocumentSet& candidates) {
  return KeepDocuments(context, clause.path, candidates, [&](const Json& document) {
    bool matches = false;
    ForEachField(
        context.schema(), document, [&](const Field& field, std::span<const Json* const> values) {
          if (field.storage.number != clause.storage.number) {
            return;
          }
          matches = std::ranges::any_of(values, [&](const Json* value) {
            return value->is_string() && MatchesText(clause, value->get_ref<const std::string&>());
          });
        });
    return matches;
  });
}

}  // namespace cacheindex::index
