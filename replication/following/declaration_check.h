#pragma once

#include <cstdint>
#include <functional>
#include <set>
#include <string>
#include <vector>

#include "node/core/json.h"
#include "node/core/result.h"
#include "replication/declaration/collection_declaration.h"
#include "replication/following/source.h"
#include "replication/postgres/catalog.h"
#include "replication/postgres/server_tables.h"

namespace cacheindex::replication {

/// What becomes of declarations with the tables of a server.
struct DeclarationCheck {
  /// Every mistake: one for each root, reference, filter and field that has one, in their order,
  /// then what the publication lacks, once for each statement that mends it.
  std::vector<PreflightFinding> findings;
  /// Published tables that the collections are made of, as far as they can be planned.
  std::set<std::uint32_t> used_tables;
};

/// Plans the collections of `options`, as a source does that follows the published tables
/// `catalog`; what fails is planned again with all tables that the server has, so that what is only
/// not published is told from what does not exist. `check_schema` says what the sink would refuse
/// of a schema; without it nothing is asked.
DeclarationCheck CheckDeclarations(const Source::Options& options, const Catalog& catalog,
                                   const std::vector<ServerTable>& server_tables,
                                   const SchemaCheck& check_schema);

/// Returns what can be said of the declarations without a server.
std::vector<PreflightFinding> CheckSchemas(const std::vector<CollectionDeclaration>& declarations,
                                           const SchemaCheck& check_schema);

}  // namespace cacheindex::replication
