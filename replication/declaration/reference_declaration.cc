#include "replication/declaration/reference_declaration.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "node/core/number_text.h"

namespace cacheindex::replication {
namespace {

constexpr std::string_view kBlanks = " \t\n";
constexpr std::string_view kSigns = "()[],";

/// Characters of one step of a path, at most.
constexpr std::uint32_t kStepMax = 1'000;

Error Wrong(std::string message) { return Error(ErrorCode::kInvalidArgument, std::move(message)); }

std::string_view Trim(std::string_view text) {
  const std::size_t first = text.find_first_not_of(kBlanks);
  return first == std::string_view::npos
             ? std::string_view()
             : text.substr(first, text.find_last_not_of(kBlanks) + 1 - first);
}

// Returns the positions of `sought` that are in no quotes.
std::vector<std::size_t> FindOutsideQuotes(std::string_view text, std::string_view sought) {
  std::vector<std::size_t> positions;
  char quote = '\0';
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (quote != '\0') {
      quote = text[i] == quote ? '\0' : quote;
    } else if (text[i] == '\'' || text[i] == '"') {
      quote = text[i];
    } else if (text.substr(i).starts_with(sought)) {
      positions.push_back(i);
    }
  }
  return positions;
}

// "order" of "\"order\""; a doubled quote is one inside.
std::string Unquoted(std::string_view text) {
  if (text.size() < 2 || !text.starts_with('"') || !text.ends_with('"')) {
    return std::string(text);
  }
  std::string name(text.substr(1, text.size() - 2));
  for (std::size_t i = 0; (i = name.find("\"\"", i)) != std::string::npos; ++i) {
    name.erase(i, 1);
  }
  return name;
}

// "table.columns", the table perhaps with its schema: the columns begin behind the last dot that
// stands before the first parenthesis.
bool SplitSide(std::string_view side, std::string& table, std::string& columns) {
  side = Trim(side);
  const auto parentheses = FindOutsideQuotes(side, "(");
  const auto dots =
      FindOutsideQuotes(side.substr(0, parentheses.empty() ? side.size() : parentheses[0]), ".");
  if (dots.empty() || dots.back() == 0 || dots.back() + 1 == side.size()) {
    return false;
  }
  std::string_view name = side.substr(0, dots.back());
  for (std::size_t i = 0; i < dots.size(); ++i) {
    const std::size_t begin = i == 0 ? 0 : dots[i - 1] + 1;
    table += (i == 0 ? "" : ".") + Unquoted(Trim(name.substr(begin, dots[i] - begin)));
  }
  columns = Trim(side.substr(dots.back() + 1));
  return !columns.empty();
}

// Names, 'texts', numbers and signs.
class ColumnParser {
 public:
  explicit ColumnParser(std::string_view text) : text_(text) {}

  Result<std::vector<ReferenceColumn>> Parse() {
    std::vector<ReferenceColumn> columns;
    const bool is_listed = TakeSign('(');
    do {
      auto column = ParseColumn();
      if (!column) {
        return std::move(column).error();
      }
      columns.push_back(*std::move(column));
    } while (is_listed && TakeSign(','));
    if (is_listed && !TakeSign(')')) {
      return Expected("\",\" or \")\"");
    }
    if (!Rest().empty()) {
      return Expected("the end");
    }
    if (columns.size() > kReferenceColumnsMax) {
      return Wrong("more than " + std::to_string(kReferenceColumnsMax) + " columns");
    }
    return columns;
  }

 private:
  std::string_view Rest() const { return Trim(text_.substr(at_)); }
  void SkipBlanks() { at_ = std::min(text_.find_first_not_of(kBlanks, at_), text_.size()); }

  bool TakeSign(char sign) {
    SkipBlanks();
    const bool is_here = at_ < text_.size() && text_[at_] == sign;
    at_ += is_here ? 1 : 0;
    return is_here;
  }

  Error Expected(std::string_view what) const {
    return Wrong("expected " + std::string(what) + " in \"" + std::string(text_) + "\"" +
                 (Rest().empty() ? " at its end" : " before \"" + std::string(Rest()) + "\""));
  }

  // What is in quotes, nullopt when there is none that ends.
  std::optional<std::string> TakeQuoted(char quote) {
    std::string inside;
    for (std::size_t i = at_ + 1; i < text_.size(); ++i) {
      if (text_[i] != quote) {
        inside += text_[i];
      } else if (i + 1 < text_.size() && text_[i + 1] == quote) {
        inside += text_[i++];
      } else {
        at_ = i + 1;
        return inside;
      }
    }
    return std::nullopt;
  }

  Result<std::string> TakeName() {
    SkipBlanks();
    std::optional<std::string> name;
    if (at_ < text_.size() && text_[at_] == '"') {
      name = TakeQuoted('"');
    } else {
      const std::size_t end = std::min(text_.find_first_of(kSigns, at_), text_.size());
      name = std::string(Trim(text_.substr(at_, end - at_)));
      at_ = end;
    }
    return name && !name->empty() ? Result<std::string>(*std::move(name)) : Expected("a column");
  }

  Result<ReferenceColumn> ParseColumn() {
    SkipBlanks();
    const bool may_be_call = at_ < text_.size() && text_[at_] != '"';
    auto name = TakeName();
    if (!name) {
      return std::move(name).error();
    }
    ReferenceColumn column{.name = *std::move(name), .separator = {}, .upper = {}};
    if (may_be_call && TakeSign('(')) {
      return ParseCall(column.name);
    }
    if (TakeSign('[')) {
      column.spread = KeyForm::Spread::kElements;
      if (!TakeSign(']')) {
        return Expected("\"]\"");
      }
    }
    return column;
  }

  // split(column, 'text'), prefixes(column, 'text' or number), between(column, column)
  Result<ReferenceColumn> ParseCall(const std::string& function) {
    ReferenceColumn column;
    if (function == "split") {
      column.spread = KeyForm::Spread::kPieces;
    } else if (function == "prefixes") {
      column.spread = KeyForm::Spread::kBeginnings;
    } else if (function == "between") {
      column.spread = KeyForm::Spread::kSpan;
    } else {
      return Wrong("there is no \"" + function +
                   "\" of references: split, prefixes or between are possible");
    }
    auto name = TakeName();
    if (!name) {
      return std::move(name).error();
    }
    column.name = *std::move(name);
    if (!TakeSign(',')) {
      return Expected("\",\"");
    }
    if (auto taken = TakeSecond(column); !taken) {
      return std::move(taken).error();
    }
    return TakeSign(')') ? Result<ReferenceColumn>(std::move(column)) : Expected("\")\"");
  }

  Result<void> TakeSecond(ReferenceColumn& column) {
    SkipBlanks();
    if (column.spread == KeyForm::Spread::kSpan) {
      auto upper = TakeName();
      if (!upper) {
        return std::move(upper).error();
      }
      column.upper = *std::move(upper);
      return {};
    }
    if (at_ < text_.size() && text_[at_] == '\'') {
      column.separator = TakeQuoted('\'').value_or("");
      return column.separator.empty() ? Expected("a separator in quotes") : Result<void>();
    }
    const std::size_t end = std::min(text_.find_first_of(kSigns, at_), text_.size());
    const auto step = ToNumber<std::uint32_t>(Trim(text_.substr(at_, end - at_)));
    if (column.spread != KeyForm::Spread::kBeginnings || !step || *step == 0 || *step > kStepMax) {
      return Expected("a separator in quotes");
    }
    at_ = end;
    column.step = *step;
    return {};
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

}  // namespace

Result<std::vector<ReferenceColumn>> ParseReferenceColumns(std::string_view text) {
  // A name without signs is one however unusual it is.
  if (text.find_first_of("()[]\"") == std::string_view::npos) {
    return std::vector<ReferenceColumn>{{.name = std::string(text), .separator = {}, .upper = {}}};
  }
  return ColumnParser(text).Parse();
}

Result<ReferenceDeclaration> ParseReference(std::string_view text) {
  ReferenceDeclaration reference;
  const auto arrows = FindOutsideQuotes(text, "->");
  if (arrows.size() != 1 ||
      !SplitSide(text.substr(0, arrows[0]), reference.from_table, reference.from_column) ||
      !SplitSide(text.substr(arrows[0] + 2), reference.to_table, reference.to_column)) {
    return Wrong("must be a string like \"sku.product_id -> product.id\"");
  }
  const auto from = ParseReferenceColumns(reference.from_column);
  const auto to = ParseReferenceColumns(reference.to_column);
  if (!from || !to) {
    return from ? to.error() : from.error();
  }
  if (from->size() != to->size()) {
    return Wrong("has " + std::to_string(from->size()) + " columns that refer to " +
                 std::to_string(to->size()));
  }
  const auto is_span = [](const ReferenceColumn& column) {
    return column.spread == KeyForm::Spread::kSpan;
  };
  const auto is_one = [](const ReferenceColumn& column) {
    return column.spread == KeyForm::Spread::kOne;
  };
  if (std::any_of(from->begin(), from->end(), is_span) ||
      std::any_of(to->begin(), std::prev(to->end()),
                  [&](const ReferenceColumn& column) { return !is_one(column); }) ||
      !(is_one(to->back()) || is_span(to->back()))) {
    return Wrong(
        "has \"between\" or many values where it must not: what refers may have [], split "
        "and prefixes, and the last column referred to between");
  }
  const auto many = std::count_if(from->begin(), from->end(),
                                  [&](const ReferenceColumn& column) { return !is_one(column); });
  if (many > 1 || (many == 1 && is_span(to->back()))) {
    return Wrong("has several columns of many values, and one is possible");
  }
  return reference;
}

}  // namespace cacheindex::replication
