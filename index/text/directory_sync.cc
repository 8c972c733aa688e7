#include "index/text/directory_sync.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <system_error>

namespace cacheindex::index {

Result<void> SyncDirectory(const std::filesystem::path& directory) {
  const int descriptor = ::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  int failure = descriptor < 0 || ::fsync(descriptor) != 0 ? errno : 0;
  if (descriptor >= 0) {
    ::close(descriptor);
  }
  if (failure != 0) {
    return Error(failure == ENOSPC ? ErrorCode::kExhausted : ErrorCode::kIo,
                 "sync " + directory.string() + ": " + std::generic_category().message(failure));
  }
  return {};
}

}  // namespace cacheindex::index
