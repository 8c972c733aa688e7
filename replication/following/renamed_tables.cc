#include "replication/following/renamed_tables.h"

#include <algorithm>
#include <utility>

namespace cacheindex::replication {
namespace {

bool IsPublished(const Catalog& catalog, const std::string& name) {
  return std::any_of(catalog.tables.begin(), catalog.tables.end(), [&](const CatalogTable& table) {
    return table.table->QualifiedName() == name;
  });
}

}  // namespace

std::vector<RenamedTable> RenamedTables(const std::vector<std::shared_ptr<const Table>>& followed,
                                        const Catalog& catalog) {
  std::vector<RenamedTable> renamed;
  for (const std::shared_ptr<const Table>& table : followed) {
    const CatalogTable* const now = catalog.Find(table->oid);
    if (now != nullptr && now->table->QualifiedName() != table->QualifiedName()) {
      renamed.push_back({.oid = table->oid,
                         .followed = table->QualifiedName(),
                         .now = now->table->QualifiedName(),
                         .is_replaced = catalog.unpublished.contains(table->QualifiedName())});
    }
  }
  return renamed;
}

std::string PublishStatement(const std::string& table, const std::string& publication) {
  return "ALTER PUBLICATION " + PostgresConnection::Identifier(publication) + " ADD TABLE " + table;
}

std::string Describe(const RenamedTable& table, const std::string& publication) {
  if (table.is_replaced) {
    return "table " + table.followed +
           " is another one now, which the publication does not have; "
           "what is shown is of the former one, which is called " +
           table.now + " and followed on; run: " + PublishStatement(table.followed, publication);
  }
  return "table " + table.followed + " is called " + table.now +
         " now and followed on; declare it by that name, which makes its documents anew";
}

std::vector<std::shared_ptr<const Table>> WithFollowedNames(
    const std::vector<std::shared_ptr<const Table>>& tables,
    const std::vector<std::shared_ptr<const Table>>& followed, const Catalog& catalog) {
  std::vector<std::shared_ptr<const Table>> named = tables;
  for (std::shared_ptr<const Table>& table : named) {
    const auto known = std::find_if(followed.begin(), followed.end(), [&](const auto& candidate) {
      return candidate->oid == table->oid;
    });
    if (known == followed.end() || (*known)->QualifiedName() == table->QualifiedName() ||
        IsPublished(catalog, (*known)->QualifiedName())) {
      continue;
    }
    auto renamed = std::make_shared<Table>(*table);
    renamed->schema = (*known)->schema;
    renamed->name = (*known)->name;
    table = std::move(renamed);
  }
  return named;
}

std::vector<std::string> NamesOf(const std::vector<std::shared_ptr<const Table>>& tables) {
  std::vector<std::string> names;
  names.reserve(tables.size());
  for (const std::shared_ptr<const Table>& table : tables) {
    names.push_back(table->QualifiedName());
  }
  return names;
}

}  // namespace cacheindex::replication
