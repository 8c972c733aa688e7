#include "node/core/files/file_error.h"

#include <cerrno>

namespace cacheindex {

Error FileError(const std::error_code& failure, std::string_view action) {
  const bool is_full = failure == std::errc::no_space_on_device ||
                       failure == std::errc::file_too_large ||
                       failure == std::error_code(EDQUOT, std::generic_category()) ||
                       failure == std::error_code(EDQUOT, std::system_category());
  return Error(is_full ? ErrorCode::kExhausted : ErrorCode::kIo, failure.message())
      .WithContext(action);
}

Error FileError(int number, std::string_view action) {
  return FileError(std::error_code(number, std::generic_category()), action);
}

}  // namespace cacheindex
