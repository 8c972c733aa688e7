#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "node/core/result.h"
#include "replication/postgres/catalog.h"
#include "replication/postgres/server_tables.h"
#include "replication/rows/table_catalogue.h"

namespace cacheindex::replication {

// Private to drafts.

/// A foreign key of one column.
struct DraftReference {
  const ServerTable* from = nullptr;
  std::string column;
  const ServerTable* to = nullptr;
};

/// The tables of a server that could be followed, how they hang together, and how their rows are
/// called. Lifetime: within that of what it is made of.
class DraftTables {
 public:
  DraftTables(const Catalog& catalog, const std::vector<ServerTable>& server_tables);

  /// Errors: kInvalidArgument with the nearest name.
  Result<const ServerTable*> FindRoot(const std::string& name) const;
  /// Returns the table that looks most like one of products; adds the best ones to `notes`.
  /// Errors: kInvalidArgument when no table can be followed.
  Result<const ServerTable*> ChooseRoot(std::string& notes) const;

  /// Of what is published the columns that are sent; of others those that would be.
  const std::vector<TableColumn>& ColumnsOf(const ServerTable& table) const {
    return columns_.at(table.table->oid)->columns;
  }
  const std::vector<DraftReference>& references() const { return references_; }
  const TableCatalogue& catalogue() const { return catalogue_; }

  /// The column of a row's locale; empty for none.
  std::string LocaleOf(const ServerTable& table) const;
  /// How rows of a table are called, as a path from one of them; through its translations, if it
  /// has no name itself. Empty for none.
  std::string Label(const ServerTable& table) const;
  /// The step of a path to the rows that refer by `key`, with brackets that say which key is meant
  /// and which rows.
  std::string Step(const DraftReference& key, const std::string& condition = {}) const;
  /// The step to the one row that `key` refers to, as rows and not as the column.
  std::string StepTo(const DraftReference& key) const;
  /// The foreign key of a table to itself; null for none.
  const DraftReference* TreeOf(const ServerTable& table) const;
  const DraftReference* KeyOf(const ServerTable& table, const std::string& column) const;

 private:
  const ServerTable* Find(std::uint32_t oid) const;

  std::vector<const ServerTable*> tables_;
  std::map<std::uint32_t, std::shared_ptr<const Table>> columns_;
  std::vector<DraftReference> references_;
  TableCatalogue catalogue_ = TableCatalogue::Of({});
};

}  // namespace cacheindex::replication
