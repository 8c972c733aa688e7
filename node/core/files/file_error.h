#pragma once

#include <string_view>
#include <system_error>

#include "node/core/error.h"

namespace cacheindex {

/// Says what the operating system refused, behind what was tried: kExhausted when the disk, the
/// quota or the file has no more room, else kIo.
Error FileError(const std::error_code& failure, std::string_view action);
/// `number`: an errno.
Error FileError(int number, std::string_view action);

}  // namespace cacheindex
