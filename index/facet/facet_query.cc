#include "index/facet/facet_query.h"

#include <algorithm>
#include <span>
#include <utility>

#include "index/words/character_forms.h"
#include "index/words/code_points.h"
#include "index/words/whole_form.h"

namespace cacheindex::index {
namespace {

std::vector<Token> Tokens(std::string_view value, const TextRules& rules) {
  std::vector<Token> tokens;
  Tokenizer::OfThread().Tokenize(value, tokens, rules);
  return tokens;
}

std::vector<CodePoint> CodePointsOf(std::string_view text) {
  std::vector<CodePoint> code_points;
  for (std::size_t i = 0; i < text.size();) {
    code_points.push_back(NextOfUtf8(text, i));
  }
  return code_points;
}

// Whether `token` was written as one with the token before. Characters are, whether or not they are
// a word that a dictionary knows: a bag of them finds the opposite as well.
bool StandsTogether(const Token& before, const Token& token) {
  return token.group == before.group ||
         (token.is_character && before.is_character && token.begin == before.end);
}

std::vector<FacetQuery::Unit> UnitsOf(const std::vector<Token>& tokens) {
  std::vector<FacetQuery::Unit> units;
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    if (i == 0 || !StandsTogether(tokens[i - 1], tokens[i])) {
      units.emplace_back();
    }
    units.back().push_back(tokens[i].word);
  }
  return units;
}

bool IsCharacterStart(char byte) { return (static_cast<unsigned char>(byte) & 0xC0U) != 0x80U; }

// Returns the first character boundary after `i`.
std::size_t NextBoundary(std::string_view value, std::size_t i) {
  for (++i; i < value.size() && !IsCharacterStart(value[i]); ++i) {
  }
  return i;
}

// Returns the end of the part of a token that normalises to something beginning with `prefix`.
std::size_t PrefixEnd(std::string_view value, const Token& token, std::string_view prefix) {
  for (std::size_t end = token.begin + 1; end < token.end; ++end) {
    if (IsCharacterStart(value[end]) &&
        NormalForm(value.substr(token.begin, end - token.begin)).starts_with(prefix)) {
      return end;
    }
  }
  return token.end;
}

// Returns the end of the part of `value` from `begin` on whose form is `piece`, with what belongs
// to its last character; `begin` when there is none.
std::size_t PieceEnd(std::string_view value, std::size_t begin, std::string_view piece) {
  std::size_t end = begin;
  std::string form;
  while (form != piece) {
    if (end == value.size() || !piece.starts_with(form)) {
      return begin;
    }
    end = NextBoundary(value, end);
    form = WholeForm(value.substr(begin, end - begin));
  }
  for (std::size_t next = end; next < value.size(); end = next) {
    if (!Extends(NextOfUtf8(value, next))) {
      break;
    }
  }
  return end;
}

}  // namespace

FacetQuery ReadFacetQuery(std::string_view text, const TextRules& rules) {
  FacetQuery query;
  const auto tokens = Tokens(text, rules);
  if (tokens.empty() || !HasWords(text, rules)) {
    query.piece = WholeForm(text);
    return query;
  }
  query.readings.push_back(UnitsOf(tokens));
  std::vector<Token> joined;
  if (JoinHyphens(tokens, joined)) {
    query.readings.push_back(UnitsOf(joined));
  }
  return query;
}

FacetMatcher::FacetMatcher(const FacetQuery& query, std::uint32_t typos_max, const TextRules& rules)
    : piece_(query.piece), rules_(&rules) {
  for (const auto& units : query.readings) {
    Reading& reading = readings_.emplace_back();
    for (const FacetQuery::Unit& words : units) {
      Unit& unit = reading.emplace_back();
      for (const std::string& word : words) {
        const bool is_last = &words == &units.back() && &word == &words.back();
        unit.push_back(MakeWord(word, is_last, typos_max));
      }
    }
  }
}

FacetMatcher::Word FacetMatcher::MakeWord(const std::string& text, bool may_go_on,
                                          std::uint32_t typos_max) {
  // As `min_len_1typo` and `min_len_2typo` are for queries that do not say.
  constexpr std::size_t kOneTypoCharactersMin = 4;
  constexpr std::size_t kTwoTyposCharactersMin = 7;
  Word word{.text = text, .may_go_on = may_go_on, .typos_max = 0, .pattern = std::nullopt};
  const auto characters = CodePointsOf(text);
  const std::uint32_t allowed = characters.size() < kOneTypoCharactersMin    ? 0
                                : characters.size() < kTwoTyposCharactersMin ? 1
                                                                             : 2;
  word.typos_max = std::min(typos_max, allowed);
  if (word.typos_max > 0 && characters.size() <= kTypoCharactersMax) {
    word.pattern.emplace(characters);
  }
  return word;
}

FacetMatcher::Match FacetMatcher::Compare(const Word& word, const Token& token) {
  // An equal spelling hides nothing of what was written (kg).
  if (token.word == word.text || token.written == word.text) {
    return Match::kWhole;
  }
  if (word.may_go_on &&
      (token.word.starts_with(word.text) || token.written.starts_with(word.text))) {
    return Match::kStart;
  }
  if (!word.pattern || token.is_character) {
    return Match::kNone;
  }
  const TypoDistance distance = word.pattern->Compare(CodePointsOf(token.word));
  const bool is_near =
      distance.whole <= word.typos_max || (word.may_go_on && distance.start <= word.typos_max);
  return is_near ? Match::kWhole : Match::kNone;
}

std::vector<FacetMatcher::Match> FacetMatcher::MatchAll(const Reading& reading,
                                                        const std::vector<Token>& tokens) {
  std::vector<Match> matches(tokens.size(), Match::kNone);
  std::vector<Match> there;
  for (const Unit& unit : reading) {
    bool stands_anywhere = false;
    for (std::size_t first = 0; first + unit.size() <= tokens.size(); ++first) {
      there.clear();
      for (std::size_t i = 0; i < unit.size(); ++i) {
        const Match match = Compare(unit[i], tokens[first + i]);
        if (match == Match::kNone) {
          break;
        }
        there.push_back(match);
      }
      if (there.size() < unit.size()) {
        continue;
      }
      stands_anywhere = true;
      for (std::size_t i = 0; i < unit.size(); ++i) {
        matches[first + i] = std::max(matches[first + i], there[i]);
      }
    }
    if (!stands_anywhere) {
      return {};
    }
  }
  return matches;
}

bool FacetMatcher::Matches(std::string_view value) const {
  if (readings_.empty()) {
    return WholeForm(value).find(piece_) != std::string::npos;
  }
  const auto matches = [this](const std::vector<Token>& tokens) {
    return std::ranges::any_of(
        readings_, [&](const Reading& reading) { return !MatchAll(reading, tokens).empty(); });
  };
  const auto tokens = Tokens(value, *rules_);
  std::vector<Token> joined;
  return matches(tokens) || (JoinHyphens(tokens, joined) && matches(joined));
}

std::vector<FacetMatcher::Mark> FacetMatcher::WordMarks(std::string_view value) const {
  std::vector<Mark> marks;
  const auto find = [&](const std::vector<Token>& tokens) {
    for (const Reading& reading : readings_) {
      const auto matches = MatchAll(reading, tokens);
      for (std::size_t i = 0; i < matches.size(); ++i) {
        if (matches[i] != Match::kNone) {
          const bool is_whole = matches[i] == Match::kWhole;
          marks.push_back(
              {tokens[i].begin,
               is_whole ? tokens[i].end : PrefixEnd(value, tokens[i], reading.back().back().text)});
        }
      }
      if (!marks.empty()) {
        return;
      }
    }
  };
  const auto tokens = Tokens(value, *rules_);
  find(tokens);
  std::vector<Token> joined;
  if (marks.empty() && JoinHyphens(tokens, joined)) {
    find(joined);
  }
  return marks;
}

std::vector<FacetMatcher::Mark> FacetMatcher::PieceMarks(std::string_view value) const {
  std::vector<Mark> marks;
  for (std::size_t i = 0; i < value.size();) {
    const bool is_space = static_cast<unsigned char>(value[i]) <= ' ';
    const std::size_t end = is_space ? i : PieceEnd(value, i, piece_);
    if (end > i) {
      marks.push_back({i, end});
    }
    i = end > i ? end : NextBoundary(value, i);
  }
  return marks;
}

std::string FacetMatcher::Highlight(std::string_view value, std::string_view start_tag,
                                    std::string_view end_tag) const {
  std::vector<Mark> marks;
  if (!readings_.empty()) {
    marks = WordMarks(value);
  } else if (!piece_.empty()) {
    marks = PieceMarks(value);
  }
  std::string highlighted;
  std::size_t copied = 0;
  for (const Mark& mark : marks) {
    // One character may be several words: ½.
    if (mark.begin < copied) {
      continue;
    }
    highlighted += value.substr(copied, mark.begin - copied);
    highlighted += start_tag;
    highlighted += value.substr(mark.begin, mark.end - mark.begin);
    highlighted += end_tag;
    copied = mark.end;
  }
  highlighted += value.substr(copied);
  return highlighted;
}

}  // namespace cacheindex::index
