#pragma once

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <string>

namespace cacheindex::test {

/// The bytes of a file that a running node has open, changed behind its back as a bad disk does.
class StoredBytes {
 public:
  explicit StoredBytes(std::filesystem::path file) : file_(std::move(file)) {}

  /// Puts `value` in the place of the byte `offset` bytes after each beginning of `pattern`; flips
  /// a bit of it without a value. Returns how many there are.
  int Flip(const std::string& pattern, std::ptrdiff_t offset) {
    return ForEach(pattern, offset, [](char byte) { return static_cast<char>(byte ^ 4); });
  }
  int Replace(const std::string& pattern, std::ptrdiff_t offset, char value) {
    return ForEach(pattern, offset, [value](char) { return value; });
  }

 private:
  int ForEach(const std::string& pattern, std::ptrdiff_t offset,
              const std::function<char(char)>& change) {
    std::ifstream stream(file_, std::ios::binary);
    const std::string bytes((std::istreambuf_iterator<char>(stream)), {});
    const int file = ::open(file_.c_str(), O_WRONLY | O_CLOEXEC);
    int places = 0;
    for (auto at = bytes.find(pattern); at != std::string::npos; at = bytes.find(pattern, at + 1)) {
      const auto place = static_cast<std::ptrdiff_t>(at) + offset;
      const char changed = change(bytes[static_cast<std::size_t>(place)]);
      EXPECT_EQ(::pwrite(file, &changed, 1, place), 1);
      ++places;
    }
    ::close(file);
    return places;
  }

  const std::filesystem::path file_;
};

}  // namespace cacheindex::test
