#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "node/core/json.h"
#include "node/core/result.h"

namespace cacheindex::api {

/// Rules of which keys and addresses may ask how often: what `/limits` shows and changes, and what
/// the front asks before it serves a request. Part of the Service.
///
/// Bodies and answers are the contract's objects. No answer shows more of a key than its first
/// characters.
///
/// Threads: all methods may be called concurrently.
class RateLimits {
 public:
  struct Key {
    /// As KeyDigest makes it.
    std::string digest;
    /// What may be shown of it.
    std::string prefix;
  };

  /// Whoever sends a request.
  struct Caller {
    /// The key as it was sent, and that which it was made from if it is a scoped one. None when the
    /// request has no key.
    std::vector<Key> keys;
    std::string_view address;
    /// Whether rules for all keys do not count, because they were asked for the same request.
    bool is_counted_already = false;
  };

  virtual ~RateLimits() = default;

  // Rules.
  virtual Result<Json> Create(const Json& body) = 0;
  /// Returns an array.
  virtual Json List() = 0;
  virtual Result<Json> Get(std::uint32_t id) = 0;
  virtual Result<Json> Update(std::uint32_t id, const Json& body) = 0;
  virtual Result<Json> Delete(std::uint32_t id) = 0;

  // Who is refused for a time because of a rule, and who has exceeded one: arrays.
  virtual Json ListActive() = 0;
  virtual Result<Json> DeleteActive(std::uint32_t id) = 0;
  virtual Json ListExceeded() = 0;
  virtual Result<Json> DeleteExceeded(std::uint32_t id) = 0;

  /// Whether there are no rules, so that nobody needs to be asked about. Never waits.
  virtual bool empty() const noexcept = 0;

  /// Counts a request. Returns nothing when it may be served, else the seconds after which another
  /// one may be: 0 when that does not depend on the time.
  virtual std::optional<std::chrono::seconds> Count(const Caller& caller) = 0;
};

}  // namespace cacheindex::api
