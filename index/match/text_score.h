#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>

namespace cacheindex::index {

// How well a document matches a query. The one place to change it:
//
//   score   = units << 44 | (4095 - penalty) << 32 | sum
//   penalty = sum over the query's units of the best way in which the unit occurs (UnitPenalty),
//   and
//             one for each synonym or split or joined word in what was asked instead
//   sum     = sum over the units of worth * rarity; the best ones raised by Nearness
//   worth   = 4096 * c / (c + 344)
//   c       = best + (all - best) / 4
//             where each occurrence counts weight * impact / 16 (its field's, its word's), one of
//             another form of the word 15/16 of that, `best` is the largest and `all` the sum over
//             the occurrences in that way
//   rarity  = 1 + floor(16 * log2((N + 1) / (df + 1)))
//
// So a document that matches more of the query always comes first, then exact words before longer
// ones before words with typos; only then fields, lengths, rarity and nearness decide. Worth is
// level where much matches: a rare word found once says more than a common one found everywhere.
//
// `units` is how many units the kept part of the query has: all of them, or fewer when words were
// dropped. N is the number of documents in the text index; df is the document frequency of the
// unit's rarest word, where a word's is the largest of its frequencies in the fields; of the most
// frequent word that it stands for when it occurs nowhere itself.
//
// Bits: worth < 2^12, rarity <= 1 + 16 * 32 < 2^10, at most 64 units, nearness at most three times:
// sum < 2^30, score < 2^51, below the 2^53 that JavaScript counts exactly.

inline constexpr int kUnitsShift = 44;
inline constexpr int kPenaltyShift = 32;
inline constexpr std::uint32_t kPenaltyMax = 4'095;
inline constexpr std::uint32_t kFieldWeightMax = 255;
inline constexpr std::uint32_t kOccurrenceShift = 4;
inline constexpr std::uint32_t kWorthMax = 4'096;
inline constexpr std::uint32_t kHalfWorth = 344;

/// A unit found as asked, as the start of a longer word, with one edit and with two, or inside a
/// word.
inline constexpr std::uint32_t kWholePenalty = 0;
inline constexpr std::uint32_t kLongerPenalty = 1;
inline constexpr std::uint32_t kInfixPenalty = 6;
inline constexpr std::uint32_t kUnitPenaltyMax = 14;
/// A synonym, and one that was to be demoted: behind all typos.
inline constexpr std::uint32_t kSynonymPenalty = 1;
inline constexpr std::uint32_t kDemotedPenalty = 1'000;
/// Words split in two or joined.
inline constexpr std::uint32_t kSplitJoinPenalty = 2;

constexpr std::uint32_t TypoPenalty(std::uint32_t edits, bool is_longer) {
  return 2 * edits + (is_longer ? 1 : 0);
}

/// Returns a weight of 1 to 255: `weight` scaled so that the query's largest becomes 255.
constexpr std::uint32_t FieldWeight(std::uint32_t weight, std::uint32_t weight_max) {
  return weight_max == 0 ? 1
                         : std::max(1U, static_cast<std::uint32_t>(std::uint64_t{weight} *
                                                                   kFieldWeightMax / weight_max));
}

inline std::int64_t Rarity(std::uint32_t documents, std::uint32_t frequency) {
  // A frequency of another revision may exceed the count.
  const double ratio = (static_cast<double>(documents) + 1) / (static_cast<double>(frequency) + 1);
  return 1 + static_cast<std::int64_t>(std::floor(16 * std::log2(std::max(1.0, ratio))));
}

/// What one occurrence counts; `weight` is at most kFieldWeightMax, `impact` as in word_impact.h.
constexpr std::uint32_t OccurrenceValue(std::uint32_t weight, std::uint32_t impact) {
  return std::max(1U, weight * impact >> kOccurrenceShift);
}

/// Of the occurrences of another form of a word (battery, batteries).
constexpr std::uint32_t FormImpact(std::uint32_t impact) {
  return impact - (impact >> kOccurrenceShift);
}

constexpr std::uint32_t Worth(std::uint32_t value) {
  return kWorthMax * value / (value + kHalfWorth);
}

constexpr std::int64_t TextScore(std::size_t units, std::uint32_t penalty, std::int64_t sum) {
  return static_cast<std::int64_t>(units) << kUnitsShift |
         static_cast<std::int64_t>(kPenaltyMax - std::min(penalty, kPenaltyMax)) << kPenaltyShift |
         sum;
}

constexpr std::size_t UnitsOfScore(std::int64_t score) {
  return static_cast<std::size_t>(score >> kUnitsShift);
}

constexpr std::uint32_t PenaltyOfScore(std::int64_t score) {
  return kPenaltyMax - (static_cast<std::uint32_t>(score >> kPenaltyShift) & kPenaltyMax);
}

constexpr std::int64_t SumOfScore(std::int64_t score) {
  return score & ((std::int64_t{1} << kPenaltyShift) - 1);
}

}  // namespace cacheindex::index
