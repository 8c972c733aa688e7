#include "index/columns/value_dictionary.h"

#include <algorithm>
#include <utility>

#include "index/encoding/entry_codec.h"
#include "index/words/whole_form.h"

namespace cacheindex::index {
namespace {

// Entries of a values column. Numbers are big-endian, so that byte order is numeric order.
//
//   'c'                                     -> u32  values so far
//   'o' ordinal:u32                         -> the value as written
//   'v' value (at most kDirectBytesMax)     -> u32  ordinal
//   'w' hash:u64 ordinal:u32                -> ""   for longer values; 'o' tells equal hashes apart
//   'f' form, cut to kDirectBytesMax, 0 byte, ordinal:u32 -> ""
//   'b'                                     -> u32  the first ordinal with an 'f'
//
// A form (whole_form.h) holds no 0 byte, so the cut form and the ordinal cannot run into each
// other. Stores of earlier versions lack the forms of their first values, and may lack 'b'.
constexpr char kCountKey = 'c';
constexpr char kOrdinalKey = 'o';
constexpr char kValueKey = 'v';
constexpr char kHashKey = 'w';
constexpr char kFormKey = 'f';
constexpr char kFirstFormKey = 'b';
constexpr std::size_t kDirectBytesMax = 150;

std::string OrdinalKey(std::uint32_t ordinal) { return kOrdinalKey + EncodeBigEndian32(ordinal); }

std::string FormKey(std::string_view form) {
  return kFormKey + std::string(form.substr(0, kDirectBytesMax));
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

Result<std::optional<std::uint32_t>> ReadNumber(const cache::View& view, cache::ColumnNumber column,
                                                char key) {
  auto number = view.FindEntry(column, std::string_view(&key, 1));
  if (!number) {
    return std::move(number).error();
  }
  return *number ? std::optional(DecodeBigEndian32(**number)) : std::nullopt;
}

Result<std::uint32_t> ReadCount(const cache::View& view, cache::ColumnNumber column) {
  const auto count = ReadNumber(view, column, kCountKey);
  return count ? Result<std::uint32_t>(count->value_or(0)) : count.error();
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
                 std::string_view value, std::uint32_t ordinal) {
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
  if (auto put = transaction.PutEntry(column, FormKey(WholeForm(value)) + '\0' + number, "");
      !put) {
    return put;
  }
  const auto first_form = ReadNumber(transaction, column, kFirstFormKey);
  if (!first_form) {
    return first_form.error();
  }
  if (!*first_form) {
    if (auto put = transaction.PutEntry(column, std::string_view(&kFirstFormKey, 1), number);
        !put) {
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

Result<void> ValueDictionary::ForEach(
    const std::function<bool(std::uint32_t ordinal, std::string_view value)>& visit) const {
  return view_->ScanEntries(column_, std::string_view(&kOrdinalKey, 1),
                            [&](std::string_view key, std::string_view value) {
                              return visit(DecodeBigEndian32(key.substr(1)), value);
                            });
}

Result<std::vector<std::uint32_t>> ValueDictionary::FindForm(std::string_view form) const {
  return ScanForms(FormKey(form) + '\0',
                   [form](std::string_view stored) { return stored == form; });
}

Result<std::vector<std::uint32_t>> ValueDictionary::FindFormPrefix(std::string_view prefix) const {
  return ScanForms(FormKey(prefix),
                   [prefix](std::string_view stored) { return stored.starts_with(prefix); });
}

Result<std::vector<std::uint32_t>> ValueDictionary::FindForms(
    const std::function<bool(std::string_view form)>& is_wanted) const {
  return ScanForms(std::string_view(&kFormKey, 1), is_wanted);
}

Result<std::vector<std::uint32_t>> ValueDictionary::ScanForms(
    std::string_view key_prefix, const std::function<bool(std::string_view)>& is_wanted) const {
  constexpr std::size_t kKeyBytesBesidesForm = sizeof(kFormKey) + 1 + sizeof(std::uint32_t);
  std::vector<std::uint32_t> ordinals;
  if (auto scanned = ScanFormless(is_wanted, ordinals); !scanned) {
    return std::move(scanned).error();
  }
  std::vector<std::uint32_t> cut;
  auto scanned =
      view_->ScanEntries(column_, key_prefix, [&](std::string_view key, std::string_view) {
        const std::string_view form = key.substr(1, key.size() - kKeyBytesBesidesForm);
        const std::uint32_t ordinal = DecodeBigEndian32(key.substr(key.size() - sizeof(ordinal)));
        if (form.size() == kDirectBytesMax) {
          cut.push_back(ordinal);
        } else if (is_wanted(form)) {
          ordinals.push_back(ordinal);
        }
        return true;
      });
  if (!scanned) {
    return std::move(scanned).error();
  }
  for (const std::uint32_t ordinal : cut) {
    auto value = Value(ordinal);
    if (!value) {
      return std::move(value).error();
    }
    if (is_wanted(WholeForm(*value))) {
      ordinals.push_back(ordinal);
    }
  }
  return ordinals;
}

// Looks at the values whose forms are not stored.
Result<void> ValueDictionary::ScanFormless(const std::function<bool(std::string_view)>& is_wanted,
                                           std::vector<std::uint32_t>& ordinals) const {
  const auto first_form = ReadNumber(*view_, column_, kFirstFormKey);
  if (!first_form) {
    return first_form.error();
  }
  if (*first_form == 0U) {
    return {};
  }
  return ForEach([&](std::uint32_t ordinal, std::string_view value) {
    if (*first_form && ordinal >= **first_form) {
      return false;
    }
    if (is_wanted(WholeForm(value))) {
      ordinals.push_back(ordinal);
    }
    return true;
  });
}

Result<std::uint32_t> ValueDictionary::FindOrAdd(cache::WriteTransaction& transaction,
                                                 cache::ColumnNumber column,
                                                 std::string_view value) {
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
  if (auto added = Add(transaction, column, value, *ordinal); !added) {
    return std::move(added).error();
  }
  return *ordinal;
}

}  // namespace cacheindex::index
