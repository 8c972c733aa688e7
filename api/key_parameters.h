#pragma once

#include <string>
#include <string_view>

#include "api/parameters.h"
#include "node/core/json.h"
#include "node/core/result.h"
#include "node/core/search.h"

namespace cacheindex::api {

/// What a scoped key says of every search that comes with it (api/README.md 2.7): its parameters
/// win over the request's, its filter stays an expression of its own, and what it hides is no
/// parameter that a request could change.
class KeyParameters {
 public:
  /// Of a key without parameters `embedded` is null.
  /// Errors: kInvalidArgument for what would hide less than whoever made the key meant: lists that
  /// are none, and names that are nearly those of what limits a key.
  static Result<KeyParameters> Read(const Json& embedded);

  /// Puts the key's parameters into those of a request; returns what the key shows of the answer.
  KeyScope Apply(Parameters& parameters) const;

  /// A filter that must hold besides the request's; empty: none.
  const std::string& filter() const noexcept { return filter_; }

 private:
  Parameters parameters_;
  std::string filter_;
  KeyScope scope_;
};

}  // namespace cacheindex::api
