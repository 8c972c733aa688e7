#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "node/core/files/file_descriptor.h"
#include "node/core/result.h"

namespace cacheindex::replication {

/// Messages in the order of their arrival: in memory, and from a size on in a file without a name,
/// which is gone with the log whatever happens to the process.
///
/// Threads: one at a time.
class MessageLog {
 public:
  struct Options {
    std::filesystem::path directory;
    std::uint64_t memory_bytes_max = 0;
  };

  explicit MessageLog(Options options);
  MessageLog(const MessageLog&) = delete;
  MessageLog& operator=(const MessageLog&) = delete;

  /// Errors: kIo, kExhausted when the disk is full.
  Result<void> Append(std::string_view message);
  /// Everything is appended: gives back what only writing needs.
  Result<void> Seal();

  /// Returns the next message, from the first one on; nullopt at the end. The view is valid until
  /// the next call. Requires Seal.
  Result<std::optional<std::string_view>> Next();
  /// The next Next returns the first message again.
  void Rewind();

  /// In memory and in the file.
  std::uint64_t memory_bytes() const noexcept { return buffer_.size(); }
  std::uint64_t file_bytes() const noexcept { return file_bytes_; }

 private:
  Result<void> OpenFile();
  Result<void> FlushToFile();
  Result<void> Fill(std::size_t wanted);

  Options options_;
  FileDescriptor file_;
  std::uint64_t file_bytes_ = 0;
  // All messages, or with a file: those not written yet, and later the part of it that is read.
  std::string buffer_;
  std::size_t read_place_ = 0;
  std::uint64_t file_read_place_ = 0;
};

}  // namespace cacheindex::replication
