#pragma once

#include <cstdint>
#include <optional>

namespace cacheindex::replication {

/// What a value's text means: PostgreSQL's types as far as a document tells them apart.
enum class TypeKind : std::uint8_t {
  kBoolean,
  kInteger,
  kNumeric,
  kReal,
  kText,
  kPaddedText,  ///< char(n): blanks at the end mean nothing.
  kUuid,
  kJson,
  kHstore,     ///< An object of texts.
  kTimestamp,  ///< date, timestamp and timestamptz: text in documents, seconds in unix().
  kOther,      ///< Text as the source prints it.
};

/// Oids of built-in types are the same in every PostgreSQL.
constexpr TypeKind KindOfType(std::uint32_t type) noexcept {
  switch (type) {
    case 16:
      return TypeKind::kBoolean;
    case 20:  // int8
    case 21:  // int2
    case 23:  // int4
    case 26:  // oid
      return TypeKind::kInteger;
    case 1700:
      return TypeKind::kNumeric;
    case 700:
    case 701:
      return TypeKind::kReal;
    case 19:    // name
    case 25:    // text
    case 1043:  // varchar
      return TypeKind::kText;
    case 1042:
      return TypeKind::kPaddedText;
    case 2950:
      return TypeKind::kUuid;
    case 114:
    case 3802:
      return TypeKind::kJson;
    case 1:  // kReadAsHstore
      return TypeKind::kHstore;
    case 1082:  // date
    case 1114:  // timestamp
    case 1184:  // timestamptz
      return TypeKind::kTimestamp;
    default:
      return TypeKind::kOther;
  }
}

/// Stands for the type of the extension hstore, whose oid is another in each database. No type of
/// PostgreSQL has it.
inline constexpr std::uint32_t kReadAsHstore = 1;

/// Greater than the oids of the types that are named here.
inline constexpr std::uint32_t kBuiltInTypesEnd = 4'000;

inline constexpr std::uint32_t kTypeInt8 = 20;
/// Arrays whose elements have no type of their own here are read as this: their texts.
inline constexpr std::uint32_t kTypeTextArray = 1009;
inline constexpr std::uint32_t kTypeOid = 26;
inline constexpr std::uint32_t kTypeNumeric = 1700;

/// Returns the element's type of a built-in array type.
constexpr std::optional<std::uint32_t> ElementType(std::uint32_t type) noexcept {
  switch (type) {
    case 1000:
      return 16;
    case 1005:
      return 21;
    case 1007:
      return 23;
    case 1016:
      return 20;
    case 1028:
      return 26;
    case 1231:
      return 1700;
    case 1021:
      return 700;
    case 1022:
      return 701;
    case 1003:
      return 19;
    case 1009:
      return 25;
    case 1014:
      return 1042;
    case 1015:
      return 1043;
    case 2951:
      return 2950;
    case 199:
      return 114;
    case 3807:
      return 3802;
    case 1182:
      return 1082;
    case 1115:
      return 1114;
    case 1185:
      return 1184;
    default:
      return std::nullopt;
  }
}

/// Returns the array type whose elements are of a built-in type; kTypeTextArray where there is none
/// of the list above.
constexpr std::uint32_t ArrayTypeOf(std::uint32_t element) noexcept {
  for (std::uint32_t type = 1; type < kBuiltInTypesEnd; ++type) {
    if (ElementType(type) == element) {
      return type;
    }
  }
  return kTypeTextArray;
}

}  // namespace cacheindex::replication
