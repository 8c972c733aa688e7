#pragma once

#include <string>

#include "node/core/search.h"
#include "tests/node/oracle/model.h"
#include "tests/node/oracle/naive_search.h"
#include "tests/node/oracle/query.h"

namespace cacheindex::test {

/// Returns the first difference between what the product answered and what it should have, empty
/// when there is none.
std::string FirstDifference(const Query& query, const Model& model, const SearchPage& actual,
                            const NaivePage& expected);

}  // namespace cacheindex::test
