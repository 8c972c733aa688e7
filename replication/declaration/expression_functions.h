#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "node/core/result.h"
#include "replication/declaration/collection_plan.h"

namespace cacheindex::replication {

// Private to the making of plans: what is known of a function before it is called.

struct FunctionInfo {
  std::string_view name;
  Function function;
  std::size_t arguments_min;
  std::size_t arguments_max;
  /// Which arguments may have many values.
  enum class Many : std::uint8_t { kNone, kFirst, kRest, kAll };
  Many many;
  /// Whether the call itself has.
  bool gives_many = false;

  bool TakesMany(std::size_t argument) const {
    return many == Many::kAll || (many == Many::kFirst && argument == 0) ||
           (many == Many::kRest && argument > 0);
  }
};

/// Returns nullptr when there is no such function or operator.
const FunctionInfo* FindFunction(std::string_view name);

/// Returns the type of what the call gives.
/// Errors: kInvalidArgument when the arguments' types do not fit to it.
Result<ValueType> TypeOfCall(const FunctionInfo& info, std::span<const Expression> arguments);

/// Whether arguments may be moments and durations.
bool TakesTime(Function function);

/// "text", "a number", ...
std::string_view NameOf(ValueType type);

}  // namespace cacheindex::replication
