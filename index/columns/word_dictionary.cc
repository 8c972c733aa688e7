#include "index/columns/word_dictionary.h"

#include <string>
#include <utility>

#include "index/encoding/entry_codec.h"

namespace cacheindex::index {
namespace {

// Entries of a words column:
//
//   'c'       -> u32  words so far
//   'w' word  -> u32  its number
//   'n' u32   -> word with that number; stores of earlier versions lack those of their first words
constexpr std::string_view kCountKey = "c";
constexpr char kWordKey = 'w';
constexpr char kNumberKey = 'n';

Error Missing(std::uint32_t number) {
  return {ErrorCode::kCorruption, "word number " + std::to_string(number) + " is missing"};
}

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

Result<void> WordDictionary::ForEachFrom(std::string_view prefix,
                                         const std::function<bool(std::string_view)>& visit) const {
  return view_->ScanEntries(
      column_, kWordKey + std::string(prefix),
      [&](std::string_view key, std::string_view) { return visit(key.substr(1)); });
}

Result<std::uint32_t> WordDictionary::Count() const {
  auto count = view_->FindEntry(column_, kCountKey);
  if (!count) {
    return std::move(count).error();
  }
  return *count ? DecodeBigEndian32(**count) : 0U;
}

Result<void> WordDictionary::ForEachWord(std::uint32_t first, std::uint32_t last,
                                         const std::function<void(std::string_view)>& visit) const {
  std::uint32_t next = first;
  if (first == 1) {
    // All of them: one walk costs a twentieth of as many look-ups.
    auto scanned =
        view_->ScanEntries(column_, std::string_view(&kNumberKey, 1),
                           [&](std::string_view key, std::string_view word) {
                             if (next > last || DecodeBigEndian32(key.substr(1)) != next) {
                               return false;
                             }
                             visit(word);
                             ++next;
                             return true;
                           });
    if (!scanned) {
      return scanned;
    }
    return next > last ? Result<void>() : ForEachNumbered(next, last, visit);
  }
  for (; next <= last; ++next) {
    const auto word = view_->FindEntry(column_, kNumberKey + EncodeBigEndian32(next));
    if (!word) {
      return word.error();
    }
    if (!*word) {
      return Missing(next);
    }
    visit(**word);
  }
  return {};
}

Result<void> WordDictionary::ForEachNumbered(
    std::uint32_t first, std::uint32_t last,
    const std::function<void(std::string_view)>& visit) const {
  std::vector<std::string> words(last + 1 - first);
  auto scanned = view_->ScanEntries(column_, std::string_view(&kWordKey, 1),
                                    [&](std::string_view key, std::string_view number) {
                                      const std::uint32_t at = DecodeBigEndian32(number);
                                      if (at >= first && at <= last) {
                                        words[at - first] = key.substr(1);
                                      }
                                      return true;
                                    });
  if (!scanned) {
    return scanned;
  }
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (words[i].empty()) {
      return Missing(first + static_cast<std::uint32_t>(i));
    }
    visit(words[i]);
  }
  return {};
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
  const auto count = WordDictionary(transaction, words_column).Count();
  if (!count) {
    return count.error();
  }
  const std::uint32_t number = *count + 1;
  const std::string encoded = EncodeBigEndian32(number);
  if (auto put = transaction.PutEntry(words_column, kWordKey + std::string(word), encoded); !put) {
    return std::move(put).error();
  }
  if (auto put = transaction.PutEntry(words_column, kNumberKey + encoded, word); !put) {
    return std::move(put).error();
  }
  if (auto put = transaction.PutEntry(words_column, kCountKey, encoded); !put) {
    return std::move(put).error();
  }
  return std::int64_t{number};
}

}  // namespace cacheindex::index
