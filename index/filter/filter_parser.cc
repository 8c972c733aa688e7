#include "index/filter/filter_parser.h"

#include <string>
#include <utility>

#include "index/expressions/filter_text.h"
#include "index/filter/filter_scanner.h"
#include "index/filter/filter_values.h"

namespace cacheindex::index {
namespace {

using Kind = FilterExpression::Kind;

Error UnknownField(std::string_view name) {
  return {ErrorCode::kNotFound,
          "Could not find a filter field named " + Excerpt(name) + " in the schema."};
}

Error NotSupported(std::string_view what) {
  return {ErrorCode::kInvalidArgument,
          "Could not parse the filter query: " + std::string(what) + " not supported yet."};
}

// expression  := conjunction { "||" conjunction }
// conjunction := term { "&&" term }
// term        := "(" expression ")" | field operator values | field ".{" expression "}"
class Parser {
 public:
  Parser(std::string_view text, const VisibleFields& fields, const FilterOptions& options)
      : scanner_(text), fields_(fields), options_(options) {}

  Result<FilterExpression> Parse() {
    auto expression = ParseExpression(0);
    if (expression && !scanner_.IsAtEnd()) {
      return scanner_.Malformed(scanner_.position(), "there must be `&&` or `||` between terms");
    }
    return expression;
  }

 private:
  Result<FilterExpression> ParseExpression(std::size_t depth) {
    return ParseSequence(Kind::kOr, "||", depth);
  }

  // Terms, or conjunctions, with the same sign between them.
  Result<FilterExpression> ParseSequence(Kind kind, std::string_view sign, std::size_t depth) {
    FilterExpression sequence{.kind = kind, .clause = {}, .path = {}, .children = {}};
    do {
      auto child = kind == Kind::kOr ? ParseSequence(Kind::kAnd, "&&", depth) : ParseTerm(depth);
      if (!child) {
        return child;
      }
      sequence.children.push_back(*std::move(child));
      scanner_.SkipSpace();
    } while (scanner_.Take(sign));
    if (sequence.children.size() == 1) {
      FilterExpression only = std::move(sequence.children.front());
      return only;
    }
    return sequence;
  }

  Result<FilterExpression> ParseTerm(std::size_t depth) {
    scanner_.SkipSpace();
    if (scanner_.IsAt("(")) {
      return ParseEnclosed("(", ")", depth);
    }
    if (scanner_.IsAt("$")) {
      return NotSupported("joins (`$Collection(...)`) are");
    }
    const auto name = scanner_.ReadFieldName();
    if (!name) {
      return name.error();
    }
    if (scanner_.IsAt(".{")) {
      return ParseSameElement(*name, depth);
    }
    return ParseClause(*name);
  }

  Result<FilterExpression> ParseEnclosed(std::string_view open, std::string_view close,
                                         std::size_t depth) {
    const std::size_t begin = scanner_.position();
    if (depth == kFilterDepthMax) {
      return Error(ErrorCode::kUnprocessable, "The filter has more than " +
                                                  std::to_string(kFilterDepthMax) +
                                                  " parentheses inside each other.");
    }
    scanner_.Take(open);
    auto inner = ParseExpression(depth + 1);
    if (!inner) {
      return inner;
    }
    scanner_.SkipSpace();
    if (!scanner_.Take(close)) {
      return scanner_.Malformed(scanner_.IsAtEnd() ? begin : scanner_.position(),
                                scanner_.IsAtEnd() ? "`" + std::string(open) + "` is not closed"
                                                   : "there must be `&&` or `||` between terms");
    }
    return inner;
  }

  Result<FilterExpression> ParseSameElement(std::string_view path, std::size_t depth) {
    if (!element_path_.empty()) {
      return NotSupported("`.{...}` inside another is");
    }
    element_path_ = path;
    auto inner = ParseEnclosed(".{", "}", depth);
    element_path_.clear();
    if (!inner) {
      return inner;
    }
    FilterExpression expression{
        .kind = Kind::kSameElement, .clause = {}, .path = std::string(path), .children = {}};
    expression.children.push_back(*std::move(inner));
    return expression;
  }

  Result<FilterExpression> ParseClause(std::string_view name) {
    FilterExpression expression{.kind = Kind::kClause, .clause = {}, .path = {}, .children = {}};
    FilterClause& clause = expression.clause;
    clause.path = name;
    if (++clauses_ > kFilterClausesMax) {
      return Error(
          ErrorCode::kUnprocessable,
          "The filter has more than " + std::to_string(kFilterClausesMax) + " comparisons.");
    }
    if (auto resolved = ResolveField(name, clause); !resolved) {
      return std::move(resolved).error();
    }
    const auto comparison = scanner_.ReadOperator();
    if (!comparison) {
      return comparison.error();
    }
    auto values = scanner_.ReadValues({.in_braces = !element_path_.empty(),
                                       .are_places = clause.kind == FilterClause::Kind::kPlaces ||
                                                     clause.kind == FilterClause::Kind::kAreas,
                                       .values_max = kFilterValuesMax - values_});
    if (!values) {
      return std::move(values).error();
    }
    values_ += values->literals.size();
    if (clause.kind == FilterClause::Kind::kNothing) {
      return expression;
    }
    if (auto set = SetValues(scanner_, *comparison, *values, clause); !set) {
      return std::move(set).error();
    }
    return expression;
  }

  Result<void> ResolveField(std::string_view name, FilterClause& clause) const {
    if (name == "id" && element_path_.empty() && fields_.HaveId()) {
      clause.kind = FilterClause::Kind::kIdentifier;
      return {};
    }
    const std::string full_name =
        element_path_.empty() ? std::string(name) : element_path_ + "." + std::string(name);
    const Field* field = fields_.Find(full_name);
    if (field == nullptr) {
      return options_.validate_field_names ? Result<void>(UnknownField(full_name)) : Result<void>();
    }
    const FieldDefinition& definition = field->definition;
    if (!definition.index) {
      return Error(ErrorCode::kInvalidArgument, "Cannot filter on field " + Excerpt(full_name) +
                                                    ": it is not indexed (`index: false`).");
    }
    if (definition.type == FieldType::kObject) {
      return Error(ErrorCode::kInvalidArgument,
                   "Cannot filter on field " + Excerpt(full_name) +
                       ": it is an object; filter on one of its fields.");
    }
    clause.type = definition.type;
    clause.is_array = definition.is_array;
    clause.is_facet = definition.facet;
    clause.storage = field->storage;
    const bool is_number =
        definition.type == FieldType::kInt32 || definition.type == FieldType::kInt64 ||
        definition.type == FieldType::kFloat || definition.type == FieldType::kBool;
    clause.kind = is_number                                   ? FilterClause::Kind::kNumbers
                  : definition.type == FieldType::kGeopoint   ? FilterClause::Kind::kPlaces
                  : definition.type == FieldType::kGeopolygon ? FilterClause::Kind::kAreas
                                                              : FilterClause::Kind::kText;
    return {};
  }

  FilterScanner scanner_;
  VisibleFields fields_;
  FilterOptions options_;
  // Inside `path.{...}`: the path.
  std::string element_path_;
  std::size_t clauses_ = 0;
  std::size_t values_ = 0;
};

}  // namespace

Result<FilterExpression> ParseFilter(std::string_view text, const VisibleFields& fields,
                                     const FilterOptions& options) {
  if (text.size() > kFilterBytesMax) {
    return Error(ErrorCode::kTooLarge, "The filter has " + std::to_string(text.size()) +
                                           " bytes; at most " + std::to_string(kFilterBytesMax) +
                                           " are allowed.");
  }
  if (Trim(text).empty()) {
    return FilterExpression{};
  }
  return Parser(text, fields, options).Parse();
}

}  // namespace cacheindex::index
