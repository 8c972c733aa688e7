#pragma once

#include <string>
#include <utility>

#include "node/core/error.h"

namespace cacheindex::replication {

/// Why a part of following a source ended, as what is to be done next.
struct Outcome {
  enum class Kind {
    kDone,         ///< Go on with what comes next.
    kStopped,      ///< The owner said so.
    kRetry,        ///< Connect again after a while; what is durable stays.
    kUndecodable,  ///< As kRetry, but if it comes again at the same place it always will.
    kRebuild,      ///< Only a new generation helps.
    kRefused,      ///< As kRetry, but an operator must act before it can succeed.
  };
  Kind kind = Kind::kDone;
  std::string reason;

  static Outcome Done() { return {}; }
  static Outcome Rebuild(std::string reason) { return {Kind::kRebuild, std::move(reason)}; }
  static Outcome Refused(std::string reason) { return {Kind::kRefused, std::move(reason)}; }
  static Outcome Retry(const Error& error) { return {Kind::kRetry, error.message()}; }
};

/// What a failure of the applier asks for.
inline Outcome OutcomeOfApplier(const Error& error) {
  switch (error.code()) {
    case ErrorCode::kCorruption:
    case ErrorCode::kConflict:
      // The rows, or the collections, are no longer what they must be.
      return Outcome::Rebuild(error.message());
    case ErrorCode::kInvalidArgument:
    case ErrorCode::kNotFound:
    case ErrorCode::kUnprocessable:
      return Outcome::Refused(error.message());
    case ErrorCode::kUnauthorized:
    case ErrorCode::kTimeout:
    case ErrorCode::kTooLarge:
    case ErrorCode::kUnavailable:
    case ErrorCode::kExhausted:
    case ErrorCode::kIo:
      return Outcome::Retry(error);
  }
  return Outcome::Retry(error);
}

}  // namespace cacheindex::replication
