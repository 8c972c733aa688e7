#include "index/text_query.h"

#include <algorithm>
#include <utility>

#include "index/tokenizer.h"

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

class Parser {
 public:
  explicit Parser(std::string_view text) : rest_(text) {}

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
      if (rest_.front() == '"') {
        rest_.remove_prefix(1);
        const std::size_t end = rest_.find('"');
        AddTogether(Take(end, 1), is_excluded);
      } else {
        const auto end = std::find_if(rest_.begin(), rest_.end(),
                                      [](char byte) { return IsSpace(byte) || byte == '"'; });
        const std::string_view piece = Take(static_cast<std::size_t>(end - rest_.begin()), 0);
        if (is_excluded) {
          // Both parts of -KC-2500, not each of them.
          AddTogether(piece, true);
        } else {
          AddEach(piece);
        }
      }
    }
    return std::move(query_);
  }

 private:
  // Takes `size` bytes off the text, all when there are fewer, and drops `separator` more.
  std::string_view Take(std::size_t size, std::size_t separator) {
    const std::string_view taken = rest_.substr(0, size);
    rest_.remove_prefix(std::min(rest_.size(), taken.size() + separator));
    return taken;
  }

  void AddTogether(std::string_view text, bool is_excluded) {
    Tokenizer::OfThread().Tokenize(text, tokens_);
    QueryUnit unit;
    for (Token& token : tokens_) {
      if (words_ < kQueryWordsMax) {
        ++words_;
        unit.words.push_back(std::move(token.word));
      }
    }
    EndPrefix();
    if (!unit.words.empty()) {
      (is_excluded ? query_.excluded : query_.units).push_back(std::move(unit));
    }
  }

  void AddEach(std::string_view text) {
    Tokenizer::OfThread().Tokenize(text, tokens_);
    for (std::size_t i = 0; i < tokens_.size() && words_ < kQueryWordsMax; ++i) {
      ++words_;
      const bool continues = i > 0 && tokens_[i].group == tokens_[i - 1].group;
      if (!continues) {
        EndPrefix();
        // Nothing longer starts with a Han character: each is a word of its own.
        query_.units.push_back({.words = {}, .is_prefix = !tokens_[i].is_han});
      }
      query_.units.back().words.push_back(std::move(tokens_[i].word));
    }
  }

  // Only the last piece of the query may be the start of a word.
  void EndPrefix() {
    if (!query_.units.empty()) {
      query_.units.back().is_prefix = false;
    }
  }

  std::string_view rest_;
  TextQuery query_;
  std::size_t words_ = 0;
  std::vector<Token> tokens_;
};

}  // namespace

Result<TextQuery> ParseTextQuery(std::string_view text) {
  text = Trim(text);
  if (text.empty() || text == "*") {
    return TextQuery{.is_match_all = true, .units = {}, .excluded = {}};
  }
  // A cut character is ill-formed and separates words.
  return Parser(text.substr(0, kQueryBytesMax)).Parse();
}

}  // namespace cacheindex::index
