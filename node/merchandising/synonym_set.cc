#include "node/merchandising/synonym_set.h"

#include <algorithm>
#include <set>
#include <utility>

#include "index/words/readings.h"
#include "index/words/tokenizer.h"
#include "node/merchandising/item_reader.h"

namespace cacheindex::node {
namespace {

// Adds the first word of `text`; of both readings when it has hyphens. Without words, its first
// sign.
void AddFirstWords(std::string_view text, std::set<std::string>& first_words) {
  for (const std::string& words : index::NormalForms(text)) {
    if (!words.empty()) {
      first_words.insert(words.substr(0, words.find(' ')));
    } else if (auto signs = index::Signs(text, {}); !signs.empty()) {
      first_words.insert(std::move(signs.front().word));
    }
  }
}

}  // namespace

Result<Json> ReadSynonym(std::string_view id, const Json& body) {
  if (!body.is_object()) {
    return Error(ErrorCode::kInvalidArgument, "A synonym must be an object.");
  }
  const ItemReader reader("synonym `" + std::string(id) + "`", body);
  auto synonyms = reader.TextList("synonyms");
  if (!synonyms) {
    return synonyms;
  }
  if (synonyms->empty()) {
    return reader.Wrong("synonyms", "a list of one string or more");
  }
  Json item = {{"id", id}, {"synonyms", std::move(*synonyms)}};
  for (const char* name : {"root", "locale"}) {
    auto text = reader.Text(name);
    if (!text) {
      return text;
    }
    if (!text->is_null()) {
      item[name] = std::move(*text);
    }
  }
  auto symbols = reader.TextList("symbols_to_index");
  if (!symbols) {
    return symbols;
  }
  if (auto rules = index::TextRules::Read(body, Json::object()); !rules) {
    return std::move(rules).error().WithContext("synonym `" + std::string(id) + "`");
  }
  if (!symbols->is_null()) {
    item["symbols_to_index"] = std::move(*symbols);
  }
  return item;
}

SynonymSet::SynonymSet(const Json& items) {
  for (const Json& item : items) {
    const auto number = static_cast<std::uint32_t>(rules_.size());
    SynonymRule rule{.root = item.value("root", ""),
                     .synonyms = item["synonyms"].get<std::vector<std::string>>(),
                     .symbols = item.value("symbols_to_index", std::vector<std::string>())};
    std::set<std::string> first_words;
    if (rule.root.empty()) {
      for (const std::string& synonym : rule.synonyms) {
        AddFirstWords(synonym, first_words);
      }
    } else {
      AddFirstWords(rule.root, first_words);
    }
    for (const std::string& word : first_words) {
      rules_by_word_.emplace(word, number);
    }
    rules_.push_back(std::move(rule));
  }
}

void SynonymSet::AppendFor(std::string_view query, std::vector<SynonymRule>& rules) const {
  std::set<std::uint32_t> wanted;
  const auto look_up = [&](const std::string& word) {
    const auto [first, last] = rules_by_word_.equal_range(word);
    std::for_each(first, last, [&](const auto& entry) { wanted.insert(entry.second); });
  };
  for (const std::string& words : index::NormalForms(query)) {
    for (std::size_t begin = 0; begin < words.size();) {
      const std::size_t end = std::min(words.find(' ', begin), words.size());
      look_up(words.substr(begin, end - begin));
      begin = end + 1;
    }
  }
  // Every character: which of them are symbols, rules and fields say.
  for (const index::Token& sign : index::Signs(query, {})) {
    look_up(sign.word);
  }
  for (const std::uint32_t number : wanted) {
    rules.push_back(rules_[number]);
  }
}

}  // namespace cacheindex::node
