#pragma once

#include "index/schema/schema.h"
#include "node/core/json.h"

namespace cacheindex::index {

/// How one value stands to its field.
enum class Fit {
  kFits,
  /// It was changed to the field's type.
  kCoerced,
  /// It cannot become one.
  kMisfit,
};

/// Returns whether `value` is of `type` (an element, for array fields), changing it when
/// `may_coerce` (api/README.md 2.6: between text, numbers and booleans where nothing is guessed).
Fit FitScalar(FieldType type, bool may_coerce, Json& value);

}  // namespace cacheindex::index
