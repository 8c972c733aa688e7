#include "index/match/query_variants.h"

#include <algorithm>
#include <iterator>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "index/match/text_score.h"
#include "index/match/typo_pattern.h"
#include "index/words/code_points.h"
#include "index/words/readings.h"
#include "index/words/tokenizer.h"

namespace cacheindex::index {
namespace {

// Characters of each part of a split word, at least.
constexpr std::size_t kPartCharactersMin = 2;

using Units = std::vector<QueryUnit>;

std::vector<CodePoint> Characters(const std::string& word) {
  std::vector<CodePoint> characters;
  for (std::size_t i = 0; i < word.size();) {
    characters.push_back(NextOfUtf8(word, i));
  }
  return characters;
}

Units UnitsOf(const std::string& text, const TextRules& rules) {
  auto query = ParseTextQuery(text, {.rules = &rules});
  if (!query) {
    return {};
  }
  for (QueryUnit& unit : query->units) {
    unit.is_prefix = false;
    unit.written.clear();
  }
  return std::move(query->units);
}

// How words and symbols follow each other in `text`: c++ is `w + +`, and so is Java++.
std::string ShapeOf(std::string_view text, const TextRules& rules) {
  std::vector<Token> tokens;
  Tokenizer::OfThread().Tokenize(text, tokens, rules);
  std::string shape;
  for (const Token& token : tokens) {
    std::size_t end = 0;
    if (rules.IsSymbol(NextOfUtf8(token.word, end))) {
      shape += token.word;
    } else if (!shape.ends_with('w')) {
      shape += 'w';
    }
  }
  return shape;
}

// What some words can be replaced with.
struct Replacement {
  Units from;
  std::vector<Units> to;
  // Only when the rule has symbols of its own: what tells them from the same words without.
  std::shared_ptr<const TextRules> rules{};
  std::string shape{};
  // Nothing but symbols, which may be no words of the query: they stand between its words.
  bool is_wordless = false;
};

// The characters of `text` besides `symbols`.
std::vector<std::string> WithCharacters(std::vector<std::string> symbols, std::string_view text) {
  for (const Token& sign : Signs(text, {})) {
    symbols.push_back(sign.word);
  }
  return symbols;
}

void AddReplacements(const SynonymRule& rule, const TextRules& field_rules,
                     std::vector<Replacement>& replacements) {
  const auto replacement_of = [&](const std::string& text, const Units& from) {
    Replacement replacement{.from = from, .to = {}};
    replacement.is_wordless = NormalForm(text).empty();
    const auto symbols =
        replacement.is_wordless ? WithCharacters(rule.symbols, text) : rule.symbols;
    if (!symbols.empty()) {
      replacement.rules = std::make_shared<const TextRules>(field_rules.With(symbols));
      replacement.shape = ShapeOf(text, *replacement.rules);
    }
    return replacement;
  };
  std::vector<Units> phrases;
  for (const std::string& synonym : rule.synonyms) {
    phrases.push_back(UnitsOf(synonym, field_rules));
  }
  if (!rule.root.empty()) {
    auto& replacement =
        replacements.emplace_back(replacement_of(rule.root, UnitsOf(rule.root, field_rules)));
    std::copy_if(phrases.begin(), phrases.end(), std::back_inserter(replacement.to),
                 [](const Units& units) { return !units.empty(); });
    return;
  }
  for (std::size_t i = 0; i < phrases.size(); ++i) {
    auto& replacement = replacements.emplace_back(replacement_of(rule.synonyms[i], phrases[i]));
    std::copy_if(phrases.begin(), phrases.end(), std::back_inserter(replacement.to),
                 [&](const Units& other) { return !other.empty() && other != phrases[i]; });
  }
}

std::vector<Replacement> ReplacementsOf(const SynonymOptions& options) {
  std::vector<Replacement> replacements;
  for (const SynonymRule& rule : options.rules) {
    AddReplacements(rule, *options.text_rules, replacements);
  }
  std::erase_if(replacements,
                [](const Replacement& replacement) { return replacement.from.empty(); });
  return replacements;
}

bool IsNear(const std::string& asked, const std::string& word, bool is_prefix,
            std::uint32_t edits_max) {
  if (asked == word || (is_prefix && word.starts_with(asked))) {
    return true;
  }
  if (edits_max == 0) {
    return false;
  }
  const std::vector<CodePoint> characters = Characters(asked);
  if (characters.size() <= edits_max || characters.size() > kTypoCharactersMax) {
    return false;
  }
  const TypoDistance distance = TypoPattern(characters).Compare(Characters(word));
  return (is_prefix ? distance.start : distance.whole) <= edits_max;
}

bool IsMatch(const QueryUnit& asked, const QueryUnit& from, const SynonymOptions& options) {
  if (asked.is_phrase) {
    return false;
  }
  if (asked.words == from.words || (!asked.joined.empty() && asked.joined == from.words) ||
      (!from.joined.empty() && from.joined == asked.words)) {
    return true;
  }
  return asked.words.size() == 1 && from.words.size() == 1 &&
         IsNear(asked.words.front(), from.words.front(), asked.is_prefix && options.is_prefix,
                options.edits_max);
}

// Whether the symbols between the words are those of the replacement's. Symbols that stand alone
// behind the last word may belong to what follows.
bool HasShape(std::span<const QueryUnit> asked, const Replacement& replacement) {
  std::string text;
  for (const QueryUnit& unit : asked.first(asked.size() - 1)) {
    text.append(unit.written).append(" ");
  }
  const std::string& last = asked.back().written;
  return ShapeOf(text + last.substr(0, last.find_first_of(" \t\r\n\f")), *replacement.rules) ==
             replacement.shape ||
         ShapeOf(text + last, *replacement.rules) == replacement.shape;
}

bool StandsAt(const Units& units, std::size_t begin, const Replacement& replacement,
              const SynonymOptions& options) {
  const Units& from = replacement.from;
  if (begin + from.size() > units.size()) {
    return false;
  }
  for (std::size_t i = 0; i < from.size(); ++i) {
    if (!IsMatch(units[begin + i], from[i], options)) {
      return false;
    }
  }
  return replacement.rules == nullptr ||
         HasShape(std::span(units).subspan(begin, from.size()), replacement);
}

// Whether the symbols of the replacement, and no others, stand before the unit at `begin`.
bool StandsBefore(const TextQuery& query, const Units& units, std::size_t begin,
                  const Replacement& replacement) {
  if (!replacement.is_wordless) {
    return false;
  }
  return begin == 0
             ? ShapeOf(query.before, *replacement.rules) == replacement.shape
             : ShapeOf(units[begin - 1].written, *replacement.rules) == 'w' + replacement.shape;
}

Units Replace(const Units& units, std::size_t begin, std::size_t size, const Units& with) {
  Units replaced(units.begin(), units.begin() + static_cast<std::ptrdiff_t>(begin));
  replaced.insert(replaced.end(), with.begin(), with.end());
  replaced.insert(replaced.end(), units.begin() + static_cast<std::ptrdiff_t>(begin + size),
                  units.end());
  return replaced;
}

bool IsPlainWord(const QueryUnit& unit) { return unit.words.size() == 1 && !unit.is_phrase; }

}  // namespace

std::vector<QueryVariant> ExpandSynonyms(const TextQuery& query, const SynonymOptions& options) {
  std::vector<QueryVariant> variants{{.units = query.units, .penalty = 0}};
  const std::vector<Replacement> replacements = ReplacementsOf(options);
  const std::uint32_t penalty = options.is_demoted ? kDemotedPenalty : kSynonymPenalty;
  // Where the part of each variant begins that is still as it was asked; what a synonym brought in
  // has no synonyms.
  std::vector<std::size_t> rests{0};
  for (std::size_t i = 0; i < variants.size(); ++i) {
    for (std::size_t begin = rests[i]; begin <= variants[i].units.size(); ++begin) {
      for (const Replacement& replacement : replacements) {
        const bool is_between = StandsBefore(query, variants[i].units, begin, replacement);
        if (!is_between && !StandsAt(variants[i].units, begin, replacement, options)) {
          continue;
        }
        const std::size_t size = is_between ? 0 : replacement.from.size();
        for (const Units& with : replacement.to) {
          QueryVariant variant{.units = Replace(variants[i].units, begin, size, with),
                               .penalty = variants[i].penalty + penalty};
          const bool is_known = std::any_of(
              variants.begin(), variants.end(),
              [&variant](const QueryVariant& known) { return known.units == variant.units; });
          if (!is_known && variants.size() < kQueryVariantsMax &&
              variant.units.size() <= kQueryWordsMax) {
            variants.push_back(std::move(variant));
            rests.push_back(begin + with.size());
          }
        }
      }
    }
  }
  return variants;
}

std::vector<QueryVariant> JoinWords(const TextQuery& query) {
  std::vector<QueryVariant> variants;
  for (std::size_t i = 0; i + 1 < query.units.size(); ++i) {
    const QueryUnit& first = query.units[i];
    const QueryUnit& second = query.units[i + 1];
    if (IsPlainWord(first) && IsPlainWord(second)) {
      QueryUnit joined;
      joined.words.push_back(first.words.front() + second.words.front());
      joined.is_prefix = second.is_prefix;
      variants.push_back(
          {.units = Replace(query.units, i, 2, {joined}), .penalty = kSplitJoinPenalty});
    }
  }
  return variants;
}

std::vector<QueryVariant> SplitWords(const TextQuery& query) {
  std::vector<QueryVariant> variants;
  for (std::size_t i = 0; i < query.units.size(); ++i) {
    if (!IsPlainWord(query.units[i])) {
      continue;
    }
    const std::string& word = query.units[i].words.front();
    const std::size_t size = Characters(word).size();
    std::size_t cut = 0;
    for (std::size_t characters = 1; characters + kPartCharactersMin <= size; ++characters) {
      NextOfUtf8(word, cut);
      if (characters < kPartCharactersMin) {
        continue;
      }
      QueryUnit parts;
      parts.words = {word.substr(0, cut), word.substr(cut)};
      parts.is_prefix = query.units[i].is_prefix;
      variants.push_back(
          {.units = Replace(query.units, i, 1, {parts}), .penalty = kSplitJoinPenalty});
    }
  }
  return variants;
}

}  // namespace cacheindex::index
