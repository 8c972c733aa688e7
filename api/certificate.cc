#include "api/certificate.h"

#include <utility>

#include "api/tls_context.h"

namespace cacheindex::api {

Result<void> CheckCertificate(const std::filesystem::path& certificate,
                              const std::filesystem::path& key) {
  auto loaded = TlsContext::Load({.certificate = certificate, .key = key});
  return loaded ? Result<void>() : std::move(loaded).error();
}

}  // namespace cacheindex::api
