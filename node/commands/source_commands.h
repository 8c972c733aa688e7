#pragma once

#include <ostream>
#include <string>
#include <string_view>

#include "node/config/config.h"
#include "node/core/result.h"

namespace cacheindex::node {

/// Looks at every configured source without changing anything there, and writes what it finds to
/// `out`, with the exact statements that mend it. Returns whether nothing stands in the way of
/// following them.
bool CheckSources(const Config& config, std::ostream& out);

struct DraftOutput {
  std::ostream& out;
  std::ostream& notes;
};

/// Writes a declaration of a collection whose documents are the rows of `root`, or of the table
/// that looks most like one of products, to `out`, and what is to be done besides to `notes`.
/// Errors: kNotFound when no such source is configured; those of the server.
Result<void> DraftCollection(const Config& config, std::string_view source, const std::string& root,
                             DraftOutput output);

/// Makes the next start of the stopped node build the source's collections anew; what is there
/// serves until that is done.
/// Errors: kNotFound when no such source is configured; kConflict while the node runs.
Result<void> OrderRebuild(const Config& config, std::string_view source);

}  // namespace cacheindex::node
