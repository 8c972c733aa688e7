#include <algorithm>
#include <string>
#include <utility>

#include "replication/assembly/expression_calls.h"
#include "replication/assembly/expression_evaluator.h"
#include "replication/declaration/text_comparison.h"
#include "replication/rows/postgres_types.h"
#include "replication/rows/value_reading.h"
#include "replication/values/html_text.h"
#include "replication/values/text_functions.h"

namespace cacheindex::replication {
namespace {

std::optional<Arithmetic> ArithmeticOf(Function function) {
  switch (static_cast<int>(function)) {
    case static_cast<int>(Function::kAdd):
      return Arithmetic::kAdd;
    case static_cast<int>(Function::kSubtract):
      return Arithmetic::kSubtract;
    case static_cast<int>(Function::kMultiply):
      return Arithmetic::kMultiply;
    case static_cast<int>(Function::kDivide):
      return Arithmetic::kDivide;
    case static_cast<int>(Function::kModulo):
      return Arithmetic::kModulo;
    default:
      return std::nullopt;
  }
}

bool IsAboutTime(const Expression& call) {
  return (call.function >= Function::kNow && call.function <= Function::kSeconds) ||
         std::any_of(call.arguments.begin(), call.arguments.end(), [](const Expression& argument) {
           return argument.type == ValueType::kMoment ||
                  argument.type == ValueType::kMovingMoment ||
                  argument.type == ValueType::kDuration;
         });
}

// The least (sign -1) or the greatest (sign 1).
Term Extreme(const TextComparison& compared, const std::vector<Term>& terms, int sign) {
  Term extreme;
  for (const Term& term : terms) {
    if (extreme.is_null() || Compare(compared, term, extreme).value_or(0) * sign > 0) {
      extreme = term;
    }
  }
  return extreme;
}

Term Sum(const std::vector<Term>& terms) {
  Term sum = Term::Integer(0);
  for (const Term& term : terms) {
    sum = Calculate(Arithmetic::kAdd, sum, term);
  }
  return sum;
}

// What takes char(n) as it is stored; all others take it as text, without blanks at the end.
bool ShowsPadding(Function function) {
  return function == Function::kLike || function == Function::kLikeInAnyCase ||
         function == Function::kConcat;
}

}  // namespace

bool Holds(Function comparison, int order) {
  switch (static_cast<int>(comparison)) {
    case static_cast<int>(Function::kEqual):
      return order == 0;
    case static_cast<int>(Function::kNotEqual):
      return order != 0;
    case static_cast<int>(Function::kLess):
      return order < 0;
    case static_cast<int>(Function::kLessOrEqual):
      return order <= 0;
    case static_cast<int>(Function::kGreater):
      return order > 0;
    default:
      return order >= 0;
  }
}

Term ExpressionEvaluator::Call(const Expression& call, const LoadedRow& row) {
  if (IsAboutTime(call)) {
    return CallTime(call, row);
  }
  if (const auto arithmetic = ArithmeticOf(call.function)) {
    return Calculate(*arithmetic, One(call.arguments[0], row), One(call.arguments[1], row));
  }
  if (call.function >= Function::kIn && call.function <= Function::kGreaterOrEqual) {
    return Compared(call, row);
  }
  if (call.function >= Function::kList && call.function <= Function::kElements) {
    std::vector<Term> terms;
    Many(call, row, terms);
    return terms.empty() ? Term() : terms.front();
  }
  if (call.function >= Function::kText && call.function <= Function::kConcatenate) {
    return CallText(call, row);
  }
  return call.function >= Function::kCount ? CallMany(call, row) : CallOne(call, row);
}

// As in SQL: null where the value is, or where it is not found and one of the others is null.
Term ExpressionEvaluator::IsIn(const Expression& call, const LoadedRow& row) {
  const Term value = One(call.arguments[0], row);
  if (value.is_null()) {
    return {};
  }
  bool has_null = false;
  for (std::size_t i = 1; i < call.arguments.size(); ++i) {
    std::vector<Term> others;
    has_null = Many(call.arguments[i], row, others) || has_null;
    if (std::any_of(others.begin(), others.end(),
                    [&](const Term& other) { return Compare(call.compared, value, other) == 0; })) {
      return Term::Boolean(true);
    }
  }
  return has_null ? Term() : Term::Boolean(false);
}

// Null where a side is null, as in SQL: then no filter lets the row pass.
Term ExpressionEvaluator::Compared(const Expression& call, const LoadedRow& row) {
  if (call.function == Function::kIn) {
    return IsIn(call, row);
  }
  const Term left = One(call.arguments[0], row);
  if (left.is_null()) {
    return {};
  }
  const Term right = One(call.arguments[1], row);
  if (right.is_null()) {
    return {};
  }
  const auto order = Compare(call.compared, left, right);
  if (!order) {
    return Term::Boolean(call.function == Function::kNotEqual);
  }
  return Term::Boolean(Holds(call.function, *order));
}

Term ExpressionEvaluator::CallOne(const Expression& call, const LoadedRow& row) {
  const auto argument = [&](std::size_t i) { return One(call.arguments[i], row); };
  switch (static_cast<int>(call.function)) {
    case static_cast<int>(Function::kAnd): {
      const Term left = argument(0);
      if (left.kind == Term::Kind::kBoolean && !left.is_true()) {
        return left;
      }
      const Term right = argument(1);
      return left.is_null() && right.is_true() ? Term() : right;
    }
    case static_cast<int>(Function::kOr): {
      const Term left = argument(0);
      if (left.is_true()) {
        return left;
      }
      const Term right = argument(1);
      return left.is_null() && !right.is_true() ? Term() : right;
    }
    case static_cast<int>(Function::kNot): {
      const Term operand = argument(0);
      return operand.is_null() ? operand : Term::Boolean(!operand.is_true());
    }
    case static_cast<int>(Function::kIsNull):
      return Term::Boolean(argument(0).is_null());
    case static_cast<int>(Function::kIf):
      return argument(argument(0).is_true() ? 1 : 2);
    case static_cast<int>(Function::kCoalesce):
      for (std::size_t i = 0; i < call.arguments.size(); ++i) {
        if (const Term term = argument(i); !term.is_null()) {
          return term;
        }
      }
      return {};
    case static_cast<int>(Function::kGreatest):
    case static_cast<int>(Function::kLeast): {
      std::vector<Term> terms;
      for (std::size_t i = 0; i < call.arguments.size(); ++i) {
        terms.push_back(argument(i));
      }
      return Extreme(call.compared, terms, call.function == Function::kGreatest ? 1 : -1);
    }
    case static_cast<int>(Function::kJson): {
      const Term text = argument(0);
      if (text.kind != Term::Kind::kText) {
        return text;
      }
      auto value = ParseJson(text.text);
      return value ? TermOfJson(scratch_.Keep(*std::move(value))) : Term();
    }
    case static_cast<int>(Function::kNumber): {
      const Term value = argument(0);
      if (value.is_null() || value.is_number()) {
        return value;
      }
      const std::string_view kept = scratch_.Keep(TextOf(value));
      const Term number = ParseValue(kTypeNumeric, Trim(kept), scratch_);
      return number.is_number() ? number : Term();
    }
    case static_cast<int>(Function::kAbsolute):
      return Absolute(argument(0));
    case static_cast<int>(Function::kRound): {
      const Term digits = call.arguments.size() == 1 ? Term::Integer(0) : argument(1);
      return digits.kind == Term::Kind::kInteger
                 ? Round(argument(0), static_cast<std::int64_t>(digits.number),
                         Rounding::kHalfAwayFromZero)
                 : Term();
    }
    case static_cast<int>(Function::kFloor):
      return Round(argument(0), 0, Rounding::kDown);
    case static_cast<int>(Function::kCeiling):
      return Round(argument(0), 0, Rounding::kUp);
    case static_cast<int>(Function::kUnix): {
      const auto seconds = ParseTimestamp(argument(0).text);
      return seconds ? Term::Integer(*seconds) : Term();
    }
    default:
      return {};
  }
}

// Null where an argument is; concat alone takes it for nothing.
Term ExpressionEvaluator::CallText(const Expression& call, const LoadedRow& row) {
  std::vector<Term> arguments;
  std::vector<std::string> texts;
  for (const Expression& argument : call.arguments) {
    arguments.push_back(One(argument, row));
    texts.push_back(TextOf(arguments.back()));
    if (ShowsPadding(call.function)) {
      texts.back().append(arguments.back().padding, ' ');
    }
    if (arguments.back().is_null() && call.function != Function::kConcat) {
      return {};
    }
  }
  const auto keep = [&](std::string text) { return Term::Text(scratch_.Keep(std::move(text))); };
  switch (static_cast<int>(call.function)) {
    case static_cast<int>(Function::kText):
      return keep(std::move(texts[0]));
    case static_cast<int>(Function::kLower):
      return keep(Lower(texts[0]));
    case static_cast<int>(Function::kUpper):
      return keep(Upper(texts[0]));
    case static_cast<int>(Function::kTrim):
      return keep(std::string(Trim(texts[0])));
    case static_cast<int>(Function::kLength):
      return Term::Integer(LengthOf(texts[0]));
    case static_cast<int>(Function::kReplace):
      return keep(Replace(texts[0], texts[1], texts[2]));
    case static_cast<int>(Function::kSubstring): {
      for (std::size_t i = 1; i < arguments.size(); ++i) {
        if (arguments[i].kind != Term::Kind::kInteger) {
          return {};
        }
      }
      const auto count = arguments.size() == 3
                             ? std::optional(static_cast<std::int64_t>(arguments[2].number))
                             : std::nullopt;
      return keep(
          std::string(Substring(texts[0], static_cast<std::int64_t>(arguments[1].number), count)));
    }
    case static_cast<int>(Function::kHtmlText):
      return keep(HtmlText(texts[0]));
    case static_cast<int>(Function::kLike):
      return Term::Boolean(
          call.compared.kind == TextComparison::Kind::kFolded
              ? IsLike(Fold(call.compared.folding, texts[0]), Fold(call.compared.folding, texts[1]))
              : IsLike(texts[0], texts[1]));
    case static_cast<int>(Function::kLikeInAnyCase):
      return Term::Boolean(IsLike(Lower(texts[0]), Lower(texts[1])));
    default: {
      std::string joined;
      for (const std::string& text : texts) {
        joined += text;
      }
      return keep(std::move(joined));
    }
  }
}

Term ExpressionEvaluator::CallMany(const Expression& call, const LoadedRow& row) {
  std::vector<Term> terms;
  Many(call.arguments[0], row, terms);
  switch (static_cast<int>(call.function)) {
    case static_cast<int>(Function::kCount):
      return Term::Integer(static_cast<std::int64_t>(terms.size()));
    case static_cast<int>(Function::kSum):
      return Sum(terms);
    case static_cast<int>(Function::kMinimum):
      return Extreme(call.compared, terms, -1);
    case static_cast<int>(Function::kMaximum):
      return Extreme(call.compared, terms, 1);
    case static_cast<int>(Function::kMean):
      return Calculate(Arithmetic::kDivide, Sum(terms),
                       Term::Integer(static_cast<std::int64_t>(terms.size())));
    case static_cast<int>(Function::kFirst):
      return terms.empty() ? Term() : terms.front();
    case static_cast<int>(Function::kAny):
      return Term::Boolean(
          std::any_of(terms.begin(), terms.end(), [](const Term& term) { return term.is_true(); }));
    case static_cast<int>(Function::kJoin): {
      const std::string separator = TextOf(One(call.arguments[1], row));
      std::string text;
      for (std::size_t i = 0; i < terms.size(); ++i) {
        text += (i == 0 ? "" : separator) + TextOf(terms[i]);
      }
      return terms.empty() ? Term() : Term::Text(scratch_.Keep(std::move(text)));
    }
    default:
      return {};
  }
}

}  // namespace cacheindex::replication
