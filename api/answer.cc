#include "api/answer.h"

#include "api/http_status.h"
#include "api/json_writer.h"

namespace cacheindex::api {
namespace {

constexpr std::uint32_t kRetrySeconds = 1;

}  // namespace

Answer JsonAnswer(const Json& value, int status) { return JsonAnswer(DumpJson(value), status); }

Answer JsonAnswer(std::string json, int status) {
  Answer answer;
  answer.status = status;
  answer.body = std::move(json);
  return answer;
}

Answer EchoAnswer(std::string_view id, Json body) {
  body["id"] = id;
  return JsonAnswer(body);
}

Answer ErrorAnswer(int status, std::string_view message) {
  Answer answer;
  answer.status = status;
  answer.body = R"({"message":)";
  AppendJsonString(answer.body, message);
  answer.body += '}';
  return answer;
}

Answer ErrorAnswer(const Error& error) {
  Answer answer = ErrorAnswer(HttpStatus(error.code()), error.message());
  answer.retry_after_seconds = error.code() == ErrorCode::kUnavailable ? kRetrySeconds : 0;
  answer.is_damage = error.code() == ErrorCode::kCorruption;
  return answer;
}

Answer NotFoundAnswer() { return ErrorAnswer(404, "Not Found"); }

Answer OverloadedAnswer() {
  Answer answer = ErrorAnswer(503, "Overloaded: too many requests are waiting. Try again.");
  answer.retry_after_seconds = kRetrySeconds;
  return answer;
}

Answer ClientOverloadedAnswer() {
  Answer answer = ErrorAnswer(429, "Too many searches of this key and address wait. Try again.");
  answer.retry_after_seconds = kRetrySeconds;
  return answer;
}

Answer RateLimitedAnswer(std::chrono::seconds wait) {
  Answer answer = ErrorAnswer(429, "Rate limit exceeded or blocked");
  answer.retry_after_seconds = static_cast<std::uint32_t>(wait.count());
  return answer;
}

std::string_view Reason(int status) noexcept {
  switch (status) {
    case 200:
      return "OK";
    case 201:
      return "Created";
    case 202:
      return "Accepted";
    case 304:
      return "Not Modified";
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 404:
      return "Not Found";
    case 408:
      return "Request Timeout";
    case 409:
      return "Conflict";
    case 411:
      return "Length Required";
    case 413:
      return "Payload Too Large";
    case 414:
      return "URI Too Long";
    case 415:
      return "Unsupported Media Type";
    case 417:
      return "Expectation Failed";
    case 422:
      return "Unprocessable Entity";
    case 429:
      return "Too Many Requests";
    case 431:
      return "Request Header Fields Too Large";
    case 500:
      return "Internal Server Error";
    case 501:
      return "Not Implemented";
    case 503:
      return "Service Unavailable";
    case 505:
      return "HTTP Version Not Supported";
    case 507:
      return "Insufficient Storage";
    default:
      return "Unknown";
  }
}

}  // namespace cacheindex::api
