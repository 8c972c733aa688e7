#include <algorithm>
#include <utility>

#include "replication/postgres/catalog.h"
#include "replication/rows/postgres_types.h"

// What happened to a table between two looks at the catalog.

namespace cacheindex::replication {
namespace {

// Whether values that are stored print as before although the column has another type: otherwise
// the server rewrites them, but for types of which it knows that the bytes are the same.
bool PrintsAsBefore(const TableColumn& before, const TableColumn& now) {
  const auto is_text = [](std::uint32_t type) { return KindOfType(type) == TypeKind::kText; };
  return before.type == now.type || before.base_type == now.base_type ||
         (is_text(before.base_type) && is_text(now.base_type));
}

// Returns what of the type's details is not what it was; empty when values print as before. More
// labels change nothing.
std::string ChangeOfType(const TableColumn& before, const TableColumn& now) {
  for (const auto& [detail, text] : before.type_details) {
    const auto found = now.type_details.find(detail);
    if (found != now.type_details.end() && found->second == text) {
      continue;
    }
    if (!detail.starts_with("label/")) {
      return "its attributes changed";
    }
    return found == now.type_details.end()
               ? "the label '" + text + "' is gone"
               : "the label '" + text + "' was renamed to '" + found->second + "'";
  }
  return {};
}

// Numbers of the key's columns in the order of the key. An older program did not store it, and made
// ids in the order of the table.
std::vector<std::int16_t> KeyOf(const Table& table) {
  std::vector<std::pair<std::int16_t, std::int16_t>> places;
  for (const TableColumn& column : table.columns) {
    if (column.is_key) {
      places.emplace_back(column.key_place, column.number);
    }
  }
  std::stable_sort(places.begin(), places.end(),
                   [](const auto& left, const auto& right) { return left.first < right.first; });
  std::vector<std::int16_t> key;
  key.reserve(places.size());
  for (const auto& [place, number] : places) {
    key.push_back(number);
  }
  return key;
}

bool HasKeyPlaces(const Table& table) {
  return std::any_of(table.columns.begin(), table.columns.end(),
                     [](const TableColumn& column) { return column.key_place >= 0; });
}

bool HaveSameKeyColumns(const Table& left, const Table& right) {
  std::vector<std::int16_t> of_left = KeyOf(left);
  std::vector<std::int16_t> of_right = KeyOf(right);
  std::sort(of_left.begin(), of_left.end());
  std::sort(of_right.begin(), of_right.end());
  return of_left == of_right;
}

std::string ReasonOfTypes(const Table& known, const CatalogTable& now) {
  for (const TableColumn& column : now.table->columns) {
    const auto before = std::find_if(
        known.columns.begin(), known.columns.end(), [&column](const TableColumn& candidate) {
          return candidate.number == column.number && candidate.number != 0;
        });
    if (before == known.columns.end()) {
      continue;
    }
    const auto type_name = now.type_names.find(column.name);
    const std::string what = "column " + column.name + " of " + now.table->QualifiedName();
    const std::string type = type_name == now.type_names.end() ? "" : " " + type_name->second;
    if (!PrintsAsBefore(*before, column)) {
      return what + " has the type" + type + " now, by which its values print in another way";
    }
    if (const std::string change = ChangeOfType(*before, column); !change.empty()) {
      return "the type" + type + " of " + what + " was altered: " + change;
    }
  }
  return {};
}

}  // namespace

std::shared_ptr<const Table> WithTypeDetails(const Table& known, const CatalogTable& now) {
  auto table = std::make_shared<Table>(known);
  bool is_same = true;
  for (TableColumn& column : table->columns) {
    const auto position = now.table->FindColumn(column.name);
    if (position && now.table->columns[*position].type == column.type &&
        now.table->columns[*position].type_details != column.type_details) {
      column.type_details = now.table->columns[*position].type_details;
      is_same = false;
    }
  }
  return is_same ? nullptr : table;
}

std::string ReasonForNewCopy(const Table& known, const CatalogTable& now) {
  const Table& table = *now.table;
  if (table.row_filter != known.row_filter) {
    return "the row filter of " + table.QualifiedName() + " changed";
  }
  if (now.is_partitioned && known.file_node != 0 && known.file_node != table.file_node) {
    return "partitions of " + table.QualifiedName() + " were attached, detached or rewritten";
  }
  bool has_new_shape = known.columns.size() != table.columns.size();
  for (const TableColumn& column : table.columns) {
    const auto before = std::find_if(
        known.columns.begin(), known.columns.end(), [&column](const TableColumn& candidate) {
          return candidate.number == column.number && candidate.number != 0;
        });
    if (before == known.columns.end()) {
      has_new_shape = true;
      const bool is_known_name = std::any_of(
          known.columns.begin(), known.columns.end(), [&column](const TableColumn& candidate) {
            return candidate.name == column.name && candidate.number != 0;
          });
      if (is_known_name) {
        return "column " + column.name + " of " + table.QualifiedName() +
               " was dropped and added again, and rows are kept by names";
      }
      const std::vector<std::string>& missing = now.columns_with_missing_value;
      if (std::find(missing.begin(), missing.end(), column.name) != missing.end()) {
        return "column " + column.name + " was added to " + table.QualifiedName() +
               " with a default value";
      }
    } else if (before->name != column.name) {
      return "column " + before->name + " of " + table.QualifiedName() + " was renamed to " +
             column.name + ", and rows are kept by names";
    } else {
      has_new_shape = has_new_shape || before->type != column.type ||
                      before->type_modifier != column.type_modifier;
    }
  }
  if (KeyOf(known) != KeyOf(table)) {
    if (!HasKeyPlaces(known) && HaveSameKeyColumns(known, table)) {
      return "ids of rows of " + table.QualifiedName() +
             " join its key in the order of the key, and no longer of the table";
    }
    return "the key of " + table.QualifiedName() + " changed";
  }
  if (has_new_shape && known.file_node != 0 && known.file_node != table.file_node) {
    return "columns of " + table.QualifiedName() + " changed and its rows were rewritten";
  }
  if (known.IsKeyless() && HasLostColumn(known, now)) {
    return "a column of " + table.QualifiedName() + ", whose rows have no other key, was dropped";
  }
  return ReasonOfTypes(known, now);
}

bool HasLostColumn(const Table& known, const CatalogTable& now) {
  const std::vector<TableColumn>& columns = now.table->columns;
  return std::any_of(known.columns.begin(), known.columns.end(), [&](const TableColumn& column) {
    return column.number != 0 &&
           std::none_of(columns.begin(), columns.end(), [&](const TableColumn& candidate) {
             return candidate.number == column.number;
           });
  });
}

}  // namespace cacheindex::replication
