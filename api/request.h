#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/parameters.h"

namespace cacheindex::api {

struct Route;

enum class Method { kGet, kHead, kPost, kPut, kPatch, kDelete, kOptions };

/// One request, framed and checked. Lives behind a pointer: the views point into `head`.
struct Request {
  struct Header {
    std::string_view name;
    std::string_view value;
  };

  Request() = default;
  Request(const Request&) = delete;
  Request& operator=(const Request&) = delete;
  ~Request() = default;

  /// Request line and headers as they came, including the empty line.
  std::string head;
  Method method = Method::kGet;
  /// As sent: percent-encoded.
  std::string_view path;
  std::string_view query;
  std::vector<Header> headers;
  bool is_http_1_0 = false;
  bool keeps_alive = true;
  bool expects_continue = false;
  bool is_chunked = false;
  std::optional<std::uint64_t> content_length;

  std::string body;

  /// Numeric; whoever holds the other end of the connection.
  std::string client_address;
  /// What logs call the request: the client's X-Request-Id if it can be one, else made here.
  std::string_view id;

  /// Of the query string, decoded.
  Parameters parameters;
  /// What matched; nullptr for an unknown path.
  const Route* route = nullptr;
  /// What the route's `:name` segments matched, decoded, of any bytes.
  std::vector<std::string> names;
  std::chrono::steady_clock::time_point received_at;

  bool HasBody() const noexcept { return is_chunked || content_length.value_or(0) > 0; }

  /// Returns the value of the first header called `name` (lower case), nullopt when there is none.
  std::optional<std::string_view> FindHeader(std::string_view name) const noexcept;

  /// Takes `candidate` for the request's id if it is one: 1 to kIdBytesMax letters, digits and
  /// signs of `-_.:/+=@`.
  void TakeId(std::string_view candidate) noexcept;
  /// Gives it an id that no other request of this process has, if it has none.
  void MakeId() noexcept;

  /// Makes it as new but keeps its memory, up to a bound.
  void Clear();

  static constexpr std::size_t kIdBytesMax = 128;

 private:
  std::array<char, 16> made_id_{};
};

/// Compares ASCII letters without case; `lower` is lower case.
bool EqualsIgnoringCase(std::string_view text, std::string_view lower) noexcept;

}  // namespace cacheindex::api
