#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace cacheindex::api {

/// Characters of a key's value that are shown and that scoped keys carry.
inline constexpr std::size_t kKeyPrefixBytes = 4;

/// Returns the SHA-256 of a key's value in hexadecimal: enough to recognise the key, and no help in
/// finding it out.
std::string KeyDigest(std::string_view value);

/// Returns a new key's value: letters and digits from the system's source of randomness; empty when
/// that fails.
std::string MakeKeyValue();

/// Compares in a time that depends on the lengths only.
bool EqualsInConstantTime(std::string_view left, std::string_view right) noexcept;

/// A search key that a shop's server made from a stored one, with parameters that its holder cannot
/// change (api/README.md 2.7).
struct ScopedKey {
  /// Base64 of the HMAC-SHA256 of `parameters` under the parent's value.
  std::string digest;
  std::string parent_prefix;
  /// JSON, as it was signed.
  std::string parameters;
};

/// Returns what `text` spells; nullopt when that is no scoped key. Says nothing about its digest.
std::optional<ScopedKey> DecodeScopedKey(std::string_view text);

/// Whether `key` was made from the key of this value.
bool IsSignedBy(const ScopedKey& key, std::string_view parent_value);

}  // namespace cacheindex::api
