#include "replication/rows/log_position.h"

#include <charconv>
#include <cstdio>

namespace cacheindex::replication {
namespace {

// Returns whether all of `text` is one hexadecimal number of 32 bits.
bool ParseHalf(std::string_view text, std::uint32_t& half) {
  const char* end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data(), end, half, 16);
  return parsed.ec == std::errc() && parsed.ptr == end;
}

}  // namespace

std::string ToString(LogPosition position) {
  const auto bits = static_cast<std::uint64_t>(position);
  char text[2 * 8 + 2];
  const int length =
      std::snprintf(text, sizeof text, "%X/%X", static_cast<std::uint32_t>(bits >> 32U),
                    static_cast<std::uint32_t>(bits));
  return {text, static_cast<std::size_t>(length)};
}

Result<LogPosition> ParseLogPosition(std::string_view text) {
  const std::size_t slash = text.find('/');
  std::uint32_t high = 0;
  std::uint32_t low = 0;
  if (slash == std::string_view::npos || !ParseHalf(text.substr(0, slash), high) ||
      !ParseHalf(text.substr(slash + 1), low)) {
    return Error(ErrorCode::kInvalidArgument,
                 "'" + std::string(text) + "' is no log position such as 16/B374D848");
  }
  return static_cast<LogPosition>((std::uint64_t{high} << 32U) | low);
}

LogPosition WithoutPageHeader(LogPosition position, std::uint64_t segment_bytes) {
  constexpr std::uint64_t kHeaderBytes = 24;
  constexpr std::uint64_t kSegmentHeaderBytes = 40;
  const auto bytes = static_cast<std::uint64_t>(position);
  if (segment_bytes != 0 && bytes % segment_bytes == kSegmentHeaderBytes) {
    return static_cast<LogPosition>(bytes - kSegmentHeaderBytes);
  }
  return bytes % kLogPageBytes == kHeaderBytes ? static_cast<LogPosition>(bytes - kHeaderBytes)
                                               : position;
}

}  // namespace cacheindex::replication
