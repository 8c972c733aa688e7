#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "node/core/result.h"

namespace cacheindex::api {

/// Cuts a stream of bytes into lines, wherever its pieces are cut, and lines into groups.
///
/// Lines of blanks only are dropped, as is a '\r' before the line end. A line longer than the limit
/// is dropped too, but reported in its place; it never takes more memory than the limit.
class LineGrouper {
 public:
  struct Limits {
    std::size_t line_bytes_max = 0;
    std::size_t group_lines_max = 500;
    std::size_t group_bytes_max = std::size_t{1} << 20;
  };
  struct Sink {
    /// Lines in their order; the views die with the call.
    std::function<Result<void>(std::span<const std::string_view>)> on_lines;
    /// In the place of one line.
    std::function<Result<void>()> on_long_line;
  };

  LineGrouper(Limits limits, Sink sink) : limits_(limits), sink_(std::move(sink)) {}

  /// Errors: those of the sink, whereupon nothing more may be added.
  Result<void> Add(std::string_view bytes);
  /// Ends the last line and passes on what is left.
  Result<void> Finish();

 private:
  struct Line {
    std::size_t start;
    std::size_t bytes;
  };

  Result<void> EndLine();
  Result<void> PassOn();

  Limits limits_;
  Sink sink_;
  /// The lines of the group and the beginning of the next one.
  std::string buffer_;
  std::vector<Line> lines_;
  std::size_t line_start_ = 0;
  bool is_skipping_ = false;
};

}  // namespace cacheindex::api
