#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "api/rate_limits.h"
#include "api/request.h"
#include "api/server.h"
#include "api/stored_key.h"
#include "node/core/json.h"

namespace cacheindex::api {

class Service;

inline constexpr std::string_view kForbiddenMessage =
    "Forbidden - a valid `x-typesense-api-key` header must be sent.";

/// The name of the key in headers (without regard to case), queries and single searches.
inline constexpr std::string_view kKeyParameter = "x-typesense-api-key";

/// What a request wants to do, and to what.
struct Intent {
  enum class Target {
    kNode,             ///< What belongs to no collection.
    kSomeCollection,   ///< A collection that only the handler knows; it asks again.
    kNamedCollection,  ///< `collection`.
  };

  /// "resource:verb", as keys have it.
  std::string_view action;
  Target target = Target::kNode;
  std::string_view collection = {};
};

/// What a valid key adds to the request that it came with.
struct Grant {
  /// A scoped key's parameters, which win over the request's; null for other keys.
  Json embedded;
};

/// Whose key it is, in words that may be logged.
struct KeyIdentity {
  /// Absent for the node's own key.
  std::optional<std::uint32_t> id = {};
  std::string description = {};
};

/// Who may ask for what, and from which pages. No message and no log ever shows a key.
///
/// Threads: all methods may be called concurrently. Lifetime: within that of the service.
class Access {
 public:
  Access(std::string api_key, Server::Cors cors, Service& service)
      : api_key_(std::move(api_key)), cors_(std::move(cors)), service_(service) {}

  /// Returns what the key allows; nullopt when it does not allow what is intended.
  ///
  /// The node's own key allows everything. A stored key allows its actions in its collections; what
  /// belongs to no collection needs a key for all collections, or one that names the resource. A
  /// scoped key allows searches, as far as its parent does.
  std::optional<Grant> Check(std::string_view key, const Intent& intent) const;

  /// As Check, with the key in the request's header or else in its query string.
  std::optional<Grant> Check(const Request& request, const Intent& intent) const;

  /// Returns whose key the request came with; it must be one that Check accepted.
  KeyIdentity Identify(const Request& request) const;

  /// Whether the request may reach its route's handler.
  bool Permits(const Request& request) const;

  /// Whether this is the key that the node was started with.
  bool IsNodeKey(std::string_view candidate) const noexcept;

  /// Returns a number that stands for the stored key behind `key`: of a scoped key its parent's, of
  /// the node's own key one, and one of all that are no keys.
  std::size_t SharedKeyOf(std::string_view key) const;

  /// Who sends a request with this key, for rules about keys.
  RateLimits::Caller CallerOf(std::string_view key, std::string_view address) const;

  /// Returns the value for Access-Control-Allow-Origin, or nothing when the header is to be left
  /// out. Valid as long as `request`.
  std::string_view AllowedOrigin(const Request& request) const noexcept;
  bool sends_cors_headers() const noexcept { return cors_.enabled; }

 private:
  std::optional<Grant> CheckScoped(std::string_view key, const Intent& intent) const;

  std::string api_key_;
  Server::Cors cors_;
  Service& service_;
};

/// Returns the request's key; empty when it has none.
std::string_view KeyOf(const Request& request);

}  // namespace cacheindex::api
