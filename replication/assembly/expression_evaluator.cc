#include "replication/assembly/expression_evaluator.h"

#include <algorithm>
#include <string>
#include <unordered_set>
#include <utility>

#include "node/core/number_text.h"
#include "replication/declaration/text_comparison.h"
#include "replication/rows/postgres_types.h"
#include "replication/values/text_functions.h"

// Rows, columns, objects; functions are in expression_calls.cc.

namespace cacheindex::replication {

RowReader::Rows ExpressionEvaluator::Rows(const std::vector<PathStep>& steps,
                                          const LoadedRow& row) {
  RowReader::Rows found{&row};
  for (const PathStep& step : steps) {
    RowReader::Rows next;
    for (const LoadedRow* const from : found) {
      const auto followed = rows_.Follow((*places_)[step.place].down, *from);
      if (!followed) {
        failure_ = followed.error();
        return {};
      }
      RowReader::Rows belonging = **followed;
      Narrow(step, belonging);
      next.insert(next.end(), belonging.begin(), belonging.end());
      if (next.size() > kPlaceRowsMax) {
        failure_ = rows_.TooManyRows((*places_)[step.place].table);
        return {};
      }
    }
    found = std::move(next);
  }
  return found;
}

void ExpressionEvaluator::Narrow(const PathStep& step, RowReader::Rows& rows) {
  if (!step.where.empty()) {
    std::erase_if(rows, [&](const LoadedRow* row) { return !One(step.where[0], *row).is_true(); });
  }
  if (!step.order.empty() && rows.size() > 1) {
    struct Sorted {
      const LoadedRow* row;
      std::vector<Term> keys;
    };
    std::vector<Sorted> sorted;
    for (const LoadedRow* const row : rows) {
      Sorted& entry = sorted.emplace_back(Sorted{row, {}});
      for (const PathStep::Order& order : step.order) {
        entry.keys.push_back(One(order.key[0], *row));
      }
    }
    // Null comes last in either direction where nobody says otherwise; equal rows stay in the order
    // of their keys.
    std::stable_sort(sorted.begin(), sorted.end(), [&](const Sorted& left, const Sorted& right) {
      for (std::size_t i = 0; i < step.order.size(); ++i) {
        if (left.keys[i].is_null() != right.keys[i].is_null()) {
          return right.keys[i].is_null() != step.order[i].are_nulls_first;
        }
        const int order =
            Compare(step.order[i].key[0].comparison, left.keys[i], right.keys[i]).value_or(0);
        if (order != 0) {
          return step.order[i].is_descending ? order > 0 : order < 0;
        }
      }
      return false;
    });
    std::transform(sorted.begin(), sorted.end(), rows.begin(),
                   [](const Sorted& entry) { return entry.row; });
  }
  if (step.limit && rows.size() > *step.limit) {
    rows.resize(*step.limit);
  }
}

Term ExpressionEvaluator::Column(std::uint32_t slot, const LoadedRow& row) {
  const TableVersion& version = *row.row.version;
  if (slot >= version.columns.size() || !version.columns[slot] ||
      row.row.cells[slot].state != Cell::State::kText) {
    return {};
  }
  return ParseValue(version.table->columns[*version.columns[slot]].base_type,
                    row.row.cells[slot].text, scratch_);
}

Term ExpressionEvaluator::One(const Expression& expression, const LoadedRow& row) {
  switch (expression.kind) {
    case Expression::Kind::kConstant:
      if (expression.constant.is_string()) {
        return Term::Text(expression.constant.get_ref<const std::string&>());
      }
      if (expression.constant.is_number_integer()) {
        return Term::Integer(expression.constant.get<std::int64_t>());
      }
      if (expression.constant.is_boolean()) {
        return Term::Boolean(expression.constant.get<bool>());
      }
      return expression.constant.is_number()
                 ? ParseValue(kTypeNumeric, scratch_.Keep(DumpJson(expression.constant)), scratch_)
                 : Term();
    case Expression::Kind::kColumn:
      return Column(expression.slot, row);
    case Expression::Kind::kMember:
      return Member(expression, row);
    case Expression::Kind::kEach: {
      const RowReader::Rows rows = Rows(expression.steps, row);
      return rows.empty() ? Term() : One(expression.arguments[0], *rows.front());
    }
    case Expression::Kind::kRows:
      return Term::Integer(static_cast<std::int64_t>(Rows(expression.steps, row).size()));
    case Expression::Kind::kObject:
    case Expression::Kind::kPivot:
    case Expression::Kind::kLevels:
    case Expression::Kind::kAncestors: {
      Json value = Value(expression, row, WantedType::kAsItIs, false);
      return value.is_null() ? Term() : Term::OfJson(scratch_.Keep(std::move(value)));
    }
    case Expression::Kind::kCall:
      return Call(expression, row);
  }
  return {};
}

// As the source's #>> does it: names in objects, places in arrays, from the end for negative ones.
Term ExpressionEvaluator::Member(const Expression& member, const LoadedRow& row) {
  const Term whole = One(member.arguments[0], row);
  const Json* at = whole.kind == Term::Kind::kJson ? whole.json : nullptr;
  for (const std::string& name : member.path) {
    if (at == nullptr) {
      return {};
    }
    const Json* next = nullptr;
    if (at->is_object()) {
      const auto found = at->find(name);
      next = found == at->end() ? nullptr : &*found;
    } else if (const auto place = at->is_array() ? ToNumber<std::int64_t>(name) : std::nullopt) {
      const auto size = static_cast<std::int64_t>(at->size());
      const std::int64_t index = *place < 0 ? size + *place : *place;
      next = index >= 0 && index < size ? &(*at)[static_cast<std::size_t>(index)] : nullptr;
    }
    at = next;
  }
  return at == nullptr ? Term() : TermOfJson(*at);
}

namespace {

// Appends the elements of an array, those of inner ones too; returns whether one is null.
bool AppendElements(const Json& array, std::vector<Term>& terms) {
  bool has_null = false;
  for (const Json& element : array) {
    if (element.is_null()) {
      has_null = true;
    } else if (element.is_array()) {
      has_null = AppendElements(element, terms) || has_null;
    } else {
      terms.push_back(TermOfJson(element));
    }
  }
  return has_null;
}

bool IsArray(const Term& term) { return term.kind == Term::Kind::kJson && term.json->is_array(); }

bool IsArrayColumn(const Expression& expression) {
  return expression.kind == Expression::Kind::kColumn && expression.is_many;
}

// The first of equal values: 2.5 and 2.50 are one.
void KeepDistinct(const TextComparison& comparison, std::vector<Term>& terms) {
  std::unordered_set<std::string> seen;
  std::erase_if(terms, [&](const Term& term) {
    const bool is_decimal = term.kind == Term::Kind::kDecimal;
    return !seen.insert(is_decimal ? TextOf(WithoutZeros(term.decimal()))
                                   : EqualText(comparison, TextOf(term)))
                .second;
  });
}

}  // namespace

bool ExpressionEvaluator::Many(const Expression& expression, const LoadedRow& row,
                               std::vector<Term>& terms) {
  if (expression.kind == Expression::Kind::kEach) {
    bool has_null = false;
    for (const LoadedRow* const each : Rows(expression.steps, row)) {
      has_null = Many(expression.arguments[0], *each, terms) || has_null;
    }
    return has_null;
  }
  if (expression.kind == Expression::Kind::kAncestors) {
    for (const LoadedRow* const each : Rows(expression.steps, row)) {
      const std::vector<Term> values = FromRoot(expression, *each);
      terms.insert(terms.end(), values.begin(), values.end());
    }
    return false;
  }
  if (expression.kind == Expression::Kind::kCall && expression.is_many) {
    return ManyOfCall(expression, row, terms);
  }
  const Term term = One(expression, row);
  if (IsArrayColumn(expression) && IsArray(term)) {
    return AppendElements(*term.json, terms);
  }
  if (!term.is_null()) {
    terms.push_back(term);
  }
  return term.is_null();
}

bool ExpressionEvaluator::ManyOfCall(const Expression& call, const LoadedRow& row,
                                     std::vector<Term>& terms) {
  if (call.function == Function::kSplit) {
    const Term text = One(call.arguments[0], row);
    const Term separator = One(call.arguments[1], row);
    if (text.is_null() || separator.is_null()) {
      return false;
    }
    const std::string_view kept = scratch_.Keep(TextOf(text));
    for (const std::string_view piece : Split(kept, TextOf(separator))) {
      terms.push_back(Term::Text(piece));
    }
    return false;
  }
  std::vector<Term> all;
  bool has_null = false;
  for (const Expression& argument : call.arguments) {
    has_null = Many(argument, row, all) || has_null;
  }
  if (call.function == Function::kDistinct) {
    KeepDistinct(call.compared, all);
  }
  for (const Term& term : all) {
    if (call.function == Function::kElements && IsArray(term)) {
      has_null = AppendElements(*term.json, terms) || has_null;
    } else {
      terms.push_back(term);
    }
  }
  return has_null;
}

// A whole array as the document shows it; inner arrays stay as they are.
Json ExpressionEvaluator::Array(const Term& array, WantedType wanted) {
  if (!IsArray(array) || wanted == WantedType::kAsItIs) {
    return ToJson(array, wanted);
  }
  Json elements = Json::array();
  for (const Json& element : *array.json) {
    elements.push_back(element.is_structured() ? element : ToJson(TermOfJson(element), wanted));
  }
  return elements;
}

Json ExpressionEvaluator::Value(const Expression& expression, const LoadedRow& row,
                                WantedType wanted, bool is_array) {
  switch (expression.kind) {
    case Expression::Kind::kObject:
      return Object(expression, row);
    case Expression::Kind::kPivot:
      return Pivot(expression, row, wanted, is_array);
    case Expression::Kind::kLevels:
      return Levels(expression, row);
    case Expression::Kind::kEach:
      // One row's value is the row's own.
      if (!expression.has_many_rows) {
        const RowReader::Rows rows = Rows(expression.steps, row);
        return rows.empty() ? Json()
                            : Value(expression.arguments[0], *rows.front(), wanted, is_array);
      }
      break;
    case Expression::Kind::kConstant:
    case Expression::Kind::kColumn:
    case Expression::Kind::kMember:
    case Expression::Kind::kRows:
    case Expression::Kind::kAncestors:
    case Expression::Kind::kCall:
      break;
  }
  if (IsArrayColumn(expression)) {
    return Array(One(expression, row), wanted);
  }
  Json array = Json::array();
  if (!expression.is_many) {
    Json value = ToJson(One(expression, row), wanted);
    if (!is_array || value.is_null() || value.is_array()) {
      return value;
    }
    array.push_back(std::move(value));
    return array;
  }
  std::vector<Term> terms;
  Many(expression, row, terms);
  for (const Term& term : terms) {
    array.push_back(ToJson(term, wanted));
  }
  return array;
}

Json ExpressionEvaluator::Object(const Expression& object, const LoadedRow& row) {
  Json value = Json::object();
  for (const auto& [name, member] : object.members) {
    Json part = Value(member, row, WantedType::kAsItIs, false);
    if (!part.is_null()) {
      value[name] = std::move(part);
    }
  }
  return value;
}

Json ExpressionEvaluator::Pivot(const Expression& pivot, const LoadedRow& row, WantedType wanted,
                                bool is_array) {
  Json object = Json::object();
  for (const LoadedRow* const each : Rows(pivot.steps, row)) {
    const Term name = One(pivot.arguments[0], *each);
    const Term value = name.is_null() ? Term() : One(pivot.arguments[1], *each);
    if (value.is_null()) {
      continue;
    }
    Json& member = object[TextOf(name)];
    Json shown = ToJson(value, wanted);
    const bool is_repeated =
        pivot.is_distinct && std::find(member.begin(), member.end(), shown) != member.end();
    if (is_array && !is_repeated) {
      member.push_back(std::move(shown));
    } else if (member.is_null()) {
      member = std::move(shown);
    }
  }
  return object.empty() ? Json() : object;
}

// The values of a row and its ancestors, the root's first, without those that are null.
std::vector<Term> ExpressionEvaluator::FromRoot(const Expression& tree, const LoadedRow& row) {
  std::vector<Term> values;
  std::vector<std::string_view> seen;
  const Access& up = (*places_)[tree.tree].down;
  const LoadedRow* at = &row;
  while (at != nullptr && seen.size() < kTreeDepthMax &&
         std::find(seen.begin(), seen.end(), at->key) == seen.end()) {
    const Expression& argument = tree.arguments[seen.empty() ? 0 : 1];
    seen.push_back(at->key);
    if (const Term value = One(argument, *at); !value.is_null()) {
      values.push_back(value);
    }
    const auto parents = rows_.Follow(up, *at);
    if (!parents) {
      failure_ = parents.error();
      break;
    }
    at = (*parents)->empty() ? nullptr : (*parents)->front();
  }
  std::reverse(values.begin(), values.end());
  return values;
}

Json ExpressionEvaluator::Levels(const Expression& levels, const LoadedRow& row) {
  Json object = Json::object();
  for (const LoadedRow* const leaf : Rows(levels.steps, row)) {
    const std::vector<Term> names = FromRoot(levels, *leaf);
    std::string path;
    for (std::size_t i = 0; i < names.size(); ++i) {
      path += (i == 0 ? "" : levels.separator) + TextOf(names[i]);
      Json& level = object["lvl" + std::to_string(i)];
      if (!levels.has_many_rows) {
        level = path;
      } else if (level.is_null() || std::find(level.begin(), level.end(), path) == level.end()) {
        level.push_back(path);
      }
    }
  }
  return object.empty() ? Json() : object;
}

}  // namespace cacheindex::replication
