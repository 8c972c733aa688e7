#include "index/words/equal_spellings.h"

#include <algorithm>
#include <array>
#include <span>
#include <string>
#include <utility>

#include "index/words/code_points.h"
#include "index/words/letter_spellings.h"
#include "index/words/number_form.h"
#include "index/words/unit_spellings.h"

namespace cacheindex::index {
namespace {

constexpr std::string_view kTimes = "x";
constexpr std::array<std::string_view, 3> kTimesSigns = {"\u00d7", "\u2715", "\u2716"};
constexpr std::string_view kLongMark = "\u30fc";
constexpr std::string_view kDevanagariVirama = "\u094d";

bool IsOneOf(std::string_view text, std::initializer_list<std::string_view> others) {
  return std::find(others.begin(), others.end(), text) != others.end();
}

constexpr std::string_view kSpaces = " \t\r\n";

bool IsSpace(std::string_view gap) {
  for (std::size_t i = 0; i < gap.size();) {
    const CodePoint space = NextOfUtf8(gap, i);
    const bool is_ascii = space >= 0 && space < 0x80;
    if (is_ascii ? kSpaces.find(static_cast<char>(space)) == std::string_view::npos
                 : space != 0xA0 && space != 0x2009 && space != 0x202F) {
      return false;
    }
  }
  return !gap.empty();
}
bool IsStar(std::string_view gap) {
  const std::size_t star = gap.find('*');
  return star != std::string_view::npos && (star == 0 || IsSpace(gap.substr(0, star))) &&
         (star + 1 == gap.size() || IsSpace(gap.substr(star + 1)));
}
bool IsHyphen(std::string_view gap) { return IsOneOf(gap, {"-", "\u2010", "\u2011", "\u2013"}); }
bool IsSlash(std::string_view gap) { return IsOneOf(gap, {"/", "\u2044", "\u2215"}); }
bool IsApostrophe(std::string_view gap) {
  return IsOneOf(gap, {"'", "\u2019", "\u2018", "\u02bc", "\u00b4"});
}

bool IsNumber(const Token& token) {
  return !token.is_character && token.word.front() >= '0' && token.word.front() <= '9';
}
bool IsDigits(const std::string& word) {
  return word.find_first_not_of("0123456789") == std::string::npos;
}
bool IsAlphanumeric(char byte) {
  return (byte >= '0' && byte <= '9') || (byte >= 'a' && byte <= 'z') ||
         (byte >= 'A' && byte <= 'Z') || (static_cast<unsigned char>(byte) & 0x80U) != 0;
}
bool IsOneLetter(const Token& token) {
  std::size_t end = 0;
  NextOfUtf8(token.word, end);
  return !token.is_character && end == token.word.size() && IsAlphanumeric(token.word.front()) &&
         !IsNumber(token);
}
bool IsKana(const Token& token) {
  std::size_t end = 0;
  const CodePoint code_point = token.is_character ? NextOfUtf8(token.word, end) : 0;
  return code_point >= 0x3041 && code_point <= 0x30FF;
}

}  // namespace

class EqualSpellings::Pass {
 public:
  Pass(EqualSpellings& owner, std::string_view text, const TextRules& rules,
       std::vector<Token>& tokens)
      : owner_(&owner), text_(text), rules_(&rules), tokens_(tokens) {}

  void Run() {
    for (std::size_t i = 0; i < tokens_.size(); ++i) {
      VisitGap(i);
      VisitToken(i);
    }
    VisitGap(tokens_.size());
  }

 private:
  // What stands before the token at `i`, behind the one before it.
  std::string_view Gap(std::size_t i) const {
    const std::size_t begin = i == 0 ? 0 : tokens_[i - 1].end;
    const std::size_t end = i == tokens_.size() ? text_.size() : tokens_[i].begin;
    return begin < end ? text_.substr(begin, end - begin) : std::string_view();
  }
  bool IsNumberAt(std::size_t i) const { return i < tokens_.size() && IsNumber(tokens_[i]); }
  bool IsBetweenNumbers(std::size_t i) const { return i > 0 && IsNumberAt(i - 1) && IsNumberAt(i); }

  Fate& FateOf(std::size_t i) {
    owner_->fates_.resize(tokens_.size());
    return owner_->fates_[i];
  }
  bool IsRemoved(std::size_t i) const {
    return !owner_->fates_.empty() && owner_->fates_[i].is_removed;
  }
  void Join(std::size_t i) {
    if (tokens_[i].group != tokens_[i - 1].group) {
      FateOf(i).joins = true;
    }
  }
  void Insert(std::size_t before, std::string_view gap, std::size_t at, std::size_t size,
              std::string_view word) {
    const auto begin =
        static_cast<std::uint32_t>(gap.data() - text_.data()) + static_cast<std::uint32_t>(at);
    owner_->signs_.push_back({.before = before,
                              .begin = begin,
                              .end = begin + static_cast<std::uint32_t>(size),
                              .word = word});
  }

  void VisitGap(std::size_t i) {
    std::string_view gap = Gap(i);
    if (gap.empty()) {
      if (IsBetweenNumbers(i)) {
        Join(i);
      }
      return;
    }
    if (gap == " ") {
      return;
    }
    if (IsBetweenNumbers(i) && IsSlash(gap)) {
      Join(i);
      return;
    }
    if (IsBetweenNumbers(i) && IsApostrophe(gap) && ContinuesThousands(i)) {
      Merge(i);
      return;
    }
    if (i > 0 && IsNumber(tokens_[i - 1])) {
      gap.remove_prefix(VisitSign(i, gap));
    }
    VisitTimes(i, gap);
    FollowQuotes(gap);
  }

  // Whether an apostrophe before the number at `i` parts a group of three digits, as in
  // Switzerland.
  bool ContinuesThousands(std::size_t i) const {
    constexpr std::size_t kGroupDigits = 3;
    const std::string& before = tokens_[i - 1].word;
    const std::string& word = tokens_[i].word;
    const bool is_group = before.size() <= kGroupDigits || (i > 1 && IsRemoved(i - 2));
    return is_group && IsDigits(before) && before.front() != '0' &&
           std::min(word.find_first_of(".,"), word.size()) == kGroupDigits &&
           before.size() + word.size() <= kWordBytesMax;
  }

  // Makes the numbers at `i` and before it one.
  void Merge(std::size_t i) {
    Token& token = tokens_[i];
    Token& before = tokens_[i - 1];
    token.word.insert(0, before.word);
    token.begin = before.begin;
    token.group = before.group;
    token.is_hyphenated = before.is_hyphenated;
    FateOf(i - 1).is_removed = true;
    FateOf(i).joins = FateOf(i - 1).joins;
  }

  // Returns how many bytes of what stands behind a number are the sign of a unit.
  std::size_t VisitSign(std::size_t i, std::string_view gap) {
    const std::size_t space = std::min(gap.find_first_not_of(kSpaces), gap.size());
    const UnitSign unit = UnitSignOf(gap.substr(space));
    // Typographers put a space before some.
    const bool may_stand_apart = unit.word == kDegree || unit.word == kPercent;
    const std::size_t end = space + unit.sign.size();
    if (unit.sign.empty() || (space > 0 && !may_stand_apart) ||
        !IsUnitSign(i, gap.substr(end), unit)) {
      return 0;
    }
    Insert(i, gap, space, unit.sign.size(), unit.word);
    return end;
  }

  // `behind` is what stands between the sign and the next token.
  bool IsUnitSign(std::size_t i, std::string_view behind, const UnitSign& unit) const {
    const bool is_last = i == tokens_.size();
    if (unit.word == kDegree) {
      const bool is_temperature =
          !is_last && (behind.empty() || IsSpace(behind)) &&
          IsOneOf(tokens_[i].word, {"c", "f", "k", "celsius", "fahrenheit"});
      return !is_temperature;
    }
    if (unit.word == kFeet) {
      const std::string_view before = text_.substr(0, tokens_[i - 1].begin);
      const bool is_quoted = before.ends_with(unit.sign) || before.ends_with("\u2018");
      return !is_quoted &&
             (is_last || !behind.empty() || IsNumber(tokens_[i]) || tokens_[i].word == kTimes);
    }
    const bool may_close = unit.sign == "\"" || unit.sign == "\u201d";
    return !may_close || !is_quotation_;
  }

  void VisitTimes(std::size_t i, std::string_view gap) {
    const auto is_there = [gap](std::string_view sign) {
      return gap.find(sign) != std::string_view::npos;
    };
    const auto* const found = std::find_if(kTimesSigns.begin(), kTimesSigns.end(), is_there);
    std::string_view sign;
    if (found != kTimesSigns.end()) {
      sign = *found;
    } else if (IsBetweenNumbers(i) && IsStar(gap)) {
      sign = "*";
    } else {
      return;
    }
    const std::size_t at = gap.find(sign);
    Insert(i, gap, at, sign.size(), kTimes);
    if (IsBetweenNumbers(i) && gap == sign) {
      Join(i);
    }
  }

  void FollowQuotes(std::string_view gap) {
    for (std::size_t i = 0; i < gap.size();) {
      const CodePoint mark = NextOfUtf8(gap, i);
      if (mark == '"') {
        const bool may_open =
            i < gap.size() ? gap[i] != ' ' : gap.data() + i != text_.data() + text_.size();
        is_quotation_ = !is_quotation_ && may_open;
      } else if (mark == 0x201C || mark == 0x201E || mark == 0xAB) {
        is_quotation_ = true;
      } else if (mark == 0x201D || mark == 0xBB) {
        is_quotation_ = false;
      }
    }
  }

  void VisitToken(std::size_t i) {
    Token& token = tokens_[i];
    if (token.is_character) {
      if (token.word == kLongMark) {
        VisitLongMark(i);
      }
    } else if (IsNumber(token)) {
      VisitNumber(i);
    } else {
      SpellGreekUnit(token.word);
      if (token.word.find(kDevanagariVirama) != std::string::npos) {
        std::string spelled = SpellNasals(token.word);
        if (spelled != token.word) {
          token.written = std::exchange(token.word, std::move(spelled));
        }
      }
      if (i > 0) {
        VisitLetters(i);
      }
    }
  }

  // It is written or left out at the end of words that have some length without it.
  void VisitLongMark(std::size_t i) {
    constexpr std::size_t kKanaMin = 3;
    const std::size_t next = i + 1;
    if (i < kKanaMin || (next < tokens_.size() && Gap(next).empty() && IsKana(tokens_[next]))) {
      return;
    }
    for (std::size_t before = i - kKanaMin; before < i; ++before) {
      if (!IsKana(tokens_[before]) || !Gap(before + 1).empty()) {
        return;
      }
    }
    FateOf(i).is_removed = true;
    tokens_[i - 1].end = tokens_[i].end;
  }

  void VisitNumber(std::size_t i) {
    Token& token = tokens_[i];
    if (token.word.find_first_of(".,") != std::string::npos) {
      std::string form = NumberForm(token.word);
      if (form != token.word) {
        token.written = std::exchange(token.word, std::move(form));
      }
    } else if (HasPointBefore(token)) {
      token.word.insert(0, "0.");
      --token.begin;
    }
    // The hyphens of 1-1/2 and 1/4-20 join no digits.
    if (i > 1 && IsFraction(i - 2)) {
      token.is_hyphenated = false;
    } else if (i > 0 && IsFraction(i) && IsNumberAt(i - 1) && IsDigits(tokens_[i - 1].word)) {
      const std::string_view gap = Gap(i);
      if (gap.empty() || IsSpace(gap) || IsHyphen(gap)) {
        Join(i);
        token.is_hyphenated = false;
      }
    }
  }

  bool HasPointBefore(const Token& token) const {
    constexpr std::size_t kBytesAdded = 2;
    const std::uint32_t begin = token.begin;
    return begin > 0 && text_[begin - 1] == '.' && rules_->JoinsWith('.') &&
           token.word.size() + kBytesAdded <= kWordBytesMax &&
           (begin == 1 || (text_[begin - 2] != '.' && !IsAlphanumeric(text_[begin - 2])));
  }

  // Whether a number that is less than one stands at `i`: the numerator, and the denominator of two
  // digits at most, which ends it.
  bool IsFraction(std::size_t i) const {
    constexpr std::size_t kDigitsMax = 2;
    if (!IsNumberAt(i) || !IsNumberAt(i + 1)) {
      return false;
    }
    const std::string& above = tokens_[i].word;
    const std::string& below = tokens_[i + 1].word;
    const bool is_one_sign = tokens_[i + 1].begin < tokens_[i].end;
    if ((!is_one_sign && !IsSlash(Gap(i + 1))) || !IsDigits(above) || !IsDigits(below) ||
        above.front() == '0' || below.size() > kDigitsMax) {
      return false;
    }
    return std::pair(above.size(), std::string_view(above)) <
               std::pair(below.size(), std::string_view(below)) &&
           !(IsNumberAt(i + 2) && IsSlash(Gap(i + 2))) &&
           !(i > 0 && IsNumberAt(i - 1) && IsSlash(Gap(i)));
  }

  void VisitLetters(std::size_t i) {
    Token& token = tokens_[i];
    const Token& before = tokens_[i - 1];
    const std::string_view gap = Gap(i);
    if (IsNumber(before)) {
      VisitBehindNumber(i, gap);
      return;
    }
    const bool is_abbreviation =
        gap == "." && rules_->JoinsWith('.') && IsOneLetter(before) && IsOneLetter(token);
    const bool has_lone_n =
        (token.word == "n" || before.word == "n") && IsApostrophe(gap) && rules_->JoinsWith('\'');
    if (is_abbreviation || has_lone_n) {
      Join(i);
      token.is_hyphenated = true;
    }
  }

  void VisitBehindNumber(std::size_t i, std::string_view gap) {
    constexpr std::string_view kCyrillicHa = "\u0445";
    Token& token = tokens_[i];
    const std::string_view next_gap = Gap(i + 1);
    const bool is_between = IsNumberAt(i + 1) && (gap.empty() || IsSpace(gap)) &&
                            (next_gap.empty() || IsSpace(next_gap));
    if (is_between && token.word == kCyrillicHa) {
      token.word = kTimes;
      return;
    }
    if (is_between && token.word == "by" && !gap.empty() && !next_gap.empty()) {
      token.written = std::exchange(token.word, std::string(kTimes));
      return;
    }
    if (!(gap.empty() || IsSpace(gap) || IsHyphen(gap)) || !BeginsQuantity(i - 1)) {
      return;
    }
    if (IsNumberAt(i + 1) && next_gap.empty() && token.word.ends_with('x')) {
      PartTimes(i);
    }
    const std::string_view unit = UnitOf(token.word);
    if (unit.empty() || unit == token.word || (token.word == "in" && IsBeforeNumber(i))) {
      return;
    }
    token.written = std::exchange(token.word, std::string(unit));
  }

  // Parts the x of 10cmx15cm from the unit before it.
  void PartTimes(std::size_t i) {
    Token& token = tokens_[i];
    const std::size_t size = token.word.size() - kTimes.size();
    if (token.end - token.begin == token.word.size() &&
        !UnitOf(std::string_view(token.word).substr(0, size)).empty()) {
      token.word.resize(size);
      --token.end;
      owner_->signs_.push_back(
          {.before = i + 1, .begin = token.end, .end = token.end + 1, .word = kTimes});
    }
  }

  // Whether the number at `i` is no part of a model number.
  bool BeginsQuantity(std::size_t i) const {
    return i == 0 || tokens_[i].group != tokens_[i - 1].group || IsNumber(tokens_[i - 1]) ||
           tokens_[i - 1].word == kTimes || UnitOf(tokens_[i - 1].word) == tokens_[i - 1].word;
  }

  bool IsBeforeNumber(std::size_t i) const {
    const std::size_t next = i + 1;
    if (next >= tokens_.size()) {
      return false;
    }
    const std::string_view gap = Gap(next);
    return (gap.empty() || IsSpace(gap) || IsHyphen(gap)) &&
           (IsNumber(tokens_[next]) || tokens_[next].word == "one");
  }

  EqualSpellings* owner_;
  std::string_view text_;
  const TextRules* rules_;
  std::span<Token> tokens_;
  // Behind a quote that began a quotation.
  bool is_quotation_ = false;
};

void EqualSpellings::Apply(std::string_view text, const TextRules& rules,
                           std::vector<Token>& tokens) {
  if (tokens.empty()) {
    return;
  }
  signs_.clear();
  fates_.clear();
  Pass(*this, text, rules, tokens).Run();
  if (!signs_.empty() || !fates_.empty()) {
    Rewrite(tokens);
  }
}

void EqualSpellings::Rewrite(std::vector<Token>& tokens) {
  fates_.resize(tokens.size());
  rewritten_.resize(tokens.size() + signs_.size());
  std::size_t count = 0;
  std::uint32_t group = 0;
  bool begins_group = false;
  auto sign = signs_.begin();
  for (std::size_t i = 0; i <= tokens.size(); ++i) {
    for (; sign != signs_.end() && sign->before == i; ++sign) {
      Token& added = rewritten_[count];
      const bool touches = count > 0 && rewritten_[count - 1].end == sign->begin;
      group += touches || count == 0 ? 0 : 1;
      added = {.word = std::string(sign->word),
               .begin = sign->begin,
               .end = sign->end,
               .group = group,
               .is_sign = true};
      ++count;
    }
    if (i == tokens.size()) {
      break;
    }
    const bool joins = fates_[i].joins || (i > 0 && tokens[i].group == tokens[i - 1].group);
    // What follows a removed token stands in its place.
    begins_group = begins_group || !joins;
    if (fates_[i].is_removed) {
      continue;
    }
    group += begins_group && count > 0 ? 1 : 0;
    begins_group = false;
    std::swap(rewritten_[count], tokens[i]);
    // The next one is compared with what this one's group was.
    tokens[i].group = rewritten_[count].group;
    rewritten_[count].group = group;
    ++count;
  }
  rewritten_.resize(count);
  tokens.swap(rewritten_);
}

}  // namespace cacheindex::index
