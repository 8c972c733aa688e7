#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "index/columns/document_set.h"
#include "node/core/document.h"

namespace cacheindex::index {

/// How well one document matches one unit: the penalty of the best way (text_score.h), and what the
/// occurrences in that way count.
class UnitMark {
 public:
  UnitMark() = default;
  UnitMark(std::uint32_t penalty, std::uint32_t value)
      : bits_((penalty + 1) << kPenaltyShift | std::min(value, kBestMax) << kBestShift |
              std::min(value, kAllMax)) {}

  bool is_set() const noexcept { return bits_ != 0; }
  std::uint32_t penalty() const noexcept { return (bits_ >> kPenaltyShift) - 1; }
  /// The largest value of an occurrence, and the sum of all.
  std::uint32_t best() const noexcept { return bits_ >> kBestShift & kBestMax; }
  std::uint32_t all() const noexcept { return bits_ & kAllMax; }

  /// Adds an occurrence; one with a larger penalty than an earlier one counts nothing.
  void Add(std::uint32_t penalty, std::uint32_t value) {
    if (!is_set()) {
      *this = UnitMark(penalty, value);
    } else if (penalty == this->penalty()) {
      const std::uint32_t best = std::max(this->best(), std::min(value, kBestMax));
      const std::uint32_t all = std::min(this->all() + value, kAllMax);
      bits_ = (penalty + 1) << kPenaltyShift | best << kBestShift | all;
    }
  }

 private:
  static constexpr std::uint32_t kPenaltyShift = 28;
  static constexpr std::uint32_t kBestShift = 16;
  static constexpr std::uint32_t kBestMax = (1U << 12U) - 1;
  static constexpr std::uint32_t kAllMax = (1U << 16U) - 1;

  std::uint32_t bits_ = 0;
};

/// The marks of one unit by document number. Every thread reuses one table, which is empty between
/// two units: clearing what was marked costs less than a fresh table for each unit.
///
/// Threads: one at a time. Lifetime: one at a time per thread.
class UnitMarks {
 public:
  explicit UnitMarks(std::size_t capacity);
  ~UnitMarks();
  UnitMarks(const UnitMarks&) = delete;
  UnitMarks& operator=(const UnitMarks&) = delete;

  /// Begins to fetch the place of a document that is added soon.
  void Prefetch(DocumentNumber number) const noexcept {
    __builtin_prefetch(table_->data() + number, /*rw=*/1);
  }

  /// Penalties must come in ascending order.
  void Add(DocumentNumber number, std::uint32_t penalty, std::uint32_t value) {
    UnitMark& mark = (*table_)[number];
    if (!mark.is_set()) {
      marked_.push_back(number);
    }
    mark.Add(penalty, value);
  }

  /// Appends the marked documents, ascending, and their marks; only those of `candidates`, when
  /// given.
  void Take(std::optional<std::span<const DocumentNumber>> candidates,
            std::vector<DocumentNumber>& documents, std::vector<UnitMark>& marks);

 private:
  std::size_t capacity_;
  std::vector<UnitMark>* table_;
  std::vector<DocumentNumber> marked_;
};

}  // namespace cacheindex::index
