#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "index/filter/filter_plan.h"
#include "index/filter/filter_scanner.h"
#include "index/schema/schema.h"
#include "node/core/result.h"

namespace cacheindex::index {

/// Returns the column value that `text` spells for a number type (int32, int64, float), nullopt
/// when it spells none: fractions and overflow included.
std::optional<std::int64_t> ParseColumnNumber(FieldType type, std::string_view text);

/// Returns what a message calls a value of `type`, e.g. "an int32".
std::string_view Article(FieldType type);

/// Fills in `clause`, whose field is known, with the values.
/// Errors: kInvalidArgument naming the field and the value.
Result<void> SetValues(const FilterScanner& scanner, FilterOperator comparison,
                       const FilterScanner::Values& values, FilterClause& clause);

}  // namespace cacheindex::index
