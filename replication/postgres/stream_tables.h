#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <vector>

#include "replication/postgres/catalog.h"
#include "replication/postgres/pgoutput.h"
#include "replication/rows/table.h"

namespace cacheindex::replication {

/// The tables of a stream by oid, as they are at one place of it.
using TableMap = std::map<std::uint32_t, std::shared_ptr<const Table>>;

/// Returns whether `relation` describes what is known already.
bool IsDescribedBy(const Table& known, const RelationMessage& relation);

/// Returns the table that `relation` describes, with what only the catalog knows of it: that may be
/// newer or older than this place of the stream, so columns are joined by name and type.
std::shared_ptr<const Table> Describe(const RelationMessage& relation, const Table& catalog);

}  // namespace cacheindex::replication
