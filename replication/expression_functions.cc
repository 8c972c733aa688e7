#include "replication/expression_functions.h"

#include <algorithm>
#include <array>
#include <string>

namespace cacheindex::replication {
namespace {

constexpr std::size_t kMany = 64;

constexpr std::array kFunctions = {
    FunctionInfo{"and", Function::kAnd, 2, 2, false},
    FunctionInfo{"or", Function::kOr, 2, 2, false},
    FunctionInfo{"not", Function::kNot, 1, 1, false},
    FunctionInfo{"is null", Function::kIsNull, 1, 1, false},
    FunctionInfo{"in", Function::kIn, 2, kMany, false},
    FunctionInfo{"=", Function::kEqual, 2, 2, false},
    FunctionInfo{"!=", Function::kNotEqual, 2, 2, false},
    FunctionInfo{"<", Function::kLess, 2, 2, false},
    FunctionInfo{"<=", Function::kLessOrEqual, 2, 2, false},
    FunctionInfo{">", Function::kGreater, 2, 2, false},
    FunctionInfo{">=", Function::kGreaterOrEqual, 2, 2, false},
    FunctionInfo{"+", Function::kAdd, 2, 2, false},
    FunctionInfo{"-", Function::kSubtract, 2, 2, false},
    FunctionInfo{"*", Function::kMultiply, 2, 2, false},
    FunctionInfo{"/", Function::kDivide, 2, 2, false},
    FunctionInfo{"coalesce", Function::kCoalesce, 1, kMany, false},
    FunctionInfo{"if", Function::kIf, 3, 3, false},
    FunctionInfo{"json", Function::kJson, 1, 1, false},
    FunctionInfo{"text", Function::kText, 1, 1, false},
    FunctionInfo{"lower", Function::kLower, 1, 1, false},
    FunctionInfo{"concat", Function::kConcat, 1, kMany, false},
    FunctionInfo{"round", Function::kRound, 2, 2, false},
    FunctionInfo{"unix", Function::kUnix, 1, 1, false},
    FunctionInfo{"list", Function::kList, 1, kMany, false},
    FunctionInfo{"count", Function::kCount, 1, 1, true},
    FunctionInfo{"sum", Function::kSum, 1, 1, true},
    FunctionInfo{"min", Function::kMinimum, 1, 1, true},
    FunctionInfo{"max", Function::kMaximum, 1, 1, true},
    FunctionInfo{"mean", Function::kMean, 1, 1, true},
    FunctionInfo{"first", Function::kFirst, 1, 1, true},
    FunctionInfo{"any", Function::kAny, 1, 1, true},
    FunctionInfo{"join", Function::kJoin, 2, 2, true},
    FunctionInfo{"distinct", Function::kDistinct, 1, 1, true},
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

Result<ValueType> TypeOfComparison(const FunctionInfo& info,
                                   std::span<const Expression> arguments) {
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
  }
  return "";
}

Result<ValueType> TypeOfCall(const FunctionInfo& info, std::span<const Expression> arguments) {
  const auto demanding = [&](ValueType wanted, ValueType result) -> Result<ValueType> {
    auto fits = DemandAll(info, arguments, wanted);
    return fits ? Result<ValueType>(result) : std::move(fits).error();
  };
  switch (info.function) {
    case Function::kAnd:
    case Function::kOr:
    case Function::kNot:
    case Function::kAny:
      return demanding(ValueType::kBoolean, ValueType::kBoolean);
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
    case Function::kMultiply: {
      const ValueType common = CommonType(arguments[0].type, arguments[1].type);
      return demanding(ValueType::kReal,
                       common == ValueType::kInteger32 ? ValueType::kInteger64 : common);
    }
    case Function::kDivide:
    case Function::kMean:
      return demanding(ValueType::kReal, ValueType::kReal);
    case Function::kSum:
      return demanding(ValueType::kReal, arguments[0].type == ValueType::kInteger32
                                             ? ValueType::kInteger64
                                             : arguments[0].type);
    case Function::kIf: {
      auto fits = Demand(info, arguments[0], ValueType::kBoolean);
      return fits ? Result<ValueType>(CommonType(arguments[1].type, arguments[2].type))
                  : std::move(fits).error();
    }
    case Function::kRound:
      return demanding(ValueType::kReal, ValueType::kReal);
    case Function::kUnix:
      return demanding(ValueType::kText, ValueType::kInteger64);
    case Function::kJson:
      return demanding(ValueType::kText, ValueType::kUnknown);
    case Function::kLower:
      return demanding(ValueType::kText, ValueType::kText);
    case Function::kJoin:
    case Function::kText:
    case Function::kConcat:
      return ValueType::kText;
    case Function::kCount:
      return ValueType::kInteger32;
    case Function::kCoalesce: {
      ValueType type = arguments[0].type;
      for (const Expression& argument : arguments.subspan(1)) {
        type = IsNullConstant(argument) ? type : CommonType(type, argument.type);
      }
      return type;
    }
    case Function::kList:
    case Function::kMinimum:
    case Function::kMaximum:
    case Function::kFirst:
    case Function::kDistinct:
      return arguments[0].type;
  }
  return ValueType::kUnknown;
}

}  // namespace cacheindex::replication
