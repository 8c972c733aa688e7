#include "index/filter/filter_scanner.h"

#include <utility>

#include "index/expressions/filter_text.h"
#include "index/filter/filter_plan.h"

namespace cacheindex::index {

void FilterScanner::SkipSpace() {
  while (!IsAtEnd() &&
         std::string_view(" \t\r\n").find(text_[position_]) != std::string_view::npos) {
    ++position_;
  }
}

bool FilterScanner::Take(std::string_view piece) {
  if (!IsAt(piece)) {
    return false;
  }
  position_ += piece.size();
  return true;
}

Error FilterScanner::Malformed(std::size_t position, std::string_view what) const {
  std::string message = "Could not parse the filter query: ";
  message += what;
  if (position >= text_.size()) {
    message += ", at the end.";
  } else {
    message += ", at byte " + std::to_string(position + 1) + " near " +
               Excerpt(text_.substr(position, 40)) + ".";
  }
  return {ErrorCode::kInvalidArgument, std::move(message)};
}

Result<std::string_view> FilterScanner::ReadFieldName() {
  const std::size_t begin = position_;
  // Names may hold parentheses ("width (mm)"), so only what can never be in one ends the search.
  for (; !IsAtEnd() && !IsAt(":") && !IsAt(".{"); ++position_) {
    if (IsAt("&&") || IsAt("||") || IsAt("`")) {
      break;
    }
  }
  const std::string_view name = Trim(text_.substr(begin, position_ - begin));
  if (name.empty()) {
    return Malformed(begin, "a field name is missing");
  }
  if (IsAtEnd() || (!IsAt(":") && !IsAt(".{"))) {
    return Malformed(begin, "there is no `:` after the field name");
  }
  return name;
}

Result<FilterOperator> FilterScanner::ReadOperator() {
  Take(":");
  SkipSpace();
  if (Take("!")) {
    SkipSpace();
    return Take("=") ? FilterOperator::kNotEquals : FilterOperator::kNotMatches;
  }
  if (Take("=")) {
    return FilterOperator::kEquals;
  }
  if (Take("<")) {
    return Take("=") ? FilterOperator::kLessOrEqual : FilterOperator::kLess;
  }
  if (Take(">")) {
    return Take("=") ? FilterOperator::kGreaterOrEqual : FilterOperator::kGreater;
  }
  return FilterOperator::kMatches;
}

Result<FilterScanner::Values> FilterScanner::ReadValues(const ReadOptions& options) {
  Values values;
  SkipSpace();
  const std::size_t begin = position_;
  values.is_list = Take("[");
  while (true) {
    SkipSpace();
    if (values.literals.size() == options.values_max) {
      return Error(ErrorCode::kUnprocessable,
                   "The filter has more than " + std::to_string(kFilterValuesMax) + " values.");
    }
    auto literal = ReadLiteral(options, values.is_list);
    if (!literal) {
      return std::move(literal).error();
    }
    values.literals.push_back(*std::move(literal));
    SkipSpace();
    if (!values.is_list || Take("]")) {
      return values;
    }
    if (!Take(",")) {
      return Malformed(IsAtEnd() ? begin : position_,
                       IsAtEnd() ? "the list is not closed by `]`"
                                 : "there must be a `,` or `]` between the values of a list");
    }
  }
}

Result<FilterLiteral> FilterScanner::ReadLiteral(const ReadOptions& options, bool in_list) {
  if (IsAt("`")) {
    return ReadQuoted();
  }
  FilterLiteral literal{.text = {}, .is_quoted = false, .is_prefix = false, .position = position_};
  std::size_t open = 0;
  for (; !IsAtEnd(); ++position_) {
    const char byte = text_[position_];
    if (byte == '`') {
      return Malformed(position_, "a back-quote may only stand around a whole value");
    }
    const bool is_in_place = options.are_places && open > 0;
    const bool ends = IsAt("&&") || IsAt("||") || (options.in_braces && byte == '}') ||
                      (in_list && !is_in_place && (byte == ',' || byte == ']')) ||
                      (byte == ')' && open == 0);
    if (ends) {
      break;
    }
    open += byte == '(' ? 1U : 0U;
    open -= byte == ')' ? 1U : 0U;
  }
  literal.text = Trim(text_.substr(literal.position, position_ - literal.position));
  if (literal.text.empty()) {
    return Malformed(literal.position, "a value is missing");
  }
  return literal;
}

Result<FilterLiteral> FilterScanner::ReadQuoted() {
  FilterLiteral literal{.text = {}, .is_quoted = true, .is_prefix = false, .position = position_};
  Take("`");
  while (!Take("`")) {
    if (IsAtEnd()) {
      return Malformed(literal.position, "the back-quote is not closed");
    }
    if (Take("\\`")) {
      literal.text += '`';
    } else {
      literal.text += text_[position_++];
    }
  }
  while (Take("*")) {
    literal.is_prefix = true;
  }
  return literal;
}

}  // namespace cacheindex::index
