#include "replication/declaration/expression_compiler.h"

#include <algorithm>
#include <span>
#include <utility>

#include "replication/declaration/expression_functions.h"
#include "replication/declaration/text_comparison.h"
#include "replication/rows/postgres_types.h"

namespace cacheindex::replication {
namespace {

/// Places of one collection, at most.
constexpr std::size_t kPlacesMax = 1'000;

Error Invalid(std::string message) {
  return Error(ErrorCode::kInvalidArgument, std::move(message));
}

// Of an array the type of its elements.
ValueType TypeOfColumn(std::uint32_t base_type) {
  base_type = ElementType(base_type).value_or(base_type);
  switch (KindOfType(base_type)) {
    case TypeKind::kBoolean:
      return ValueType::kBoolean;
    case TypeKind::kInteger:
      return base_type == kTypeInt8 || base_type == kTypeOid ? ValueType::kInteger64
                                                             : ValueType::kInteger32;
    case TypeKind::kNumeric:
    case TypeKind::kReal:
      return ValueType::kReal;
    case TypeKind::kText:
    case TypeKind::kPaddedText:
    case TypeKind::kUuid:
    case TypeKind::kTimestamp:
    case TypeKind::kOther:
      return ValueType::kText;
    case TypeKind::kHstore:
      return ValueType::kObject;
    case TypeKind::kJson:
      break;
  }
  return ValueType::kUnknown;
}

ValueType TypeOfConstant(const Json& constant) {
  if (constant.is_boolean()) {
    return ValueType::kBoolean;
  }
  if (constant.is_number_integer()) {
    return ValueType::kInteger64;
  }
  if (constant.is_number()) {
    return ValueType::kReal;
  }
  return constant.is_string() ? ValueType::kText : ValueType::kUnknown;
}

std::string Spell(const Syntax& path) {
  std::string text;
  for (const Syntax::Step& step : path.steps) {
    text += (text.empty() ? "" : ".") + step.name;
  }
  return text;
}

bool HasBrackets(const Syntax::Step& step) {
  return !step.via.empty() || !step.where.empty() || !step.order.empty() || step.limit;
}

bool IsTime(ValueType type) {
  return type == ValueType::kMoment || type == ValueType::kMovingMoment ||
         type == ValueType::kDuration;
}

// An expression about each row that the steps find.
Expression ForEach(std::vector<PathStep> steps, bool is_many, Expression value) {
  Expression each;
  each.kind = Expression::Kind::kEach;
  each.type = value.type;
  each.comparison = value.comparison;
  each.is_many = is_many || value.is_many;
  each.has_many_rows = is_many;
  each.steps = std::move(steps);
  each.arguments.push_back(std::move(value));
  return each;
}

}  // namespace

Result<Expression> ExpressionCompiler::Compile(const Syntax& syntax, std::uint32_t place) {
  auto expression = CompileAny(syntax, place);
  if (expression && IsTime(expression->type)) {
    return Invalid(std::string(NameOf(expression->type)) +
                   " can be compared only: created_at > now() - days(30)");
  }
  return expression;
}

Result<Expression> ExpressionCompiler::CompileAny(const Syntax& syntax, std::uint32_t place) {
  switch (syntax.kind) {
    case Syntax::Kind::kConstant: {
      Expression constant;
      constant.constant = syntax.constant;
      constant.type = TypeOfConstant(syntax.constant);
      return constant;
    }
    case Syntax::Kind::kPath:
      return CompilePath(syntax, place, PathEnd::kValue);
    case Syntax::Kind::kObject:
      return CompileObject(syntax, place);
    case Syntax::Kind::kCall:
      return CompileCall(syntax, place);
  }
  return Invalid("unknown syntax");
}

Result<Expression> ExpressionCompiler::CompileCondition(const Syntax& syntax, std::uint32_t place) {
  auto condition = Compile(syntax, place);
  if (condition && (condition->is_many || (condition->type != ValueType::kBoolean &&
                                           condition->type != ValueType::kUnknown))) {
    return Invalid("a condition must be true or false, not " +
                   std::string(condition->is_many ? "many values" : NameOf(condition->type)));
  }
  return condition;
}

std::uint32_t ExpressionCompiler::TypeOfSlot(std::uint32_t slot, std::uint32_t place) const {
  return ColumnOf(slot, place).base_type;
}

const TableColumn& ExpressionCompiler::ColumnOf(std::uint32_t slot, std::uint32_t place) const {
  const TableVersion& version = TableOf(place).latest();
  return version.table->columns[*version.columns[slot]];
}

Expression ExpressionCompiler::Column(std::uint32_t slot, std::uint32_t place) {
  places_[place].used[slot] |= fields_;
  Expression column;
  column.kind = Expression::Kind::kColumn;
  column.slot = slot;
  column.type = TypeOfColumn(TypeOfSlot(slot, place));
  column.comparison = ComparisonOf(ColumnOf(slot, place));
  column.is_many = ElementType(TypeOfSlot(slot, place)).has_value();
  return column;
}

std::optional<std::uint32_t> ExpressionCompiler::FindColumn(const Syntax::Step& step,
                                                            std::uint32_t place) const {
  const StoredTable& table = TableOf(place);
  const bool is_column = !HasBrackets(step) && !step.is_number &&
                         table.latest().table->FindColumn(step.name).has_value();
  return is_column ? table.FindSlot(step.name) : std::nullopt;
}

// What lies in a JSON column at the names behind it.
Result<Expression> ExpressionCompiler::CompileMember(std::uint32_t slot, std::uint32_t place,
                                                     std::span<const Syntax::Step> steps) {
  Expression member;
  member.kind = Expression::Kind::kMember;
  member.type = KindOfType(TypeOfSlot(slot, place)) == TypeKind::kHstore ? ValueType::kText
                                                                         : ValueType::kUnknown;
  member.arguments.push_back(Column(slot, place));
  for (const Syntax::Step& step : steps) {
    if (HasBrackets(step)) {
      return Invalid("\"" + step.name + "\" is a member of JSON, which has no rows to choose from");
    }
    member.path.push_back(step.name);
  }
  return member;
}

Result<PathStep> ExpressionCompiler::CompileStep(const Syntax::Step& step, std::uint32_t place) {
  const auto direction = FindDirection(tables_, links_, TableOf(place), step);
  if (!direction) {
    return direction.error();
  }
  if (places_.size() >= kPlacesMax) {
    return Invalid("more than " + std::to_string(kPlacesMax) + " ways through tables");
  }
  PathStep compiled;
  compiled.place = FindOrAddPlace(*direction, place);
  compiled.limit = step.limit;
  for (const Syntax& where : step.where) {
    auto condition = CompileCondition(where, compiled.place);
    if (!condition) {
      return std::move(condition).error();
    }
    compiled.where.push_back(*std::move(condition));
  }
  for (const Syntax::Step::Order& order : step.order) {
    auto key = Compile(order.key.front(), compiled.place);
    if (!key) {
      return std::move(key).error();
    }
    if (key->is_many || key->type == ValueType::kObject) {
      return Invalid("rows of \"" + step.name + "\" cannot be ordered by many values or objects");
    }
    if (auto ordered = DemandOrder("order by", key->comparison); !ordered) {
      return std::move(ordered).error();
    }
    PathStep::Order& compiled_order = compiled.order.emplace_back();
    compiled_order.key.push_back(*std::move(key));
    compiled_order.is_descending = order.is_descending;
    compiled_order.are_nulls_first = order.are_nulls_first;
  }
  return compiled;
}

Result<Expression> ExpressionCompiler::CompilePath(const Syntax& syntax, std::uint32_t place,
                                                   PathEnd end) {
  std::vector<PathStep> steps;
  bool is_many = false;
  const auto finish = [&](Result<Expression> value) -> Result<Expression> {
    if (!value || steps.empty()) {
      return value;
    }
    return ForEach(std::move(steps), is_many, *std::move(value));
  };
  const bool ends_in_rows = syntax.has_members || !syntax.each.empty();
  for (std::size_t i = 0; i < syntax.steps.size(); ++i) {
    const Syntax::Step& step = syntax.steps[i];
    if (const auto slot = FindColumn(step, place)) {
      const auto rest = std::span(syntax.steps).subspan(i + 1);
      const TypeKind kind = KindOfType(TypeOfSlot(*slot, place));
      const bool has_names = kind == TypeKind::kJson || kind == TypeKind::kHstore;
      if (rest.empty() && !ends_in_rows && end != PathEnd::kRows) {
        return finish(Column(*slot, place));
      }
      if (!rest.empty() && !ends_in_rows && has_names) {
        return finish(CompileMember(*slot, place, rest));
      }
    }
    auto compiled = CompileStep(step, place);
    if (!compiled) {
      return std::move(compiled).error();
    }
    place = compiled->place;
    is_many = is_many || places_[place].is_many;
    steps.push_back(*std::move(compiled));
  }
  if (syntax.has_members) {
    return finish(CompileObject(syntax, place));
  }
  if (!syntax.each.empty()) {
    return finish(Compile(syntax.each.front(), place));
  }
  if (end == PathEnd::kValue) {
    return Invalid("\"" + Spell(syntax) + "\" ends at " + Describe(TableOf(place)) +
                   ": name a column of it, its members in braces, or an expression in parentheses");
  }
  Expression rows;
  rows.kind = Expression::Kind::kRows;
  rows.type = ValueType::kInteger32;
  rows.has_many_rows = is_many;
  rows.steps = std::move(steps);
  return rows;
}

Result<Expression> ExpressionCompiler::CompileObject(const Syntax& syntax, std::uint32_t place) {
  Expression object;
  object.kind = Expression::Kind::kObject;
  object.type = ValueType::kObject;
  for (const auto& [name, member] : syntax.members) {
    auto value = Compile(member, place);
    if (!value) {
      return std::move(value).error().WithContext("member \"" + name + "\"");
    }
    object.members.push_back({name, *std::move(value)});
  }
  return object;
}

Result<Expression> ExpressionCompiler::CompileCount(const Syntax& syntax, std::uint32_t place) {
  Expression count;
  const Syntax& argument = syntax.arguments.front();
  auto rows = argument.kind == Syntax::Kind::kPath
                  ? CompilePath(argument, place, PathEnd::kRowsOrValue)
                  : Compile(argument, place);
  if (!rows) {
    return rows;
  }
  if (rows->kind == Expression::Kind::kRows) {
    count = *std::move(rows);
  } else {
    count.kind = Expression::Kind::kCall;
    count.function = Function::kCount;
    count.type = ValueType::kInteger32;
    count.arguments.push_back(*std::move(rows));
  }
  if (syntax.name == "count") {
    return count;
  }
  Expression exists;
  exists.kind = Expression::Kind::kCall;
  exists.function = Function::kGreater;
  exists.type = ValueType::kBoolean;
  exists.arguments.push_back(std::move(count));
  exists.arguments.emplace_back().constant = 0;
  return exists;
}

// The rows that the first argument of a call finds.
Result<Expression> ExpressionCompiler::CompileRows(const Syntax& call, std::uint32_t place) {
  const Syntax& path = call.arguments.front();
  auto rows = CompilePath(path, place, PathEnd::kRows);
  if (rows && rows->kind != Expression::Kind::kRows) {
    return Invalid("\"" + Spell(path) + "\" is no path to rows: " + call.name + " needs rows");
  }
  return rows;
}

Result<Expression> ExpressionCompiler::CompilePivot(const Syntax& syntax, std::uint32_t place) {
  if (syntax.arguments.size() != 3 || syntax.arguments[0].kind != Syntax::Kind::kPath) {
    return Invalid("pivot needs rows, a name and a value: pivot(attribute, name, value)");
  }
  auto pivot = CompileRows(syntax, place);
  if (!pivot) {
    return pivot;
  }
  pivot->kind = Expression::Kind::kPivot;
  pivot->type = ValueType::kObject;
  for (std::size_t i = 1; i < syntax.arguments.size(); ++i) {
    auto part = Compile(syntax.arguments[i], pivot->steps.back().place);
    if (!part) {
      return part;
    }
    if (part->is_many) {
      return Invalid("a name or a value of pivot has many values");
    }
    pivot->arguments.push_back(*std::move(part));
  }
  return pivot;
}

Result<Expression> ExpressionCompiler::CompileTree(const Syntax& syntax, std::uint32_t place) {
  const bool are_levels = syntax.name == "levels";
  const std::size_t arguments = are_levels ? 3 : 2;
  if (syntax.arguments.size() != arguments || syntax.arguments[0].kind != Syntax::Kind::kPath ||
      (are_levels && !syntax.arguments[2].constant.is_string())) {
    return Invalid(are_levels ? "levels needs a path, a name and a text between: "
                                "levels(category, name, ' > ')"
                              : "ancestors needs a path and a value: ancestors(category, name)");
  }
  auto tree = CompileRows(syntax, place);
  if (!tree) {
    return tree;
  }
  const std::uint32_t leaf = tree->steps.back().place;
  const auto link = std::find_if(links_.begin(), links_.end(), [&](const Link& candidate) {
    return candidate.from_table == places_[leaf].table &&
           candidate.to_table == candidate.from_table && !candidate.may_be_many();
  });
  if (link == links_.end()) {
    return Invalid(Describe(TableOf(leaf)) + " has no foreign key to itself: declare a reference");
  }
  tree->tree = AddTree(leaf, *link);
  // The same about the rows that the path finds, and about their parents.
  for (const std::uint32_t row : {leaf, tree->tree}) {
    auto value = Compile(syntax.arguments[1], row);
    if (!value) {
      return value;
    }
    if (value->is_many || value->type == ValueType::kObject) {
      return Invalid("\"" + syntax.name + "\" needs one value of each row of " +
                     Describe(TableOf(leaf)) + ", not many or an object");
    }
    tree->type = value->type;
    tree->comparison = value->comparison;
    tree->arguments.push_back(*std::move(value));
  }
  if (are_levels) {
    tree->kind = Expression::Kind::kLevels;
    tree->type = ValueType::kObject;
    tree->separator = syntax.arguments[2].constant.get<std::string>();
  } else {
    tree->kind = Expression::Kind::kAncestors;
    tree->is_many = true;
  }
  return tree;
}

Result<Expression> ExpressionCompiler::CompileCall(const Syntax& syntax, std::uint32_t place) {
  if ((syntax.name == "count" || syntax.name == "exists") && syntax.arguments.size() == 1) {
    return CompileCount(syntax, place);
  }
  if (syntax.name == "pivot") {
    return CompilePivot(syntax, place);
  }
  if (syntax.name == "levels" || syntax.name == "ancestors") {
    return CompileTree(syntax, place);
  }
  const FunctionInfo* const info = FindFunction(syntax.name);
  if (info == nullptr) {
    return Invalid("there is no function \"" + syntax.name + "\"");
  }
  if (syntax.arguments.size() < info->arguments_min ||
      syntax.arguments.size() > info->arguments_max) {
    return Invalid("\"" + syntax.name + "\" does not take " +
                   std::to_string(syntax.arguments.size()) + " arguments");
  }
  Expression call;
  call.kind = Expression::Kind::kCall;
  call.function = info->function;
  has_clock_ = has_clock_ || info->function == Function::kNow;
  for (const Syntax& argument : syntax.arguments) {
    auto compiled =
        TakesTime(info->function) ? CompileAny(argument, place) : Compile(argument, place);
    if (!compiled) {
      return compiled;
    }
    if (compiled->is_many && !info->TakesMany(call.arguments.size())) {
      return Invalid("\"" + syntax.name + "\" needs one value and \"" + Spell(argument) +
                     "\" gives many: take first, min, max, sum, mean or count of them");
    }
    if (info->function == Function::kDistinct && compiled->kind == Expression::Kind::kPivot) {
      compiled->is_distinct = true;
      return compiled;
    }
    call.arguments.push_back(*std::move(compiled));
  }
  call.is_many = info->gives_many;
  const auto type = TypeOfCall(*info, call.arguments);
  if (!type) {
    return type.error();
  }
  call.type = *type;
  auto settled = SettleComparison(*info, call);
  return settled ? Result<Expression>(std::move(call)) : std::move(settled).error();
}

std::uint32_t ExpressionCompiler::FindOrAddPlace(const Direction& direction, std::uint32_t parent) {
  Place place = MakePlace(tables_, direction);
  place.parent = parent;
  for (std::uint32_t i = 1; i < places_.size(); ++i) {
    const Place& known = places_[i];
    if (known.parent == parent && !known.is_tree && known.down.IsSameAs(place.down)) {
      return i;
    }
  }
  for (const std::uint32_t slot : place.down.from_slots) {
    places_[parent].used[slot] = FieldSet::All();
  }
  places_.push_back(std::move(place));
  return static_cast<std::uint32_t>(places_.size() - 1);
}

std::uint32_t ExpressionCompiler::AddTree(std::uint32_t place, const Link& link) {
  const std::uint32_t tree = [&] {
    for (std::uint32_t i = 1; i < places_.size(); ++i) {
      if (places_[i].is_tree && places_[i].parent == place) {
        return i;
      }
    }
    Place added = MakePlace(tables_, {link, false});
    added.parent = place;
    added.is_tree = true;
    places_.push_back(std::move(added));
    return static_cast<std::uint32_t>(places_.size() - 1);
  }();
  for (const std::uint32_t slot : places_[tree].down.from_slots) {
    places_[place].used[slot] = FieldSet::All();
    places_[tree].used[slot] = FieldSet::All();
  }
  return tree;
}

}  // namespace cacheindex::replication
