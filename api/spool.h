#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>

#include "node/core/files/file_descriptor.h"
#include "node/core/result.h"

namespace cacheindex::api {

/// Bytes that are written first and read afterwards, of any amount in a bounded memory: what does
/// not fit goes to a file that has no name and so cannot outlive the process.
///
/// Threads: one at a time.
class Spool {
 public:
  struct Options {
    /// Empty means the system's directory for temporary files.
    std::filesystem::path directory;
    std::size_t memory_bytes_max = std::size_t{1} << 20;
  };

  explicit Spool(Options options) : options_(std::move(options)) {}

  /// Errors: kIo when the file cannot be made, kExhausted when the disk is full.
  Result<void> Append(std::string_view bytes);

  std::uint64_t bytes() const noexcept { return file_bytes_ + memory_.size(); }

  /// Calls `sink` with all bytes in their order, in pieces; stops at its first failure.
  Result<void> ForEachPiece(const std::function<Result<void>(std::string_view)>& sink);

 private:
  Result<void> MoveToFile();

  Options options_;
  /// What follows the file's content.
  std::string memory_;
  FileDescriptor file_;
  std::uint64_t file_bytes_ = 0;
};

}  // namespace cacheindex::api
