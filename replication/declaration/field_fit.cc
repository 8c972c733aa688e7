#include "replication/declaration/field_fit.h"

#include <optional>

#include "replication/declaration/plan_links.h"
#include "replication/declaration/plan_messages.h"
#include "replication/rows/postgres_types.h"

namespace cacheindex::replication {
namespace {

struct ColumnOfTable {
  const StoredTable* table = nullptr;
  const TableColumn* column = nullptr;
};

// The column that a path ends at; nothing for other expressions.
std::optional<ColumnOfTable> ColumnOf(const CollectionPlan& plan, const Expression& value,
                                      const TableCatalogue& tables) {
  const bool is_each = value.kind == Expression::Kind::kEach && !value.steps.empty();
  const Expression& end = is_each ? value.arguments.front() : value;
  if (end.kind != Expression::Kind::kColumn) {
    return std::nullopt;
  }
  const std::uint32_t place = is_each ? value.steps.back().place : 0;
  const StoredTable* const table = tables.Find(plan.places[place].table);
  const TableVersion& version = table->latest();
  return ColumnOfTable{table, &version.table->columns[*version.columns[end.slot]]};
}

bool IsNumberOrBoolean(std::string_view type) {
  return type.starts_with("int") || type.starts_with("float") || type.starts_with("bool");
}

}  // namespace

std::string WhyNeverFits(const CollectionPlan& plan, const CollectionPlan::Field& field,
                         std::string_view type, const TableCatalogue& tables) {
  const std::string has_type = "has type " + std::string(type) + ", and ";
  const ValueType of_value = field.value.type;
  if (of_value == ValueType::kObject) {
    return field.has_star || type.starts_with("object") || type == "auto"
               ? std::string()
               : has_type + "its values are objects";
  }
  const auto end = ColumnOf(plan, field.value, tables);
  if (!end) {
    return {};
  }
  const TypeKind kind = KindOfType(end->column->base_type);
  const bool is_plain = kind != TypeKind::kJson && kind != TypeKind::kOther;
  const bool is_date = kind == TypeKind::kTimestamp;
  const bool never = (type.starts_with("object") && is_plain) ||
                     (IsNumberOrBoolean(type) && (is_date || kind == TypeKind::kUuid));
  if (!never) {
    return {};
  }
  return has_type + "column \"" + end->column->name + "\" of " + Describe(*end->table) + " is " +
         DescribeType(*end->table, end->column->name) +
         (is_date && IsNumberOrBoolean(type) ? ": take unix(...) of it for seconds" : "");
}

}  // namespace cacheindex::replication
