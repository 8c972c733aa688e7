#include "index/match/nearness.h"

#include <algorithm>
#include <bit>
#include <numeric>
#include <utility>

#include "index/columns/sort_ties.h"
#include "index/columns/word_dictionary.h"
#include "index/match/text_score.h"
#include "index/match/word_order.h"

namespace cacheindex::index {
namespace {

constexpr std::uint32_t kNearnessUnit = 16;
constexpr std::uint32_t kExactNearness = 8;
constexpr std::uint32_t kEarlyNearness = 8;

// Of which units of the query a word is the first one, and of which it is the last.
struct Role {
  std::int64_t word = 0;
  std::uint64_t begins = 0;
  std::uint64_t ends = 0;
};

std::vector<Role> RolesOf(const std::vector<UnitPlan>& units) {
  std::vector<Role> roles;
  for (std::size_t i = 0; i < units.size(); ++i) {
    const std::uint64_t unit = std::uint64_t{1} << (i % 64);
    for (const UnitAlternative& alternative : units[i].alternatives) {
      const WordSequence& numbers = alternative.numbers;
      roles.push_back({numbers.words.front(), unit, 0});
      roles.push_back({numbers.words.back(), 0, unit});
      for (const std::int64_t word : numbers.longer_words) {
        roles.push_back({word, numbers.words.size() == 1 ? unit : 0, unit});
      }
    }
  }
  std::sort(roles.begin(), roles.end(),
            [](const Role& left, const Role& right) { return left.word < right.word; });
  std::size_t size = 0;
  for (const Role& role : roles) {
    if (size > 0 && roles[size - 1].word == role.word) {
      roles[size - 1].begins |= role.begins;
      roles[size - 1].ends |= role.ends;
    } else {
      roles[size++] = role;
    }
  }
  roles.resize(size);
  return roles;
}

// Looks for the units of a query in fields, word by word.
class NearnessFinder {
 public:
  NearnessFinder(const std::vector<UnitPlan>& units, const NearnessOptions& options)
      : roles_(RolesOf(units)), options_(options), unit_count_(units.size()) {
    for (const UnitPlan& unit : units) {
      query_words_ += unit.alternatives.front().words.size();
    }
    for (const Role& role : roles_) {
      low_bits_ |= BitOf(role.word);
    }
  }

  std::uint32_t Find(const cache::ColumnValues& words) {
    pairs_ = 0;
    first_ = kNearnessWordsMax;
    is_exact_ = false;
    BeginElement();
    const std::uint32_t size = std::min(words.size(), kNearnessWordsMax);
    for (std::uint32_t i = 0; i < size; ++i) {
      if (words[i] == kWordSeparator) {
        EndElement();
        BeginElement();
      } else {
        Visit(words[i]);
      }
    }
    EndElement();
    std::uint32_t nearness = 0;
    if (unit_count_ > 1) {
      nearness += kNearnessUnit * static_cast<std::uint32_t>(std::popcount(pairs_)) /
                  static_cast<std::uint32_t>(unit_count_ - 1);
    }
    if (options_.prefers_exact && is_exact_) {
      nearness += kExactNearness;
    }
    if (options_.prefers_early && first_ < kNearnessWordsMax) {
      nearness += kEarlyNearness / (1 + first_);
    }
    return nearness;
  }

 private:
  void BeginElement() {
    place_ = 0;
    ended_ = 0;
    seen_ = 0;
  }

  void EndElement() {
    is_exact_ = is_exact_ || (place_ == query_words_ &&
                              static_cast<std::size_t>(std::popcount(seen_)) == unit_count_);
  }

  static std::uint64_t BitOf(std::int64_t word) {
    return std::uint64_t{1} << (static_cast<std::uint64_t>(word) % 64);
  }

  void Visit(std::int64_t word) {
    // Most words have no role, which these bits tell of most of them.
    if ((low_bits_ & BitOf(word)) == 0) {
      ended_ = 0;
      ++place_;
      return;
    }
    const auto role = std::lower_bound(
        roles_.begin(), roles_.end(), word,
        [](const Role& candidate, std::int64_t number) { return candidate.word < number; });
    if (role != roles_.end() && role->word == word) {
      pairs_ |= ended_ & role->begins >> 1U;
      ended_ = role->ends;
      seen_ |= role->ends;
      first_ = std::min(first_, place_);
    } else {
      ended_ = 0;
    }
    ++place_;
  }

  std::vector<Role> roles_;
  /// The lowest six bits of each role's word, as bits of a set.
  std::uint64_t low_bits_ = 0;
  NearnessOptions options_;
  std::size_t unit_count_;
  std::size_t query_words_ = 0;

  // Bit i: the unit i and the next one stand together.
  std::uint64_t pairs_ = 0;
  std::uint32_t first_ = 0;
  bool is_exact_ = false;
  // Of the element: words so far, the units that the last word ends, all units that were there.
  std::uint32_t place_ = 0;
  std::uint64_t ended_ = 0;
  std::uint64_t seen_ = 0;
};

// Returns where the best scores are, ascending; of equal ones those of the documents that stand
// first by themselves.
Result<std::vector<std::size_t>> BestOf(SearchContext& context, const TextScores& scores) {
  std::vector<std::size_t> best(scores.scores.size());
  std::iota(best.begin(), best.end(), 0U);
  if (best.size() <= kNearnessDocumentsMax) {
    return best;
  }
  auto ties = SortTies::Create(context);
  if (!ties) {
    return std::move(ties).error();
  }
  const auto last = best.begin() + static_cast<std::ptrdiff_t>(kNearnessDocumentsMax) - 1;
  std::nth_element(best.begin(), last, best.end(), [&](std::size_t left, std::size_t right) {
    return scores.scores[left] > scores.scores[right];
  });
  // Only those that are as good as the last one are asked for their places.
  const std::int64_t lowest = scores.scores[*last];
  const auto worse = std::partition(best.begin(), best.end(),
                                    [&](std::size_t i) { return scores.scores[i] >= lowest; });
  const auto equal =
      std::partition(best.begin(), worse, [&](std::size_t i) { return scores.scores[i] > lowest; });
  struct Tied {
    std::size_t at = 0;
    std::int64_t place = 0;
  };
  std::vector<Tied> tied;
  for (auto i = equal; i != worse; ++i) {
    tied.push_back({*i, ties->PlaceOf(scores.documents[*i])});
  }
  const auto wanted = static_cast<std::ptrdiff_t>(kNearnessDocumentsMax) - (equal - best.begin());
  std::nth_element(tied.begin(), tied.begin() + wanted - 1, tied.end(),
                   [&](const Tied& left, const Tied& right) {
                     return ties->IsBefore(scores.documents[left.at], left.place,
                                           scores.documents[right.at], right.place);
                   });
  if (ties->failure()) {
    return *ties->failure();
  }
  best.erase(equal, best.end());
  for (std::ptrdiff_t i = 0; i < wanted; ++i) {
    best.push_back(tied[static_cast<std::size_t>(i)].at);
  }
  std::sort(best.begin(), best.end());
  return best;
}

}  // namespace

Result<void> RaiseNear(SearchContext& context, const std::vector<TextField>& fields,
                       const std::vector<UnitPlan>& units, const NearnessOptions& options,
                       TextScores& scores) {
  // The impact of a lone word tells already how much of its element it is.
  const bool is_one_word =
      units.size() == 1 && units.front().alternatives.front().words.size() == 1;
  if (units.empty() || (is_one_word && !options.prefers_early)) {
    return {};
  }
  NearnessFinder finder(units, options);
  const auto chosen = BestOf(context, scores);
  if (!chosen) {
    return chosen.error();
  }
  const std::vector<std::size_t>& best = *chosen;
  std::vector<std::uint32_t> nearness(best.size());
  std::vector<cache::ColumnValues> words(best.size());
  std::uint32_t weight_max = 0;
  for (const TextField& field : fields) {
    weight_max = std::max(weight_max, field.weight);
  }
  for (const TextField& field : fields) {
    const cache::ColumnNumber column = field.field->storage.words;
    const auto pages = context.Pages(column);
    if (!pages) {
      return pages.error();
    }
    const std::uint32_t weight = FieldWeight(field.weight, weight_max);
    // Every document is on a page of its own. First where all the words are, then the words: so
    // the processor waits for many fetches at once.
    for (std::size_t i = 0; i < best.size(); ++i) {
      words[i] = WordsOf(**pages, column, scores.documents[best[i]]);
      words[i].Prefetch();
    }
    for (std::size_t i = 0; i < best.size(); ++i) {
      nearness[i] = std::max(nearness[i], finder.Find(words[i]) * weight / kFieldWeightMax);
    }
    if (context.IsExpired()) {
      return Error(ErrorCode::kTimeout, "the search took longer than its cutoff");
    }
  }
  for (std::size_t i = 0; i < best.size(); ++i) {
    std::int64_t& score = scores.scores[best[i]];
    const std::int64_t sum = SumOfScore(score);
    score += sum * nearness[i] / kNearnessUnit;
  }
  return {};
}

}  // namespace cacheindex::index
