#include "cache/file_hash.h"

#include <fcntl.h>
#include <unistd.h>
#include <xxhash.h>

#include <cerrno>
#include <memory>
#include <string>
#include <vector>

#include "node/core/files/file_descriptor.h"
#include "node/core/files/file_error.h"

namespace cacheindex::cache {
namespace {

constexpr std::size_t kBlockBytes = std::size_t{1} << 20;

struct FreeState {
  void operator()(XXH3_state_t* state) const noexcept { XXH3_freeState(state); }
};

}  // namespace

Result<std::uint64_t> HashOfFile(const std::filesystem::path& file,
                                 const std::function<void(std::size_t bytes)>& read) {
  const FileDescriptor descriptor(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
  if (!descriptor) {
    return FileError(errno, "read " + file.string());
  }
  const std::unique_ptr<XXH3_state_t, FreeState> state(XXH3_createState());
  XXH3_64bits_reset(state.get());
  std::vector<char> block(kBlockBytes);
  for (ssize_t size = 1; size != 0;) {
    size = ::read(descriptor.get(), block.data(), block.size());
    if (size > 0) {
      XXH3_64bits_update(state.get(), block.data(), static_cast<std::size_t>(size));
      if (read) {
        read(static_cast<std::size_t>(size));
      }
    } else if (size < 0 && errno != EINTR) {
      return FileError(errno, "read " + file.string());
    }
  }
  return XXH3_64bits_digest(state.get());
}

}  // namespace cacheindex::cache
