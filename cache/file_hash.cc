#include "cache/file_hash.h"

#include <fcntl.h>
#include <unistd.h>
#include <xxhash.h>

#include <cerrno>
#include <memory>
#include <string>
#include <system_error>
#include <vector>

namespace cacheindex::cache {
namespace {

constexpr std::size_t kBlockBytes = std::size_t{1} << 20;

struct FreeState {
  void operator()(XXH3_state_t* state) const noexcept { XXH3_freeState(state); }
};

}  // namespace

Result<std::uint64_t> HashOfFile(const std::filesystem::path& file,
                                 const std::function<void(std::size_t bytes)>& read) {
  const int descriptor = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
  int failure = descriptor < 0 ? errno : 0;
  const std::unique_ptr<XXH3_state_t, FreeState> state(XXH3_createState());
  XXH3_64bits_reset(state.get());
  std::vector<char> block(kBlockBytes);
  for (ssize_t size = 1; failure == 0 && size != 0;) {
    size = ::read(descriptor, block.data(), block.size());
    if (size > 0) {
      XXH3_64bits_update(state.get(), block.data(), static_cast<std::size_t>(size));
      if (read) {
        read(static_cast<std::size_t>(size));
      }
    } else if (size < 0 && errno != EINTR) {
      failure = errno;
    }
  }
  if (descriptor >= 0) {
    ::close(descriptor);
  }
  if (failure != 0) {
    return Error(ErrorCode::kIo,
                 "read " + file.string() + ": " + std::generic_category().message(failure));
  }
  return XXH3_64bits_digest(state.get());
}

}  // namespace cacheindex::cache
