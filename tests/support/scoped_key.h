#pragma once

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <array>
#include <string>
#include <string_view>

#include "node/core/json.h"

namespace cacheindex::test {

inline std::string Base64(std::string_view bytes) {
  std::string text(4 * ((bytes.size() + 2) / 3) + 1, '\0');
  // NOLINTBEGIN(cppcoreguidelines-pro-type-reinterpret-cast): the library's own bytes.
  text.resize(static_cast<std::size_t>(EVP_EncodeBlock(
      reinterpret_cast<unsigned char*>(text.data()),
      reinterpret_cast<const unsigned char*>(bytes.data()), static_cast<int>(bytes.size()))));
  // NOLINTEND(cppcoreguidelines-pro-type-reinterpret-cast)
  return text;
}

/// A key that a shop's server makes from `parent` with `parameters` that its holder cannot change,
/// as clients make it.
inline std::string ScopedKeyOf(std::string_view parent, const Json& parameters) {
  const std::string text = DumpJson(parameters);
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  // NOLINTBEGIN(cppcoreguidelines-pro-type-reinterpret-cast): the library's own bytes.
  HMAC(EVP_sha256(), parent.data(), static_cast<int>(parent.size()),
       reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest.data(), &size);
  const std::string_view bytes(reinterpret_cast<const char*>(digest.data()), size);
  // NOLINTEND(cppcoreguidelines-pro-type-reinterpret-cast)
  return Base64(Base64(bytes) + std::string(parent.substr(0, 4)) + text);
}

}  // namespace cacheindex::test
