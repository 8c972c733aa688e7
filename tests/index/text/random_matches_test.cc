// Random documents, changes and queries against a plain evaluation of the rules in text_matcher.h
// and text_score.h.

#include <gmock/gmock.h>

#include <algorithm>
#include <deque>
#include <map>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "index/match/text_matcher.h"
#include "tests/index/text/naive_matches.h"
#include "tests/index/text/text_shop.h"
#include "tests/support/temp_directory.h"
#include "tests/support/test_seed.h"

namespace cacheindex::index {
namespace {

using test::Require;
using DropTokens = SearchRequest::DropTokens;
using Words = std::vector<std::string>;

const Json kSchema = Json::parse(R"({"name":"products","fields":[
  {"name":"a","type":"string","optional":true},{"name":"b","type":"string[]","optional":true},
  {"name":"c","type":"string[]","optional":true}]})");
const std::vector<std::string> kFields = {"a", "b", "c"};
const std::vector<std::string> kVocabulary = {
    "red",  "redder", "reds",     "rde",     "sheo",  "abdc", "shoe",  "shoes", "KC-25",
    "café", "ca",     "手机",     "机",      "手",    "x",    "的",    "ab",    "abc",
    "abcd", "1.5",    "\"",       "of",      "of",    "of",   "of",    "the",   "the",
    "kc25", "KC 255", "red-shoe", "redshoe", "a-b-c", "ab-c", "1 1/2", "1½",    "2 in",
    "5 kg", "10×2",   "★★",       "U.S",     "us"};

const std::vector<SynonymRule> kSynonyms = {
    {.root = "", .synonyms = {"red", "the x", "abc"}, .symbols = {}},
    {.root = "shoe of", .synonyms = {"kc 25", "手机"}, .symbols = {}},
    {.root = "", .synonyms = {"★", "of"}, .symbols = {}},
    {.root = "reds", .synonyms = {"ab", "ab"}, .symbols = {}}};

// What was written, as NaiveMatches takes it.
class Documents {
 public:
  void Put(const Json& document) {
    Stored& stored = documents_[document.at("id").get<std::string>()];
    stored = {};
    for (const std::string& name : kFields) {
      if (!document.contains(name)) {
        continue;
      }
      const Json& value = document.at(name);
      for (const Json& element : value.is_array() ? value : Json::array({value})) {
        const auto text = element.get<std::string>();
        std::vector<Token> tokens;
        Tokenizer::OfThread().Tokenize(text, tokens);
        std::vector<Reading> readings(1);
        for (const Token& token : tokens) {
          readings.front().push_back(token.word);
        }
        AddReadings(text, tokens, /*has_infix=*/false, readings);
        for (Reading& reading : readings) {
          Add(name, std::move(reading), stored);
        }
      }
    }
  }
  void Remove(const std::string& id) { documents_.erase(id); }

  std::map<std::string, std::int64_t> Match(const TextQuery& query,
                                            std::vector<test::NaiveMatches::Field> fields,
                                            const TextMatchOptions& options) const {
    std::vector<const test::NaiveMatches::Document*> everything;
    std::map<const test::NaiveMatches::Document*, std::string> ids;
    for (const auto& [id, stored] : documents_) {
      everything.push_back(&stored.fields);
      ids[&stored.fields] = id;
    }
    std::map<std::string, std::int64_t> found;
    const test::NaiveMatches naive(everything, std::move(fields), options);
    for (const auto& [document, score] : naive.Match(query, everything)) {
      found[ids[document]] = score;
    }
    return found;
  }

 private:
  struct Stored {
    std::deque<Words> words;
    test::NaiveMatches::Document fields;
  };

  static void Add(const std::string& name, Reading reading, Stored& stored) {
    stored.fields[name].push_back(&stored.words.emplace_back(std::move(reading)));
  }

  std::map<std::string, Stored> documents_;
};

std::string RandomText(std::mt19937& random, std::size_t words_max) {
  std::string text;
  for (std::size_t i = random() % (words_max + 1); i > 0; --i) {
    text += kVocabulary[random() % kVocabulary.size()];
    text += random() % 8 == 0 ? "" : " ";
  }
  return text;
}

Json RandomDocument(std::mt19937& random, const std::string& id) {
  Json document{{"id", id}};
  if (random() % 4 != 0) {
    document["a"] = RandomText(random, 5);
  }
  for (const char* name : {"b", "c"}) {
    if (random() % 2 == 0) {
      document[name] = Json::array();
      for (std::size_t i = random() % 3; i > 0; --i) {
        document[name].push_back(RandomText(random, 3));
      }
    }
  }
  return document;
}

std::string RandomQuery(std::mt19937& random) {
  std::string text;
  for (std::size_t i = random() % 4; i > 0; --i) {
    text += random() % 8 == 0 ? "-" : "";
    text += random() % 6 == 0 ? "\"" + RandomText(random, 3) + "\"" : RandomText(random, 2);
    text += " ";
  }
  return text;
}

TextMatchOptions RandomOptions(std::mt19937& random) {
  TextMatchOptions options;
  options.drop_tokens_threshold = static_cast<std::uint32_t>(random() % 8);
  options.drop_tokens_mode = static_cast<DropTokens>(random() % 4);
  options.drop_tokens_words_max = static_cast<std::uint32_t>(random() % 6);
  options.exhaustive = random() % 8 == 0;
  options.typo_tokens_threshold = static_cast<std::uint32_t>(random() % 8);
  options.typos = {.one_edit_size = static_cast<std::uint32_t>(1 + random() % 5),
                   .two_edits_size = static_cast<std::uint32_t>(1 + random() % 7),
                   .in_numbers = random() % 2 == 0,
                   .in_mixed_words = random() % 2 == 0};
  options.split_join_tokens = static_cast<SearchRequest::SplitJoin>(random() % 3);
  if (random() % 2 == 0) {
    options.synonyms.rules = kSynonyms;
    options.synonyms.is_prefix = random() % 2 == 0;
    options.synonyms.edits_max = static_cast<std::uint32_t>(random() % 2);
    options.synonyms.is_demoted = random() % 4 == 0;
  }
  if (random() % 4 == 0) {
    options.text_match_type = SearchRequest::TextMatchType::kSumScore;
  }
  options.prioritize_exact_match = random() % 2 == 0;
  options.prioritize_token_position = random() % 2 == 0;
  options.prioritize_num_matching_fields = random() % 2 == 0;
  return options;
}

TEST(RandomMatchesTest, MatchesAndScoresAgreeWithAPlainEvaluation) {
  const auto seed = cacheindex::test::TestSeed();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  const cacheindex::test::TempDirectory directory;
  test::TextShop shop(directory.path());
  const auto products = shop.Create(kSchema);
  Require(shop.StartText());
  Documents documents;
  std::size_t hits = 0;
  for (int round = 0; round < 12; ++round) {
    for (int change = 0; change < 25; ++change) {
      const std::string id = std::to_string(random() % 120);
      if (random() % 5 == 0) {
        shop.Delete(products, id);
        documents.Remove(id);
      } else {
        const Json document = RandomDocument(random, id);
        shop.Write(products, {document});
        documents.Put(document);
      }
    }
    shop.Settle();
    ASSERT_THAT(shop.Contradictions(products), testing::IsEmpty());
    const auto search = shop.Open(products);
    const auto everything = Require(search->context->AllDocuments());
    for (int i = 0; i < 150; ++i) {
      const std::string text = RandomQuery(random);
      const auto query = Require(ParseTextQuery(text));
      auto fields = search->Fields(kFields);
      std::vector<test::NaiveMatches::Field> queried;
      for (TextField& field : fields) {
        field.is_prefix = random() % 3 != 0;
        field.edits_max = static_cast<std::uint32_t>(random() % 3);
        queried.push_back({.name = field.field->definition.name,
                           .weight = 255 * field.weight / 3,
                           .is_prefix = field.is_prefix,
                           .edits_max = field.edits_max});
      }
      const TextMatchOptions options = RandomOptions(random);
      const auto matches = Require(MatchText(*search->context, search->reader, shop.words(), query,
                                             fields, everything, options));
      std::map<std::string, std::int64_t> found;
      for (std::size_t k = 0; k < matches.scores.documents.size(); ++k) {
        found[search->IdOf(matches.scores.documents[k])] = matches.scores.scores[k];
      }
      ASSERT_TRUE(std::is_sorted(matches.scores.documents.begin(), matches.scores.documents.end()));
      ASSERT_EQ(found, documents.Match(query, queried, options)) << "query: " << text;
      hits += found.size();
    }
  }
  EXPECT_GT(hits, 1'000U);
}

}  // namespace
}  // namespace cacheindex::index
