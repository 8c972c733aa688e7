#include "tests/node/oracle/filter_tree.h"

#include <algorithm>
#include <utility>

#include "index/words/text_rules.h"
#include "index/words/whole_form.h"
#include "node/core/json.h"

namespace cacheindex::test {
namespace {

// ---- Printing ----

std::string Space(Random& random) { return random.Chance(25) ? " " : ""; }

std::string SignOf(Comparison comparison) {
  switch (comparison) {
    case Comparison::kMatches:
      return "";
    case Comparison::kEquals:
      return "=";
    case Comparison::kNotMatches:
      return "!";
    case Comparison::kNotEquals:
      return "!=";
    case Comparison::kLess:
      return "<";
    case Comparison::kLessOrEqual:
      return "<=";
    case Comparison::kGreater:
      return ">";
    case Comparison::kGreaterOrEqual:
      return ">=";
  }
  return "";
}

bool MayStandBare(const std::string& text) {
  static const std::string kSpecial = "`,[](){}&|:=!<>*$\\\n";
  return !text.empty() && text.front() != ' ' && text.back() != ' ' &&
         text.find_first_of(kSpecial) == std::string::npos;
}

std::string Quoted(const std::string& text) {
  std::string quoted = "`";
  for (const char byte : text) {
    quoted += byte == '`' ? "\\`" : std::string(1, byte);
  }
  return quoted + "`";
}

std::string PrintText(const std::string& text, Random& random) {
  return MayStandBare(text) && random.Chance(50) ? text : Quoted(text);
}

std::string PrintValue(const FilterValue& value, bool is_list, Random& random) {
  switch (value.kind) {
    case FilterValue::Kind::kAnything:
      return "*";
    case FilterValue::Kind::kPrefix:
      return PrintText(value.text, random) + "*";
    case FilterValue::Kind::kText:
      return PrintText(value.text, random);
    case FilterValue::Kind::kCompared: {
      // Outside of a list, the sign of a comparison is the clause's own.
      const bool is_plain = value.comparison == Comparison::kEquals && random.Chance(85);
      return (is_list && !is_plain ? SignOf(value.comparison) + Space(random) : "") +
             DumpJson(value.low);
    }
    case FilterValue::Kind::kRange:
      return DumpJson(value.low) + Space(random) + ".." + Space(random) + DumpJson(value.high);
  }
  return {};
}

std::string PrintClause(const FilterTree& clause, Random& random) {
  std::string text =
      clause.path + Space(random) + ":" + Space(random) + SignOf(clause.comparison) + Space(random);
  if (!clause.is_list) {
    return text + PrintValue(clause.values.front(), false, random);
  }
  text += "[" + Space(random);
  for (std::size_t i = 0; i < clause.values.size(); ++i) {
    text += (i == 0 ? "" : "," + Space(random)) + PrintValue(clause.values[i], true, random) +
            Space(random);
  }
  return text + "]";
}

// ---- Evaluation ----

template <class Number>
bool Compare(Number value, Comparison comparison, Number bound) {
  switch (comparison) {
    case Comparison::kLess:
      return value < bound;
    case Comparison::kLessOrEqual:
      return value <= bound;
    case Comparison::kGreater:
      return value > bound;
    case Comparison::kGreaterOrEqual:
      return value >= bound;
    case Comparison::kMatches:
    case Comparison::kEquals:
    case Comparison::kNotMatches:
    case Comparison::kNotEquals:
      return value == bound;
  }
  return false;
}

template <class Number>
bool NumberMatches(Number value, const FilterValue& wanted) {
  if (wanted.kind == FilterValue::Kind::kAnything) {
    return true;
  }
  const auto low = wanted.low.get<Number>();
  if (wanted.kind == FilterValue::Kind::kRange) {
    return low <= value && value <= wanted.high.get<Number>();
  }
  return Compare(value, wanted.comparison, low);
}

bool HasAllWords(const std::vector<std::string>& words, const std::vector<std::string>& wanted,
                 bool is_prefix) {
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    const bool may_go_on = is_prefix && i + 1 == wanted.size();
    if (std::none_of(words.begin(), words.end(), [&](const std::string& word) {
          return may_go_on ? word.starts_with(wanted[i]) : word == wanted[i];
        })) {
      return false;
    }
  }
  return true;
}

bool TextMatches(const std::string& value, const FilterValue& wanted, const FilterTree& clause) {
  const bool is_whole =
      clause.comparison == Comparison::kEquals || clause.comparison == Comparison::kNotEquals;
  const bool is_prefix = wanted.kind == FilterValue::Kind::kPrefix;
  const std::string form = index::WholeForm(value);
  const std::string wanted_form = index::WholeForm(wanted.text);
  if (wanted.kind == FilterValue::Kind::kAnything || (is_prefix && wanted_form.empty())) {
    return true;
  }
  if (is_whole) {
    return is_prefix ? form.starts_with(wanted_form) : form == wanted_form;
  }
  if (!index::HasWords(wanted.text, index::TextRules::Default())) {
    return wanted_form.empty() ? form.empty() : form.find(wanted_form) != std::string::npos;
  }
  const auto& readings = SearchedReadingsOf(value);
  return std::any_of(readings.begin(), readings.end(), [&](const auto& words) {
    return HasAllWords(words, WordsOf(wanted.text), is_prefix);
  });
}

bool ValueMatches(const Json& value, const FilterValue& wanted, const FilterTree& clause) {
  switch (clause.field.kind) {
    case ValueKind::kString:
      return TextMatches(value.get<std::string>(), wanted, clause);
    case ValueKind::kBool:
      return wanted.kind == FilterValue::Kind::kAnything || value == wanted.low;
    case ValueKind::kFloat:
      return NumberMatches(value.get<double>(), wanted);
    case ValueKind::kInteger32:
    case ValueKind::kInteger64:
      return NumberMatches(value.get<std::int64_t>(), wanted);
  }
  return false;
}

bool ClauseHolds(const FilterTree& clause, const Json& object) {
  if (clause.is_unknown) {
    return false;  // Also when it is negated.
  }
  const bool is_negated =
      clause.comparison == Comparison::kNotMatches || clause.comparison == Comparison::kNotEquals;
  bool matches = false;
  for (const Json& value : ValuesAt(object, clause.path)) {
    for (const FilterValue& wanted : clause.values) {
      matches =
          matches || (clause.is_id ? value == wanted.text : ValueMatches(value, wanted, clause));
    }
  }
  return matches != is_negated;
}

}  // namespace

std::string Print(const FilterTree& tree, Random& random) {
  std::string text;
  switch (tree.kind) {
    case FilterTree::Kind::kClause:
      text = PrintClause(tree, random);
      break;
    case FilterTree::Kind::kPlace:
      text = Print(tree.place);
      break;
    case FilterTree::Kind::kSameElement:
      text = tree.path + ".{" + Space(random) + Print(tree.children.front(), random) +
             Space(random) + "}";
      break;
    case FilterTree::Kind::kAnd:
    case FilterTree::Kind::kOr: {
      const bool is_and = tree.kind == FilterTree::Kind::kAnd;
      for (const FilterTree& child : tree.children) {
        text += text.empty() ? "" : (is_and ? " && " : " || ");
        // `&&` binds more tightly.
        const bool needs_parentheses = is_and && child.kind == FilterTree::Kind::kOr;
        text += needs_parentheses ? "(" + Print(child, random) + ")" : Print(child, random);
      }
      break;
    }
  }
  return random.Chance(8) ? "(" + Space(random) + text + Space(random) + ")" : text;
}

bool Holds(const FilterTree& tree, const Json& document) {
  const auto holds = [&](const FilterTree& child) { return Holds(child, document); };
  switch (tree.kind) {
    case FilterTree::Kind::kAnd:
      return std::all_of(tree.children.begin(), tree.children.end(), holds);
    case FilterTree::Kind::kOr:
      return std::any_of(tree.children.begin(), tree.children.end(), holds);
    case FilterTree::Kind::kClause:
      return ClauseHolds(tree, document);
    case FilterTree::Kind::kPlace:
      return Holds(tree.place, document);
    case FilterTree::Kind::kSameElement:
      for (const Json& element : ValuesAt(document, tree.path)) {
        if (element.is_object() && Holds(tree.children.front(), element)) {
          return true;
        }
      }
      return false;
  }
  return false;
}

}  // namespace cacheindex::test
