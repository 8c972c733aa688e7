#include "replication/declaration/expression_functions.h"

#include <algorithm>
#include <array>
#include <string>

namespace cacheindex::replication {
namespace {

constexpr std::size_t kMany = 64;

using Many = FunctionInfo::Many;

constexpr std::array kFunctions = {
    FunctionInfo{"and", Function::kAnd, 2, 2, Many::kNone},
    FunctionInfo{"or", Function::kOr, 2, 2, Many::kNone},
    FunctionInfo{"not", Function::kNot, 1, 1, Many::kNone},
    FunctionInfo{"is null", Function::kIsNull, 1, 1, Many::kNone},
    FunctionInfo{"in", Function::kIn, 2, kMany, Many::kRest},
    FunctionInfo{"=", Function::kEqual, 2, 2, Many::kNone},
    FunctionInfo{"!=", Function::kNotEqual, 2, 2, Many::kNone},
    FunctionInfo{"<", Function::kLess, 2, 2, Many::kNone},
    FunctionInfo{"<=", Function::kLessOrEqual, 2, 2, Many::kNone},
    FunctionInfo{">", Function::kGreater, 2, 2, Many::kNone},
    FunctionInfo{">=", Function::kGreaterOrEqual, 2, 2, Many::kNone},
    FunctionInfo{"+", Function::kAdd, 2, 2, Many::kNone},
    FunctionInfo{"-", Function::kSubtract, 2, 2, Many::kNone},
    FunctionInfo{"*", Function::kMultiply, 2, 2, Many::kNone},
    FunctionInfo{"/", Function::kDivide, 2, 2, Many::kNone},
    FunctionInfo{"%", Function::kModulo, 2, 2, Many::kNone},
    FunctionInfo{"abs", Function::kAbsolute, 1, 1, Many::kNone},
    FunctionInfo{"round", Function::kRound, 1, 2, Many::kNone},
    FunctionInfo{"floor", Function::kFloor, 1, 1, Many::kNone},
    FunctionInfo{"ceil", Function::kCeiling, 1, 1, Many::kNone},
    FunctionInfo{"number", Function::kNumber, 1, 1, Many::kNone},
    FunctionInfo{"unix", Function::kUnix, 1, 1, Many::kNone},
    FunctionInfo{"now", Function::kNow, 0, 0, Many::kNone},
    FunctionInfo{"days", Function::kDays, 1, 1, Many::kNone},
    FunctionInfo{"hours", Function::kHours, 1, 1, Many::kNone},
    FunctionInfo{"minutes", Function::kMinutes, 1, 1, Many::kNone},
    FunctionInfo{"seconds", Function::kSeconds, 1, 1, Many::kNone},
    FunctionInfo{"coalesce", Function::kCoalesce, 1, kMany, Many::kNone},
    FunctionInfo{"greatest", Function::kGreatest, 1, kMany, Many::kNone},
    FunctionInfo{"least", Function::kLeast, 1, kMany, Many::kNone},
    FunctionInfo{"if", Function::kIf, 3, 3, Many::kNone},
    FunctionInfo{"json", Function::kJson, 1, 1, Many::kNone},
    FunctionInfo{"text", Function::kText, 1, 1, Many::kNone},
    FunctionInfo{"lower", Function::kLower, 1, 1, Many::kNone},
    FunctionInfo{"upper", Function::kUpper, 1, 1, Many::kNone},
    FunctionInfo{"trim", Function::kTrim, 1, 1, Many::kNone},
    FunctionInfo{"length", Function::kLength, 1, 1, Many::kNone},
    FunctionInfo{"replace", Function::kReplace, 3, 3, Many::kNone},
    FunctionInfo{"substring", Function::kSubstring, 2, 3, Many::kNone},
    FunctionInfo{"html_text", Function::kHtmlText, 1, 1, Many::kNone},
    FunctionInfo{"like", Function::kLike, 2, 2, Many::kNone},
    FunctionInfo{"ilike", Function::kLikeInAnyCase, 2, 2, Many::kNone},
    FunctionInfo{"concat", Function::kConcat, 1, kMany, Many::kNone},
    FunctionInfo{"||", Function::kConcatenate, 2, 2, Many::kNone},
    FunctionInfo{"list", Function::kList, 1, kMany, Many::kAll, true},
    FunctionInfo{"distinct", Function::kDistinct, 1, 1, Many::kFirst, true},
    FunctionInfo{"split", Function::kSplit, 2, 2, Many::kNone, true},
    FunctionInfo{"elements", Function::kElements, 1, 1, Many::kFirst, true},
    FunctionInfo{"count", Function::kCount, 1, 1, Many::kFirst},
    FunctionInfo{"sum", Function::kSum, 1, 1, Many::kFirst},
    FunctionInfo{"min", Function::kMinimum, 1, 1, Many::kFirst},
    FunctionInfo{"max", Function::kMaximum, 1, 1, Many::kFirst},
    FunctionInfo{"mean", Function::kMean, 1, 1, Many::kFirst},
    FunctionInfo{"first", Function::kFirst, 1, 1, Many::kFirst},
    FunctionInfo{"any", Function::kAny, 1, 1, Many::kFirst},
    FunctionInfo{"join", Function::kJoin, 2, 2, Many::kFirst},
};

bool IsNumber(ValueType type) {
  return type == ValueType::kInteger32 || type == ValueType::kInteger64 || type == ValueType::kReal;
}

bool MayBe(ValueType type, ValueType wanted) {
  return type == ValueType::kUnknown || type == wanted || (IsNumber(type) && IsNumber(wanted));
}

Result<void> Demand(const FunctionInfo& info, const Expression& argument, ValueType wanted) {
  if (MayBe(argument.type, wanted)) {
    return {};
  }
  return Error(ErrorCode::kInvalidArgument, "\"" + std::string(info.name) + "\" needs " +
                                                std::string(NameOf(wanted)) + ", not " +
                                                std::string(NameOf(argument.type)));
}

// All arguments from `first` on.
Result<void> DemandAll(const FunctionInfo& info, std::span<const Expression> arguments,
                       ValueType wanted) {
  for (const Expression& argument : arguments) {
    if (auto fits = Demand(info, argument, wanted); !fits) {
      return fits;
    }
  }
  return {};
}

ValueType CommonType(ValueType left, ValueType right) {
  if (left == right) {
    return left;
  }
  if (IsNumber(left) && IsNumber(right)) {
    return left == ValueType::kReal || right == ValueType::kReal ? ValueType::kReal
                                                                 : ValueType::kInteger64;
  }
  return ValueType::kUnknown;
}

bool IsNullConstant(const Expression& expression) {
  return expression.kind == Expression::Kind::kConstant && expression.constant.is_null();
}

bool IsMoment(ValueType type) {
  return type == ValueType::kMoment || type == ValueType::kMovingMoment;
}

// What moments are compared with, and time is added to.
bool MayBeMoment(ValueType type) {
  return IsMoment(type) || type == ValueType::kText || type == ValueType::kUnknown;
}

Result<ValueType> TypeOfComparison(const FunctionInfo& info,
                                   std::span<const Expression> arguments) {
  if (IsMoment(arguments[0].type) || IsMoment(arguments[1].type)) {
    for (const Expression& side : arguments) {
      if (!MayBeMoment(side.type)) {
        return Error(ErrorCode::kInvalidArgument, "\"" + std::string(info.name) +
                                                      "\" compares a moment with " +
                                                      std::string(NameOf(side.type)));
      }
    }
    return ValueType::kBoolean;
  }
  for (const Expression& right : arguments.subspan(1)) {
    if (arguments[0].type == ValueType::kObject || right.type == ValueType::kObject ||
        (right.type != ValueType::kUnknown && !MayBe(arguments[0].type, right.type))) {
      return Error(ErrorCode::kInvalidArgument, "\"" + std::string(info.name) + "\" compares " +
                                                    std::string(NameOf(arguments[0].type)) +
                                                    " with " + std::string(NameOf(right.type)));
    }
    if (IsNullConstant(arguments[0]) || IsNullConstant(right)) {
      return Error(ErrorCode::kInvalidArgument,
                   "nothing is \"" + std::string(info.name) + "\" null: say \"is null\"");
    }
  }
  return ValueType::kBoolean;
}

}  // namespace

const FunctionInfo* FindFunction(std::string_view name) {
  const auto* const found =
      std::find_if(kFunctions.begin(), kFunctions.end(),
                   [&](const FunctionInfo& function) { return function.name == name; });
  return found == kFunctions.end() ? nullptr : found;
}

bool TakesTime(Function function) {
  return (function >= Function::kEqual && function <= Function::kSubtract) ||
         function == Function::kUnix;
}

std::string_view NameOf(ValueType type) {
  switch (type) {
    case ValueType::kUnknown:
      return "something";
    case ValueType::kBoolean:
      return "true or false";
    case ValueType::kInteger32:
    case ValueType::kInteger64:
    case ValueType::kReal:
      return "a number";
    case ValueType::kText:
      return "text";
    case ValueType::kObject:
      return "an object";
    case ValueType::kMoment:
    case ValueType::kMovingMoment:
      return "a moment";
    case ValueType::kDuration:
      return "a duration";
  }
  return "";
}

namespace {

// Of values of which one is given; null says nothing of the type.
ValueType CommonTypeOf(std::span<const Expression> arguments) {
  ValueType type = ValueType::kUnknown;
  bool is_first = true;
  for (const Expression& argument : arguments) {
    if (!IsNullConstant(argument)) {
      type = is_first ? argument.type : CommonType(type, argument.type);
      is_first = false;
    }
  }
  return type;
}

Result<ValueType> TypeOfArithmetic(const FunctionInfo& info,
                                   std::span<const Expression> arguments) {
  if (arguments.size() == 2 && arguments[1].type == ValueType::kDuration &&
      (info.function == Function::kAdd || info.function == Function::kSubtract) &&
      MayBeMoment(arguments[0].type)) {
    return arguments[0].type == ValueType::kMovingMoment ? ValueType::kMovingMoment
                                                         : ValueType::kMoment;
  }
  if (auto fits = DemandAll(info, arguments, ValueType::kReal); !fits) {
    return std::move(fits).error();
  }
  if (info.function == Function::kDivide || info.function == Function::kMean ||
      info.function == Function::kRound) {
    return ValueType::kReal;
  }
  if (info.function == Function::kFloor || info.function == Function::kCeiling) {
    return ValueType::kInteger64;
  }
  const ValueType common = CommonTypeOf(arguments);
  return common == ValueType::kInteger32 && info.function != Function::kAbsolute
             ? ValueType::kInteger64
             : common;
}

// What the text functions give; their first argument is a text, substring's others are numbers.
Result<ValueType> TypeOfTextCall(const FunctionInfo& info, std::span<const Expression> arguments) {
  const bool has_numbers = info.function == Function::kSubstring;
  auto fits = DemandAll(info, has_numbers ? arguments.first(1) : arguments, ValueType::kText);
  if (fits && has_numbers) {
    fits = DemandAll(info, arguments.subspan(1), ValueType::kReal);
  }
  if (!fits) {
    return std::move(fits).error();
  }
  switch (static_cast<int>(info.function)) {
    case static_cast<int>(Function::kLength):
      return ValueType::kInteger32;
    case static_cast<int>(Function::kLike):
    case static_cast<int>(Function::kLikeInAnyCase):
      return ValueType::kBoolean;
    case static_cast<int>(Function::kUnix):
      return ValueType::kInteger64;
    case static_cast<int>(Function::kJson):
      return ValueType::kUnknown;
    default:
      return ValueType::kText;
  }
}

}  // namespace

Result<ValueType> TypeOfCall(const FunctionInfo& info, std::span<const Expression> arguments) {
  switch (info.function) {
    case Function::kAnd:
    case Function::kOr:
    case Function::kNot:
    case Function::kAny: {
      auto fits = DemandAll(info, arguments, ValueType::kBoolean);
      return fits ? Result<ValueType>(ValueType::kBoolean) : std::move(fits).error();
    }
    case Function::kIsNull:
      return ValueType::kBoolean;
    case Function::kIn:
    case Function::kEqual:
    case Function::kNotEqual:
    case Function::kLess:
    case Function::kLessOrEqual:
    case Function::kGreater:
    case Function::kGreaterOrEqual:
      return TypeOfComparison(info, arguments);
    case Function::kAdd:
    case Function::kSubtract:
    case Function::kMultiply:
    case Function::kDivide:
    case Function::kModulo:
    case Function::kAbsolute:
    case Function::kRound:
    case Function::kFloor:
    case Function::kCeiling:
    case Function::kMean:
    case Function::kSum:
      return TypeOfArithmetic(info, arguments);
    case Function::kIf: {
      auto fits = Demand(info, arguments[0], ValueType::kBoolean);
      return fits ? Result<ValueType>(CommonTypeOf(arguments.subspan(1))) : std::move(fits).error();
    }
    case Function::kLower:
    case Function::kUpper:
    case Function::kTrim:
    case Function::kLength:
    case Function::kReplace:
    case Function::kSubstring:
    case Function::kHtmlText:
    case Function::kLike:
    case Function::kLikeInAnyCase:
    case Function::kSplit:
    case Function::kJson:
      return TypeOfTextCall(info, arguments);
    case Function::kUnix:
      return arguments[0].type == ValueType::kMoment ? Result<ValueType>(ValueType::kInteger64)
                                                     : TypeOfTextCall(info, arguments);
    case Function::kNow:
      return ValueType::kMovingMoment;
    case Function::kDays:
    case Function::kHours:
    case Function::kMinutes:
    case Function::kSeconds: {
      auto fits = DemandAll(info, arguments, ValueType::kReal);
      return fits ? Result<ValueType>(ValueType::kDuration) : std::move(fits).error();
    }
    case Function::kJoin:
    case Function::kText:
    case Function::kConcat:
    case Function::kConcatenate:
      return ValueType::kText;
    case Function::kNumber:
      return ValueType::kReal;
    case Function::kCount:
      return ValueType::kInteger32;
    case Function::kElements:
      return ValueType::kUnknown;
    case Function::kGreatest:
    case Function::kLeast: {
      auto compared = TypeOfComparison(info, arguments);
      return compared ? CommonTypeOf(arguments) : std::move(compared);
    }
    case Function::kCoalesce:
    case Function::kList:
      return CommonTypeOf(arguments);
    case Function::kMinimum:
    case Function::kMaximum:
    case Function::kFirst:
    case Function::kDistinct:
      return arguments[0].type;
  }
  return ValueType::kUnknown;
}

}  // namespace cacheindex::replication
