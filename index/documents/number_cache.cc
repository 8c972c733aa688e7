#include "index/documents/number_cache.h"

#include <algorithm>
#include <functional>
#include <optional>
#include <utility>

#include "index/columns/value_dictionary.h"
#include "index/columns/word_dictionary.h"
#include "index/encoding/entry_codec.h"

namespace cacheindex::index {
namespace {

constexpr std::size_t kPlacesMin = std::size_t{1} << 12;
constexpr std::size_t kPlacesMax = std::size_t{1} << 18;
// About 80 bytes each: 8 MB.
constexpr std::size_t kAddedMax = 100'000;

}  // namespace

void NumberCache::BeginTransaction() {
  added_.clear();
  forgot_added_ = false;
}

NumberCache::Place& NumberCache::PlaceOf(cache::ColumnNumber column,
                                         std::string_view text) noexcept {
  // The golden ratio spreads the columns' numbers over all bits.
  const std::size_t hash = std::hash<std::string_view>()(text) ^
                           static_cast<std::size_t>(column) * 0x9E37'79B9'7F4A'7C15U;
  return places_[hash & (places_.size() - 1)];
}

void NumberCache::Grow() {
  std::vector<Place> before(std::max(kPlacesMin, places_.size() * 2));
  before.swap(places_);
  for (const Place& place : before) {
    if (place.column != cache::ColumnNumber{}) {
      PlaceOf(place.column, place.text()) = place;
    }
  }
  replaced_ = 0;
}

void NumberCache::Remember(cache::ColumnNumber column, std::string_view text,
                           std::uint32_t number) {
  if (places_.empty() || (replaced_ > places_.size() && places_.size() < kPlacesMax)) {
    Grow();
  }
  Place& place = PlaceOf(column, text);
  replaced_ += place.column != cache::ColumnNumber{} ? 1 : 0;
  place.column = column;
  place.number = number;
  place.size = static_cast<std::uint8_t>(text.size());
  std::copy(text.begin(), text.end(), place.bytes.begin());
}

template <class Find, class Add>
Result<std::uint32_t> NumberCache::Number(cache::ColumnNumber column, std::string_view text,
                                          Find&& find, Add&& add) {
  if (text.size() > kTextBytesMax) {
    return add();
  }
  if (!places_.empty()) {
    const Place& place = PlaceOf(column, text);
    if (place.Holds(column, text)) {
      return place.number;
    }
  }
  key_ = EncodeBigEndian32(static_cast<std::uint32_t>(column));
  key_ += text;
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
      Remember(column, text, number);
    }
    return number;
  }
  auto number = add();
  if (number && added_.size() < kAddedMax) {
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
                                         cache::ColumnNumber values_column,
                                         std::string_view value) {
  return Number(
      values_column, value, [&] { return ValueDictionary(transaction, values_column).Find(value); },
      [&] { return ValueDictionary::FindOrAdd(transaction, values_column, value); });
}

}  // namespace cacheindex::index
