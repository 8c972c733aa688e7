#include <array>
#include <charconv>
#include <string>
#include <string_view>

#include "api/answer_writer.h"
#include "api/front.h"
#include "api/request_options.h"
#include "api/transfer.h"

namespace cacheindex::api {
namespace {

constexpr std::string_view kLastChunk = "0\r\n\r\n";

// Lines as they go over the wire: a line end between two, none after the last.
class LineWriter {
 public:
  LineWriter(BulkStream& stream, bool is_chunked) : stream_(stream), is_chunked_(is_chunked) {}

  Result<void> Write(std::string_view head, std::string_view lines) {
    lines.remove_suffix(lines.ends_with('\n') ? 1 : 0);
    std::string bytes(head);
    if (!lines.empty()) {
      AppendChunk(bytes, lines);
    }
    return stream_.Write(bytes);
  }

  Result<void> Finish() { return is_chunked_ ? stream_.Write(kLastChunk) : Result<void>(); }

 private:
  void AppendChunk(std::string& bytes, std::string_view lines) {
    if (is_chunked_) {
      std::array<char, 16> digits{};
      const auto result = std::to_chars(digits.data(), digits.data() + digits.size(),
                                        lines.size() + (has_lines_ ? 1 : 0), 16);
      bytes.append(digits.data(), result.ptr);
      bytes += "\r\n";
    }
    bytes += has_lines_ ? "\n" : "";
    bytes += lines;
    bytes += is_chunked_ ? "\r\n" : "";
    has_lines_ = true;
  }

  BulkStream& stream_;
  const bool is_chunked_;
  bool has_lines_ = false;
};

bool IsDamage(const Result<std::optional<std::string>>& lines) {
  return !lines && lines.error().code() == ErrorCode::kCorruption;
}

}  // namespace

AfterTransfer RunExport(Front& front, Request& request, BulkStream& stream) {
  const auto freshness = ReadFreshness(request);
  if (!freshness) {
    return SendAnswer(front, request, stream, ErrorAnswer(freshness.error()));
  }
  auto cursor =
      front.service().BeginExport(request.names[0], {.filter = ReadFilter(request),
                                                     .projection = ReadProjection(request),
                                                     .freshness = *freshness});
  if (!cursor) {
    return SendAnswer(front, request, stream, ErrorAnswer(cursor.error()));
  }
  // The first piece decides about the status: after it, only cutting the answer tells of a failure.
  auto lines = (*cursor)->Next();
  if (!lines) {
    return SendAnswer(front, request, stream, ErrorAnswer(lines.error()));
  }
  request.keeps_alive = request.keeps_alive && !request.is_http_1_0 && !front.is_stopping();
  Answer answer;
  answer.content_type = kTextType;
  answer.positions = (*cursor)->positions();
  std::string head;
  AppendHead(head, answer, request, front.access(), std::nullopt);
  LineWriter writer(stream, !request.is_http_1_0);
  while (true) {
    auto written = writer.Write(head, *lines ? std::string_view(**lines) : std::string_view());
    head.clear();
    if (written && *lines) {
      lines = (*cursor)->Next();
      if (lines) {
        continue;
      }
    } else if (written) {
      written = writer.Finish();
    }
    const bool is_complete = written && lines;
    front.Observe(request, {.status = is_complete ? answer.status : 500,
                            .is_damage = IsDamage(lines),
                            .failure = lines ? std::string() : lines.error().message()});
    if (!is_complete) {
      return AfterTransfer::kAbort;
    }
    return request.keeps_alive ? AfterTransfer::kKeep : AfterTransfer::kLinger;
  }
}

}  // namespace cacheindex::api
