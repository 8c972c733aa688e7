#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "node/core/result.h"
#include "replication/declaration/collection_plan.h"
#include "replication/declaration/expression_functions.h"
#include "replication/rows/table.h"
#include "replication/values/term.h"

namespace cacheindex::replication {

// How texts are compared where the source does not compare the bytes that it prints: settled when a
// plan is made, as the source settles it by the types of both sides.

/// Returns how values of the column, or of its elements, are compared.
TextComparison ComparisonOf(const TableColumn& column);

/// Settles how `call` compares its arguments and what it gives is compared; constants become what
/// the source reads them as. Requires arguments and function.
/// Errors: kInvalidArgument when the source's order or equality of them is not known, or a constant
/// is no value of the other side's type.
Result<void> SettleComparison(const FunctionInfo& info, Expression& call);

/// Errors: kInvalidArgument when no order of these values is known.
Result<void> DemandOrder(std::string_view who, const TextComparison& comparison);

/// As Compare of terms.
std::optional<int> Compare(const TextComparison& comparison, const Term& left, const Term& right);

/// Returns the same bytes for all texts that are equal.
std::string EqualText(const TextComparison& comparison, std::string text);

}  // namespace cacheindex::replication
