#include "replication/used_tables.h"

#include <memory>
#include <string>
#include <utility>

#include "replication/collection_plan.h"
#include "replication/plan_links.h"
#include "replication/preflight.h"
#include "replication/table_catalogue.h"

namespace cacheindex::replication {
namespace {

using Tables = std::vector<std::shared_ptr<const Table>>;

Result<std::set<std::uint32_t>> UsedOf(const std::vector<CollectionDeclaration>& declarations,
                                       const Tables& tables) {
  const TableCatalogue catalogue = TableCatalogue::Of(tables);
  std::set<std::uint32_t> used;
  for (const CollectionDeclaration& declaration : declarations) {
    const Result<CollectionPlan> plan = MakePlan(declaration, catalogue);
    if (!plan) {
      return plan.error();
    }
    for (const Place& place : plan->places) {
      used.insert(place.table);
    }
    // A plan needs the tables of its references, whether or not a path goes along them.
    for (const ReferenceDeclaration& reference : declaration.references) {
      for (const std::string& name : {reference.from_table, reference.to_table}) {
        const auto table = FindTable(catalogue, name);
        if (!table) {
          return table.error();
        }
        used.insert((*table)->oid);
      }
    }
  }
  return used;
}

}  // namespace

Result<std::set<std::uint32_t>> UsedTables(const std::vector<CollectionDeclaration>& declarations,
                                           const Catalog& catalog,
                                           const std::set<std::uint32_t>& known) {
  Tables all;
  Tables of_known;
  for (const CatalogTable& table : catalog.tables) {
    if (TableProblem(table, {})) {
      continue;
    }
    all.push_back(table.table);
    if (known.contains(table.table->oid)) {
      of_known.push_back(table.table);
    }
  }
  if (!of_known.empty()) {
    if (auto used = UsedOf(declarations, of_known)) {
      return used;
    }
  }
  return UsedOf(declarations, all);
}

}  // namespace cacheindex::replication
