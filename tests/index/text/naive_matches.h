#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "index/match/query_variants.h"
#include "index/match/text_matcher.h"
#include "index/match/text_query.h"

namespace cacheindex::index::test {

/// Evaluates text queries as text_matcher.h and text_score.h say, word by word and document by
/// document, without any index.
class NaiveMatches {
 public:
  /// Of each field, the words of each reading of each element.
  using Document = std::map<std::string, std::vector<const std::vector<std::string>*>>;

  struct Field {
    std::string name{};
    /// On a scale of 1 to 255.
    std::uint32_t weight = 1;
    bool is_prefix = true;
    std::uint32_t edits_max = 2;
  };

  /// `everything` is what rarity is counted in.
  NaiveMatches(std::vector<const Document*> everything, std::vector<Field> fields,
               TextMatchOptions options);

  using Scores = std::map<const Document*, std::int64_t>;
  /// Returns those of `among` that match.
  Scores Match(const TextQuery& query, const std::vector<const Document*>& among) const;

 private:
  /// One way to write a unit.
  struct Way {
    std::vector<std::string> words{};
    bool is_prefix = false;
    std::uint32_t penalty = 0;
    std::uint32_t edits = 0;
    bool is_longer = false;
  };
  struct Unit {
    std::vector<Way> ways{};
    std::uint32_t frequency = 0;
    std::int64_t rarity = 0;
  };
  struct Variant {
    std::vector<QueryUnit> asked{};
    std::uint32_t penalty = 0;
    bool may_drop = true;
  };
  /// How one unit occurs in one document.
  struct Mark {
    bool is_found = false;
    std::uint32_t penalty = 0;
    std::uint32_t best = 0;
    std::uint32_t all = 0;
  };

  /// Edits of words that nobody has, and of the others.
  struct Edits {
    std::uint32_t unknown = 0;
    std::uint32_t known = 0;
  };

  Unit UnitOf(const QueryUnit& asked, Edits edits) const;
  void AddTypos(const QueryUnit& asked, std::uint32_t edits, Unit& unit) const;
  static bool IsAllowed(const Way& way, const Field& field);
  std::uint32_t FrequencyOf(const std::string& word, const Way& way) const;
  std::uint32_t RarestOf(const Way& way) const;
  Mark MarkOf(const Unit& unit, const Document& document) const;
  std::int64_t WorthOf(const Mark& mark) const;

  /// Adds what `variants` find without `dropped` of their units.
  void Add(const std::vector<Variant>& variants, Edits edits, std::size_t dropped,
           std::size_t query_size, const std::vector<const Document*>& among, Scores& scores) const;
  void RaiseNear(const std::vector<QueryUnit>& units, Edits edits, Scores& scores) const;
  std::uint32_t NearnessIn(const std::vector<Unit>& units, std::size_t query_words,
                           const std::vector<std::string>& element, std::uint64_t& pairs,
                           bool& is_exact) const;

  std::vector<const Document*> everything_;
  std::vector<Field> fields_;
  TextMatchOptions options_;
  /// Of each field, in how many documents a word is.
  std::map<std::string, std::map<std::string, std::uint32_t>> frequencies_;
  std::uint32_t documents_with_words_ = 0;
};

}  // namespace cacheindex::index::test
