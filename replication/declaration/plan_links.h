#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "node/core/result.h"
#include "replication/declaration/collection_declaration.h"
#include "replication/declaration/collection_plan.h"
#include "replication/declaration/expression_syntax.h"
#include "replication/rows/table_catalogue.h"

namespace cacheindex::replication {

// Private to the making of plans: how tables hang together.

/// A foreign key, of the catalog or declared; columns as slots.
struct Link {
  std::uint32_t from_table = 0;
  std::vector<std::uint32_t> from_slots;
  KeyForms from_forms;
  std::uint32_t to_table = 0;
  /// Of nested sets the last two are the bounds.
  std::vector<std::uint32_t> to_slots;
  KeyForms to_forms;
  /// Rows whose referring columns differ refer to different rows.
  bool keeps_apart = true;
  /// Why the catalog's key cannot be followed; empty where it can.
  std::string problem;

  /// Returns whether one row may refer to several.
  bool may_be_many() const { return IsSpread(from_forms) || is_span(); }
  /// Returns whether it refers to the rows in whose bounds its last column lies.
  bool is_span() const { return IsSpread(to_forms); }
  bool operator==(const Link&) const = default;
};

/// Returns the foreign keys among the known tables.
/// Errors: kInvalidArgument naming the declared reference's table or column that does not exist.
Result<std::vector<Link>> FindLinks(const TableCatalogue& tables,
                                    const std::vector<ReferenceDeclaration>& references);

/// Returns the table that `name` ("product" or "public.product") means.
/// Errors: kInvalidArgument when there is none, or several schemas have one.
Result<const StoredTable*> FindTable(const TableCatalogue& tables, const std::string& name);

/// "table public.product", for messages.
std::string Describe(const StoredTable& table);

/// A link in the direction in which a path goes.
struct Direction {
  Link link;
  bool is_backwards = false;
};

/// Returns where `step` leads from `table`.
/// Errors: kInvalidArgument when it leads nowhere, or may lead to several places.
Result<Direction> FindDirection(const TableCatalogue& tables, const std::vector<Link>& links,
                                const StoredTable& table, const Syntax::Step& step);

/// Returns the place that `direction` leads to from a row of `parent`, without its parent's number.
Place MakePlace(const TableCatalogue& tables, const Direction& direction);

}  // namespace cacheindex::replication
