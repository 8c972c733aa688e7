#include "node/disk/data_directory.h"

#include <fcntl.h>
#include <sys/file.h>

#include <cerrno>
#include <string>
#include <system_error>
#include <utility>

#include "node/core/files/file_error.h"

namespace cacheindex::node {
namespace {

constexpr mode_t kFileMode = 0640;

}  // namespace

Result<DataDirectory> DataDirectory::Lock(const std::filesystem::path& path) {
  std::error_code failure;
  std::filesystem::create_directories(path, failure);
  if (failure) {
    return FileError(failure, "create the data directory " + path.string());
  }
  const std::string file_path = path / "LOCK";
  FileDescriptor file(::open(file_path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, kFileMode));
  if (!file) {
    return FileError(errno, "open " + file_path);
  }
  // The kernel drops the lock when the process dies, so a crash leaves nothing to clean up.
  if (::flock(file.get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno == EWOULDBLOCK) {
      return Error(ErrorCode::kConflict, "the data directory " + path.string() +
                                             " is in use by another cacheindex process; stop that "
                                             "one first or choose another directory");
    }
    return FileError(errno, "lock " + file_path);
  }
  return DataDirectory(path, std::move(file));
}

}  // namespace cacheindex::node
