#include "node/merchandising/curation_rule.h"

#include <algorithm>
#include <array>
#include <utility>

#include "index/words/readings.h"
#include "index/words/tokenizer.h"
#include "node/merchandising/item_reader.h"

namespace cacheindex::node {
namespace {

// Adds the members called `names` that are there. Returns what is wrong with one.
template <class Read, std::size_t kCount>
std::optional<Error> Copy(const std::array<std::string_view, kCount>& names, const Read& read,
                          Json& target) {
  for (const std::string_view name : names) {
    auto value = read(name);
    if (!value) {
      return std::move(value).error();
    }
    if (!value->is_null()) {
      target[std::string(name)] = std::move(*value);
    }
  }
  return std::nullopt;
}

Result<Json> ReadRule(const std::string& what, const Json& body) {
  const auto rule = body.find("rule");
  if (rule == body.end() || !rule->is_object()) {
    return ItemReader(what, body).Wrong("rule", "an object");
  }
  const ItemReader reader("the rule of " + what, *rule);
  Json read = Json::object();
  auto wrong = Copy(
      std::array<std::string_view, 3>{"query", "match", "filter_by"},
      [&](std::string_view name) { return reader.Text(name); }, read);
  wrong = wrong ? std::move(wrong)
                : Copy(
                      std::array<std::string_view, 1>{"tags"},
                      [&](std::string_view name) { return reader.TextList(name); }, read);
  if (wrong) {
    return std::move(*wrong);
  }
  const bool is_known_match =
      !read.contains("match") || read["match"] == "exact" || read["match"] == "contains";
  if (!is_known_match || read.contains("query") != read.contains("match")) {
    return reader.Wrong("match", "`exact` or `contains`, and stand beside a `query`");
  }
  if (read.empty()) {
    return ItemReader(what, body).Wrong("rule", "an object with `query`, `filter_by` or `tags`");
  }
  return read;
}

// Of `includes` and `excludes`: objects with an id, and of the former with a position.
Result<Json> ReadDocuments(const ItemReader& reader, const Json& body, std::string_view name,
                           bool has_position) {
  const auto list = body.find(name);
  if (list == body.end() || list->is_null()) {
    return Json();
  }
  const auto wrong = [&] {
    return reader.Wrong(name, has_position ? "a list of objects with `id` and, from 0, `position`"
                                           : "a list of objects with `id`");
  };
  if (!list->is_array() || list->size() > ItemReader::kListSizeMax) {
    return wrong();
  }
  Json read = Json::array();
  for (const Json& element : *list) {
    const bool has_id = element.is_object() && element.contains("id") && element["id"].is_string();
    if (!has_id) {
      return wrong();
    }
    Json document = {{"id", element["id"]}};
    if (has_position) {
      const auto position = element.find("position");
      if (position == element.end() || !position->is_number_integer() ||
          position->get<std::int64_t>() < 0 || position->get<std::int64_t>() > UINT32_MAX) {
        return wrong();
      }
      document["position"] = *position;
    }
    read.push_back(std::move(document));
  }
  return read;
}

std::optional<Error> ReadEffects(const std::string& what, const Json& body, Json& item) {
  const ItemReader reader(what, body);
  auto wrong = Copy(
      std::array<std::string_view, 3>{"filter_by", "sort_by", "replace_query"},
      [&](std::string_view name) { return reader.Text(name); }, item);
  wrong = wrong ? std::move(wrong)
                : Copy(
                      std::array<std::string_view, 3>{"remove_matched_tokens",
                                                      "filter_curated_hits", "stop_processing"},
                      [&](std::string_view name) { return reader.Boolean(name); }, item);
  wrong = wrong ? std::move(wrong)
                : Copy(
                      std::array<std::string_view, 2>{"effective_from_ts", "effective_to_ts"},
                      [&](std::string_view name) { return reader.Integer(name); }, item);
  wrong = wrong ? std::move(wrong)
                : Copy(
                      std::array<std::string_view, 1>{"metadata"},
                      [&](std::string_view name) { return reader.Object(name); }, item);
  wrong = wrong ? std::move(wrong)
                : Copy(
                      std::array<std::string_view, 2>{"includes", "excludes"},
                      [&](std::string_view name) {
                        return ReadDocuments(reader, body, name, name == "includes");
                      },
                      item);
  return wrong;
}

std::vector<PinnedHit> MakeIncludes(const Json& item) {
  std::vector<PinnedHit> includes;
  for (const Json& document : item.value("includes", Json::array())) {
    includes.push_back({.id = document["id"].get<std::string>(),
                        .position = document["position"].get<std::uint32_t>()});
  }
  // Clients that count from 0 mean the first place, before what another puts at 1.
  std::ranges::stable_sort(includes, {}, &PinnedHit::position);
  for (PinnedHit& hit : includes) {
    hit.position = std::max(hit.position, 1U);
  }
  return includes;
}

std::vector<std::string> MakeExcludes(const Json& item) {
  std::vector<std::string> excludes;
  for (const Json& document : item.value("excludes", Json::array())) {
    excludes.push_back(document["id"].get<std::string>());
  }
  return excludes;
}

void AppendWords(std::string_view text, std::vector<QueryPart>& parts) {
  for (QueryWord& word : QueryWords(text)) {
    parts.push_back({.is_placeholder = false, .text = std::move(word.text)});
  }
}

std::vector<QueryPart> MakeQuery(std::string_view text) {
  std::vector<QueryPart> parts;
  while (!text.empty()) {
    const std::size_t begin = text.find('{');
    const std::size_t end = text.find('}', begin == std::string_view::npos ? 0 : begin);
    if (begin == std::string_view::npos || end == std::string_view::npos) {
      AppendWords(text, parts);
      break;
    }
    AppendWords(text.substr(0, begin), parts);
    parts.push_back(
        {.is_placeholder = true, .text = std::string(text.substr(begin + 1, end - begin - 1))});
    text.remove_prefix(end + 1);
  }
  return parts;
}

}  // namespace

std::vector<QueryWord> QueryWords(std::string_view query) {
  std::vector<index::Token> tokens;
  index::Tokenizer::OfThread().Tokenize(query, tokens);
  std::vector<QueryWord> words;
  const auto add = [&words](index::Token& token, bool is_sign) {
    words.push_back({.text = std::move(token.word),
                     .begin = token.begin,
                     .end = token.end,
                     .is_sign = is_sign});
  };
  std::vector<index::Token> signs = index::Signs(query, tokens);
  auto sign = signs.begin();
  for (index::Token& token : tokens) {
    for (; sign != signs.end() && sign->begin <= token.begin; ++sign) {
      // The sign of a unit (50%) is a word already.
      if (sign->begin < token.begin) {
        add(*sign, true);
      }
    }
    add(token, false);
  }
  for (; sign != signs.end(); ++sign) {
    add(*sign, true);
  }
  return words;
}

bool IsBrowse(std::string_view query) {
  const std::size_t begin = query.find_first_not_of(" \t\r\n");
  return begin == std::string_view::npos ||
         query.substr(begin, query.find_last_not_of(" \t\r\n") + 1 - begin) == "*";
}

Result<Json> ReadCuration(std::string_view id, const Json& body) {
  if (!body.is_object()) {
    return Error(ErrorCode::kInvalidArgument, "A curation rule must be an object.");
  }
  const std::string what = "`" + std::string(id) + "`";
  auto rule = ReadRule(what, body);
  if (!rule) {
    return rule;
  }
  Json item = {{"id", id}, {"rule", std::move(*rule)}};
  if (auto wrong = ReadEffects(what, body, item)) {
    return std::move(*wrong);
  }
  const bool has_effect = item.size() > 2;
  if (!has_effect) {
    return Error(ErrorCode::kInvalidArgument,
                 what +
                     " must have one of: includes, excludes, filter_by, sort_by, "
                     "remove_matched_tokens, replace_query, metadata.");
  }
  // Words that became a filter need not be found any more; words that only pin something must.
  item.emplace("remove_matched_tokens", item.contains("filter_by"));
  item.emplace("filter_curated_hits", false);
  item.emplace("stop_processing", true);
  return item;
}

CurationRule MakeCurationRule(const Json& item) {
  const Json& when = item["rule"];
  CurationRule rule;
  rule.id = item["id"].get<std::string>();
  if (when.contains("query")) {
    const auto& query = when["query"].get_ref<const std::string&>();
    const bool is_exact = when["match"] == "exact";
    if (!query.empty() && IsBrowse(query)) {
      rule.match = CurationRule::Match::kBrowse;
    } else {
      rule.match = is_exact ? CurationRule::Match::kExact : CurationRule::Match::kContains;
      rule.query = MakeQuery(query);
    }
  }
  rule.when_filter_by = when.value("filter_by", "");
  rule.tags = when.value("tags", std::vector<std::string>());
  rule.effective_from = item.value("effective_from_ts", CurationRule::kAlwaysFrom);
  rule.effective_to = item.value("effective_to_ts", CurationRule::kAlwaysTo);
  rule.includes = MakeIncludes(item);
  rule.excludes = MakeExcludes(item);
  rule.filter_by = item.value("filter_by", "");
  rule.sort_by = item.value("sort_by", "");
  rule.replace_query = item.value("replace_query", "");
  rule.remove_matched_tokens = item["remove_matched_tokens"].get<bool>();
  rule.filter_curated_hits = item["filter_curated_hits"].get<bool>();
  rule.stop_processing = item["stop_processing"].get<bool>();
  rule.metadata = item.value("metadata", Json());
  return rule;
}

}  // namespace cacheindex::node
