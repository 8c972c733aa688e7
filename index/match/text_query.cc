#include "index/match/text_query.h"

#include <unicode/uchar.h>

#include <algorithm>
#include <span>
#include <utility>

#include "index/words/code_points.h"
#include "index/words/readings.h"
#include "index/words/tokenizer.h"

namespace cacheindex::index {
namespace {

bool IsSpace(char byte) {
  return byte == ' ' || byte == '\t' || byte == '\n' || byte == '\r' || byte == '\f';
}

std::string_view Trim(std::string_view text) {
  while (!text.empty() && IsSpace(text.front())) {
    text.remove_prefix(1);
  }
  while (!text.empty() && IsSpace(text.back())) {
    text.remove_suffix(1);
  }
  return text;
}

// Whether the last character of `text` is a digit or a fraction.
bool EndsInNumber(std::string_view text) {
  std::size_t begin = text.size();
  while (begin > 0 && (static_cast<unsigned char>(text[--begin]) & 0xC0U) == 0x80U) {
  }
  const CodePoint last = begin == text.size() ? kIllFormed : NextOfUtf8(text, begin);
  return last != kIllFormed && (U_GET_GC_MASK(last) & (U_GC_ND_MASK | U_GC_NO_MASK)) != 0;
}

bool IsExclusion(std::string_view text) {
  return text.size() > 1 && text.front() == '-' && !IsSpace(text[1]);
}

class Parser {
 public:
  Parser(std::string_view text, const TextQueryOptions& options) : rest_(text), options_(options) {}

  TextQuery Parse() {
    const std::string_view whole = rest_;
    while (!rest_.empty() && words_ < kQueryWordsMax) {
      if (IsSpace(rest_.front())) {
        rest_.remove_prefix(1);
        continue;
      }
      const bool is_excluded = IsExclusion(rest_);
      if (is_excluded) {
        rest_.remove_prefix(1);
      }
      const std::size_t closing = rest_.front() == '"' ? rest_.find('"', 1) : 0;
      if (closing == std::string_view::npos) {
        // Somebody is still typing: words until it is closed.
        rest_.remove_prefix(1);
      } else if (closing > 0) {
        rest_.remove_prefix(1);
        AddTogether(Take(closing - 1, 1), is_excluded);
        continue;
      }
      if (is_excluded) {
        // Both parts of -KC-2500, not each of them.
        AddTogether(Take(PieceSize(0), 0), true);
      } else {
        AddEach(Take(StretchSize(), 0));
      }
    }
    if (query_.units.empty() && query_.excluded.empty()) {
      AddSigns(whole);
    }
    LeaveOutStopwords();
    return std::move(query_);
  }

 private:
  // Takes `size` bytes off the text, all when there are fewer, and drops `separator` more.
  std::string_view Take(std::size_t size, std::size_t separator) {
    const std::string_view taken = rest_.substr(0, size);
    rest_.remove_prefix(std::min(rest_.size(), taken.size() + separator));
    return taken;
  }

  // Returns the bytes from `begin` until the next space or quoted phrase; a quote after a number is
  // a unit (24").
  std::size_t PieceSize(std::size_t begin) const {
    std::size_t end = begin;
    while (end < rest_.size() && !IsSpace(rest_[end]) &&
           (rest_[end] != '"' || EndsInNumber(rest_.substr(begin, end - begin)))) {
      ++end;
    }
    return end - begin;
  }

  // Returns the bytes until the next phrase or exclusion: what a number means is seen from the
  // words around it.
  std::size_t StretchSize() const {
    std::size_t size = 0;
    while (size < rest_.size()) {
      const std::string_view rest = rest_.substr(size);
      if (IsSpace(rest.front())) {
        ++size;
        continue;
      }
      if (size > 0 && (rest.front() == '"' || IsExclusion(rest))) {
        break;
      }
      size += std::max<std::size_t>(PieceSize(size), 1);
      if (size < rest_.size() && !IsSpace(rest_[size])) {
        break;
      }
    }
    return size;
  }

  void AddTogether(std::string_view text, bool is_excluded) {
    Tokenizer::OfThread().Tokenize(text, tokens_, *options_.rules);
    EndPrefix();
    if (auto unit = TakeUnit(tokens_); !unit.words.empty()) {
      unit.is_phrase = true;
      (is_excluded ? query_.excluded : query_.units).push_back(std::move(unit));
    }
  }

  void AddEach(std::string_view text) {
    Tokenizer::OfThread().Tokenize(text, tokens_, *options_.rules);
    if (tokens_.empty()) {
      // Symbols that are no words here may be such to a synonym.
      if (query_.units.empty()) {
        query_.before.append(" ").append(text);
      } else if (!query_.units.back().is_phrase) {
        query_.units.back().written.append(" ").append(text);
      }
      return;
    }
    // What was written before the first word's piece belongs to nothing.
    std::size_t written = tokens_.front().begin;
    while (written > 0 && !IsSpace(text[written - 1])) {
      --written;
    }
    if (query_.units.empty()) {
      query_.before.append(" ").append(text.substr(0, written));
    }
    for (std::size_t begin = 0; begin < tokens_.size() && words_ < kQueryWordsMax;) {
      std::size_t end = begin + 1;
      while (end < tokens_.size() && tokens_[end].group == tokens_[begin].group) {
        ++end;
      }
      EndPrefix();
      // Nothing longer starts with a character that stands alone, or with a sign.
      const bool is_prefix = !tokens_[end - 1].is_character && !tokens_[end - 1].is_sign;
      std::string last = std::move(tokens_[end - 1].written);
      QueryUnit unit = TakeUnit(std::span(tokens_).subspan(begin, end - begin));
      unit.is_prefix = is_prefix;
      if (end == tokens_.size() && !last.empty()) {
        // As it stands it may go on (35m: 35mm). A unit has two ways to be read, and where a hyphen
        // takes one of them (20-35m) it is looked for as it stands only.
        if (unit.joined.empty()) {
          unit.joined = unit.words;
          unit.joined.back() = std::move(last);
        } else {
          unit.words.back() = std::move(last);
        }
      }
      const std::size_t next = end < tokens_.size() ? tokens_[end].begin : text.size();
      unit.written = text.substr(written, next - written);
      query_.units.push_back(std::move(unit));
      written = next;
      begin = end;
    }
  }

  // Of a query without words: what stands between spaces stands together. Quotes are no signs, as
  // somebody may be about to quote.
  void AddSigns(std::string_view text) {
    query_.before.clear();
    std::string unquoted(text);
    std::erase(unquoted, '"');
    std::vector<Token> signs = Signs(unquoted, {});
    for (std::size_t begin = 0; begin < signs.size() && words_ < kQueryWordsMax;) {
      std::size_t end = begin + 1;
      while (end < signs.size() && signs[end].group == signs[begin].group) {
        ++end;
      }
      QueryUnit unit = TakeUnit(std::span(signs).subspan(begin, end - begin));
      for (const std::string& sign : unit.words) {
        unit.written += sign;
      }
      query_.units.push_back(std::move(unit));
      begin = end;
    }
  }

  // Takes the words of `tokens`, as many as the query may still have.
  QueryUnit TakeUnit(std::span<Token> tokens) {
    tokens = tokens.first(std::min(tokens.size(), kQueryWordsMax - words_));
    words_ += tokens.size();
    QueryUnit unit;
    if (JoinHyphens(tokens, joined_)) {
      for (Token& token : joined_) {
        unit.joined.push_back(std::move(token.word));
      }
    }
    for (Token& token : tokens) {
      unit.words.push_back(std::move(token.word));
    }
    return unit;
  }

  // Only the last piece of the query may be the start of a word.
  void EndPrefix() {
    if (!query_.units.empty()) {
      query_.units.back().is_prefix = false;
    }
  }

  // Sets hold words, and what was written as one may be several.
  bool IsStopword(const QueryUnit& unit) const {
    const auto is_listed = [this](const std::string& word) {
      return options_.stopwords->contains(word);
    };
    std::string form;
    for (const std::string& word : unit.words) {
      form += (form.empty() ? "" : " ") + word;
    }
    return is_listed(form) || std::all_of(unit.words.begin(), unit.words.end(), is_listed);
  }

  void LeaveOutStopwords() {
    if (options_.stopwords != nullptr) {
      std::erase_if(query_.units,
                    [this](const QueryUnit& unit) { return !unit.is_phrase && IsStopword(unit); });
    }
  }

  std::string_view rest_;
  TextQueryOptions options_;
  TextQuery query_;
  std::size_t words_ = 0;
  std::vector<Token> tokens_;
  std::vector<Token> joined_;
};

}  // namespace

Result<TextQuery> ParseTextQuery(std::string_view text, const TextQueryOptions& options) {
  text = Trim(text);
  if (text.empty() || text == "*") {
    return TextQuery{.is_match_all = true, .units = {}, .excluded = {}};
  }
  // A cut character is ill-formed and separates words.
  return Parser(text.substr(0, kQueryBytesMax), options).Parse();
}

}  // namespace cacheindex::index
