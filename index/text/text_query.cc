#include "index/text/text_query.h"

#include <algorithm>
#include <span>
#include <utility>

#include "index/text/tokenizer.h"

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

bool IsDigit(char byte) { return byte >= '0' && byte <= '9'; }

class Parser {
 public:
  Parser(std::string_view text, const TextQueryOptions& options) : rest_(text), options_(options) {}

  TextQuery Parse() {
    while (!rest_.empty() && words_ < kQueryWordsMax) {
      if (IsSpace(rest_.front())) {
        rest_.remove_prefix(1);
        continue;
      }
      const bool is_excluded = rest_.size() > 1 && rest_.front() == '-' && !IsSpace(rest_[1]);
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
      if (!rest_.empty()) {
        const std::string_view piece = Take(PieceSize(), 0);
        if (is_excluded) {
          // Both parts of -KC-2500, not each of them.
          AddTogether(piece, true);
        } else {
          AddEach(piece);
        }
      }
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

  // Returns the bytes until the next space or quoted phrase; a quote after a digit is a unit (24").
  std::size_t PieceSize() const {
    std::size_t size = 0;
    while (size < rest_.size() && !IsSpace(rest_[size]) &&
           (rest_[size] != '"' || (size > 0 && IsDigit(rest_[size - 1])))) {
      ++size;
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
    if (tokens_.empty() && !query_.units.empty() && !query_.units.back().is_phrase) {
      query_.units.back().written.append(" ").append(text);
    }
    std::size_t written = 0;
    for (std::size_t begin = 0; begin < tokens_.size() && words_ < kQueryWordsMax;) {
      std::size_t end = begin + 1;
      while (end < tokens_.size() && tokens_[end].group == tokens_[begin].group) {
        ++end;
      }
      EndPrefix();
      // Nothing longer starts with a character that stands alone.
      const bool is_prefix = !tokens_[end - 1].is_character;
      query_.units.push_back(TakeUnit(std::span(tokens_).subspan(begin, end - begin)));
      query_.units.back().is_prefix = is_prefix;
      const std::size_t next = end < tokens_.size() ? tokens_[end].begin : text.size();
      query_.units.back().written = text.substr(written, next - written);
      written = next;
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

  bool IsStopword(const QueryUnit& unit) const {
    std::string form;
    for (const std::string& word : unit.words) {
      form += (form.empty() ? "" : " ") + word;
    }
    return options_.stopwords->contains(form);
  }

  void LeaveOutStopwords() {
    if (options_.stopwords == nullptr) {
      return;
    }
    std::vector<QueryUnit> kept;
    for (const QueryUnit& unit : query_.units) {
      if (unit.is_phrase || !IsStopword(unit)) {
        kept.push_back(unit);
      }
    }
    if (!kept.empty()) {
      query_.units = std::move(kept);
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
