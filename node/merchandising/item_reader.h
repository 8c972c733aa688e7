#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "node/core/json.h"
#include "node/core/result.h"

namespace cacheindex::node {

/// Reads the members of one synonym or curation rule as a client sent it.
///
/// All return the value as it is to be kept; null where a member is absent. Errors:
/// kInvalidArgument naming the member.
class ItemReader {
 public:
  /// Bytes of one text, and elements of one list, at most.
  static constexpr std::size_t kTextBytesMax = 4096;
  static constexpr std::size_t kListSizeMax = 1000;

  /// `what` is named in errors: "rule `x`". `object` must outlive the reader.
  ItemReader(std::string what, const Json& object) : what_(std::move(what)), object_(object) {}

  Result<Json> Text(std::string_view name) const;
  Result<Json> TextList(std::string_view name) const;
  Result<Json> Boolean(std::string_view name) const;
  Result<Json> Integer(std::string_view name) const;
  Result<Json> Object(std::string_view name) const;

  Error Wrong(std::string_view name, std::string_view expected) const;

 private:
  const Json* Find(std::string_view name) const;

  std::string what_;
  const Json& object_;
};

}  // namespace cacheindex::node
