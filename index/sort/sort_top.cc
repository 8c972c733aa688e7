#include "index/sort/sort_top.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>
#include <utility>

#include "index/columns/filter_ranges.h"
#include "index/sort/sort_comparator.h"

namespace cacheindex::index {
namespace {

constexpr std::uint32_t kPageDocuments = cache::kWidePageDocuments;
constexpr std::uint32_t kPageWords = kPageDocuments / 64;
// Candidates kept beyond those asked for, before the worst are thrown away together.
constexpr std::size_t kSpareCandidates = 256;

using PageSelection = std::array<std::uint64_t, kPageWords>;

// A selection of the best `count` candidates in one pass: a buffer that is cut down to the best
// whenever it is full, which costs less than a heap does.
class Selection {
 public:
  Selection(SortComparator comparator, std::size_t count)
      : comparator_(std::move(comparator)),
        count_(count),
        capacity_(count + std::max(count, kSpareCandidates)) {}

  const SortRanks& first() const noexcept { return comparator_.first(); }

  // Candidates whose first rank is beyond this one cannot be among the best.
  const SortRank& limit() const noexcept { return limit_; }

  void Offer(DocumentNumber number, const SortRank& first) {
    if (first > limit_) {
      return;
    }
    candidates_.push_back(comparator_.CandidateOf(number, first));
    if (candidates_.size() >= capacity_) {
      Cut();
    }
  }

  Result<std::vector<DocumentNumber>> Finish() {
    std::sort(candidates_.begin(), candidates_.end(), Order{&comparator_});
    candidates_.resize(std::min(candidates_.size(), count_));
    if (auto failure = comparator_.failure()) {
      return *std::move(failure);
    }
    std::vector<DocumentNumber> numbers;
    numbers.reserve(candidates_.size());
    for (const SortCandidate& candidate : candidates_) {
      numbers.push_back(candidate.number);
    }
    return numbers;
  }

 private:
  struct Order {
    SortComparator* comparator;
    bool operator()(const SortCandidate& a, const SortCandidate& b) const {
      return comparator->IsBefore(a, b);
    }
  };

  void Cut() {
    const auto end = candidates_.begin() + static_cast<std::ptrdiff_t>(count_);
    std::nth_element(candidates_.begin(), end - 1, candidates_.end(), Order{&comparator_});
    limit_ = (end - 1)->ranks[0];
    candidates_.erase(end, candidates_.end());
    ForgetOthers();
  }

  void ForgetOthers() {
    if (!comparator_.remembers()) {
      return;
    }
    std::vector<DocumentNumber> kept;
    for (const SortCandidate& candidate : candidates_) {
      kept.push_back(candidate.number);
    }
    std::sort(kept.begin(), kept.end());
    comparator_.Keep([&](DocumentNumber number) {
      return std::binary_search(kept.begin(), kept.end(), number);
    });
  }

  SortComparator comparator_;
  std::size_t count_;
  std::size_t capacity_;
  std::vector<SortCandidate> candidates_;
  SortRank limit_{SortRank::kMissingLast, std::numeric_limits<std::int64_t>::max()};
};

void OfferMissing(Selection& selection, std::uint32_t base, const PageSelection& missing) {
  const SortRank rank = selection.first().missing();
  for (std::uint32_t word = 0; word < kPageWords; ++word) {
    for (std::uint64_t bits = missing[word]; bits != 0; bits &= bits - 1) {
      selection.Offer(base + word * 64 + static_cast<std::uint32_t>(std::countr_zero(bits)), rank);
    }
  }
}

// Offers the documents of one page by the first key's column.
void OfferColumnPage(Selection& selection, std::uint32_t page_number,
                     const std::uint64_t* selected) {
  const std::uint32_t base = page_number * kPageDocuments;
  const SortRanks& first = selection.first();
  const cache::ColumnPage* page = first.Page(page_number);
  PageSelection missing{};
  std::copy_n(selected, kPageWords, missing.begin());
  if (page != nullptr && page->values() > 0) {
    if (first.missing() <= selection.limit()) {
      page->ForEachValue(selected, [&](std::uint32_t offset, std::int64_t) {
        missing[offset / 64] &= ~(std::uint64_t{1} << (offset % 64));
      });
    } else {
      missing.fill(0);
    }
    if (first.Best(*page) <= selection.limit()) {
      page->ForEachValue(selected, [&](std::uint32_t offset, std::int64_t value) {
        selection.Offer(base + offset, first.Of(value));
      });
    }
  }
  OfferMissing(selection, base, missing);
}

// Offers the documents of one page by text score; `next` is the place in the scores.
void OfferScoredPage(Selection& selection, std::uint32_t page_number, const std::uint64_t* selected,
                     std::size_t& next) {
  const std::uint32_t base = page_number * kPageDocuments;
  const SortRanks& first = selection.first();
  const TextScores& scores = *first.scores();
  PageSelection missing{};
  std::copy_n(selected, kPageWords, missing.begin());
  while (next < scores.documents.size() && scores.documents[next] < base) {
    ++next;
  }
  for (; next < scores.documents.size() && scores.documents[next] < base + kPageDocuments; ++next) {
    const std::uint32_t offset = scores.documents[next] - base;
    const std::uint64_t bit = std::uint64_t{1} << (offset % 64);
    if ((missing[offset / 64] & bit) != 0) {
      missing[offset / 64] &= ~bit;
      selection.Offer(base + offset, first.Of(scores.scores[next]));
    }
  }
  OfferMissing(selection, base, missing);
}

// Offers the documents of one page by what the first key computes.
void OfferComputedPage(Selection& selection, std::uint32_t page_number,
                       const std::uint64_t* selected) {
  for (std::uint32_t word = 0; word < kPageWords; ++word) {
    for (std::uint64_t bits = selected[word]; bits != 0; bits &= bits - 1) {
      const DocumentNumber number = page_number * kPageDocuments + word * 64 +
                                    static_cast<std::uint32_t>(std::countr_zero(bits));
      selection.Offer(number, selection.first().At(number));
    }
  }
}

std::vector<DocumentNumber> Newest(const DocumentSet& found, std::size_t count) {
  std::vector<DocumentNumber> numbers;
  constexpr cache::PageShape kShape = cache::PageShape::kNarrow;
  for (std::uint32_t word = found.PageCount(kShape); word-- > 0 && numbers.size() < count;) {
    for (std::uint64_t bits = *found.WordsOfPage(kShape, word);
         bits != 0 && numbers.size() < count;) {
      const auto bit = static_cast<std::uint32_t>(63 - std::countl_zero(bits));
      numbers.push_back(word * 64 + bit);
      bits ^= std::uint64_t{1} << bit;
    }
  }
  return numbers;
}

SortKey LastIdFirst(const Schema& schema) {
  SortKey key;
  key.kind = SortKey::Kind::kInsertion;
  key.is_descending = true;
  key.column = schema.id_order_column;
  return key;
}

}  // namespace

Result<std::vector<DocumentNumber>> SelectTop(SearchContext& context, std::span<const SortKey> keys,
                                              const DocumentSet& found, const SortSources& sources,
                                              std::size_t count) {
  count = std::min<std::size_t>(count, found.Count());
  if (count == 0) {
    return std::vector<DocumentNumber>();
  }
  if (keys.empty() && context.schema().id_order_column == cache::ColumnNumber{}) {
    return Newest(found, count);
  }
  const SortKey last_first = LastIdFirst(context.schema());
  if (keys.empty()) {
    keys = std::span(&last_first, 1);
  }
  auto comparator = SortComparator::Create(context, keys, found, sources);
  if (!comparator) {
    return std::move(comparator).error();
  }
  Selection selection(*std::move(comparator), count);
  std::size_t next_score = 0;
  const std::uint32_t page_count = found.PageCount(cache::PageShape::kWide);
  // Where the last come first, what is last is met first, and most pages cannot contribute then.
  const bool is_backwards =
      keys.front().kind == SortKey::Kind::kInsertion && keys.front().is_descending;
  for (std::uint32_t i = 0; i < page_count; ++i) {
    if (i % kPagesPerDeadlineCheck == 0 && context.IsExpired()) {
      return DeadlinePassed();
    }
    const std::uint32_t page = is_backwards ? page_count - 1 - i : i;
    const std::uint64_t* selected = found.WordsOfPage(cache::PageShape::kWide, page);
    if (std::all_of(selected, selected + kPageWords,
                    [](std::uint64_t word) { return word == 0; })) {
      continue;
    }
    if (selection.first().is_column()) {
      OfferColumnPage(selection, page, selected);
    } else if (selection.first().scores() != nullptr) {
      OfferScoredPage(selection, page, selected, next_score);
    } else {
      OfferComputedPage(selection, page, selected);
    }
  }
  return selection.Finish();
}

}  // namespace cacheindex::index
