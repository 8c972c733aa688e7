#include "api/answer_writer.h"

#include <array>
#include <charconv>
#include <ctime>

namespace cacheindex::api {
namespace {

constexpr std::string_view kPreflightSeconds = "86400";

// Formatted once a second and thread: it costs more than the rest of the head.
std::string_view HttpDate() {
  thread_local std::time_t formatted_at = 0;
  thread_local std::array<char, 32> text{};
  const std::time_t now = std::time(nullptr);
  if (now != formatted_at) {
    std::tm parts{};
    ::gmtime_r(&now, &parts);
    std::strftime(text.data(), text.size(), "%a, %d %b %Y %H:%M:%S GMT", &parts);
    formatted_at = now;
  }
  return text.data();
}

void AppendNumber(std::string& output, std::uint64_t number) {
  std::array<char, 20> digits{};
  const auto result = std::to_chars(digits.data(), digits.data() + digits.size(), number);
  output.append(digits.data(), result.ptr);
}

template <class Sink>
void VisitCorsHeaders(const Request& request, const Access& access, const Sink& sink) {
  const std::string_view origin = access.AllowedOrigin(request);
  if (origin.empty()) {
    return;
  }
  sink("Access-Control-Allow-Origin", origin);
  if (origin != "*") {
    sink("Vary", "Origin");
  }
  if (request.method == Method::kOptions) {
    sink("Access-Control-Allow-Methods", "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS");
    sink("Access-Control-Allow-Headers",
         request.FindHeader("access-control-request-headers").value_or("*"));
    sink("Access-Control-Max-Age", kPreflightSeconds);
  }
}

template <class Sink>
void VisitHeaders(const Answer& answer, const Request& request, const Access& access,
                  const Sink& sink) {
  sink("Date", HttpDate());
  VisitCorsHeaders(request, access, sink);
  if (access.sends_cors_headers() && !answer.positions.documents.empty()) {
    sink("Access-Control-Expose-Headers", "ETag, X-Position, X-Search-Position, X-Request-Id");
  }
  if (!request.id.empty()) {
    sink("X-Request-Id", request.id);
  }
  if (!answer.positions.documents.empty()) {
    sink("X-Position", answer.positions.documents);
  }
  if (!answer.positions.search.empty()) {
    sink("X-Search-Position", answer.positions.search);
  }
  if (!answer.etag.empty()) {
    sink("ETag", answer.etag);
  }
  if (!answer.content_encoding.empty()) {
    sink("Content-Encoding", answer.content_encoding);
  }
  if (answer.varies_by_encoding) {
    sink("Vary", "Accept-Encoding");
  }
  if (answer.retry_after_seconds > 0) {
    sink("Retry-After", std::to_string(answer.retry_after_seconds));
  }
}

// What an answer of this status must not have.
bool HasNoBody(int status) { return status == 204 || status == 304; }

}  // namespace

void ForEachHeader(const Answer& answer, const Request& request, const Access& access,
                   const HeaderSink& sink) {
  VisitHeaders(answer, request, access, sink);
}

void AppendHead(std::string& output, const Answer& answer, const Request& request,
                const Access& access, std::optional<std::uint64_t> body_bytes) {
  output += "HTTP/1.1 ";
  AppendNumber(output, static_cast<std::uint64_t>(answer.status));
  output += ' ';
  output += Reason(answer.status);
  output += "\r\n";
  VisitHeaders(answer, request, access, [&](std::string_view name, std::string_view value) {
    output += name;
    output += ": ";
    output += value;
    output += "\r\n";
  });
  if (!HasNoBody(answer.status)) {
    if (body_bytes.value_or(1) > 0) {
      output += "Content-Type: ";
      output += answer.content_type;
      output += "\r\n";
    }
    if (body_bytes) {
      output += "Content-Length: ";
      AppendNumber(output, *body_bytes);
      output += "\r\n";
    } else if (!request.is_http_1_0) {
      output += "Transfer-Encoding: chunked\r\n";
    }
  }
  if (!request.keeps_alive) {
    output += "Connection: close\r\n";
  } else if (request.is_http_1_0) {
    output += "Connection: keep-alive\r\n";
  }
  output += "\r\n";
}

void AppendAnswer(OutputQueue& output, Answer answer, const Request& request,
                  const Access& access) {
  AppendHead(output.tail(), answer, request, access, answer.body.size());
  output.Written();
  if (request.method != Method::kHead && !HasNoBody(answer.status)) {
    output.Append(std::move(answer.body));
  }
}

}  // namespace cacheindex::api
