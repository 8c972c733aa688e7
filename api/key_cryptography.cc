#include "api/key_cryptography.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

namespace cacheindex::api {
namespace {

constexpr std::size_t kHashBytes = 32;
/// Base64 of a hash.
constexpr std::size_t kDigestCharacters = 44;
constexpr std::size_t kMadeKeyCharacters = 32;

using Hash = std::array<unsigned char, kHashBytes>;

// Bytes as OpenSSL takes them; a view of chars may alias them.
const unsigned char* BytesOf(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

// Strict about padding and alphabet: what another decoder might read differently is no key.
std::optional<std::string> DecodeBase64(std::string_view text) {
  if (text.empty() || text.size() % 4 != 0) {
    return std::nullopt;
  }
  const std::size_t padding = text.size() - std::min(text.find_last_not_of('=') + 1, text.size());
  std::string decoded(text.size() / 4 * 3, '\0');
  const int size = EVP_DecodeBlock(reinterpret_cast<unsigned char*>(decoded.data()), BytesOf(text),
                                   static_cast<int>(text.size()));
  if (size < 0 || padding > 2) {
    return std::nullopt;
  }
  decoded.resize(static_cast<std::size_t>(size) - padding);
  return decoded;
}

std::string EncodeBase64(const Hash& hash) {
  std::array<unsigned char, kDigestCharacters + 1> encoded{};
  const int size = EVP_EncodeBlock(encoded.data(), hash.data(), static_cast<int>(hash.size()));
  return {encoded.begin(), encoded.begin() + size};
}

}  // namespace

std::string KeyDigest(std::string_view value) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  Hash hash{};
  std::string hexadecimal;
  if (EVP_Digest(value.data(), value.size(), hash.data(), nullptr, EVP_sha256(), nullptr) != 1) {
    return hexadecimal;
  }
  for (const unsigned char byte : hash) {
    hexadecimal += kDigits[byte >> 4U];
    hexadecimal += kDigits[byte & 15U];
  }
  return hexadecimal;
}

std::string MakeKeyValue() {
  constexpr std::string_view kAlphabet =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
  // Bytes from here on would make some characters likelier than others.
  constexpr unsigned kUnbiasedEnd = 256 / kAlphabet.size() * kAlphabet.size();
  std::string value;
  while (value.size() < kMadeKeyCharacters) {
    std::array<unsigned char, kMadeKeyCharacters> bytes{};
    if (RAND_bytes(bytes.data(), static_cast<int>(bytes.size())) != 1) {
      return {};
    }
    for (const unsigned char byte : bytes) {
      if (byte < kUnbiasedEnd && value.size() < kMadeKeyCharacters) {
        value += kAlphabet[byte % kAlphabet.size()];
      }
    }
  }
  return value;
}

bool EqualsInConstantTime(std::string_view left, std::string_view right) noexcept {
  return left.size() == right.size() && CRYPTO_memcmp(left.data(), right.data(), left.size()) == 0;
}

std::optional<ScopedKey> DecodeScopedKey(std::string_view text) {
  const auto decoded = DecodeBase64(text);
  if (!decoded || decoded->size() <= kDigestCharacters + kKeyPrefixBytes) {
    return std::nullopt;
  }
  return ScopedKey{.digest = decoded->substr(0, kDigestCharacters),
                   .parent_prefix = decoded->substr(kDigestCharacters, kKeyPrefixBytes),
                   .parameters = decoded->substr(kDigestCharacters + kKeyPrefixBytes)};
}

bool IsSignedBy(const ScopedKey& key, std::string_view parent_value) {
  Hash hash{};
  const unsigned char* const made =
      HMAC(EVP_sha256(), parent_value.data(), static_cast<int>(parent_value.size()),
           BytesOf(key.parameters), key.parameters.size(), hash.data(), nullptr);
  return made != nullptr && EqualsInConstantTime(EncodeBase64(hash), key.digest);
}

}  // namespace cacheindex::api
