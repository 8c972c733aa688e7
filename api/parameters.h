#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "node/core/json.h"
#include "node/core/result.h"

namespace cacheindex::api {

/// Returns `text` with each %XX replaced by its byte, and '+' by a space when `plus_is_space`.
/// nullopt when a '%' is not followed by two hexadecimal digits.
std::optional<std::string> PercentDecode(std::string_view text, bool plus_is_space);

/// The pieces of `text` between commas, without surrounding blanks; empty ones are dropped.
std::vector<std::string> SplitList(std::string_view text);

/// Named values of one request. Where a name comes twice, the last one counts.
class Parameters {
 public:
  /// Errors: kInvalidArgument for a bad percent sign or bytes that are not UTF-8.
  static Result<Parameters> FromQuery(std::string_view query);

  /// The members of a JSON object: scalars as text, arrays joined by commas, null left out.
  static Parameters FromObject(const Json& object);

  /// Adds what `defaults` has and this has not.
  void AddDefaults(const Parameters& defaults);
  /// Replaces what `others` has by its values, and adds them.
  void Override(const Parameters& others);
  void Remove(std::string_view name);

  std::optional<std::string_view> Find(std::string_view name) const;
  /// As Find, with an empty text for an absent value.
  std::string_view Get(std::string_view name) const;
  std::vector<std::string> GetList(std::string_view name) const;
  /// True only for the literal `true`; `fallback` when absent.
  bool GetBool(std::string_view name, bool fallback) const;

  /// Errors: kInvalidArgument "Parameter `page` must be an unsigned integer."
  Result<std::optional<std::uint32_t>> FindUnsigned(std::string_view name) const;
  Result<std::uint32_t> GetUnsigned(std::string_view name, std::uint32_t fallback) const;

  void Clear() { values_.clear(); }

  /// From here on every name that is asked for is put into `names`: shows which parameters count.
  void RecordInto(std::set<std::string, std::less<>>& names) { asked_ = &names; }

 private:
  std::vector<std::pair<std::string, std::string>> values_;
  std::set<std::string, std::less<>>* asked_ = nullptr;
};

}  // namespace cacheindex::api
