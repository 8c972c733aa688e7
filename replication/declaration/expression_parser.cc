#include <algorithm>
#include <array>

#include "node/core/number_text.h"
#include "replication/declaration/expression_syntax.h"
#include "replication/declaration/expression_tokens.h"

// A parser by recursive descent:
//
//   or          = and {"or" and}
//   and         = not {"and" not}
//   not         = "not" not | comparison
//   comparison  = sum [("=" | "!=" | "<>" | "<" | "<=" | ">" | ">=") sum
//                     | "is" ["not"] "null" | ["not"] ("like" | "ilike") sum
//                     | ["not"] "in" ("(" or {"," or} ")" | primary)]
//   sum         = product {("+" | "-" | "||") product}
//   product     = primary {("*" | "/" | "%") primary}
//   primary     = "-" primary | number | 'text' | "true" | "false" | "null" | "(" or ")"
//               | object | name "(" [or {"," or}] ")" | path
//   path        = step {"." (step | number)} [object | "." "(" or ")"]
//   step        = name ["[" ["via" name] ["where" or] ["order" "by" order {"," order}]
//                       ["limit" number] "]"]
//   order       = sum ["asc" | "desc"] ["nulls" ("first" | "last")]
//   object      = "{" member {"," member} "}"
//   member      = name [":" or]

namespace cacheindex::replication {
namespace {

constexpr std::array<std::string_view, 8> kReserved = {"and", "or",   "not",   "is",
                                                       "in",  "true", "false", "null"};

Syntax Call(std::string name, std::vector<Syntax> arguments) {
  Syntax syntax;
  syntax.kind = Syntax::Kind::kCall;
  syntax.name = std::move(name);
  syntax.arguments = std::move(arguments);
  return syntax;
}

Syntax Constant(Json value) {
  Syntax syntax;
  syntax.constant = std::move(value);
  return syntax;
}

class Parser {
 public:
  explicit Parser(std::string_view text) : reader_(text), token_(reader_.Next()) {}

  Result<Syntax> Parse() {
    auto syntax = ParseOr();
    if (syntax && token_.kind != Token::Kind::kEnd) {
      return Expected("the end or an operator");
    }
    return syntax;
  }

 private:
  void Advance() { token_ = reader_.Next(); }

  Error Expected(std::string_view what) const {
    const std::string found =
        token_.kind == Token::Kind::kEnd ? "the end" : "\"" + token_.text + "\"";
    return Error(ErrorCode::kInvalidArgument, "expected " + std::string(what) + " at byte " +
                                                  std::to_string(token_.at + 1) + ", found " +
                                                  found);
  }

  bool IsWord(std::string_view word) const {
    return token_.kind == Token::Kind::kName && token_.text == word;
  }
  bool IsSign(std::string_view sign) const {
    return token_.kind == Token::Kind::kSign && token_.text == sign;
  }
  bool TakeWord(std::string_view word) {
    const bool is_here = IsWord(word);
    if (is_here) {
      Advance();
    }
    return is_here;
  }
  bool TakeSign(std::string_view sign) {
    const bool is_here = IsSign(sign);
    if (is_here) {
      Advance();
    }
    return is_here;
  }

  using Rule = Result<Syntax> (Parser::*)();

  // rule {operator rule}, from the left.
  Result<Syntax> ParseChain(Rule rule, std::initializer_list<std::string_view> operators) {
    auto left = (this->*rule)();
    while (left) {
      const auto found = std::find_if(operators.begin(), operators.end(), [&](const auto& text) {
        return IsWord(text) || IsSign(text);
      });
      if (found == operators.end()) {
        break;
      }
      Advance();
      auto right = (this->*rule)();
      if (!right) {
        return right;
      }
      std::vector<Syntax> sides;
      sides.push_back(*std::move(left));
      sides.push_back(*std::move(right));
      left = Call(std::string(*found), std::move(sides));
    }
    return left;
  }

  Result<Syntax> ParseOr() {
    if (++depth_ > kExpressionDepthMax) {
      return Error(ErrorCode::kInvalidArgument,
                   "nested deeper than " + std::to_string(kExpressionDepthMax) + " levels");
    }
    auto syntax = ParseChain(&Parser::ParseAnd, {"or"});
    --depth_;
    return syntax;
  }
  Result<Syntax> ParseAnd() { return ParseChain(&Parser::ParseNot, {"and"}); }
  Result<Syntax> ParseSum() { return ParseChain(&Parser::ParseProduct, {"+", "-", "||"}); }
  Result<Syntax> ParseProduct() { return ParseChain(&Parser::ParsePrimary, {"*", "/", "%"}); }

  Result<Syntax> ParseNot() {
    bool is_negated = false;
    while (TakeWord("not")) {
      is_negated = !is_negated;
    }
    auto operand = ParseComparison();
    return operand && is_negated ? Negation(*std::move(operand)) : std::move(operand);
  }

  static Result<Syntax> Negation(Syntax operand) {
    std::vector<Syntax> arguments;
    arguments.push_back(std::move(operand));
    return Call("not", std::move(arguments));
  }

  Result<Syntax> ParseComparison() {
    auto left = ParseSum();
    if (!left) {
      return left;
    }
    if (TakeWord("is")) {
      const bool is_negated = TakeWord("not");
      if (!TakeWord("null")) {
        return Expected("\"null\"");
      }
      std::vector<Syntax> arguments;
      arguments.push_back(*std::move(left));
      Syntax test = Call("is null", std::move(arguments));
      return is_negated ? Negation(std::move(test)) : Result<Syntax>(std::move(test));
    }
    const bool is_negated = TakeWord("not");
    for (const std::string_view word : {"in", "like", "ilike"}) {
      if (TakeWord(word)) {
        auto test = ParseTest(std::string(word), *std::move(left));
        return test && is_negated ? Negation(*std::move(test)) : std::move(test);
      }
    }
    if (is_negated) {
      return Expected("\"in\" or \"like\"");
    }
    for (const std::string_view sign : {"=", "!=", "<>", "<", "<=", ">", ">="}) {
      if (TakeSign(sign)) {
        auto right = ParseSum();
        if (!right) {
          return right;
        }
        std::vector<Syntax> sides;
        sides.push_back(*std::move(left));
        sides.push_back(*std::move(right));
        return Call(sign == "<>" ? "!=" : std::string(sign), std::move(sides));
      }
    }
    return left;
  }

  // What stands behind "in", "like" and "ilike".
  Result<Syntax> ParseTest(std::string word, Syntax left) {
    std::vector<Syntax> arguments;
    arguments.push_back(std::move(left));
    if (word == "in" && IsSign("(")) {
      if (auto listed = ParseArguments(arguments); !listed) {
        return std::move(listed).error();
      }
    } else {
      auto right = word == "in" ? ParsePrimary() : ParseSum();
      if (!right) {
        return right;
      }
      arguments.push_back(*std::move(right));
    }
    return Call(std::move(word), std::move(arguments));
  }

  // "(" [or {"," or}] ")"
  Result<void> ParseArguments(std::vector<Syntax>& arguments) {
    Advance();
    if (TakeSign(")")) {
      return {};
    }
    do {
      auto argument = ParseOr();
      if (!argument) {
        return std::move(argument).error();
      }
      arguments.push_back(*std::move(argument));
    } while (TakeSign(","));
    return TakeSign(")") ? Result<void>() : Expected("\",\" or \")\"");
  }

  Result<Syntax> ParseNumber() {
    const std::string& text = token_.text;
    Json number;
    if (text.find('.') == std::string::npos) {
      const auto integer = ToNumber<std::int64_t>(text);
      if (!integer) {
        return Expected("a number of 64 bits");
      }
      number = *integer;
    } else {
      const auto real = ToNumber<double>(text);
      if (!real) {
        return Expected("a number");
      }
      number = *real;
    }
    Advance();
    return Constant(std::move(number));
  }

  Result<Syntax> ParsePrimary() {
    if (TakeSign("-")) {
      if (IsSign("-")) {
        return Expected("a value");
      }
      auto operand = ParsePrimary();
      if (!operand) {
        return operand;
      }
      std::vector<Syntax> sides;
      sides.push_back(Constant(0));
      sides.push_back(*std::move(operand));
      return Call("-", std::move(sides));
    }
    if (token_.kind == Token::Kind::kNumber) {
      return ParseNumber();
    }
    if (token_.kind == Token::Kind::kText) {
      Syntax constant = Constant(token_.text);
      Advance();
      return constant;
    }
    if (TakeSign("(")) {
      auto inside = ParseOr();
      if (inside && !TakeSign(")")) {
        return Expected("\")\"");
      }
      return inside;
    }
    if (IsSign("{")) {
      Syntax object;
      object.kind = Syntax::Kind::kObject;
      if (auto parsed = ParseMembers(object); !parsed) {
        return std::move(parsed).error();
      }
      return object;
    }
    for (const std::string_view word : {"true", "false"}) {
      if (TakeWord(word)) {
        return Constant(word == "true");
      }
    }
    return TakeWord("null") ? Constant(nullptr) : ParsePathOrCall();
  }

  Result<std::string> TakeName(std::string_view what) {
    const bool is_reserved =
        token_.kind == Token::Kind::kName &&
        std::find(kReserved.begin(), kReserved.end(), token_.text) != kReserved.end();
    if ((token_.kind != Token::Kind::kName && token_.kind != Token::Kind::kQuotedName) ||
        is_reserved) {
      return Expected(what);
    }
    std::string name = token_.text;
    Advance();
    return name;
  }

  Result<Syntax> ParsePathOrCall() {
    const bool may_be_call = token_.kind == Token::Kind::kName;
    auto name = TakeName("a value");
    if (!name) {
      return std::move(name).error();
    }
    if (may_be_call && IsSign("(")) {
      Syntax call = Call(*std::move(name), {});
      if (auto parsed = ParseArguments(call.arguments); !parsed) {
        return std::move(parsed).error();
      }
      return call;
    }
    Syntax path;
    path.kind = Syntax::Kind::kPath;
    while (true) {
      path.steps.emplace_back().name = *std::move(name);
      if (auto parsed = ParseBrackets(path.steps.back()); !parsed) {
        return std::move(parsed).error();
      }
      TakePlaces(path);
      if (!TakeSign(".")) {
        break;
      }
      if (TakeSign("(")) {
        auto each = ParseOr();
        if (!each) {
          return each;
        }
        path.each.push_back(*std::move(each));
        return TakeSign(")") ? Result<Syntax>(std::move(path)) : Expected("\")\"");
      }
      name = TakeName("a column or a table");
      if (!name) {
        return std::move(name).error();
      }
    }
    if (IsSign("{")) {
      if (auto parsed = ParseMembers(path); !parsed) {
        return std::move(parsed).error();
      }
    }
    return path;
  }

  // Takes ".0" and ".0.1", which the next token's number may hold, as steps.
  void TakePlaces(Syntax& path) {
    while (IsSign(".") && reader_.IsAtDigit()) {
      Advance();
      std::size_t begin = 0;
      while (begin <= token_.text.size()) {
        const std::size_t end = std::min(token_.text.find('.', begin), token_.text.size());
        Syntax::Step& step = path.steps.emplace_back();
        step.name = token_.text.substr(begin, end - begin);
        step.is_number = true;
        begin = end + 1;
      }
      Advance();
    }
  }

  Result<void> ParseBrackets(Syntax::Step& step) {
    if (!TakeSign("[")) {
      return {};
    }
    if (TakeWord("via")) {
      auto via = TakeName("a column");
      if (!via) {
        return std::move(via).error();
      }
      step.via = *std::move(via);
    }
    if (TakeWord("where")) {
      auto where = ParseOr();
      if (!where) {
        return std::move(where).error();
      }
      step.where.push_back(*std::move(where));
    }
    if (TakeWord("order")) {
      if (!TakeWord("by")) {
        return Expected("\"by\"");
      }
      do {
        auto key = ParseSum();
        if (!key) {
          return std::move(key).error();
        }
        Syntax::Step::Order order;
        order.key.push_back(*std::move(key));
        order.is_descending = IsWord("desc");
        if (IsWord("desc") || IsWord("asc")) {
          Advance();
        }
        if (TakeWord("nulls")) {
          order.are_nulls_first = IsWord("first");
          if (!TakeWord("first") && !TakeWord("last")) {
            return Expected("\"first\" or \"last\"");
          }
        }
        step.order.push_back(std::move(order));
      } while (TakeSign(","));
    }
    if (TakeWord("limit")) {
      const auto limit = ToNumber<std::uint32_t>(token_.text);
      if (token_.kind != Token::Kind::kNumber || !limit || *limit == 0) {
        return Expected("a number of rows");
      }
      step.limit = *limit;
      Advance();
    }
    return TakeSign("]") ? Result<void>()
                         : Expected("\"via\", \"where\", \"order by\", \"limit\" or \"]\"");
  }

  Result<void> ParseMembers(Syntax& syntax) {
    syntax.has_members = true;
    Advance();
    do {
      auto name = TakeName("a member's name");
      if (!name) {
        return std::move(name).error();
      }
      Syntax value;
      if (TakeSign(":")) {
        auto parsed = ParseOr();
        if (!parsed) {
          return std::move(parsed).error();
        }
        value = *std::move(parsed);
      } else {
        value.kind = Syntax::Kind::kPath;
        value.steps.emplace_back().name = *name;
      }
      syntax.members.push_back({*std::move(name), std::move(value)});
    } while (TakeSign(","));
    return TakeSign("}") ? Result<void>() : Expected("\",\" or \"}\"");
  }

  TokenReader reader_;
  Token token_;
  int depth_ = 0;
};

}  // namespace

Result<Syntax> ParseExpression(std::string_view text) {
  if (text.size() > kExpressionBytesMax) {
    return Error(ErrorCode::kInvalidArgument,
                 "longer than " + std::to_string(kExpressionBytesMax) + " bytes");
  }
  return Parser(text).Parse();
}

}  // namespace cacheindex::replication
