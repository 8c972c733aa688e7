#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "api/rate_limits.h"

namespace cacheindex::api::test {

/// Refuses one address, and counts who asks.
class FakeRateLimits : public RateLimits {
 public:
  Result<Json> Create(const Json& body) override { return body; }
  Json List() override { return Json::array(); }
  Result<Json> Get(std::uint32_t id) override { return Json{{"id", id}}; }
  Result<Json> Update(std::uint32_t /*id*/, const Json& body) override { return body; }
  Result<Json> Delete(std::uint32_t id) override { return Json{{"id", id}}; }
  Json ListActive() override { return Json::array(); }
  Result<Json> DeleteActive(std::uint32_t id) override { return Json{{"id", id}}; }
  Json ListExceeded() override { return Json::array(); }
  Result<Json> DeleteExceeded(std::uint32_t id) override { return Json{{"id", id}}; }
  bool empty() const noexcept override { return refused_address.empty() && refused_key.empty(); }
  std::optional<std::chrono::seconds> Count(const Caller& caller) override {
    const bool is_refused =
        (!refused_address.empty() && caller.address == refused_address) ||
        std::any_of(caller.keys.begin(), caller.keys.end(),
                    [this](const Key& key) { return key.digest == refused_key; });
    return is_refused ? std::optional(std::chrono::seconds(17)) : std::nullopt;
  }

  std::string refused_address;
  /// Its digest.
  std::string refused_key;
};

}  // namespace cacheindex::api::test
