#include "replication/declaration/expression_tokens.h"

namespace cacheindex::replication {
namespace {

bool IsNameStart(char byte) {
  return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || byte == '_';
}
bool IsDigit(char byte) { return byte >= '0' && byte <= '9'; }

}  // namespace

bool TokenReader::IsAtDigit() const { return at_ < text_.size() && IsDigit(text_[at_]); }

Token TokenReader::Next() {
  while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\n' || text_[at_] == '\t')) {
    ++at_;
  }
  Token token;
  token.at = at_;
  if (at_ == text_.size()) {
    return token;
  }
  const char first = text_[at_];
  std::size_t end = at_ + 1;
  if (IsNameStart(first)) {
    while (end < text_.size() && (IsNameStart(text_[end]) || IsDigit(text_[end]))) {
      ++end;
    }
    token.kind = Token::Kind::kName;
  } else if (IsDigit(first)) {
    // A point without a digit behind it belongs to a path: images.0.url.
    while (end < text_.size() &&
           (IsDigit(text_[end]) ||
            (text_[end] == '.' && end + 1 < text_.size() && IsDigit(text_[end + 1])))) {
      ++end;
    }
    token.kind = Token::Kind::kNumber;
  } else if (first == '\'' || first == '"') {
    return Quoted(first);
  } else {
    const std::string_view two = text_.substr(at_, 2);
    end += two == "<=" || two == ">=" || two == "!=" || two == "<>" || two == "||" ? 1U : 0U;
    token.kind = Token::Kind::kSign;
  }
  token.text = text_.substr(at_, end - at_);
  at_ = end;
  return token;
}

// A doubled quote is one inside. Without an end it is a sign, which nothing expects.
Token TokenReader::Quoted(char quote) {
  Token token;
  token.at = at_;
  token.kind = Token::Kind::kSign;
  token.text = quote;
  for (std::size_t i = at_ + 1; i < text_.size(); ++i) {
    if (text_[i] != quote) {
      continue;
    }
    if (i + 1 < text_.size() && text_[i + 1] == quote) {
      ++i;
      continue;
    }
    std::string inside(text_.substr(at_ + 1, i - at_ - 1));
    for (std::size_t j = 0; (j = inside.find(quote, j)) != std::string::npos; ++j) {
      inside.erase(j, 1);
    }
    token.kind = quote == '"' ? Token::Kind::kQuotedName : Token::Kind::kText;
    token.text = std::move(inside);
    at_ = i + 1;
    return token;
  }
  at_ = text_.size();
  return token;
}

}  // namespace cacheindex::replication
