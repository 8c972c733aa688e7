#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "replication/declaration/collection_plan.h"
#include "replication/following/source.h"
#include "replication/postgres/catalog.h"
#include "replication/postgres/server_tables.h"
#include "replication/rows/table_catalogue.h"

namespace cacheindex::replication {

// Private to the checking of declarations.

/// By oid: the columns that are read.
using TableUses = std::map<std::uint32_t, std::set<std::string>>;

void AddUses(const TableCatalogue& tables, std::uint32_t oid,
             const std::vector<std::uint32_t>& slots, TableUses& uses);
TableUses UsesOf(const CollectionPlan& plan, const TableCatalogue& tables);

/// Gathers what declarations read and the publication does not send, with the statement that mends
/// each. Lifetime: within that of what it is made of.
class MissingTables {
 public:
  MissingTables(const std::string& publication, const Catalog& catalog,
                const std::vector<ServerTable>& server_tables);

  /// `wanted_by` as in: collection "products", field "brand".
  void Add(const TableUses& uses, const std::string& wanted_by);

  std::vector<PreflightFinding> Findings() &&;

 private:
  struct Lack {
    std::string message;
    std::string remedy;
    std::vector<std::string> wanted_by;
  };

  void AddTable(const ServerTable& table, const std::string& wanted_by);
  void AddColumn(const ServerTable& table, const CatalogTable& published, const std::string& column,
                 const std::string& wanted_by);
  void AddLack(const std::string& message, const std::string& remedy, const std::string& wanted_by);
  const ServerTable* Find(std::uint32_t oid) const;
  /// The published partition of `table`, when partitions are published by themselves.
  const ServerTable* PublishedPartition(const ServerTable& table) const;

  const std::string publication_;
  const Catalog& catalog_;
  const std::vector<ServerTable>& server_tables_;
  std::vector<Lack> lacks_;
  /// Where there is no publication yet: what it must have.
  std::set<std::string> unpublished_;
};

}  // namespace cacheindex::replication
