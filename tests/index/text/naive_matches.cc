#include "tests/index/text/naive_matches.h"

#include <algorithm>
#include <bit>
#include <set>
#include <tuple>
#include <utility>

#include "index/match/nearness.h"
#include "index/match/text_score.h"
#include "index/words/code_points.h"
#include "index/words/word_impact.h"

namespace cacheindex::index::test {
namespace {

using Words = std::vector<std::string>;
using Elements = std::vector<const Words*>;

const Elements& ElementsOf(const NaiveMatches::Document& document, const std::string& field) {
  static const Elements kNone;
  const auto found = document.find(field);
  return found == document.end() ? kNone : found->second;
}

// Where in `element` the words stand; the last one may be longer when `is_longer` wants that.
bool Stands(const Words& element, const Words& words, bool is_longer) {
  for (std::size_t i = 0; i + words.size() <= element.size(); ++i) {
    const std::size_t last = i + words.size() - 1;
    const bool is_begun =
        std::equal(words.begin(), words.end() - 1, element.begin() + static_cast<long>(i));
    if (is_begun &&
        (is_longer ? element[last].starts_with(words.back()) : element[last] == words.back())) {
      return true;
    }
  }
  return false;
}

std::uint32_t ImpactOf(const Elements& elements, const std::string& word) {
  std::uint32_t impact = 0;
  for (const Words* element : elements) {
    std::uint32_t occurrences = 0;
    bool is_head = false;
    for (std::size_t i = 0; i < element->size(); ++i) {
      if ((*element)[i] == word) {
        ++occurrences;
        is_head = is_head || i + 1 == element->size() || IsNumber((*element)[i + 1]);
      }
    }
    if (occurrences > 0) {
      impact = std::max(
          impact, WordImpact(occurrences, static_cast<std::uint32_t>(element->size()), is_head));
    }
  }
  return impact;
}

std::uint32_t ImpactOf(const Elements& elements, const Words& words) {
  std::uint32_t impact = kImpactMax;
  for (const std::string& word : words) {
    impact = std::min(impact, ImpactOf(elements, word));
  }
  return impact;
}

std::vector<CodePoint> Characters(const std::string& word) {
  std::vector<CodePoint> characters;
  for (std::size_t i = 0; i < word.size();) {
    characters.push_back(NextOfUtf8(word, i));
  }
  return characters;
}

// The textbook's table of optimal string alignment: edits to the whole of `word`, and to its
// cheapest start.
std::pair<std::uint32_t, std::uint32_t> EditsBetween(const std::string& asked,
                                                     const std::string& word) {
  const auto a = Characters(asked);
  const auto b = Characters(word);
  std::vector<std::vector<std::uint32_t>> table(b.size() + 1,
                                                std::vector<std::uint32_t>(a.size() + 1));
  auto start = static_cast<std::uint32_t>(a.size());
  for (std::size_t j = 0; j <= b.size(); ++j) {
    for (std::size_t i = 0; i <= a.size(); ++i) {
      auto& cell = table[j][i];
      if (i == 0 || j == 0) {
        cell = static_cast<std::uint32_t>(i + j);
        continue;
      }
      cell = std::min({table[j - 1][i] + 1, table[j][i - 1] + 1,
                       table[j - 1][i - 1] + (a[i - 1] == b[j - 1] ? 0U : 1U)});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        cell = std::min(cell, table[j - 2][i - 2] + 1);
      }
    }
    start = std::min(start, table[j].back());
  }
  return {table.back().back(), start};
}

bool IsHan(const std::string& word) {
  const auto characters = Characters(word);
  return std::any_of(characters.begin(), characters.end(),
                     [](CodePoint c) { return c >= 0x2E80 && c <= 0x9FFF; });
}

std::uint32_t AllowedEdits(const std::string& word, const TypoOptions& options) {
  const bool has_digits = word.find_first_of("0123456789") != std::string::npos;
  const bool is_number = has_digits && word.find_first_not_of("0123456789.,") == std::string::npos;
  if (IsHan(word) || (is_number && !options.in_numbers) ||
      (has_digits && !is_number && !options.in_mixed_words)) {
    return 0;
  }
  const std::size_t size = Characters(word).size();
  std::uint32_t edits = size < options.one_edit_size ? 0 : 1;
  edits = size < options.two_edits_size ? edits : std::max(edits, 2U);
  edits = size < options.one_edit_size ? 0 : edits;
  return std::min(edits, static_cast<std::uint32_t>(size - 1));
}

}  // namespace

NaiveMatches::NaiveMatches(std::vector<const Document*> everything, std::vector<Field> fields,
                           TextMatchOptions options)
    : everything_(std::move(everything)), fields_(std::move(fields)), options_(std::move(options)) {
  for (const Document* document : everything_) {
    bool has_words = false;
    for (const auto& [field, elements] : *document) {
      std::set<std::string> words;
      for (const Words* element : elements) {
        words.insert(element->begin(), element->end());
      }
      for (const std::string& word : words) {
        ++frequencies_[field][word];
      }
      has_words = has_words || !words.empty();
    }
    documents_with_words_ += has_words ? 1 : 0;
  }
}

bool NaiveMatches::IsAllowed(const Way& way, const Field& field) {
  return way.edits <= field.edits_max && (field.is_prefix || !way.is_longer);
}

std::uint32_t NaiveMatches::FrequencyOf(const std::string& word, const Way& way) const {
  std::uint32_t frequency = 0;
  for (const Field& field : fields_) {
    const auto in_field = frequencies_.find(field.name);
    if (in_field == frequencies_.end() || !IsAllowed(way, field)) {
      continue;
    }
    const auto found = in_field->second.find(word);
    frequency = std::max(frequency, found == in_field->second.end() ? 0 : found->second);
  }
  return frequency;
}

// The frequency of the rarest word.
std::uint32_t NaiveMatches::RarestOf(const Way& way) const {
  std::uint32_t rarest = ~0U;
  for (const std::string& word : way.words) {
    rarest = std::min(rarest, FrequencyOf(word, way));
  }
  if (!way.is_prefix || FrequencyOf(way.words.back(), way) > 0) {
    return rarest;
  }
  std::uint32_t longer = 0;
  for (const Field& field : fields_) {
    const auto in_field = frequencies_.find(field.name);
    for (const auto& [word, frequency] : in_field == frequencies_.end()
                                             ? std::map<std::string, std::uint32_t>()
                                             : in_field->second) {
      longer =
          std::max(longer, field.is_prefix && word.starts_with(way.words.back()) ? frequency : 0);
    }
  }
  rarest = longer;
  for (std::size_t i = 0; i + 1 < way.words.size(); ++i) {
    rarest = std::min(rarest, FrequencyOf(way.words[i], way));
  }
  return rarest;
}

NaiveMatches::Unit NaiveMatches::UnitOf(const QueryUnit& asked, Edits edits) const {
  Unit unit;
  for (const Words& words : {asked.words, asked.joined}) {
    if (!words.empty()) {
      unit.ways.push_back({.words = words, .is_prefix = asked.is_prefix});
      unit.frequency = std::max(unit.frequency, RarestOf(unit.ways.back()));
    }
  }
  const std::uint32_t allowed = unit.frequency == 0 ? edits.unknown : edits.known;
  if (allowed > 0 && !asked.is_phrase && asked.words.size() == 1) {
    AddTypos(asked, allowed, unit);
  }
  unit.rarity = Rarity(documents_with_words_, unit.frequency);
  return unit;
}

void NaiveMatches::AddTypos(const QueryUnit& asked, std::uint32_t edits, Unit& unit) const {
  const std::string& word = asked.words.front();
  edits = std::min(edits, AllowedEdits(word, options_.typos));
  std::set<std::string> words;
  for (const auto& [field, in_field] : frequencies_) {
    for (const auto& [other, frequency] : in_field) {
      words.insert(other);
    }
  }
  std::uint32_t frequency = 0;
  for (const std::string& other : words) {
    // A character has four bytes at most.
    if (!asked.is_prefix && other.size() > 4 * (word.size() + edits)) {
      continue;
    }
    const auto [whole, start] = EditsBetween(word, other);
    Way way{.words = {other}, .is_prefix = false};
    way.is_longer = whole > edits;
    way.edits = way.is_longer ? start : whole;
    way.penalty = 2 * way.edits + (way.is_longer ? 1 : 0);
    if (IsHan(other) || way.edits == 0 || way.edits > edits ||
        (way.is_longer && !asked.is_prefix) || FrequencyOf(other, way) == 0) {
      continue;
    }
    frequency = std::max(frequency, FrequencyOf(other, way));
    unit.ways.push_back(std::move(way));
  }
  unit.frequency = unit.frequency == 0 ? frequency : unit.frequency;
}

NaiveMatches::Mark NaiveMatches::MarkOf(const Unit& unit, const Document& document) const {
  Mark mark;
  const auto add = [&mark](std::uint32_t penalty, std::uint32_t value) {
    if (mark.is_found && penalty > mark.penalty) {
      return;
    }
    if (!mark.is_found || penalty < mark.penalty) {
      mark = {.is_found = true, .penalty = penalty};
    }
    mark.best = std::min(std::max(mark.best, value), 4'095U);
    mark.all = std::min(mark.all + value, 65'535U);
  };
  for (const Way& way : unit.ways) {
    for (const Field& field : fields_) {
      if (!IsAllowed(way, field)) {
        continue;
      }
      const Elements& elements = ElementsOf(document, field.name);
      const auto is_in = [&](bool is_longer) {
        return std::any_of(elements.begin(), elements.end(), [&](const Words* element) {
          return Stands(*element, way.words, is_longer);
        });
      };
      if (is_in(false)) {
        add(way.penalty, OccurrenceValue(field.weight, ImpactOf(elements, way.words)));
      }
      if (!way.is_prefix || !field.is_prefix || !is_in(true)) {
        continue;
      }
      if (way.words.size() > 1) {
        const Words before(way.words.begin(), way.words.end() - 1);
        add(way.penalty + 1, OccurrenceValue(field.weight, ImpactOf(elements, before)));
        continue;
      }
      std::set<std::string> longer;
      for (const Words* element : elements) {
        for (const std::string& word : *element) {
          if (word != way.words.front() && word.starts_with(way.words.front())) {
            longer.insert(word);
          }
        }
      }
      for (const std::string& word : longer) {
        add(way.penalty + 1, OccurrenceValue(field.weight, ImpactOf(elements, word)));
      }
    }
  }
  return mark;
}

std::int64_t NaiveMatches::WorthOf(const Mark& mark) const {
  if (options_.text_match_type == SearchRequest::TextMatchType::kSumScore) {
    return Worth(mark.all);
  }
  return Worth(mark.best +
               (options_.prioritize_num_matching_fields ? (mark.all - mark.best) / 4 : 0));
}

void NaiveMatches::Add(const std::vector<Variant>& variants, Edits edits, std::size_t dropped,
                       std::size_t query_size, const std::vector<const Document*>& among,
                       Scores& scores) const {
  for (std::size_t v = 0; v < variants.size(); ++v) {
    const Variant& variant = variants[v];
    const std::size_t count = variant.asked.size();
    if (count <= dropped || (dropped > 0 && !variant.may_drop)) {
      continue;
    }
    std::vector<Unit> units;
    std::vector<std::pair<std::uint32_t, std::size_t>> rarest;
    for (const QueryUnit& asked : variant.asked) {
      units.push_back(UnitOf(asked, v == 0 ? edits : Edits()));
      // Words that nobody has go first.
      const std::uint32_t frequency = units.back().frequency;
      rarest.emplace_back(frequency == 0 ? ~0U : frequency, rarest.size());
    }
    std::sort(rarest.begin(), rarest.end());
    const std::size_t kept = count - dropped;
    using Mode = SearchRequest::DropTokens;
    const bool is_too_long = count > options_.drop_tokens_words_max || count > 10;
    const Mode mode = options_.drop_tokens_mode == Mode::kBothSides && is_too_long
                          ? Mode::kRightToLeft
                          : options_.drop_tokens_mode;
    std::vector<std::set<std::size_t>> choices;
    for (std::size_t begin = 0; begin <= dropped; ++begin) {
      std::set<std::size_t> choice;
      for (std::size_t i = 0; i < kept; ++i) {
        choice.insert(mode == Mode::kByRarity ? rarest[i].second : begin + i);
      }
      const bool is_tried =
          mode == Mode::kBothSides || begin == (mode == Mode::kLeftToRight ? dropped : 0);
      if (is_tried) {
        choices.push_back(std::move(choice));
      }
    }
    for (const Document* document : among) {
      std::vector<Mark> marks;
      for (const Unit& unit : units) {
        marks.push_back(MarkOf(unit, *document));
      }
      if (mode == Mode::kByRarity && kept > 1 && count <= 5) {
        // Any that are there: the ones that match best.
        std::vector<std::pair<std::uint32_t, std::size_t>> best;
        for (std::size_t i = 0; i < count; ++i) {
          best.emplace_back(marks[i].is_found ? marks[i].penalty : ~0U, i);
        }
        std::sort(best.begin(), best.end());
        choices.assign(1, {});
        for (std::size_t i = 0; i < kept; ++i) {
          choices.front().insert(best[i].second);
        }
      }
      for (const auto& choice : choices) {
        const bool is_match = std::all_of(choice.begin(), choice.end(),
                                          [&](std::size_t unit) { return marks[unit].is_found; });
        std::int64_t sum = 0;
        std::uint32_t penalty = variant.penalty;
        for (std::size_t i = 0; i < count; ++i) {
          sum += marks[i].is_found ? WorthOf(marks[i]) * units[i].rarity : 0;
          penalty += choice.contains(i) ? marks[i].penalty : 0;
        }
        sum = sum * static_cast<std::int64_t>(query_size) / static_cast<std::int64_t>(count);
        if (is_match) {
          auto& score = scores[document];
          score = std::max(score, TextScore(query_size - dropped, penalty, sum));
        }
      }
    }
  }
}

std::uint32_t NaiveMatches::NearnessIn(const std::vector<Unit>& units, std::size_t query_words,
                                       const Words& element, std::uint64_t& pairs,
                                       bool& is_exact) const {
  const auto has = [](const Way& way, const std::string& word, bool is_first) {
    const bool is_longer =
        way.is_prefix && (!is_first || way.words.size() == 1) && word.starts_with(way.words.back());
    return is_longer || word == (is_first ? way.words.front() : way.words.back());
  };
  const auto any = [&](std::size_t unit, const std::string& word, bool is_first) {
    return std::any_of(units[unit].ways.begin(), units[unit].ways.end(),
                       [&](const Way& way) { return has(way, word, is_first); });
  };
  std::set<std::size_t> seen;
  std::uint32_t first = kNearnessWordsMax;
  for (std::size_t i = 0; i < element.size(); ++i) {
    for (std::size_t unit = 0; unit < units.size(); ++unit) {
      if (any(unit, element[i], false)) {
        seen.insert(unit);
      }
      if (any(unit, element[i], false) || any(unit, element[i], true)) {
        first = std::min(first, static_cast<std::uint32_t>(i));
      }
      if (i > 0 && unit > 0 && any(unit - 1, element[i - 1], false) &&
          any(unit, element[i], true)) {
        pairs |= std::uint64_t{1} << unit;
      }
    }
  }
  is_exact = is_exact || (element.size() == query_words && seen.size() == units.size());
  return first;
}

void NaiveMatches::RaiseNear(const std::vector<QueryUnit>& asked, Edits edits,
                             Scores& scores) const {
  const bool is_one_word = asked.size() == 1 && asked.front().words.size() == 1;
  if (is_one_word && !options_.prioritize_token_position) {
    return;
  }
  std::vector<Unit> units;
  std::size_t query_words = 0;
  for (const QueryUnit& unit : asked) {
    units.push_back(UnitOf(unit, edits));
    query_words += unit.words.size();
  }
  for (auto& [document, score] : scores) {
    std::uint32_t nearness = 0;
    for (const Field& field : fields_) {
      std::uint64_t pairs = 0;
      bool is_exact = false;
      std::uint32_t first = kNearnessWordsMax;
      for (const Words* element : ElementsOf(*document, field.name)) {
        first = std::min(first, NearnessIn(units, query_words, *element, pairs, is_exact));
      }
      std::uint32_t in_field = 0;
      if (asked.size() > 1) {
        in_field += 16 * static_cast<std::uint32_t>(std::popcount(pairs)) /
                    static_cast<std::uint32_t>(asked.size() - 1);
      }
      in_field += is_exact && options_.prioritize_exact_match ? 8 : 0;
      in_field +=
          options_.prioritize_token_position && first < kNearnessWordsMax ? 8 / (1 + first) : 0;
      nearness = std::max(nearness, in_field * field.weight / 255);
    }
    score += SumOfScore(score) * nearness / 16;
  }
}

NaiveMatches::Scores NaiveMatches::Match(const TextQuery& query,
                                         const std::vector<const Document*>& among) const {
  std::vector<const Document*> allowed;
  for (const Document* document : among) {
    const bool is_excluded = std::any_of(
        query.excluded.begin(), query.excluded.end(),
        [&](const QueryUnit& unit) { return MarkOf(UnitOf(unit, Edits()), *document).is_found; });
    if (!is_excluded) {
      allowed.push_back(document);
    }
  }
  Scores scores;
  if (query.units.empty()) {
    for (const Document* document : allowed) {
      if (query.is_match_all || !query.excluded.empty()) {
        scores[document] = 0;
      }
    }
    return scores;
  }
  const std::size_t size = query.units.size();
  std::vector<Variant> variants;
  for (const QueryVariant& variant : ExpandSynonyms(query, options_.synonyms)) {
    variants.push_back({.asked = variant.units, .penalty = variant.penalty});
  }
  Add(variants, {}, 0, size, allowed, scores);
  using SplitJoin = SearchRequest::SplitJoin;
  if (options_.split_join_tokens == SplitJoin::kAlways ||
      (options_.split_join_tokens == SplitJoin::kFallback && scores.empty())) {
    for (const auto& ways : {JoinWords(query), SplitWords(query)}) {
      for (const QueryVariant& way : ways) {
        variants.push_back({.asked = way.units, .penalty = way.penalty, .may_drop = false});
      }
    }
    Add(variants, {}, 0, size, allowed, scores);
  }
  const auto is_unknown = [&](Edits allowed_edits) {
    return std::any_of(query.units.begin(), query.units.end(), [&](const QueryUnit& unit) {
      return UnitOf(unit, allowed_edits).frequency == 0;
    });
  };
  const auto is_few = [&](std::uint32_t threshold) {
    return threshold > 0 && (scores.size() < threshold || options_.exhaustive);
  };
  std::vector<Edits> steps = {{.unknown = 2, .known = 1}, {.unknown = 2, .known = 2}};
  if (options_.exhaustive) {
    steps.erase(steps.begin());
  } else if (is_unknown({})) {
    steps.insert(steps.begin(), {{.unknown = 1, .known = 0}, {.unknown = 2, .known = 0}});
  }
  Edits edits;
  for (const Edits step : steps) {
    const bool is_hopeless = edits.unknown == 2 && is_unknown(edits);
    if (!is_few(options_.typo_tokens_threshold) || is_hopeless) {
      break;
    }
    edits = step;
    Add(variants, edits, 0, size, allowed, scores);
  }
  for (std::size_t dropped = 1; dropped < size && is_few(options_.drop_tokens_threshold);
       ++dropped) {
    Add(variants, edits, dropped, size, allowed, scores);
  }
  RaiseNear(query.units, edits, scores);
  return scores;
}

}  // namespace cacheindex::index::test
