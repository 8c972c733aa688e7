#include "node/disk/data_directory.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <system_error>
#include <utility>

#include "node/disk/durable_file.h"

namespace cacheindex::node {
namespace {

constexpr mode_t kFileMode = 0640;

Error FromErrno(int number, std::string action) {
  return FileError({number, std::generic_category()}, std::move(action));
}

}  // namespace

Result<DataDirectory> DataDirectory::Lock(const std::filesystem::path& path) {
  std::error_code failure;
  std::filesystem::create_directories(path, failure);
  if (failure) {
    return FileError(failure, "create the data directory " + path.string());
  }
  const std::string file_path = path / "LOCK";
  const int file = ::open(file_path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, kFileMode);
  if (file < 0) {
    return FromErrno(errno, "open " + file_path);
  }
  // The kernel drops the lock when the process dies, so a crash leaves nothing to clean up.
  if (::flock(file, LOCK_EX | LOCK_NB) != 0) {
    const int number = errno;
    ::close(file);
    if (number == EWOULDBLOCK) {
      return Error(ErrorCode::kConflict, "the data directory " + path.string() +
                                             " is in use by another cacheindex process; stop that "
                                             "one first or choose another directory");
    }
    return FromErrno(number, "lock " + file_path);
  }
  return DataDirectory(path, file);
}

DataDirectory::DataDirectory(DataDirectory&& other) noexcept
    : path_(std::move(other.path_)), file_(std::exchange(other.file_, -1)) {}

DataDirectory::~DataDirectory() {
  if (file_ >= 0) {
    ::close(file_);
  }
}

}  // namespace cacheindex::node
