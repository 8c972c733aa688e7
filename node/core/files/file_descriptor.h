#pragma once

#include <utility>

namespace cacheindex {

/// Owns a file descriptor, or none.
class FileDescriptor {
 public:
  FileDescriptor() noexcept = default;
  /// Takes over `value`; negative for none, as the system's calls say.
  explicit FileDescriptor(int value) noexcept : value_(value) {}
  FileDescriptor(FileDescriptor&& other) noexcept : value_(std::exchange(other.value_, -1)) {}
  FileDescriptor& operator=(FileDescriptor&& other) noexcept;
  FileDescriptor(const FileDescriptor&) = delete;
  FileDescriptor& operator=(const FileDescriptor&) = delete;
  ~FileDescriptor() { Close(); }

  int get() const noexcept { return value_; }
  explicit operator bool() const noexcept { return value_ >= 0; }
  void Close() noexcept;

 private:
  int value_ = -1;
};

}  // namespace cacheindex
