#include "api/http_status.h"

namespace cacheindex::api {

int HttpStatus(ErrorCode code) noexcept {
  switch (code) {  // No default: -Wswitch-enum turns a forgotten code into a warning.
    case ErrorCode::kInvalidArgument:
      return 400;
    case ErrorCode::kUnauthorized:
      return 401;
    case ErrorCode::kNotFound:
      return 404;
    case ErrorCode::kTimeout:
      return 408;
    case ErrorCode::kConflict:
      return 409;
    case ErrorCode::kTooLarge:
      return 413;
    case ErrorCode::kUnprocessable:
      return 422;
    case ErrorCode::kUnavailable:
      return 503;
    case ErrorCode::kExhausted:
      return 507;
    case ErrorCode::kCorruption:
    case ErrorCode::kIo:
      return 500;
  }
  return 500;
}

}  // namespace cacheindex::api
