#pragma once

#include <string>
#include <string_view>
#include <utility>

namespace cacheindex {

/// What a caller can do about a failure: one code per reaction, not per cause.
enum class ErrorCode {
  kInvalidArgument,  ///< The request is malformed. Change it; retrying does not help.
  kUnauthorized,     ///< The key is missing or does not permit this.
  kNotFound,         ///< The named thing does not exist.
  kTimeout,          ///< The caller's own deadline passed first.
  kConflict,         ///< It exists already, or changed under the caller.
  kTooLarge,         ///< Over a named limit of size. Send less at once.
  kUnprocessable,    ///< Understood, and refused: over a limit of the contract.
  kUnavailable,      ///< Transient: overload, not caught up, shutting down. Retry with backoff.
  kExhausted,        ///< A configured limit is reached: map size, disk. Needs an operator.
  kCorruption,       ///< Stored bytes contradict their own format. Rebuild or restore.
  kIo,               ///< The operating system refused a read or a write.
};

/// Returns the lower-case name used in logs, e.g. "unavailable".
std::string_view Name(ErrorCode code) noexcept;

/// A failure: a code for programs and a message for people.
class Error {
 public:
  Error(ErrorCode code, std::string message) noexcept : code_(code), message_(std::move(message)) {}

  ErrorCode code() const noexcept { return code_; }
  const std::string& message() const noexcept { return message_; }

  /// Returns the same failure with `context` in front: "open store: map size too small".
  Error WithContext(std::string_view context) &&;

 private:
  ErrorCode code_;
  std::string message_;
};

}  // namespace cacheindex
