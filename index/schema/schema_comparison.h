#pragma once

#include "index/schema/schema.h"

namespace cacheindex::index {

/// Returns whether `stored` is what became of a collection that was created as `declared`: the same
/// settings and declared fields, and besides them only fields that a rule of `declared` discovers.
bool IsDeclaredAs(const Schema& stored, const Schema& declared);

}  // namespace cacheindex::index
