#include "replication/following/used_tables.h"

#include <algorithm>
#include <initializer_list>
#include <iterator>
#include <memory>
#include <string>
#include <utility>

#include "replication/declaration/collection_plan.h"
#include "replication/declaration/plan_links.h"
#include "replication/following/preflight.h"
#include "replication/following/renamed_tables.h"
#include "replication/rows/table_catalogue.h"

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

Tables FollowableTables(const Catalog& catalog) {
  Tables tables;
  for (const CatalogTable& table : catalog.tables) {
    if (!TableProblem(table, {})) {
      tables.push_back(table.table);
    }
  }
  return tables;
}

Tables AllTables(const Catalog& catalog) {
  Tables tables;
  for (const CatalogTable& table : catalog.tables) {
    tables.push_back(WithAnyKey(*table.table));
  }
  return tables;
}

}  // namespace

std::shared_ptr<const Table> WithAnyKey(const Table& table) {
  auto whole = std::make_shared<Table>(table);
  const bool has_key = std::any_of(whole->columns.begin(), whole->columns.end(),
                                   [](const TableColumn& column) { return column.is_key; });
  for (TableColumn& column : whole->columns) {
    column.is_key = column.is_key || !has_key;
  }
  return whole;
}

SetAsideCollections CollectionsOfFailedTables(
    const std::vector<CollectionDeclaration>& declarations, const Catalog& catalog,
    const std::map<std::uint32_t, std::string>& failed_tables) {
  const Tables followable = FollowableTables(catalog);
  const Tables all = AllTables(catalog);
  SetAsideCollections collections;
  for (const CollectionDeclaration& declaration : declarations) {
    if (UsedOf({declaration}, followable)) {
      continue;
    }
    const auto used = UsedOf({declaration}, all);
    if (!used) {
      continue;
    }
    const auto failed =
        std::find_if(failed_tables.begin(), failed_tables.end(),
                     [&used](const auto& table) { return used->contains(table.first); });
    if (failed != failed_tables.end()) {
      collections.push_back({.collection = declaration.name,
                             .table = catalog.Find(failed->first)->table->QualifiedName(),
                             .reason = failed->second});
    }
  }
  return collections;
}

std::vector<std::string> CollectionsOfTable(const std::vector<CollectionDeclaration>& declarations,
                                            const Catalog& catalog, std::uint32_t table) {
  const Tables followable = FollowableTables(catalog);
  std::vector<std::string> collections;
  for (const CollectionDeclaration& declaration : declarations) {
    const auto used = UsedOf({declaration}, followable);
    if (used && used->contains(table)) {
      collections.push_back(declaration.name);
    }
  }
  return collections;
}

Result<std::vector<std::shared_ptr<const Table>>> UsedTables(
    const std::vector<CollectionDeclaration>& declarations, const Catalog& catalog,
    const std::vector<std::shared_ptr<const Table>>& known) {
  const Tables all = FollowableTables(catalog);
  const Tables named = WithFollowedNames(all, known, catalog);
  Tables of_known;
  std::copy_if(named.begin(), named.end(), std::back_inserter(of_known),
               [&known](const auto& table) {
                 return std::any_of(known.begin(), known.end(), [&table](const auto& candidate) {
                   return candidate->oid == table->oid;
                 });
               });
  for (const Tables* const tables : std::initializer_list<const Tables*>{&of_known, &all, &named}) {
    const auto used = UsedOf(declarations, *tables);
    if (!used) {
      continue;
    }
    Tables picked;
    std::copy_if(tables->begin(), tables->end(), std::back_inserter(picked),
                 [&used](const auto& table) { return used->contains(table->oid); });
    return picked;
  }
  return UsedOf(declarations, all).error();
}

bool AreSameTables(const std::vector<std::shared_ptr<const Table>>& left,
                   const std::vector<std::shared_ptr<const Table>>& right) {
  const auto names_of = [](const Tables& tables) {
    std::map<std::uint32_t, std::string> names;
    for (const std::shared_ptr<const Table>& table : tables) {
      names[table->oid] = table->QualifiedName();
    }
    return names;
  };
  return names_of(left) == names_of(right);
}

}  // namespace cacheindex::replication
