#pragma once

#include <filesystem>

#include "node/core/result.h"

namespace cacheindex::api {

/// Returns why a server could not use the certificate with the key, both in PEM files.
/// Errors: kInvalidArgument naming the file: it cannot be read, the two do not belong together, or
/// the certificate is not valid now.
Result<void> CheckCertificate(const std::filesystem::path& certificate,
                              const std::filesystem::path& key);

}  // namespace cacheindex::api
