#include "api/spool.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>
#include <utility>

#include "node/core/files/file_error.h"
#include "node/core/files/nameless_file.h"

namespace cacheindex::api {
Result<void> Spool::Append(std::string_view bytes) {
  memory_.append(bytes);
  return memory_.size() > options_.memory_bytes_max ? MoveToFile() : Result<void>();
}

Result<void> Spool::MoveToFile() {
  if (!file_) {
    std::error_code ignored;
    auto file = CreateNamelessFile(options_.directory.empty()
                                       ? std::filesystem::temp_directory_path(ignored)
                                       : options_.directory);
    if (!file) {
      return std::move(file).error();
    }
    file_ = *std::move(file);
  }
  std::string_view rest = memory_;
  while (!rest.empty()) {
    const ssize_t written =
        ::pwrite(file_.get(), rest.data(), rest.size(), static_cast<off_t>(file_bytes_));
    if (written < 0 && errno == EINTR) {
      continue;
    }
    if (written <= 0) {
      return FileError(errno, "write answers to a file");
    }
    file_bytes_ += static_cast<std::uint64_t>(written);
    rest.remove_prefix(static_cast<std::size_t>(written));
  }
  memory_.clear();
  return {};
}

Result<void> Spool::ForEachPiece(const std::function<Result<void>(std::string_view)>& sink) {
  std::string piece;
  for (std::uint64_t sent = 0; sent < file_bytes_; sent += piece.size()) {
    piece.resize(static_cast<std::size_t>(
        std::min<std::uint64_t>(file_bytes_ - sent, options_.memory_bytes_max)));
    const ssize_t read = ::pread(file_.get(), piece.data(), piece.size(), static_cast<off_t>(sent));
    if (read < 0 && errno == EINTR) {
      piece.clear();
      continue;
    }
    if (read <= 0) {
      return FileError(errno, "read answers from a file");
    }
    piece.resize(static_cast<std::size_t>(read));
    if (auto done = sink(piece); !done) {
      return done;
    }
  }
  return memory_.empty() ? Result<void>() : sink(memory_);
}

}  // namespace cacheindex::api
