#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "node/core/error.h"
#include "node/core/json.h"
#include "node/core/search.h"

namespace cacheindex::api {

inline constexpr std::string_view kJsonType = "application/json; charset=utf-8";
inline constexpr std::string_view kTextType = "text/plain; charset=utf-8";
inline constexpr std::string_view kMetricsType = "text/plain; version=0.0.4; charset=utf-8";

/// What a route answers. Headers that only some answers carry stay empty in the others.
struct Answer {
  int status = 200;
  std::string_view content_type = kJsonType;
  std::string body;

  /// X-Position and X-Search-Position.
  AnswerPositions positions;
  /// With quotes.
  std::string etag;
  std::string_view content_encoding;
  /// Says to caches that another Accept-Encoding may get other bytes.
  bool varies_by_encoding = false;
  /// When the client is asked to come back; 0 does not say.
  std::uint32_t retry_after_seconds = 0;
  /// It failed because stored bytes contradict each other.
  bool is_damage = false;
  /// The name of what was made, where the path does not say it. For the log, not for the client.
  std::string made;
};

Answer JsonAnswer(const Json& value, int status = 200);
Answer JsonAnswer(std::string json, int status = 200);
/// What was sent, and the id under which it is kept: an older client compares it with what it sent.
/// `body` is an object.
Answer EchoAnswer(std::string_view id, Json body);
/// {"message": ...}, with the status that `error` maps to.
Answer ErrorAnswer(const Error& error);
Answer ErrorAnswer(int status, std::string_view message);
Answer NotFoundAnswer();
/// 503: a queue or a budget is full, or the wait was too long.
Answer OverloadedAnswer();
/// 429: too much of this client waits.
Answer ClientOverloadedAnswer();
/// 429: a rule says no. `wait` is what the client has to, if that helps.
Answer RateLimitedAnswer(std::chrono::seconds wait);

/// Returns the words that follow the status in an answer's first line.
std::string_view Reason(int status) noexcept;

}  // namespace cacheindex::api
