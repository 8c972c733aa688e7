#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "cache/numbers.h"
#include "cache/write_transaction.h"
#include "node/core/result.h"

namespace cacheindex::index {

/// Remembers which numbers the dictionaries gave to words and values, so that the writer looks each
/// frequent one up once and not once a document.
///
/// What was stored before is remembered until another one needs its place: each has one place, a
/// cache line, so that a look costs one miss of the processor's caches at most. A number that the
/// running transaction gave may be given up with it. So it is remembered apart, and only until the
/// next BeginTransaction.
/// Memory: 0.25 MB, up to 16 MB as more places are fought for. Threads: the writer's only.
class NumberCache {
 public:
  void BeginTransaction();

  /// Returns the number of `word` in a words column's dictionary, giving it one when it is new.
  Result<std::uint32_t> Word(cache::WriteTransaction& transaction, cache::ColumnNumber words_column,
                             std::string_view word);
  /// Returns the ordinal of `value` in a values column's dictionary, giving it one when it is new.
  Result<std::uint32_t> Value(cache::WriteTransaction& transaction,
                              cache::ColumnNumber values_column, std::string_view value);

 private:
  /// Longer texts are rarely frequent.
  static constexpr std::size_t kTextBytesMax = 55;

  /// One remembered text, or none: no column has the number 0.
  struct alignas(64) Place {
    cache::ColumnNumber column{};
    std::uint32_t number = 0;
    std::uint8_t size = 0;
    std::array<char, kTextBytesMax> bytes{};

    std::string_view text() const noexcept { return {bytes.data(), size}; }
    bool Holds(cache::ColumnNumber other, std::string_view other_text) const noexcept {
      return column == other && text() == other_text;
    }
  };
  static_assert(sizeof(Place) == 64);

  template <class Find, class Add>
  Result<std::uint32_t> Number(cache::ColumnNumber column, std::string_view text, Find&& find,
                               Add&& add);
  Place& PlaceOf(cache::ColumnNumber column, std::string_view text) noexcept;
  void Remember(cache::ColumnNumber column, std::string_view text, std::uint32_t number);
  void Grow();

  /// A power of two.
  std::vector<Place> places_;
  /// Texts that lost their places since places_ grew.
  std::size_t replaced_ = 0;

  std::string key_;
  std::unordered_map<std::string, std::uint32_t> added_;
  /// The running transaction gave more numbers than are remembered: what it finds may be its own.
  bool forgot_added_ = false;
};

}  // namespace cacheindex::index
