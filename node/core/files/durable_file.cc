#include "node/core/files/durable_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "node/core/files/file_descriptor.h"
#include "node/core/files/file_error.h"

namespace cacheindex {

Result<void> Synchronize(const std::filesystem::path& path) {
  const FileDescriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file) {
    return FileError(errno, "open " + path.string());
  }
  return ::fsync(file.get()) == 0 ? Result<void>() : FileError(errno, "sync " + path.string());
}

Result<void> WriteDurably(const std::filesystem::path& path, std::string_view text) {
  constexpr mode_t kMode = 0640;
  std::filesystem::path written = path;
  written += ".new";
  {
    const FileDescriptor file(
        ::open(written.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, kMode));
    if (!file) {
      return FileError(errno, "create " + written.string());
    }
    for (std::string_view left = text; !left.empty();) {
      const ssize_t count = ::write(file.get(), left.data(), left.size());
      if (count < 0 && errno == EINTR) {
        continue;
      }
      if (count < 0) {
        return FileError(errno, "write " + written.string());
      }
      left.remove_prefix(static_cast<std::size_t>(count));
    }
  }
  if (auto synchronized = Synchronize(written); !synchronized) {
    return synchronized;
  }
  std::error_code failure;
  std::filesystem::rename(written, path, failure);
  if (failure) {
    return FileError(failure, "rename " + written.string());
  }
  return Synchronize(path.parent_path());
}

}  // namespace cacheindex
