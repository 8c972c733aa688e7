#pragma once

#include <map>
#include <string>
#include <vector>

#include "replication/following/source.h"
#include "replication/postgres/catalog.h"

namespace cacheindex::replication {

/// Errors: kInvalidArgument naming the option.
Result<void> CheckOptions(const Source::Options& options);

/// Name under which the server shows our sessions.
std::string ApplicationName(const Source::Options& options);

/// Looks at everything that following needs, without changing anything at the server. Where the
/// server cannot be asked, that is found, and what can be told without it.
std::vector<PreflightFinding> Preflight(const Source::Options& options,
                                        const SchemaCheck& check_schema);

/// What the catalog says about the publication as a whole.
std::vector<PreflightFinding> PublicationFindings(const Source::Options& options,
                                                  const Catalog& catalog);

/// Why a table cannot be followed, with what mends it; empty when it can.
std::optional<PreflightFinding> TableProblem(const CatalogTable& table, const std::string& user);

}  // namespace cacheindex::replication
