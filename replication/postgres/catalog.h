#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "node/core/result.h"
#include "replication/postgres/postgres_connection.h"
#include "replication/rows/table.h"

namespace cacheindex::replication {

/// A type beside the server's own, as its values print.
struct CatalogType {
  enum class Form : std::uint8_t {
    kOther,
    kEnum,
    kComposite,   ///< (a,b)
    kArray,       ///< {a,b}
    kDomain,      ///< As what it is made of.
    kRange,       ///< [a,b)
    kMultirange,  ///< {[a,b),[c,d)}
  };
  Form form = Form::kOther;
  /// Of an enum: each label, with the number of the transaction that gave it this name.
  std::map<std::string, std::uint32_t, std::less<>> labels;
  /// Numbers of the types it is made of; of a composite type those of its attributes, in order.
  std::vector<std::uint32_t> parts;
};

/// One published table as the catalog describes it now, with what only the copy needs.
struct CatalogTable {
  std::shared_ptr<const Table> table;
  /// Names of the key's columns in the order of its index.
  std::vector<std::string> key_columns;
  /// Rows come through the root of partitions.
  bool is_partitioned = false;
  /// Columns that give older rows a value that no change ever mentioned (ADD COLUMN ... DEFAULT).
  std::vector<std::string> columns_with_missing_value;
  /// By column: how SQL names its type.
  std::map<std::string, std::string> type_names;
  /// Partitions below it whose replica identity is not that of the table.
  std::vector<std::string> deviating_partitions;
  bool may_select = false;
  /// Policies hide rows from the connection's role.
  bool has_hidden_rows = false;
  /// Row filter and explicit column list, as one text.
  std::string published_as;
};

/// A publication and its tables.
struct Catalog {
  bool has_publication = false;
  bool publishes_all_operations = false;
  bool is_via_root = false;
  /// Which publication it is and its options, as one text.
  std::string published_as;
  std::vector<CatalogTable> tables;
  /// Those that columns are made of, at any depth, by number.
  std::map<std::uint32_t, CatalogType> types;
  /// No transaction that is seen here has this number or a later one; as they count, modulo 2^32.
  std::uint32_t next_transaction = 0;
  /// Of the names that were asked for: those of tables that are not in the publication.
  std::set<std::string> unpublished;

  const CatalogTable* Find(std::uint32_t oid) const;
};

/// Returns a digest of the publication as these tables see it: its options, and each table's filter
/// and explicit column list. Neither other tables nor columns that come and go in a table that is
/// published whole change it.
std::string Fingerprint(const Catalog& catalog, const std::set<std::uint32_t>& tables);

/// Reads the catalog in one snapshot. `names`, as QualifiedName names them, are those of which
/// Catalog::unpublished tells.
Result<Catalog> LoadCatalog(PostgresConnection& connection, const std::string& publication,
                            const std::vector<std::string>& names = {});

/// As the transaction that is open in `connection` sees it.
Result<Catalog> LoadCatalogInTransaction(PostgresConnection& connection,
                                         const std::string& publication);

/// Whether rows of the table may have changed without a change in the stream between the two
/// descriptions; returns why, empty if not.
std::string ReasonForNewCopy(const Table& known, const CatalogTable& now);

/// Returns `known` with what `now` says of the types of its columns; nullptr when that is the same.
/// For a table that needs no new copy.
std::shared_ptr<const Table> WithTypeDetails(const Table& known, const CatalogTable& now);

/// Returns whether a column of `known` was dropped since: what is made of it must be looked at.
bool HasLostColumn(const Table& known, const CatalogTable& now);

}  // namespace cacheindex::replication
