#include "index/documents/value_dictionary.h"

#include <algorithm>
#include <utility>

#include "index/documents/entry_codec.h"
#include "index/text/tokenizer.h"

namespace cacheindex::index {
namespace {

// Entries of a values column. Numbers are big-endian, so that byte order is numeric order.
//
//   'c'                                     -> u32  values so far
//   'o' ordinal:u32                         -> the value as written
//   'v' value (at most kDirectBytesMax)     -> u32  ordinal
//   'w' hash:u64 ordinal:u32                -> ""   for longer values; equal hashes are told apart
//   by 'o' 'n' normal form, cut to kDirectBytesMax, 0 byte, ordinal:u32 -> ""
//
// A normal form holds no 0 byte, so the cut form and the ordinal cannot run into each other.
constexpr char kCountKey = 'c';
constexpr char kOrdinalKey = 'o';
constexpr char kValueKey = 'v';
constexpr char kHashKey = 'w';
constexpr char kNormalKey = 'n';
constexpr std::size_t kDirectBytesMax = 150;

std::string OrdinalKey(std::uint32_t ordinal) { return kOrdinalKey + EncodeBigEndian32(ordinal); }

std::string NormalKey(std::string_view normal_form) {
  return kNormalKey + std::string(normal_form.substr(0, kDirectBytesMax));
}

// FNV-1a (64 bit, http://www.isthe.com/chongo/tech/comp/fnv/): only spreads long values over keys.
std::uint64_t Spread(std::string_view value) {
  std::uint64_t hash = 14695981039346656037U;
  for (const char byte : value) {
    hash = (hash ^ static_cast<unsigned char>(byte)) * 1099511628211U;
  }
  return hash;
}

std::string HashKey(std::string_view value) {
  const std::uint64_t hash = Spread(value);
  return kHashKey + EncodeBigEndian32(static_cast<std::uint32_t>(hash >> 32)) +
         EncodeBigEndian32(static_cast<std::uint32_t>(hash));
}

// Returns the ordinals at the ends of all keys that start with `prefix`.
Result<std::vector<std::uint32_t>> TrailingOrdinals(const cache::View& view,
                                                    cache::ColumnNumber column,
                                                    std::string_view prefix) {
  std::vector<std::uint32_t> ordinals;
  auto scanned = view.ScanEntries(column, prefix, [&](std::string_view key, std::string_view) {
    ordinals.push_back(DecodeBigEndian32(key.substr(key.size() - 4)));
    return true;
  });
  if (!scanned) {
    return std::move(scanned).error();
  }
  return ordinals;
}

Result<std::uint32_t> ReadCount(const cache::View& view, cache::ColumnNumber column) {
  auto count = view.FindEntry(column, std::string_view(&kCountKey, 1));
  if (!count) {
    return std::move(count).error();
  }
  return *count ? DecodeBigEndian32(**count) : 0U;
}

Result<std::optional<std::uint32_t>> FindOrdinal(const cache::View& view,
                                                 cache::ColumnNumber column,
                                                 std::string_view value) {
  if (value.size() <= kDirectBytesMax) {
    auto found = view.FindEntry(column, kValueKey + std::string(value));
    if (!found) {
      return std::move(found).error();
    }
    return *found ? std::optional(DecodeBigEndian32(**found)) : std::nullopt;
  }
  auto candidates = TrailingOrdinals(view, column, HashKey(value));
  if (!candidates) {
    return std::move(candidates).error();
  }
  for (const std::uint32_t ordinal : *candidates) {
    auto stored = ValueDictionary(view, column).Value(ordinal);
    if (!stored) {
      return std::move(stored).error();
    }
    if (*stored == value) {
      return ordinal;
    }
  }
  return std::nullopt;
}

Result<void> Add(cache::WriteTransaction& transaction, cache::ColumnNumber column,
                 std::string_view value, std::uint32_t ordinal, const TextRules& rules) {
  const std::string number = EncodeBigEndian32(ordinal);
  if (auto put = transaction.PutEntry(column, kOrdinalKey + number, value); !put) {
    return put;
  }
  const bool is_direct = value.size() <= kDirectBytesMax;
  if (auto put = is_direct ? transaction.PutEntry(column, kValueKey + std::string(value), number)
                           : transaction.PutEntry(column, HashKey(value) + number, "");
      !put) {
    return put;
  }
  for (const std::string& form : NormalForms(value, rules)) {
    if (auto put = transaction.PutEntry(column, NormalKey(form) + '\0' + number, ""); !put) {
      return put;
    }
  }
  return transaction.PutEntry(column, std::string_view(&kCountKey, 1),
                              EncodeBigEndian32(ordinal + 1));
}

}  // namespace

Result<std::uint32_t> ValueDictionary::Size() const { return ReadCount(*view_, column_); }

Result<std::optional<std::uint32_t>> ValueDictionary::Find(std::string_view value) const {
  return FindOrdinal(*view_, column_, value);
}

Result<std::string> ValueDictionary::Value(std::uint32_t ordinal) const {
  auto value = view_->FindEntry(column_, OrdinalKey(ordinal));
  if (!value) {
    return std::move(value).error();
  }
  if (!*value) {
    return Error(ErrorCode::kCorruption,
                 "value dictionary: no value has ordinal " + std::to_string(ordinal));
  }
  return std::string(**value);
}

Result<std::vector<std::uint32_t>> ValueDictionary::FindNormal(std::string_view normal_form) const {
  auto ordinals = TrailingOrdinals(*view_, column_, NormalKey(normal_form) + '\0');
  if (!ordinals || normal_form.size() < kDirectBytesMax) {
    return ordinals;
  }
  return KeepNormalForms(*ordinals, [&](std::string_view stored) { return stored == normal_form; });
}

Result<std::vector<std::uint32_t>> ValueDictionary::FindNormalPrefix(
    std::string_view prefix) const {
  auto ordinals = TrailingOrdinals(*view_, column_, NormalKey(prefix));
  if (!ordinals || prefix.size() <= kDirectBytesMax) {
    return ordinals;
  }
  return KeepNormalForms(*ordinals,
                         [&](std::string_view stored) { return stored.starts_with(prefix); });
}

Result<std::vector<std::uint32_t>> ValueDictionary::KeepNormalForms(
    const std::vector<std::uint32_t>& ordinals,
    const std::function<bool(std::string_view)>& is_wanted) const {
  std::vector<std::uint32_t> kept;
  for (const std::uint32_t ordinal : ordinals) {
    auto value = Value(ordinal);
    if (!value) {
      return std::move(value).error();
    }
    const auto forms = NormalForms(*value, *rules_);
    if (std::any_of(forms.begin(), forms.end(), is_wanted)) {
      kept.push_back(ordinal);
    }
  }
  return kept;
}

Result<std::uint32_t> ValueDictionary::FindOrAdd(cache::WriteTransaction& transaction,
                                                 cache::ColumnNumber column, std::string_view value,
                                                 const TextRules& rules) {
  auto found = FindOrdinal(transaction, column, value);
  if (!found) {
    return std::move(found).error();
  }
  if (*found) {
    return **found;
  }
  auto ordinal = ReadCount(transaction, column);
  if (!ordinal) {
    return ordinal;
  }
  if (auto added = Add(transaction, column, value, *ordinal, rules); !added) {
    return std::move(added).error();
  }
  return *ordinal;
}

}  // namespace cacheindex::index
