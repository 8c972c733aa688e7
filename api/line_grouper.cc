#include "api/line_grouper.h"

#include <algorithm>

namespace cacheindex::api {

Result<void> LineGrouper::Add(std::string_view bytes) {
  while (!bytes.empty()) {
    const std::size_t line_feed = bytes.find('\n');
    const std::string_view piece = bytes.substr(0, line_feed);
    bytes.remove_prefix(std::min(piece.size() + 1, bytes.size()));
    if (!is_skipping_) {
      const std::size_t line_bytes = buffer_.size() - line_start_ + piece.size();
      is_skipping_ = line_bytes > limits_.line_bytes_max;
      if (is_skipping_) {
        buffer_.resize(line_start_);
      } else {
        buffer_.append(piece);
      }
    }
    if (line_feed != std::string_view::npos) {
      if (auto ended = EndLine(); !ended) {
        return ended;
      }
    }
  }
  return {};
}

Result<void> LineGrouper::EndLine() {
  if (is_skipping_) {
    is_skipping_ = false;
    auto passed = PassOn();
    return passed ? sink_.on_long_line() : std::move(passed);
  }
  std::string_view line = std::string_view(buffer_).substr(line_start_);
  line.remove_suffix(line.ends_with('\r') ? 1 : 0);
  if (line.find_first_not_of(" \t\r") == std::string_view::npos) {
    buffer_.resize(line_start_);
    return {};
  }
  lines_.push_back({line_start_, line.size()});
  line_start_ = buffer_.size();
  const bool is_full =
      lines_.size() >= limits_.group_lines_max || line_start_ >= limits_.group_bytes_max;
  return is_full ? PassOn() : Result<void>();
}

Result<void> LineGrouper::PassOn() {
  if (lines_.empty()) {
    return {};
  }
  std::vector<std::string_view> views;
  views.reserve(lines_.size());
  for (const Line& line : lines_) {
    views.push_back(std::string_view(buffer_).substr(line.start, line.bytes));
  }
  auto passed = sink_.on_lines(views);
  buffer_.erase(0, line_start_);
  if (buffer_.capacity() > 2 * limits_.group_bytes_max) {
    buffer_.shrink_to_fit();  // After a giant line.
  }
  line_start_ = 0;
  lines_.clear();
  return passed;
}

Result<void> LineGrouper::Finish() {
  if (is_skipping_ || buffer_.size() > line_start_) {
    if (auto ended = EndLine(); !ended) {
      return ended;
    }
  }
  return PassOn();
}

}  // namespace cacheindex::api
