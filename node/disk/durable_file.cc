#include "node/disk/durable_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>

namespace cacheindex::node {

Error FileError(const std::error_code& failure, std::string_view action) {
  const bool is_full = failure == std::errc::no_space_on_device;
  return Error(is_full ? ErrorCode::kExhausted : ErrorCode::kIo, failure.message())
      .WithContext(action);
}

Result<void> Synchronize(const std::filesystem::path& path) {
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) {
    return FileError({errno, std::generic_category()}, "open " + path.string());
  }
  const int status = ::fsync(file);
  const int number = errno;
  ::close(file);
  return status == 0 ? Result<void>()
                     : FileError({number, std::generic_category()}, "fsync " + path.string());
}

Result<void> WriteDurably(const std::filesystem::path& path, std::string_view text) {
  std::filesystem::path written = path;
  written += ".new";
  std::ofstream stream(written, std::ios::binary | std::ios::trunc);
  stream << text << std::flush;
  if (!stream) {
    return Error(ErrorCode::kIo, "cannot write " + written.string());
  }
  stream.close();
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

}  // namespace cacheindex::node
