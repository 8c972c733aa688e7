#include "replication/postgres/message_log.h"

#include <sys/types.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <system_error>
#include <utility>

#include "node/core/files/file_error.h"
#include "node/core/files/nameless_file.h"

namespace cacheindex::replication {
namespace {

// Read and written at once.
constexpr std::size_t kBlockBytes = std::size_t{256} << 10;

// A message is its length in the machine's order, and its bytes.
using Length = std::uint32_t;

}  // namespace

MessageLog::MessageLog(Options options) : options_(std::move(options)) {}

Result<void> MessageLog::OpenFile() {
  std::error_code failure;
  std::filesystem::create_directories(options_.directory, failure);
  auto file = CreateNamelessFile(options_.directory);
  if (!file) {
    return std::move(file).error();
  }
  file_ = *std::move(file);
  return {};
}

Result<void> MessageLog::FlushToFile() {
  for (std::size_t done = 0; done < buffer_.size();) {
    const ssize_t written = ::write(file_.get(), buffer_.data() + done, buffer_.size() - done);
    if (written < 0 && errno == EINTR) {
      continue;
    }
    if (written <= 0) {
      return FileError(errno, "write the spool");
    }
    done += static_cast<std::size_t>(written);
  }
  file_bytes_ += buffer_.size();
  buffer_.clear();
  return {};
}

Result<void> MessageLog::Append(std::string_view message) {
  const auto length = static_cast<Length>(message.size());
  char raw[sizeof length];
  std::memcpy(raw, &length, sizeof length);
  buffer_.append(raw, sizeof raw);
  buffer_.append(message);
  if (!file_) {
    if (buffer_.size() <= options_.memory_bytes_max) {
      return {};
    }
    if (Result<void> opened = OpenFile(); !opened) {
      return opened;
    }
  }
  return buffer_.size() < kBlockBytes ? Result<void>() : FlushToFile();
}

Result<void> MessageLog::Seal() {
  if (!file_) {
    return {};
  }
  if (Result<void> flushed = FlushToFile(); !flushed) {
    return flushed;
  }
  buffer_.shrink_to_fit();
  return {};
}

// Brings `wanted` bytes from the place of reading on into the buffer.
Result<void> MessageLog::Fill(std::size_t wanted) {
  if (buffer_.size() - read_place_ >= wanted) {
    return {};
  }
  buffer_.erase(0, read_place_);
  read_place_ = 0;
  std::size_t filled = buffer_.size();
  const std::uint64_t left = file_bytes_ - file_read_place_;
  buffer_.resize(filled + std::min<std::uint64_t>(left, std::max(wanted - filled, kBlockBytes)));
  while (filled < buffer_.size()) {
    const ssize_t read = ::pread(file_.get(), buffer_.data() + filled, buffer_.size() - filled,
                                 static_cast<off_t>(file_read_place_));
    if (read < 0 && errno == EINTR) {
      continue;
    }
    if (read <= 0) {
      return FileError(errno, "read the spool");
    }
    filled += static_cast<std::size_t>(read);
    file_read_place_ += static_cast<std::uint64_t>(read);
  }
  if (filled < wanted) {
    return Error(ErrorCode::kCorruption, "read spool: it ends inside a message");
  }
  return {};
}

Result<std::optional<std::string_view>> MessageLog::Next() {
  if (read_place_ == buffer_.size() && file_read_place_ == file_bytes_) {
    return std::optional<std::string_view>();
  }
  Length length = 0;
  if (Result<void> filled = Fill(sizeof length); !filled) {
    return std::move(filled).error();
  }
  std::memcpy(&length, buffer_.data() + read_place_, sizeof length);
  if (Result<void> filled = Fill(sizeof length + length); !filled) {
    return std::move(filled).error();
  }
  const std::string_view message(buffer_.data() + read_place_ + sizeof length, length);
  read_place_ += sizeof length + length;
  return std::optional(message);
}

void MessageLog::Rewind() {
  read_place_ = 0;
  if (file_) {
    buffer_.clear();
    file_read_place_ = 0;
  }
}

}  // namespace cacheindex::replication
