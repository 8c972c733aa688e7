#include <algorithm>
#include <cstdint>
#include <map>
#include <set>
#include <utility>

#include "index/words/text_rules.h"
#include "index/words/tokenizer.h"
#include "index/words/whole_form.h"
#include "tests/node/oracle/naive_search.h"

namespace cacheindex::test {
namespace {

// As the contract shows it: always text. Floats without a fraction look like integers.
std::string TextOf(const ModelField& field, const Json& value) {
  switch (field.kind) {
    case ValueKind::kString:
      return value.get<std::string>();
    case ValueKind::kBool:
      return value.get<bool>() ? "true" : "false";
    case ValueKind::kFloat: {
      std::string text = DumpJson(value.get<double>() == 0 ? 0.0 : value.get<double>());
      return text.ends_with(".0") ? text.substr(0, text.size() - 2) : text;
    }
    case ValueKind::kInteger32:
    case ValueKind::kInteger64:
      break;
  }
  return DumpJson(value);
}

// NOLINTNEXTLINE(bugprone-exception-escape): JSON may throw when it is moved.
struct Tally {
  /// That have the value; without a `group_by`, documents.
  std::set<std::size_t> groups{};
  /// For the alphabet of numbers.
  Json value;
  /// Smallest and largest number of the other field.
  std::optional<Json> low;
  std::optional<Json> high;
};

using Tallies = std::map<std::string, Tally>;
using Ordered = std::vector<std::pair<std::string, Tally>>;

// Words that must stand next to each other.
using Unit = std::vector<std::string>;

std::vector<index::Token> Tokens(const std::string& text) {
  std::vector<index::Token> tokens;
  index::Tokenizer::OfThread().Tokenize(text, tokens);
  return tokens;
}

// Takes a facet query apart: what was written as one, and characters without anything between them,
// stand together. With `joins`, hyphens make one word of two.
std::vector<Unit> UnitsOf(const std::vector<index::Token>& tokens, bool joins) {
  std::vector<Unit> units;
  std::uint32_t group = 0;
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    if (i > 0 && joins && tokens[i].is_hyphenated) {
      units.back().back() += tokens[i].word;
      continue;
    }
    const bool touches = i > 0 && tokens[i].is_character && tokens[i - 1].is_character &&
                         tokens[i].begin == tokens[i - 1].end;
    if (i == 0 || (tokens[i].group != group && !touches)) {
      units.emplace_back();
    }
    units.back().push_back(tokens[i].word);
    group = tokens[i].group;
  }
  return units;
}

bool IsWord(const index::Token& token, const std::string& wanted, bool may_go_on) {
  return may_go_on ? token.word.starts_with(wanted) || token.written.starts_with(wanted)
                   : token.word == wanted || token.written == wanted;
}

bool HasUnit(const std::vector<index::Token>& tokens, const Unit& unit, bool may_go_on) {
  for (std::size_t first = 0; first + unit.size() <= tokens.size(); ++first) {
    bool is_there = true;
    for (std::size_t i = 0; i < unit.size(); ++i) {
      is_there = is_there && IsWord(tokens[first + i], unit[i], may_go_on && i + 1 == unit.size());
    }
    if (is_there) {
      return true;
    }
  }
  return false;
}

bool HasAll(const std::vector<index::Token>& tokens, const std::vector<Unit>& units) {
  for (std::size_t i = 0; i < units.size(); ++i) {
    if (!HasUnit(tokens, units[i], i + 1 == units.size())) {
      return false;
    }
  }
  return true;
}

// Whether a value has what the facet query wants, both with hyphens that join or do not.
bool IsQueried(const std::string& value, const std::string& query) {
  if (!index::HasWords(query, index::TextRules::Default())) {
    return index::WholeForm(value).find(index::WholeForm(query)) != std::string::npos;
  }
  const auto wanted = Tokens(query);
  const auto tokens = Tokens(value);
  std::vector<index::Token> joined;
  index::JoinHyphens(tokens, joined);
  return std::ranges::any_of(std::vector{false, true}, [&](bool joins) {
    const auto units = UnitsOf(wanted, joins);
    return HasAll(tokens, units) || HasAll(joined, units);
  });
}

bool IsInRange(const ModelField& field, const Json& value, const FacetItem::Range& range) {
  if (field.kind == ValueKind::kFloat) {
    const auto number = value.get<double>();
    return (!range.start || range.start->get<double>() <= number) &&
           (!range.end || number < range.end->get<double>());
  }
  const auto number = value.get<std::int64_t>();
  return (!range.start || range.start->get<std::int64_t>() <= number) &&
         (!range.end || number < range.end->get<std::int64_t>());
}

void CountValues(const FacetItem& item, const ModelField& field, const ModelDocument& document,
                 std::size_t group, Tallies& tallies) {
  std::map<std::string, Json> distinct;
  for (const Json& value : ValuesAt(document.fields, field.name)) {
    distinct.emplace(TextOf(field, value), value);
  }
  std::vector<Json> others;
  if (item.order == FacetItem::Order::kOtherField) {
    others = ValuesAt(document.fields, item.other_field);
  }
  for (const auto& [text, value] : distinct) {
    Tally& tally = tallies[text];
    tally.groups.insert(group);
    tally.value = value;
    for (const Json& other : others) {
      tally.low = !tally.low || other < *tally.low ? other : *tally.low;
      tally.high = !tally.high || *tally.high < other ? other : *tally.high;
    }
  }
}

void CountRanges(const FacetItem& item, const ModelField& field, const ModelDocument& document,
                 std::size_t group, Tallies& tallies) {
  for (const FacetItem::Range& range : item.ranges) {
    const auto values = ValuesAt(document.fields, field.name);
    if (std::any_of(values.begin(), values.end(),
                    [&](const Json& value) { return IsInRange(field, value, range); })) {
      tallies[range.label].groups.insert(group);
    }
  }
}

bool IsBeforeByCount(const Ordered::value_type& a, const Ordered::value_type& b) {
  if (a.second.groups.size() != b.second.groups.size()) {
    return a.second.groups.size() > b.second.groups.size();
  }
  if (a.first.size() != b.first.size()) {
    return a.first.size() < b.first.size();
  }
  return a.first > b.first;
}

bool IsBefore(const FacetItem& item, const ModelField& field, const Ordered::value_type& a,
              const Ordered::value_type& b) {
  if (item.order == FacetItem::Order::kAlphabet) {
    if (field.kind == ValueKind::kString || !item.ranges.empty()) {
      return item.is_descending ? a.first > b.first : a.first < b.first;
    }
    return item.is_descending ? b.second.value < a.second.value : a.second.value < b.second.value;
  }
  if (item.order == FacetItem::Order::kOtherField) {
    const auto& rank_a = item.is_descending ? a.second.high : a.second.low;
    const auto& rank_b = item.is_descending ? b.second.high : b.second.low;
    if (rank_a.has_value() != rank_b.has_value()) {
      return rank_a.has_value();
    }
    if (rank_a && *rank_a != *rank_b) {
      return item.is_descending ? *rank_b < *rank_a : *rank_a < *rank_b;
    }
  }
  return IsBeforeByCount(a, b);
}

std::optional<FacetStatistics> Statistics(const ModelField& field,
                                          const std::vector<Candidate>& found) {
  if (!IsNumber(field.kind)) {
    return std::nullopt;
  }
  std::vector<double> numbers;
  for (const Candidate& candidate : found) {
    for (const Json& value : ValuesAt(candidate.document->fields, field.name)) {
      numbers.push_back(value.get<double>());
    }
  }
  if (numbers.empty()) {
    return std::nullopt;
  }
  FacetStatistics statistics{.minimum = *std::min_element(numbers.begin(), numbers.end()),
                             .maximum = *std::max_element(numbers.begin(), numbers.end())};
  for (const double number : numbers) {
    statistics.sum += number;
  }
  statistics.average = statistics.sum / static_cast<double>(numbers.size());
  return statistics;
}

FacetCounts Count(const Query& query, const FacetItem& item, const ModelField& field,
                  const std::vector<Candidate>& found) {
  Tallies tallies;
  const auto groups = GroupNaively(query, found);
  for (std::size_t group = 0; group < groups.size(); ++group) {
    for (const std::size_t member : groups[group].members) {
      if (item.ranges.empty()) {
        CountValues(item, field, *found[member].document, group, tallies);
      } else {
        CountRanges(item, field, *found[member].document, group, tallies);
      }
    }
  }
  if (query.facet_query_field == field.name) {
    std::erase_if(tallies, [&](const auto& entry) {
      return !IsQueried(entry.first, query.facet_query_text);
    });
  }
  Ordered ordered(tallies.begin(), tallies.end());
  std::sort(ordered.begin(), ordered.end(),
            [&](const auto& a, const auto& b) { return IsBefore(item, field, a, b); });
  FacetCounts counts{.field_name = field.name,
                     .counts = {},
                     .statistics = Statistics(field, found),
                     .total_values = ordered.size()};
  for (const auto& [text, tally] : ordered) {
    if (counts.counts.size() < query.request.max_facet_values) {
      counts.counts.push_back(
          {.value = text, .highlighted = text, .count = tally.groups.size(), .parent = {}});
    }
  }
  return counts;
}

}  // namespace

std::vector<FacetCounts> CountNaively(const Query& query, const Model& model,
                                      const std::vector<Candidate>& found) {
  std::vector<FacetCounts> all;
  std::set<std::string> counted;
  // A wildcard's fields are counted by name.
  std::map<std::string, ModelField> fields;
  for (const ModelField& field : model.fields()) {
    fields.emplace(field.name, field);
  }
  for (const FacetItem& item : query.facets) {
    for (const auto& [name, field] : fields) {
      const bool is_meant =
          item.is_wildcard ? field.facet && name.starts_with(item.name) : name == item.name;
      if (is_meant && counted.insert(name).second) {
        auto counts = Count(query, item, field, found);
        if (!item.is_wildcard || counts.total_values > 0) {
          all.push_back(std::move(counts));
        }
      }
    }
  }
  return all;
}

}  // namespace cacheindex::test
