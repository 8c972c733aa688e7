#include "index/word_dictionary.h"

#include <utility>

#include "index/entry_codec.h"

namespace cacheindex::index {
namespace {

// Entries of a words column:
//
//   'c'       -> u32  words so far
//   'w' word  -> u32  its number
constexpr std::string_view kCountKey = "c";
constexpr char kWordKey = 'w';

}  // namespace

Result<std::optional<std::int64_t>> WordDictionary::Find(std::string_view word) const {
  auto found = view_->FindEntry(column_, kWordKey + std::string(word));
  if (!found) {
    return std::move(found).error();
  }
  return *found ? std::optional<std::int64_t>(DecodeBigEndian32(**found)) : std::nullopt;
}

Result<std::vector<std::int64_t>> WordDictionary::FindPrefix(std::string_view prefix,
                                                             std::size_t words_max) const {
  std::vector<std::int64_t> numbers;
  auto scanned = view_->ScanEntries(column_, kWordKey + std::string(prefix),
                                    [&](std::string_view, std::string_view number) {
                                      numbers.push_back(DecodeBigEndian32(number));
                                      return numbers.size() < words_max;
                                    });
  if (!scanned) {
    return std::move(scanned).error();
  }
  return numbers;
}

Result<std::int64_t> WordDictionary::FindOrAdd(cache::WriteTransaction& transaction,
                                               cache::ColumnNumber words_column,
                                               std::string_view word) {
  auto found = WordDictionary(transaction, words_column).Find(word);
  if (!found) {
    return std::move(found).error();
  }
  if (*found) {
    return **found;
  }
  auto count = transaction.FindEntry(words_column, kCountKey);
  if (!count) {
    return std::move(count).error();
  }
  const std::uint32_t number = (*count ? DecodeBigEndian32(**count) : 0U) + 1;
  const std::string encoded = EncodeBigEndian32(number);
  if (auto put = transaction.PutEntry(words_column, kWordKey + std::string(word), encoded); !put) {
    return std::move(put).error();
  }
  if (auto put = transaction.PutEntry(words_column, kCountKey, encoded); !put) {
    return std::move(put).error();
  }
  return std::int64_t{number};
}

}  // namespace cacheindex::index
