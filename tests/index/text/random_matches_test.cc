// Random documents, changes and queries against a plain evaluation of the rules in text_matcher.h
// and text_score.h.

#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "index/text_matcher.h"
#include "tests/index/text/text_shop.h"
#include "tests/support/temp_directory.h"

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
    "red", "redder", "reds", "shoe", "shoes", "KC-25", "café", "ca", "手机", "机", "手",  "x",
    "的",  "ab",     "abc",  "abcd", "1.5",   "\"",    "of",   "of", "of",   "of", "the", "the"};

class Oracle {
 public:
  void Put(const Json& document) {
    auto& fields = documents_[document.at("id").get<std::string>()];
    fields.clear();
    for (const std::string& name : kFields) {
      if (!document.contains(name)) {
        continue;
      }
      const Json& value = document.at(name);
      for (const Json& element : value.is_array() ? value : Json::array({value})) {
        std::vector<Token> tokens;
        Tokenizer::OfThread().Tokenize(element.get<std::string>(), tokens);
        Words words;
        for (const Token& token : tokens) {
          words.push_back(token.word);
        }
        fields[name].push_back(words);
      }
    }
  }
  void Remove(const std::string& id) { documents_.erase(id); }

  struct QueriedField {
    std::string name;
    std::int64_t weight = 0;
    bool is_prefix = false;
  };

  std::map<std::string, std::int64_t> Match(const TextQuery& query,
                                            const std::vector<QueriedField>& fields,
                                            const TextMatchOptions& options) const {
    std::vector<std::int64_t> rarities;
    for (const QueryUnit& unit : query.units) {
      rarities.push_back(RarityOf(unit, fields));
    }
    const std::size_t units = query.units.size();
    DropTokens mode = options.drop_tokens_mode;
    if (mode == DropTokens::kBothSides && (units > options.drop_tokens_words_max || units > 10)) {
      mode = DropTokens::kRightToLeft;
    }
    std::map<std::string, std::int64_t> found;
    for (std::size_t size = units; size > 0; --size) {
      for (std::size_t begin = 0; begin + size <= units; ++begin) {
        const bool is_tried = mode == DropTokens::kBothSides ||
                              begin == (mode == DropTokens::kRightToLeft ? 0 : units - size);
        for (const auto& [id, document] : documents_) {
          if (!is_tried || found.contains(id) || IsExcluded(document, query, fields)) {
            continue;
          }
          std::int64_t sum = 0;
          bool is_matched = true;
          for (std::size_t i = begin; i < begin + size; ++i) {
            const std::int64_t value = ValueOf(document, query.units[i], fields);
            is_matched = is_matched && value > 0;
            sum += value * rarities[i];
          }
          if (is_matched) {
            found[id] = (static_cast<std::int64_t>(size) << 32) + sum;
          }
        }
      }
      if (options.drop_tokens_threshold == 0 ||
          (found.size() >= options.drop_tokens_threshold && !options.exhaustive)) {
        break;
      }
    }
    if (units == 0) {
      for (const auto& [id, document] : documents_) {
        if ((query.is_match_all || !query.excluded.empty()) &&
            !IsExcluded(document, query, fields)) {
          found[id] = 0;
        }
      }
    }
    return found;
  }

 private:
  using Document = std::map<std::string, std::vector<Words>>;

  static const std::vector<Words>& Elements(const Document& document, const std::string& field) {
    static const std::vector<Words> kNone;
    const auto found = document.find(field);
    return found == document.end() ? kNone : found->second;
  }
  static bool Contains(const Document& document, const std::string& field, const Words& sequence) {
    const auto& elements = Elements(document, field);
    return std::any_of(elements.begin(), elements.end(), [&](const Words& words) {
      return std::search(words.begin(), words.end(), sequence.begin(), sequence.end()) !=
             words.end();
    });
  }
  static std::set<std::string> Longer(const Document& document, const std::string& field,
                                      const std::string& prefix) {
    std::set<std::string> longer;
    for (const Words& words : Elements(document, field)) {
      for (const std::string& word : words) {
        if (word.starts_with(prefix) && word != prefix) {
          longer.insert(word);
        }
      }
    }
    return longer;
  }
  static std::int64_t ValueOf(const Document& document, const QueryUnit& unit,
                              const std::vector<QueriedField>& fields) {
    std::int64_t best = 0;
    for (const QueriedField& field : fields) {
      if (Contains(document, field.name, unit.words)) {
        best = std::max(best, field.weight * 4);
      } else if (unit.is_prefix && field.is_prefix &&
                 !Longer(document, field.name, unit.words.front()).empty()) {
        best = std::max(best, field.weight * 3);
      }
    }
    return best;
  }
  static bool IsExcluded(const Document& document, const TextQuery& query,
                         const std::vector<QueriedField>& fields) {
    return std::any_of(query.excluded.begin(), query.excluded.end(),
                       [&](const QueryUnit& unit) { return ValueOf(document, unit, fields) > 0; });
  }
  std::int64_t RarityOf(const QueryUnit& unit, const std::vector<QueriedField>& fields) const {
    std::int64_t frequency = std::int64_t{1} << 40;
    for (const std::string& word : unit.words) {
      std::int64_t largest = 0;
      for (const QueriedField& field : fields) {
        largest = std::max(largest, static_cast<std::int64_t>(std::count_if(
                                        documents_.begin(), documents_.end(), [&](const auto& d) {
                                          return Contains(d.second, field.name, {word});
                                        })));
      }
      frequency = std::min(frequency, largest);
    }
    if (frequency == 0 && unit.is_prefix) {
      for (const QueriedField& field : fields) {
        std::map<std::string, std::int64_t> counts;
        for (const auto& [id, document] : documents_) {
          for (const std::string& word : Longer(document, field.name, unit.words.front())) {
            frequency = std::max(frequency, field.is_prefix ? ++counts[word] : 0);
          }
        }
      }
    }
    const auto with_words =
        std::count_if(documents_.begin(), documents_.end(), [](const auto& document) {
          return std::any_of(document.second.begin(), document.second.end(), [](const auto& field) {
            return std::any_of(field.second.begin(), field.second.end(),
                               [](const Words& words) { return !words.empty(); });
          });
        });
    return 1 + static_cast<std::int64_t>(
                   std::floor(16 * std::log2(static_cast<double>(with_words + 1) /
                                             static_cast<double>(frequency + 1))));
  }

  std::map<std::string, Document> documents_;
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

TEST(RandomMatchesTest, MatchesAndScoresAgreeWithAPlainEvaluation) {
  const auto seed = std::random_device()();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  const cacheindex::test::TempDirectory directory;
  test::TextShop shop(directory.path());
  const auto products = shop.Create(kSchema);
  Require(shop.StartText());
  Oracle oracle;
  std::size_t hits = 0;
  for (int round = 0; round < 12; ++round) {
    for (int change = 0; change < 25; ++change) {
      const std::string id = std::to_string(random() % 120);
      if (random() % 5 == 0) {
        shop.Delete(products, id);
        oracle.Remove(id);
      } else {
        const Json document = RandomDocument(random, id);
        shop.Write(products, {document});
        oracle.Put(document);
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
      std::vector<Oracle::QueriedField> queried;
      for (TextField& field : fields) {
        field.is_prefix = random() % 3 != 0;
        queried.push_back({.name = field.field->definition.name,
                           .weight = 255 * field.weight / 3,
                           .is_prefix = field.is_prefix});
      }
      const TextMatchOptions options{
          .drop_tokens_threshold = static_cast<std::uint32_t>(random() % 8),
          .drop_tokens_mode = static_cast<DropTokens>(random() % 3),
          .drop_tokens_words_max = static_cast<std::uint32_t>(random() % 6),
          .exhaustive = random() % 8 == 0};
      const auto matches =
          Require(MatchText(*search->context, search->reader, query, fields, everything, options));
      std::map<std::string, std::int64_t> found;
      for (std::size_t k = 0; k < matches.scores.documents.size(); ++k) {
        found[search->IdOf(matches.scores.documents[k])] = matches.scores.scores[k];
      }
      ASSERT_TRUE(std::is_sorted(matches.scores.documents.begin(), matches.scores.documents.end()));
      ASSERT_EQ(found, oracle.Match(query, queried, options)) << "query: " << text;
      hits += found.size();
    }
  }
  EXPECT_GT(hits, 1'000U);
}

}  // namespace
}  // namespace cacheindex::index
