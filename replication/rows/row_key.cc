#include "replication/rows/row_key.h"

#include <algorithm>
#include <array>
#include <optional>
#include <vector>

#include "node/core/number_text.h"
#include "replication/rows/big_endian.h"
#include "replication/rows/postgres_types.h"

// One value of a key:
//   'i', 8 bytes   integer: big-endian with the sign bit flipped
//   'u', 16 bytes  uuid
//   't', text, 0   everything else; PostgreSQL's text has no zero byte
// A key that is too long: its first bytes, 'd', 16 bytes of digest. No value begins with 'd'.

namespace cacheindex::replication {
namespace {

constexpr std::size_t kDigestBytes = 16;

std::optional<unsigned> HexadecimalDigit(char digit) {
  if (digit >= '0' && digit <= '9') {
    return static_cast<unsigned>(digit - '0');
  }
  if (digit >= 'a' && digit <= 'f') {
    return static_cast<unsigned>(digit - 'a') + 10U;
  }
  return std::nullopt;
}

// Returns whether `text` was PostgreSQL's spelling of a uuid.
bool AppendUuid(std::string& key, std::string_view text) {
  std::array<unsigned char, 16> bytes{};
  std::size_t digits = 0;
  for (const char character : text) {
    if (character == '-') {
      continue;
    }
    const auto digit = HexadecimalDigit(character);
    if (!digit || digits == 32) {
      return false;
    }
    const unsigned high = bytes[digits / 2];
    bytes[digits / 2] = static_cast<unsigned char>(high << 4U | *digit);
    ++digits;
  }
  if (digits != 32) {
    return false;
  }
  key += 'u';
  key.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  return true;
}

// FNV-1a, then the finalizer of splitmix64, from one of two beginnings.
std::uint64_t DigestFrom(std::uint64_t state, std::string_view bytes) {
  for (const char byte : bytes) {
    state = (state ^ static_cast<unsigned char>(byte)) * 0x100000001B3ULL;
  }
  state = (state ^ (state >> 30U)) * 0xBF58476D1CE4E5B9ULL;
  state = (state ^ (state >> 27U)) * 0x94D049BB133111EBULL;
  return state ^ (state >> 31U);
}

}  // namespace

void AppendKeyValue(std::string& key, std::uint32_t base_type, std::string_view text) {
  switch (KindOfType(base_type)) {
    case TypeKind::kInteger: {
      if (const auto number = ToNumber<std::int64_t>(text)) {
        key += 'i';
        AppendBigEndian(key, static_cast<std::uint64_t>(*number) ^ (std::uint64_t{1} << 63U));
        return;
      }
      break;
    }
    case TypeKind::kUuid:
      if (AppendUuid(key, text)) {
        return;
      }
      break;
    case TypeKind::kNumeric:
      // 1.5 and 1.50 are equal in the source.
      if (text.find('.') != std::string_view::npos) {
        text = text.substr(0, text.find_last_not_of('0') + 1);
        text = text.substr(0, text.size() - (text.ends_with('.') ? 1 : 0));
      }
      break;
    case TypeKind::kPaddedText:
      text = text.substr(0, text.find_last_not_of(' ') + 1);
      break;
    case TypeKind::kBoolean:
    case TypeKind::kReal:
    case TypeKind::kText:
    case TypeKind::kJson:
    case TypeKind::kHstore:
    case TypeKind::kTimestamp:
    case TypeKind::kOther:
      break;
  }
  key += 't';
  key.append(text);
  key += '\0';
}

std::pair<std::uint64_t, std::uint64_t> Digest(std::string_view bytes) {
  return {DigestFrom(0xCBF29CE484222325ULL, bytes), DigestFrom(0x9AE16A3B2F90404FULL, bytes)};
}

std::string BoundedKey(std::string key) {
  if (key.size() <= kRowKeyBytesMax) {
    return key;
  }
  const auto [first, second] = Digest(key);
  key.resize(kRowKeyBytesMax - kDigestBytes - 1);
  key += 'd';
  AppendBigEndian(key, first);
  AppendBigEndian(key, second);
  return key;
}

std::string DocumentId(std::span<const std::string_view> key_values) {
  if (key_values.size() == 1) {
    return std::string(key_values[0]);
  }
  std::string id;
  for (std::size_t i = 0; i < key_values.size(); ++i) {
    id += i == 0 ? "" : ":";
    for (const char character : key_values[i]) {
      if (character == '%') {
        id += "%25";
      } else if (character == ':') {
        id += "%3A";
      } else {
        id += character;
      }
    }
  }
  return id;
}

std::string RowKeyOfId(std::span<const KeyPart> parts, std::string_view id) {
  std::string key;
  if (parts.size() == 1) {
    AppendKeyValue(key, parts[0].base_type, id);
    return BoundedKey(std::move(key));
  }
  std::vector<std::string> values(1);
  for (std::size_t i = 0; i < id.size(); ++i) {
    if (id[i] == ':') {
      values.emplace_back();
    } else if (id.substr(i, 3) == "%25" || id.substr(i, 3) == "%3A") {
      values.back() += id[i + 1] == '2' ? '%' : ':';
      i += 2;
    } else {
      values.back() += id[i];
    }
  }
  if (values.size() != parts.size()) {
    return {};
  }
  for (const KeyPart& part : parts) {
    AppendKeyValue(key, part.base_type, values[part.place]);
  }
  return BoundedKey(std::move(key));
}

}  // namespace cacheindex::replication
