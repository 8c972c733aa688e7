#include "node/merchandising/language_resources.h"

#include <set>
#include <string>
#include <utility>
#include <vector>

#include "index/words/tokenizer.h"

namespace cacheindex::node {
namespace {

Error Invalid(std::string message) { return {ErrorCode::kInvalidArgument, std::move(message)}; }

// Appends the words of `text` in the form in which queries have them: what hyphens join is one.
void AppendWords(const std::string& text, std::vector<std::string>& words) {
  std::vector<index::Token> tokens;
  index::Tokenizer::OfThread().Tokenize(text, tokens);
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    if (i > 0 && tokens[i].group == tokens[i - 1].group) {
      words.back() += " " + tokens[i].word;
    } else {
      words.push_back(std::move(tokens[i].word));
    }
  }
}

}  // namespace

Result<Json> ReadStopwords(const Json& body) {
  const auto words = body.is_object() ? body.find("stopwords") : body.end();
  if (!body.is_object() || words == body.end() || !words->is_array() || words->empty()) {
    return Invalid("Parameter `stopwords` must be a list of words, not empty.");
  }
  std::vector<std::string> single;
  for (const Json& word : *words) {
    if (!word.is_string()) {
      return Invalid("Parameter `stopwords` must be a list of words, not of " + DumpJson(word) +
                     ".");
    }
    AppendWords(word.get_ref<const std::string&>(), single);
    if (single.size() > kStopwordsMax) {
      return Invalid("Parameter `stopwords` must have at most " + std::to_string(kStopwordsMax) +
                     " words.");
    }
  }
  Json kept = {{"stopwords", Json::array()}};
  std::set<std::string> known;
  for (std::string& word : single) {
    if (known.insert(word).second) {
      kept["stopwords"].push_back(std::move(word));
    }
  }
  if (const auto locale = body.find("locale"); locale != body.end() && !locale->is_null()) {
    if (!locale->is_string()) {
      return Invalid("Parameter `locale` must be a string.");
    }
    kept["locale"] = *locale;
  }
  return kept;
}

Result<Json> ReadStemmingWords(const Json& body) {
  const auto words = body.is_object() ? body.find("words") : body.end();
  if (!body.is_object() || words == body.end() || !words->is_array() || words->empty()) {
    return Invalid("A stemming dictionary must have lines of `word` and `root`.");
  }
  if (words->size() > kStemmingWordsMax) {
    return Invalid("A stemming dictionary must have at most " + std::to_string(kStemmingWordsMax) +
                   " words.");
  }
  Json kept = {{"words", Json::array()}};
  for (std::size_t i = 0; i < words->size(); ++i) {
    const Json& line = (*words)[i];
    Json pair = Json::object();
    for (const char* name : {"word", "root"}) {
      const auto member = line.is_object() ? line.find(name) : line.end();
      if (!line.is_object() || member == line.end() || !member->is_string() ||
          index::NormalForm(member->get_ref<const std::string&>()).empty()) {
        return Invalid("Line " + std::to_string(i + 1) + " of the stemming dictionary must have `" +
                       name + "`, a word.");
      }
      pair[name] = *member;
    }
    kept["words"].push_back(std::move(pair));
  }
  return kept;
}

std::shared_ptr<const Stopwords> MakeStopwords(const Json& kept) {
  auto stopwords = std::make_shared<Stopwords>();
  for (const Json& word : kept["stopwords"]) {
    stopwords->insert(word.get<std::string>());
  }
  return stopwords;
}

std::shared_ptr<const StemmingDictionary> MakeStemmingDictionary(const Json& kept) {
  auto dictionary = std::make_shared<StemmingDictionary>();
  for (const Json& pair : kept["words"]) {
    const std::string word = index::NormalForm(pair["word"].get_ref<const std::string&>());
    const std::string root = index::NormalForm(pair["root"].get_ref<const std::string&>());
    dictionary->roots[word] = root;
  }
  for (const auto& [word, root] : dictionary->roots) {
    dictionary->words.emplace(root, word);
  }
  return dictionary;
}

}  // namespace cacheindex::node
