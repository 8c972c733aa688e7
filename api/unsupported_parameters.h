#pragma once

#include "api/parameters.h"
#include "node/core/result.h"

namespace cacheindex::api {

/// Refuses a search that asks for what this node does not do, where an answer without it would be
/// the answer to another question: hits that nobody looked for, or documents without what was to be
/// joined to them. Everything else that is unknown is ignored, as the contract says (api/README.md
/// 2.1): the answer is right without it.
/// Errors: kInvalidArgument naming the parameter.
Result<void> CheckSupported(const Parameters& parameters);

}  // namespace cacheindex::api
