#include "replication/expression_evaluator.h"

#include <algorithm>
#include <string>
#include <utility>

#include "replication/postgres_types.h"

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
    // Null comes last in either direction; equal rows stay in the order of their keys.
    std::stable_sort(sorted.begin(), sorted.end(), [&](const Sorted& left, const Sorted& right) {
      for (std::size_t i = 0; i < step.order.size(); ++i) {
        if (left.keys[i].is_null() != right.keys[i].is_null()) {
          return right.keys[i].is_null();
        }
        const int order = Compare(left.keys[i], right.keys[i]).value_or(0);
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
    case Expression::Kind::kEach: {
      const RowReader::Rows rows = Rows(expression.steps, row);
      return rows.empty() ? Term() : One(expression.arguments[0], *rows.front());
    }
    case Expression::Kind::kRows:
      return Term::Integer(static_cast<std::int64_t>(Rows(expression.steps, row).size()));
    case Expression::Kind::kObject:
    case Expression::Kind::kPivot:
    case Expression::Kind::kLevels: {
      Json value = Value(expression, row, WantedType::kAsItIs, false);
      return value.is_null() ? Term() : Term::OfJson(scratch_.Keep(std::move(value)));
    }
    case Expression::Kind::kCall:
      return Call(expression, row);
  }
  return {};
}

void ExpressionEvaluator::Many(const Expression& expression, const LoadedRow& row,
                               std::vector<Term>& terms) {
  if (expression.kind == Expression::Kind::kEach) {
    for (const LoadedRow* const each : Rows(expression.steps, row)) {
      Many(expression.arguments[0], *each, terms);
    }
    return;
  }
  if (expression.kind == Expression::Kind::kCall && expression.function == Function::kList) {
    for (const Expression& argument : expression.arguments) {
      Many(argument, row, terms);
    }
    return;
  }
  if (expression.kind == Expression::Kind::kCall && expression.function == Function::kDistinct) {
    std::vector<Term> all;
    Many(expression.arguments[0], row, all);
    std::vector<std::string> seen;
    for (const Term& term : all) {
      std::string text = TextOf(term);
      if (std::find(seen.begin(), seen.end(), text) == seen.end()) {
        seen.push_back(std::move(text));
        terms.push_back(term);
      }
    }
    return;
  }
  if (const Term term = One(expression, row); !term.is_null()) {
    terms.push_back(term);
  }
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
    case Expression::Kind::kConstant:
    case Expression::Kind::kColumn:
    case Expression::Kind::kEach:
    case Expression::Kind::kRows:
    case Expression::Kind::kCall:
      break;
  }
  if (!expression.is_many) {
    Json value = ToJson(One(expression, row), wanted);
    if (!is_array || value.is_null() || value.is_array()) {
      return value;
    }
    Json array = Json::array();
    array.push_back(std::move(value));
    return array;
  }
  std::vector<Term> terms;
  Many(expression, row, terms);
  Json array = Json::array();
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
    if (is_array) {
      member.push_back(ToJson(value, wanted));
    } else if (member.is_null()) {
      member = ToJson(value, wanted);
    }
  }
  return object.empty() ? Json() : object;
}

std::vector<std::string> ExpressionEvaluator::NamesUpToRoot(const Expression& levels,
                                                            const LoadedRow& row) {
  std::vector<std::string> names;
  std::vector<std::string_view> seen;
  const Access& up = (*places_)[levels.tree].down;
  const LoadedRow* at = &row;
  while (at != nullptr && seen.size() < kTreeDepthMax &&
         std::find(seen.begin(), seen.end(), at->key) == seen.end()) {
    seen.push_back(at->key);
    if (const Term name = One(levels.arguments[0], *at); !name.is_null()) {
      names.push_back(TextOf(name));
    }
    const auto parents = rows_.Follow(up, *at);
    if (!parents) {
      failure_ = parents.error();
      break;
    }
    at = (*parents)->empty() ? nullptr : (*parents)->front();
  }
  return names;
}

Json ExpressionEvaluator::Levels(const Expression& levels, const LoadedRow& row) {
  Json object = Json::object();
  for (const LoadedRow* const leaf : Rows(levels.steps, row)) {
    const std::vector<std::string> names = NamesUpToRoot(levels, *leaf);
    std::string path;
    for (std::size_t i = 0; i < names.size(); ++i) {
      path += (i == 0 ? "" : levels.separator) + names[names.size() - 1 - i];
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
