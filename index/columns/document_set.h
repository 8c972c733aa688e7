#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "cache/numbers.h"
#include "node/core/document.h"

namespace cacheindex::index {

/// A set of document numbers as one bit each. Sized so that every column page, wide or narrow,
/// finds all its words.
///
/// Invariant: bits at and above capacity() are 0.
/// Threads: as a vector.
class DocumentSet {
 public:
  DocumentSet() = default;
  /// An empty set that can hold numbers 0 to `number_max`.
  explicit DocumentSet(DocumentNumber number_max)
      : words_((number_max / cache::kWidePageDocuments + 1) * kWordsPerWidePage) {}

  static constexpr std::size_t kWordsPerWidePage = cache::kWidePageDocuments / 64;

  std::size_t capacity() const noexcept { return words_.size() * 64; }
  bool Contains(DocumentNumber number) const noexcept {
    return number / 64 < words_.size() && ((words_[number / 64] >> (number % 64)) & 1U) != 0;
  }
  /// Requires number < capacity().
  void Add(DocumentNumber number) noexcept {
    words_[number / 64] |= std::uint64_t{1} << (number % 64);
  }
  void Remove(DocumentNumber number) noexcept {
    words_[number / 64] &= ~(std::uint64_t{1} << (number % 64));
  }

  std::uint64_t Count() const noexcept {
    std::uint64_t count = 0;
    for (const std::uint64_t word : words_) {
      count += CountBits(word);
    }
    return count;
  }
  bool IsEmpty() const noexcept {
    for (const std::uint64_t word : words_) {
      if (word != 0) {
        return false;
      }
    }
    return true;
  }

  // Both sides must have the same capacity.
  void UniteWith(const DocumentSet& other) noexcept {
    for (std::size_t i = 0; i < words_.size(); ++i) {
      words_[i] |= other.words_[i];
    }
  }
  void Subtract(const DocumentSet& other) noexcept {
    for (std::size_t i = 0; i < words_.size(); ++i) {
      words_[i] &= ~other.words_[i];
    }
  }

  /// Calls visit(number) in ascending order.
  template <class Visitor>
  void ForEach(Visitor&& visit) const {
    for (std::size_t i = 0; i < words_.size(); ++i) {
      for (std::uint64_t word = words_[i]; word != 0; word &= word - 1) {
        visit(
            static_cast<DocumentNumber>(i * 64 + static_cast<std::size_t>(std::countr_zero(word))));
      }
    }
  }

  /// The bits of the documents of one column page.
  const std::uint64_t* WordsOfPage(cache::PageShape shape, std::uint32_t page) const noexcept {
    return words_.data() + std::size_t{page} * (cache::DocumentsPerPage(shape) / 64);
  }
  std::uint64_t* WordsOfPage(cache::PageShape shape, std::uint32_t page) noexcept {
    return words_.data() + std::size_t{page} * (cache::DocumentsPerPage(shape) / 64);
  }
  /// Pages of that shape that this set has bits for.
  std::uint32_t PageCount(cache::PageShape shape) const noexcept {
    return static_cast<std::uint32_t>(capacity() / cache::DocumentsPerPage(shape));
  }

 private:
  // Warren, "Hacker's Delight" (2nd edition), figure 5-2. std::popcount is a call of the compiler's
  // library where the processor's instruction may not be counted on, as in the distribution's
  // baseline.
  static constexpr std::uint64_t CountBits(std::uint64_t word) noexcept {
    word -= word >> 1U & 0x5555'5555'5555'5555U;
    word = (word & 0x3333'3333'3333'3333U) + (word >> 2U & 0x3333'3333'3333'3333U);
    word = (word + (word >> 4U)) & 0x0F0F'0F0F'0F0F'0F0FU;
    return word * 0x0101'0101'0101'0101U >> 56U;
  }

  std::vector<std::uint64_t> words_;
};

}  // namespace cacheindex::index
