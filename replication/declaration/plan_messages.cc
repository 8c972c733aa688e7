#include "replication/declaration/plan_messages.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "node/core/nearest_name.h"
#include "replication/rows/postgres_types.h"

namespace cacheindex::replication {
namespace {

using Names = std::vector<std::string>;

Error Invalid(std::string message) {
  return Error(ErrorCode::kInvalidArgument, std::move(message));
}

Names ColumnsOf(const StoredTable& table) {
  Names names;
  for (const TableColumn& column : table.latest().table->columns) {
    names.push_back(column.name);
  }
  return names;
}

const std::string& NameOfTable(const TableCatalogue& tables, std::uint32_t oid) {
  return tables.Find(oid)->latest().table->name;
}

const StoredTable* FindByName(const TableCatalogue& tables, const std::string& name) {
  for (const auto& [oid, table] : tables.tables()) {
    const Table& description = *table->latest().table;
    if (description.name == name || description.QualifiedName() == name) {
      return table.get();
    }
  }
  return nullptr;
}

struct NamedType {
  std::uint32_t oid;
  std::string_view name;
};
constexpr std::array kTypeNames = {
    NamedType{16, "boolean"},
    NamedType{20, "bigint"},
    NamedType{21, "smallint"},
    NamedType{23, "integer"},
    NamedType{25, "text"},
    NamedType{26, "oid"},
    NamedType{114, "json"},
    NamedType{700, "real"},
    NamedType{701, "double precision"},
    NamedType{1042, "character"},
    NamedType{1043, "character varying"},
    NamedType{1082, "date"},
    NamedType{1083, "time"},
    NamedType{1114, "timestamp"},
    NamedType{1184, "timestamptz"},
    NamedType{1186, "interval"},
    NamedType{1700, "numeric"},
    NamedType{2950, "uuid"},
    NamedType{3802, "jsonb"},
};

std::string NameOfType(std::uint32_t oid) {
  const auto found = std::find_if(kTypeNames.begin(), kTypeNames.end(),
                                  [oid](const NamedType& type) { return type.oid == oid; });
  if (found != kTypeNames.end()) {
    return std::string(found->name);
  }
  const auto element = ElementType(oid);
  return element ? NameOfType(*element) + "[]" : "the type with oid " + std::to_string(oid);
}

}  // namespace

std::string DescribeType(const StoredTable& table, const std::string& column) {
  const Table& description = *table.latest().table;
  const auto position = description.FindColumn(column);
  return position ? NameOfType(description.columns[*position].base_type) : "none";
}

Error NoTable(const TableCatalogue& tables, const std::string& name) {
  Names names;
  for (const auto& [oid, table] : tables.tables()) {
    const Table& description = *table->latest().table;
    names.push_back(name.find('.') == std::string::npos ? description.name
                                                        : description.QualifiedName());
  }
  return Invalid("the publication has no table \"" + name + "\"" + DidYouMean(name, names));
}

Error NoColumn(const StoredTable& table, const std::string& name) {
  return Invalid(Describe(table) + " has no column \"" + name + "\"" +
                 DidYouMean(name, ColumnsOf(table)));
}

Error NoDirection(const TableCatalogue& tables, const std::vector<Link>& links,
                  const StoredTable& table, const Syntax::Step& step) {
  const std::string via = step.via.empty() ? "" : " via \"" + step.via + "\"";
  if (table.latest().table->FindColumn(step.name)) {
    return Invalid(Describe(table) + " has the column \"" + step.name + "\" of type " +
                   DescribeType(table, step.name) + ", and no foreign key leads on from it" + via);
  }
  Names names = ColumnsOf(table);
  Names ways;
  for (const Link& link : links) {
    const bool is_here = link.from_table == table.oid;
    if (is_here || link.to_table == table.oid) {
      names.push_back(NameOfTable(tables, is_here ? link.to_table : link.from_table));
      if (names.back() == step.name) {
        const StoredTable& from = *tables.Find(link.from_table);
        ways.push_back(from.slot_names[link.from_slots.front()]);
      }
    }
  }
  if (!step.via.empty() && !ways.empty()) {
    return Invalid("from " + Describe(table) + " no foreign key leads to \"" + step.name + "\"" +
                   via + DidYouMean(step.via, ways));
  }
  const StoredTable* const other = FindByName(tables, step.name);
  if (other != nullptr) {
    return Invalid("between " + Describe(table) + " and " + Describe(*other) +
                   " there is no foreign key: declare it, as in references = [\"" + step.name +
                   "." + table.latest().table->name + "_id -> " + table.latest().table->name +
                   ".id\"]");
  }
  return Invalid(Describe(table) + " has no column \"" + step.name +
                 "\", and no foreign key leads there" + via + DidYouMean(step.name, names));
}

}  // namespace cacheindex::replication
