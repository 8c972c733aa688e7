#pragma once

#include "replication/declaration/collection_plan.h"

namespace cacheindex::replication {

// Private to the evaluation of calls.

/// Whether a comparison is true of sides in this order: < 0, 0 or > 0.
bool Holds(Function comparison, int order);

}  // namespace cacheindex::replication
