#include "index/documents/number_cache.h"

#include <optional>
#include <utility>

#include "index/documents/entry_codec.h"
#include "index/documents/value_dictionary.h"
#include "index/documents/word_dictionary.h"

namespace cacheindex::index {
namespace {

// About 80 bytes each: 40 MB.
constexpr std::size_t kRememberedMax = 500'000;
// Longer texts are rarely frequent.
constexpr std::size_t kTextBytesMax = 64;

}  // namespace

void NumberCache::BeginTransaction() {
  added_.clear();
  forgot_added_ = false;
}

template <class Find, class Add>
Result<std::uint32_t> NumberCache::Number(cache::ColumnNumber column, std::string_view text,
                                          Find&& find, Add&& add) {
  if (text.size() > kTextBytesMax) {
    return add();
  }
  key_ = EncodeBigEndian32(static_cast<std::uint32_t>(column));
  key_ += text;
  if (const auto known = stored_.find(key_); known != stored_.end()) {
    return known->second;
  }
  if (const auto known = added_.find(key_); known != added_.end()) {
    return known->second;
  }
  auto found = find();
  if (!found) {
    return std::move(found).error();
  }
  if (*found) {
    const auto number = static_cast<std::uint32_t>(**found);
    if (!forgot_added_) {
      if (stored_.size() >= kRememberedMax) {
        stored_.clear();
      }
      stored_.emplace(key_, number);
    }
    return number;
  }
  auto number = add();
  if (number && added_.size() < kRememberedMax) {
    added_.emplace(key_, *number);
  } else {
    forgot_added_ = true;
  }
  return number;
}

Result<std::uint32_t> NumberCache::Word(cache::WriteTransaction& transaction,
                                        cache::ColumnNumber words_column, std::string_view word) {
  return Number(
      words_column, word, [&] { return WordDictionary(transaction, words_column).Find(word); },
      [&]() -> Result<std::uint32_t> {
        auto number = WordDictionary::FindOrAdd(transaction, words_column, word);
        if (!number) {
          return std::move(number).error();
        }
        return static_cast<std::uint32_t>(*number);
      });
}

Result<std::uint32_t> NumberCache::Value(cache::WriteTransaction& transaction,
                                         const FieldStorage& storage, std::string_view value) {
  return Number(
      storage.values, value,
      [&] { return ValueDictionary(transaction, storage.values).Find(value); },
      [&] {
        return ValueDictionary::FindOrAdd(transaction, storage.values, value, RulesOf(storage));
      });
}

}  // namespace cacheindex::index
