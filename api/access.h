#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "api/request.h"
#include "api/server.h"

namespace cacheindex::api {

inline constexpr std::string_view kForbiddenMessage =
    "Forbidden - a valid `x-typesense-api-key` header must be sent.";

/// Who may ask, and from which pages.
///
/// Threads: all methods may be called concurrently.
class Access {
 public:
  Access(std::string api_key, Server::Cors cors)
      : api_key_(std::move(api_key)), cors_(std::move(cors)) {}

  /// True when the request carries the key in its header or else in its query string.
  bool Permits(const Request& request) const noexcept;

  /// Takes the same time whatever `candidate` has in common with the key.
  bool IsKey(std::string_view candidate) const noexcept;

  /// Returns the value for Access-Control-Allow-Origin, or nothing when the header is to be left
  /// out. Valid as long as `request`.
  std::string_view AllowedOrigin(const Request& request) const noexcept;
  bool sends_cors_headers() const noexcept { return cors_.enabled; }

 private:
  std::string api_key_;
  Server::Cors cors_;
};

}  // namespace cacheindex::api
