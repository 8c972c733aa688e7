#include "replication/following/missing_tables.h"

#include <algorithm>
#include <utility>

#include "replication/postgres/postgres_connection.h"

namespace cacheindex::replication {
namespace {

/// Who wants a table, as far as a message names them.
constexpr std::size_t kNamedMax = 3;

std::string TableIdentifier(const Table& table) {
  return PostgresConnection::Identifier(table.schema) + "." +
         PostgresConnection::Identifier(table.name);
}

std::string Listed(const std::vector<std::string>& wanted_by) {
  std::string text;
  for (std::size_t i = 0; i < std::min(wanted_by.size(), kNamedMax); ++i) {
    text += (i == 0 ? "" : "; ") + wanted_by[i];
  }
  return wanted_by.size() <= kNamedMax
             ? text
             : text + "; and " + std::to_string(wanted_by.size() - kNamedMax) + " more";
}

}  // namespace

void AddUses(const TableCatalogue& tables, std::uint32_t oid,
             const std::vector<std::uint32_t>& slots, TableUses& uses) {
  for (const std::uint32_t slot : slots) {
    uses[oid].insert(tables.Find(oid)->slot_names[slot]);
  }
}

TableUses UsesOf(const CollectionPlan& plan, const TableCatalogue& tables) {
  TableUses uses;
  // Its key is the id, and the catalog knows the true one: see WithAnyKey.
  uses[plan.root];
  for (std::size_t i = 0; i < plan.places.size(); ++i) {
    const Place& place = plan.places[i];
    const StoredTable& table = *tables.Find(place.table);
    const std::vector<std::uint32_t> key = table.KeySlots();
    for (std::uint32_t slot = 0; slot < place.used.size(); ++slot) {
      const bool is_id = i == 0 && place.used[slot].is_all() &&
                         std::find(key.begin(), key.end(), slot) != key.end();
      if (!place.used[slot].is_empty() && !is_id) {
        uses[place.table].insert(table.slot_names[slot]);
      }
    }
    uses[place.table];
  }
  return uses;
}

MissingTables::MissingTables(const std::string& publication, const Catalog& catalog,
                             const std::vector<ServerTable>& server_tables)
    : publication_(publication), catalog_(catalog), server_tables_(server_tables) {}

void MissingTables::Add(const TableUses& uses, const std::string& wanted_by) {
  for (const auto& [oid, columns] : uses) {
    const ServerTable* const table = Find(oid);
    if (table == nullptr) {
      continue;
    }
    const CatalogTable* const published = catalog_.Find(oid);
    if (published == nullptr) {
      AddTable(*table, wanted_by);
    }
    for (const std::string& column : columns) {
      if (published != nullptr || table->generated.contains(column)) {
        AddColumn(*table, published != nullptr ? *published : CatalogTable{}, column, wanted_by);
      }
    }
  }
}

void MissingTables::AddTable(const ServerTable& table, const std::string& wanted_by) {
  const std::string name = table.table->QualifiedName();
  const std::string identifier = TableIdentifier(*table.table);
  const std::string publication = PostgresConnection::Identifier(publication_);
  if (table.kind == ServerTable::Kind::kOther) {
    return AddLack(name +
                       " is a view or a foreign table, and the server's log tells of tables "
                       "only: name the tables that it is made of",
                   {}, wanted_by);
  }
  if (table.kind == ServerTable::Kind::kUnlogged) {
    return AddLack("table " + name + " is unlogged: the server's log does not tell of it",
                   "ALTER TABLE " + identifier + " SET LOGGED;", wanted_by);
  }
  const ServerTable* const whole =
      table.partitioned_oid == 0 ? nullptr : Find(table.partitioned_oid);
  if (whole != nullptr && catalog_.Find(whole->table->oid) != nullptr) {
    return AddLack("table " + name + " is a partition, and its rows come as those of " +
                       whole->table->QualifiedName() + ": name that",
                   {}, wanted_by);
  }
  if (const ServerTable* const partition = PublishedPartition(table)) {
    return AddLack("table " + name + " is partitioned, and the publication \"" + publication_ +
                       "\" sends its rows as those of partitions such as " +
                       partition->table->QualifiedName(),
                   "ALTER PUBLICATION " + publication + " SET (publish_via_partition_root = true);",
                   wanted_by);
  }
  if (!catalog_.has_publication) {
    unpublished_.insert(identifier);
    return;
  }
  AddLack("table " + name + " is not in the publication \"" + publication_ + "\"",
          "ALTER PUBLICATION " + publication + " ADD TABLE " + identifier + ";", wanted_by);
}

void MissingTables::AddColumn(const ServerTable& table, const CatalogTable& published,
                              const std::string& column, const std::string& wanted_by) {
  const std::string name = "column \"" + column + "\" of table " + table.table->QualifiedName();
  if (const auto generated = table.generated.find(column); generated != table.generated.end()) {
    return AddLack(name +
                       " is generated, and the server does not send it: say what it is made of, " +
                       generated->second,
                   {}, wanted_by);
  }
  if (published.table == nullptr || published.table->FindColumn(column)) {
    return;
  }
  std::string columns;
  for (const TableColumn& known : published.table->columns) {
    columns += PostgresConnection::Identifier(known.name) + ", ";
  }
  columns += PostgresConnection::Identifier(column);
  const std::string publication =
      "ALTER PUBLICATION " + PostgresConnection::Identifier(publication_);
  const std::string identifier = TableIdentifier(*table.table);
  const std::string& filter = published.table->row_filter;
  AddLack(name + " is left out by the list of columns of the publication \"" + publication_ + "\"",
          "BEGIN; " + publication + " DROP TABLE " + identifier + "; " + publication +
              " ADD TABLE " + identifier + " (" + columns + ")" +
              (filter.empty() ? "" : " WHERE (" + filter + ")") + "; COMMIT;",
          wanted_by);
}

void MissingTables::AddLack(const std::string& message, const std::string& remedy,
                            const std::string& wanted_by) {
  auto lack = std::find_if(lacks_.begin(), lacks_.end(),
                           [&](const Lack& known) { return known.message == message; });
  if (lack == lacks_.end()) {
    lack = lacks_.insert(lacks_.end(), {.message = message, .remedy = remedy, .wanted_by = {}});
  }
  if (lack->wanted_by.empty() || lack->wanted_by.back() != wanted_by) {
    lack->wanted_by.push_back(wanted_by);
  }
}

const ServerTable* MissingTables::Find(std::uint32_t oid) const {
  const auto found =
      std::find_if(server_tables_.begin(), server_tables_.end(),
                   [oid](const ServerTable& table) { return table.table->oid == oid; });
  return found == server_tables_.end() ? nullptr : &*found;
}

const ServerTable* MissingTables::PublishedPartition(const ServerTable& table) const {
  const auto is_below = [&](const ServerTable& candidate) {
    const ServerTable* above = &candidate;
    while (above != nullptr && above->partitioned_oid != 0) {
      if (above->partitioned_oid == table.table->oid) {
        return true;
      }
      above = Find(above->partitioned_oid);
    }
    return false;
  };
  for (const ServerTable& candidate : server_tables_) {
    if (catalog_.Find(candidate.table->oid) != nullptr && is_below(candidate)) {
      return &candidate;
    }
  }
  return nullptr;
}

std::vector<PreflightFinding> MissingTables::Findings() && {
  std::vector<PreflightFinding> findings;
  if (!catalog_.has_publication) {
    std::string tables;
    for (const std::string& identifier : unpublished_) {
      tables += (tables.empty() ? "" : ", ") + identifier;
    }
    findings.push_back({PreflightFinding::Severity::kError,
                        "the publication '" + publication_ + "' does not exist",
                        "CREATE PUBLICATION " + PostgresConnection::Identifier(publication_) +
                            " FOR TABLE " + (tables.empty() ? "schema.table, ..." : tables) +
                            " WITH (publish_via_partition_root = true);"});
  }
  for (Lack& lack : lacks_) {
    findings.push_back({PreflightFinding::Severity::kError,
                        lack.message + " (wanted by " + Listed(lack.wanted_by) + ")",
                        std::move(lack.remedy)});
  }
  return findings;
}

}  // namespace cacheindex::replication
