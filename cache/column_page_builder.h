#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cache/column_page.h"
#include "cache/numbers.h"

namespace cacheindex::cache {

/// Makes the bytes of a column page: load the old page, set documents, encode. Reusable, so that
/// its memory is.
///
/// Threads: one at a time.
class ColumnPageBuilder {
 public:
  void Clear() noexcept;
  /// Requires a cleared builder.
  void Load(const ColumnPage& page);
  /// Replaces the values of one document. Requires offset < kWidePageDocuments.
  void Set(std::uint32_t offset, std::span<const std::int64_t> values);
  /// Returns the page in the smallest of its encodings, empty when there are no values. The bytes
  /// are valid until the next call.
  std::string_view Encode();

 private:
  struct Range {
    std::size_t begin = 0;
    std::size_t count = 0;
  };
  struct Shape {
    std::uint8_t kind = 0;
    bool has_presence = false;
    std::uint32_t width = 0;
    std::uint32_t end_width = 0;
    std::uint32_t slots = 0;
    std::uint32_t documents = 0;
    std::size_t values = 0;
    std::size_t body_bytes = 0;
    std::int64_t minimum = 0;
    std::int64_t maximum = 0;
  };

  Shape Measure() const noexcept;
  void WriteBody(const Shape& shape, std::string& page) const;

  // Where each document's values are; replaced values stay in values_ as garbage until Clear.
  std::array<Range, kWidePageDocuments> ranges_{};
  std::vector<std::int64_t> values_;
  std::string page_;
};

}  // namespace cacheindex::cache
