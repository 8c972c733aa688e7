#include "replication/declaration/text_comparison.h"

#include <algorithm>
#include <span>
#include <utility>

#include "replication/rows/postgres_types.h"
#include "replication/rows/value_reading.h"

namespace cacheindex::replication {
namespace {

using Kind = TextComparison::Kind;

constexpr std::uint32_t kTypeBytea = 17;
constexpr std::uint32_t kTypeMacAddress = 829;
constexpr std::uint32_t kTypeTime = 1083;
constexpr std::uint32_t kTypeChar = 18;

Error Invalid(std::string message) {
  return Error(ErrorCode::kInvalidArgument, std::move(message));
}

std::string Quoted(std::string_view text) { return "\"" + std::string(text) + "\""; }

// Whether the texts that the source prints stand in the order of the values.
bool IsOrderedAsPrinted(std::uint32_t base_type) {
  return base_type == kTypeBytea || base_type == kTypeMacAddress || base_type == kTypeTime ||
         base_type == kTypeChar;
}

bool IsConstant(const Expression& expression) {
  return expression.kind == Expression::Kind::kConstant;
}

// Of values of which constants take the others' type. Texts of two types are compared as text.
TextComparison CommonComparison(std::span<const Expression> arguments) {
  std::optional<TextComparison> common;
  for (const Expression& argument : arguments) {
    if (IsConstant(argument)) {
      continue;
    }
    const TextComparison& own = argument.comparison;
    if (own.kind == Kind::kUnknown || (common && common->kind == Kind::kUnknown)) {
      return {.kind = Kind::kUnknown, .folding = CaseFolding::kNone};
    }
    if (common && *common != own) {
      const bool is_unordered = own.kind == Kind::kUnordered || common->kind == Kind::kUnordered;
      common = TextComparison{.kind = is_unordered ? Kind::kUnordered : Kind::kBytes,
                              .folding = CaseFolding::kNone};
    } else {
      common = own;
    }
  }
  return common.value_or(TextComparison());
}

// Constants are read as the other side's type.
Result<void> ReadConstants(const TextComparison& comparison, std::span<Expression> arguments) {
  for (Expression& argument : arguments) {
    if (comparison.kind != Kind::kUuid || !IsConstant(argument) || !argument.constant.is_string()) {
      continue;
    }
    auto& text = argument.constant.get_ref<std::string&>();
    auto spelled = SpellUuid(text);
    if (!spelled) {
      return Invalid(Quoted(text) + " is compared with a uuid and is none");
    }
    text = *std::move(spelled);
  }
  return {};
}

Result<void> DemandEquality(std::string_view who, const TextComparison& comparison) {
  if (comparison.kind != Kind::kUnknown) {
    return {};
  }
  return Invalid(
      Quoted(who) +
      " compares texts of a column whose collation is not deterministic, or of citext in "
      "a database whose language has a lower case of its own: only the server knows "
      "which are equal; text(column) compares their bytes");
}

}  // namespace

TextComparison ComparisonOf(const TableColumn& column) {
  TextComparison comparison;
  comparison.folding = column.folding;
  if (!column.loose_collation.empty() || column.folding == CaseFolding::kUnknown) {
    comparison.kind = Kind::kUnknown;
    return comparison;
  }
  if (column.folding != CaseFolding::kNone) {
    comparison.kind = Kind::kFolded;
    return comparison;
  }
  const std::uint32_t type = column.element_type != 0
                                 ? column.element_type
                                 : ElementType(column.base_type).value_or(column.base_type);
  switch (KindOfType(type)) {
    case TypeKind::kUuid:
      comparison.kind = Kind::kUuid;
      break;
    case TypeKind::kPaddedText:
      comparison.kind = Kind::kPadded;
      break;
    case TypeKind::kTimestamp:
      comparison.kind = Kind::kTime;
      break;
    case TypeKind::kOther:
      comparison.kind = IsOrderedAsPrinted(type) ? Kind::kBytes : Kind::kUnordered;
      break;
    case TypeKind::kBoolean:
    case TypeKind::kInteger:
    case TypeKind::kNumeric:
    case TypeKind::kReal:
    case TypeKind::kText:
    case TypeKind::kJson:
    case TypeKind::kHstore:
      break;
  }
  return comparison;
}

Result<void> DemandOrder(std::string_view who, const TextComparison& comparison) {
  if (comparison.kind != Kind::kUnordered) {
    return DemandEquality(who, comparison);
  }
  return Invalid(Quoted(who) +
                 " needs an order, and that of the column's type is the server's own: say it with "
                 "if(column = 'one', 1, 2), or text(column) for the order of what is printed");
}

Result<void> SettleComparison(const FunctionInfo& info, Expression& call) {
  const Function function = call.function;
  const std::span<Expression> arguments(call.arguments);
  if (function >= Function::kIn && function <= Function::kGreaterOrEqual) {
    call.compared = CommonComparison(arguments);
    const bool needs_order = function >= Function::kLess;
    auto known = needs_order ? DemandOrder(info.name, call.compared)
                             : DemandEquality(info.name, call.compared);
    return known ? ReadConstants(call.compared, arguments) : known;
  }
  switch (static_cast<int>(function)) {
    case static_cast<int>(Function::kGreatest):
    case static_cast<int>(Function::kLeast):
    case static_cast<int>(Function::kMinimum):
    case static_cast<int>(Function::kMaximum):
      call.comparison = CommonComparison(arguments);
      call.compared = call.comparison;
      return DemandOrder(info.name, call.compared);
    case static_cast<int>(Function::kDistinct):
      call.comparison = CommonComparison(arguments);
      call.compared = call.comparison;
      return DemandEquality(info.name, call.compared);
    case static_cast<int>(Function::kCoalesce):
    case static_cast<int>(Function::kList):
    case static_cast<int>(Function::kElements):
    case static_cast<int>(Function::kFirst):
      call.comparison = CommonComparison(arguments);
      return {};
    case static_cast<int>(Function::kIf):
      call.comparison = CommonComparison(arguments.subspan(1));
      return {};
    case static_cast<int>(Function::kText):
      return {};
    case static_cast<int>(Function::kLike):
    case static_cast<int>(Function::kLikeInAnyCase):
      call.compared = CommonComparison(arguments);
      return DemandEquality(info.name, call.compared);
    default:
      break;
  }
  // What is made of a text has its collation.
  if (CommonComparison(arguments).kind == Kind::kUnknown) {
    call.comparison.kind = Kind::kUnknown;
  }
  return {};
}

std::optional<int> Compare(const TextComparison& comparison, const Term& left, const Term& right) {
  if (left.kind != Term::Kind::kText || right.kind != Term::Kind::kText) {
    return Compare(left, right);
  }
  if (comparison.kind == Kind::kTime) {
    Term moment = left;
    moment.is_time = true;
    return Compare(moment, right);
  }
  if (comparison.kind == Kind::kPadded) {
    return Compare(Term::Text(WithoutPadding(left.text)), Term::Text(WithoutPadding(right.text)));
  }
  if (comparison.kind == Kind::kFolded) {
    const std::string folded = Fold(comparison.folding, left.text);
    return Compare(Term::Text(folded), Term::Text(Fold(comparison.folding, right.text)));
  }
  return Compare(left, right);
}

std::string EqualText(const TextComparison& comparison, std::string text) {
  if (comparison.kind == Kind::kFolded) {
    return Fold(comparison.folding, text);
  }
  return comparison.kind == Kind::kPadded ? std::string(WithoutPadding(text)) : std::move(text);
}

}  // namespace cacheindex::replication
