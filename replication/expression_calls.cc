#include <algorithm>
#include <string>
#include <utility>

#include "replication/expression_evaluator.h"

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
    default:
      return std::nullopt;
  }
}

// ASCII only: what else is a letter depends on a language.
std::string Lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](char byte) {
    return byte >= 'A' && byte <= 'Z' ? static_cast<char>(byte - 'A' + 'a') : byte;
  });
  return text;
}

// The least (sign -1) or the greatest (sign 1).
Term Extreme(const std::vector<Term>& terms, int sign) {
  Term extreme;
  for (const Term& term : terms) {
    if (extreme.is_null() || Compare(term, extreme).value_or(0) * sign > 0) {
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

}  // namespace

Term ExpressionEvaluator::Call(const Expression& call, const LoadedRow& row) {
  if (const auto arithmetic = ArithmeticOf(call.function)) {
    return Calculate(*arithmetic, One(call.arguments[0], row), One(call.arguments[1], row));
  }
  if (call.function >= Function::kIn && call.function <= Function::kGreaterOrEqual) {
    return Compared(call, row);
  }
  return call.function >= Function::kCount ? CallMany(call, row) : CallOne(call, row);
}

// Null where a side is null, as in SQL: then no filter lets the row pass.
Term ExpressionEvaluator::Compared(const Expression& call, const LoadedRow& row) {
  const Term left = One(call.arguments[0], row);
  if (left.is_null()) {
    return {};
  }
  if (call.function == Function::kIn) {
    for (std::size_t i = 1; i < call.arguments.size(); ++i) {
      if (Compare(left, One(call.arguments[i], row)) == 0) {
        return Term::Boolean(true);
      }
    }
    return Term::Boolean(false);
  }
  const Term right = One(call.arguments[1], row);
  if (right.is_null()) {
    return {};
  }
  const auto order = Compare(left, right);
  if (!order) {
    return Term::Boolean(call.function == Function::kNotEqual);
  }
  switch (static_cast<int>(call.function)) {
    case static_cast<int>(Function::kEqual):
      return Term::Boolean(*order == 0);
    case static_cast<int>(Function::kNotEqual):
      return Term::Boolean(*order != 0);
    case static_cast<int>(Function::kLess):
      return Term::Boolean(*order < 0);
    case static_cast<int>(Function::kLessOrEqual):
      return Term::Boolean(*order <= 0);
    case static_cast<int>(Function::kGreater):
      return Term::Boolean(*order > 0);
    default:
      return Term::Boolean(*order >= 0);
  }
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
    case static_cast<int>(Function::kJson): {
      const Term text = argument(0);
      if (text.kind != Term::Kind::kText) {
        return text;
      }
      auto value = ParseJson(text.text);
      return value && !value->is_null() ? Term::OfJson(scratch_.Keep(*std::move(value))) : Term();
    }
    case static_cast<int>(Function::kText): {
      const Term term = argument(0);
      return term.is_null() ? term : Term::Text(scratch_.Keep(TextOf(term)));
    }
    case static_cast<int>(Function::kLower): {
      const Term term = argument(0);
      return term.is_null() ? term : Term::Text(scratch_.Keep(Lower(TextOf(term))));
    }
    case static_cast<int>(Function::kConcat): {
      std::string text;
      for (std::size_t i = 0; i < call.arguments.size(); ++i) {
        text += TextOf(argument(i));
      }
      return Term::Text(scratch_.Keep(std::move(text)));
    }
    case static_cast<int>(Function::kRound): {
      const Term digits = argument(1);
      return Round(argument(0), digits.kind == Term::Kind::kInteger ? digits.number : 0);
    }
    case static_cast<int>(Function::kUnix): {
      const auto seconds = ParseTimestamp(argument(0).text);
      return seconds ? Term::Integer(*seconds) : Term();
    }
    default:
      return {};
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
      return Extreme(terms, -1);
    case static_cast<int>(Function::kMaximum):
      return Extreme(terms, 1);
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
