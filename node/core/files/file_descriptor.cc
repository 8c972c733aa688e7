#include "node/core/files/file_descriptor.h"

#include <unistd.h>

namespace cacheindex {

FileDescriptor& FileDescriptor::operator=(FileDescriptor&& other) noexcept {
  if (this != &other) {
    Close();
    value_ = std::exchange(other.value_, -1);
  }
  return *this;
}

void FileDescriptor::Close() noexcept {
  if (value_ >= 0) {
    ::close(std::exchange(value_, -1));
  }
}

}  // namespace cacheindex
