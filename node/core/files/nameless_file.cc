#include "node/core/files/nameless_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <string>
#include <utility>

#include "node/core/files/file_error.h"

namespace cacheindex {

Result<FileDescriptor> CreateNamelessFile(const std::filesystem::path& directory) {
  constexpr mode_t kOwnerOnly = 0600;
  FileDescriptor file(::open(directory.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, kOwnerOnly));
  if (!file) {  // Not every file system knows O_TMPFILE.
    std::string name = directory / "nameless-XXXXXX";
    file = FileDescriptor(::mkostemp(name.data(), O_CLOEXEC));
    if (!file) {
      return FileError(errno, "create a file in " + directory.string());
    }
    ::unlink(name.c_str());
  }
  return file;
}

}  // namespace cacheindex
