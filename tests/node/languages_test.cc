// What a client can say about words: symbols, separators, stopwords.

#include <gmock/gmock.h>

#include <set>
#include <string>
#include <vector>

#include "tests/node/running_node.h"

namespace cacheindex::test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class LanguagesTest : public testing::Test {
 protected:
  void Create(const char* schema, std::initializer_list<Json> documents) {
    node_.Get("POST", "/collections", schema);
    for (const Json& document : documents) {
      node_.Get("POST", "/collections/words/documents", DumpJson(document));
    }
  }
  std::set<std::string> Find(Json parameters) {
    parameters.emplace("query_by", "title");
    parameters.emplace("drop_tokens_threshold", 0);
    parameters.emplace("num_typos", 0);
    std::set<std::string> ids;
    const Json answer = node_.Search("words", parameters);
    for (const Json& hit : answer["hits"]) {
      ids.insert(hit["document"]["id"].get<std::string>());
    }
    return ids;
  }

  RunningNode node_;
};

TEST_F(LanguagesTest, SymbolsAreIndexedWhereTheSchemaSaysSo) {
  Create(R"({"name":"words","symbols_to_index":["+","#"],"fields":[
           {"name":"title","type":"string"},{"name":"tag","type":"string","facet":true}]})",
         {{{"id", "1"}, {"title", "C++ primer"}, {"tag", "C++"}},
          {{"id", "2"}, {"title", "C# primer"}, {"tag", "C#"}}});
  EXPECT_THAT(Find({{"q", "c++"}}), ElementsAre("1"));
  EXPECT_THAT(Find({{"q", "C#"}}), ElementsAre("2"));
  EXPECT_THAT(Find({{"q", "c"}}), ElementsAre("1", "2"));
  EXPECT_THAT(Find({{"q", "*"}, {"filter_by", "tag:=C++"}}), ElementsAre("1"));
  EXPECT_THAT(Find({{"q", "*"}, {"filter_by", "title:C#"}}), ElementsAre("2"));
  const Json marked = node_.Search("words", {{"q", "c++"}, {"query_by", "title"}});
  EXPECT_EQ(marked["hits"][0]["highlight"]["title"]["snippet"], "<mark>C++</mark> primer");
}

TEST_F(LanguagesTest, FieldsMayHaveSeparatorsOfTheirOwn) {
  Create(R"({"name":"words","fields":[
           {"name":"title","type":"string","token_separators":["-"]}]})",
         {{{"id", "1"}, {"title", "wi-fi"}}, {{"id", "2"}, {"title", "wifi"}}});
  EXPECT_THAT(Find({{"q", "wifi"}}), ElementsAre("2"));
  EXPECT_THAT(Find({{"q", "fi"}}), ElementsAre("1"));
  const auto refused = node_.Ask("POST", "/collections",
                                 R"({"name":"x","token_separators":["ab"],"fields":[
                                   {"name":"title","type":"string"}]})");
  EXPECT_EQ(refused.status, 400);
  EXPECT_THAT(refused.body, HasSubstr("token_separators"));
}

TEST_F(LanguagesTest, StopwordSetsAreKeptAndLeaveWordsOut) {
  Create(R"({"name":"words","fields":[{"name":"title","type":"string"}]})",
         {{{"id", "1"}, {"title", "red shoes"}}});
  EXPECT_EQ(node_.Get("PUT", "/stopwords/common", R"({"stopwords":["The","FOR"],"locale":"en"})"),
            Json::parse(R"({"id":"common","stopwords":["The","FOR"],"locale":"en"})"));
  EXPECT_EQ(
      node_.Get("GET", "/stopwords/common"),
      Json::parse(R"({"stopwords":{"id":"common","stopwords":["the","for"],"locale":"en"}})"));
  EXPECT_EQ(node_.Get("GET", "/stopwords")["stopwords"].size(), 1U);
  EXPECT_THAT(Find({{"q", "the red for shoes"}}), testing::IsEmpty());
  EXPECT_THAT(Find({{"q", "the red for shoes"}, {"stopwords", "common"}}), ElementsAre("1"));
  for (const char* query : {"the", "the for", "The -blue x"}) {
    EXPECT_THAT(Find({{"q", query}, {"stopwords", "common"}}), testing::IsEmpty())
        << query << ": nothing is asked for";
  }
  const auto unknown =
      node_.Ask("GET", "/collections/words/documents/search?q=a&query_by=title&stopwords=nope");
  EXPECT_EQ(unknown.status, 404);
  EXPECT_THAT(unknown.body, HasSubstr("Could not find the stopword set named `nope`."));
  EXPECT_EQ(node_.Ask("PUT", "/stopwords/bad", R"({"stopwords":"the"})").status, 400);
  EXPECT_EQ(node_.Get("DELETE", "/stopwords/common"), Json::parse(R"({"id":"common"})"));
  EXPECT_EQ(node_.Ask("GET", "/stopwords/common").status, 404);
}

TEST_F(LanguagesTest, EqualSpellingsFindEachOther) {
  Create(R"({"name":"words","fields":[{"name":"title","type":"string"}]})",
         {{{"id", "1"}, {"title", "elbow 1½"}},
          {{"id", "2"}, {"title", "elbow 11/2"}},
          {{"id", "3"}, {"title", "frame 10×15, 3/8\" thick"}},
          {{"id", "4"}, {"title", "cap 10µF, U.S.A."}},
          {{"id", "5"}, {"title", "hose .5m"}},
          {{"id", "6"}, {"title", "hose 5 m"}},
          {{"id", "7"}, {"title", "★★★★★"}},
          {{"id", "8"}, {"title", "क़मीज़ کتابی ґанок サーバー"}}});
  const auto expect = [this](const char* query, const char* id) {
    EXPECT_THAT(Find({{"q", query}}), ElementsAre(id)) << query;
  };
  expect("elbow 1 1/2", "1");
  expect("elbow 11/2", "2");
  expect("10x15", "3");
  expect("3/8 in", "3");
  expect("3/8 inch thick", "3");
  expect("10uF", "4");
  expect("usa", "4");
  expect("hose 0,5 m", "5");
  expect("hose 5 m", "6");
  expect("★★★★★", "7");
  expect("कमीज", "8");
  expect("كتابي", "8");
  expect("ганок", "8");
  expect("サーバ", "8");
  const Json marked = node_.Search("words", {{"q", "elbow 1 1/2"}, {"query_by", "title"}});
  EXPECT_EQ(marked["hits"][0]["highlight"]["title"]["snippet"],
            "<mark>elbow</mark> <mark>1½</mark>");
}

TEST_F(LanguagesTest, PartNumbersAreFoundFromTheirMiddleWithinLimits) {
  Create(R"({"name":"words","fields":[{"name":"title","type":"string","infix":true}]})",
         {{{"id", "1"}, {"title", "Sony WH-1000XM4"}}});
  const auto found = [this](const char* query, Json limits = Json::object()) {
    limits["q"] = query;
    limits["infix"] = "always";
    return Find(limits).size();
  };
  EXPECT_EQ(found("000XM"), 1U);
  EXPECT_EQ(found("h1000"), 1U);
  EXPECT_EQ(found("000XM", {{"max_extra_prefix", 3}, {"max_extra_suffix", 1}}), 1U);
  EXPECT_EQ(found("000XM", {{"max_extra_prefix", 2}}), 0U);
  EXPECT_EQ(found("000XM", {{"max_extra_suffix", 0}}), 0U);
  const auto refused = node_.Ask("GET",
                                 "/collections/words/documents/search?q=a&query_by=title&"
                                 "max_extra_prefix=-1");
  EXPECT_EQ(refused.status, 400);
  EXPECT_THAT(refused.body, HasSubstr("max_extra_prefix"));
}

TEST_F(LanguagesTest, StopwordsAreTheWordsOfWhatIsSent) {
  Create(R"({"name":"words","fields":[{"name":"title","type":"string"}]})",
         {{{"id", "1"}, {"title", "company five"}}, {{"id", "2"}, {"title", "mail order"}}});
  const char* const sent =
      R"({"stopwords":["Stark Industries"," stark\tUnited  States ","e-mail","","!"]})";
  Json echo = Json::parse(sent);
  echo["id"] = "names";
  EXPECT_EQ(node_.Get("PUT", "/stopwords/names", sent), echo);
  EXPECT_EQ(node_.Get("GET", "/stopwords/names")["stopwords"]["stopwords"],
            Json::parse(R"(["stark","industries","united","states","e mail"])"));
  EXPECT_THAT(Find({{"q", "company stark"}, {"stopwords", "names"}}), ElementsAre("1"));
  EXPECT_THAT(Find({{"q", "industries company united"}, {"stopwords", "names"}}), ElementsAre("1"));
  EXPECT_THAT(Find({{"q", "order e-mail"}, {"stopwords", "names"}}), ElementsAre("2"));
  EXPECT_THAT(Find({{"q", "mail"}, {"stopwords", "names"}}), ElementsAre("2"));
}

TEST_F(LanguagesTest, StemmingDictionariesAreImportedAsLines) {
  const auto imported = node_.Ask(
      "POST", "/stemming/dictionaries/import?id=plurals",
      "{\"word\":\"people\",\"root\":\"person\"}\n{\"word\":\"mice\",\"root\":\"mouse\"}\n");
  EXPECT_EQ(imported.status, 200);
  EXPECT_THAT(LinesOf(imported.body), ElementsAre(R"({"root":"person","word":"people"})",
                                                  R"({"root":"mouse","word":"mice"})"));
  EXPECT_EQ(node_.Get("GET", "/stemming/dictionaries"),
            Json::parse(R"({"dictionaries":["plurals"]})"));
  const Json kept = node_.Get("GET", "/stemming/dictionaries/plurals");
  EXPECT_EQ(kept["id"], "plurals");
  EXPECT_EQ(kept["words"].size(), 2U);
  const auto refused =
      node_.Ask("POST", "/stemming/dictionaries/import?id=bad", R"({"word":"people"})");
  EXPECT_EQ(refused.status, 400);
  EXPECT_THAT(refused.body, HasSubstr("Line 1"));
  EXPECT_EQ(node_.Get("DELETE", "/stemming/dictionaries/plurals")["id"], "plurals");
  EXPECT_EQ(node_.Ask("GET", "/stemming/dictionaries/plurals").status, 404);
}

TEST_F(LanguagesTest, StemmedFieldsFindOtherFormsBehindTheWordItself) {
  Create(R"({"name":"words","fields":[{"name":"title","type":"string","stem":true},
           {"name":"exact","type":"string","optional":true},
           {"name":"german","type":"string","stem":true,"locale":"de","optional":true}]})",
         {{{"id", "1"}, {"title", "camera batteries"}},
          {{"id", "2"}, {"title", "camera battery"}},
          {{"id", "3"}, {"title", "lamp"}, {"exact", "batteries"}, {"german", "rote Häuser"}}});
  const auto order = [this](const std::string& query) {
    std::vector<std::string> ids;
    const Json answer =
        node_.Search("words", {{"q", query}, {"query_by", "title"}, {"num_typos", 0}});
    for (const Json& hit : answer["hits"]) {
      ids.push_back(hit["document"]["id"]);
    }
    return ids;
  };
  EXPECT_THAT(order("batteries"), ElementsAre("1", "2"));
  EXPECT_THAT(order("battery camera"), ElementsAre("2", "1"));
  EXPECT_THAT(order("\"battery\""), ElementsAre("2")) << "quoted words have no other forms";
  EXPECT_THAT(Find({{"q", "battery"}, {"query_by", "exact"}}), testing::IsEmpty());
  EXPECT_THAT(Find({{"q", "rotes haus"}, {"query_by", "german"}}), ElementsAre("3"));
  const Json marked =
      node_.Search("words", {{"q", "battery"}, {"query_by", "title"}, {"filter_by", "id:=1"}});
  EXPECT_EQ(marked["hits"][0]["highlight"]["title"]["snippet"], "camera <mark>batteries</mark>");
}

TEST_F(LanguagesTest, StemmingDictionariesSayWhichWordsAreForms) {
  node_.Ask("POST", "/stemming/dictionaries/import?id=plurals",
            R"({"word":"people","root":"person"})");
  Create(R"({"name":"words","fields":[
           {"name":"title","type":"string","stem_dictionary":"plurals"}]})",
         {{{"id", "1"}, {"title", "person"}}, {{"id", "2"}, {"title", "people"}}});
  EXPECT_THAT(Find({{"q", "people"}}), ElementsAre("1", "2"));
  EXPECT_THAT(Find({{"q", "person"}}), ElementsAre("1", "2"));
  node_.Get("DELETE", "/stemming/dictionaries/plurals");
  EXPECT_THAT(Find({{"q", "people"}}), ElementsAre("2"));
}

TEST_F(LanguagesTest, WholeValuesAreEqualWhateverTheirCaseButNotTheirPunctuation) {
  Create(R"({"name":"words","fields":[{"name":"title","type":"string"},
           {"name":"tag","type":"string","facet":true}]})",
         {{{"id", "1"}, {"title", "Wi-Fi"}, {"tag", "Wi-Fi"}},
          {{"id", "2"}, {"title", "Wi-Fi router"}, {"tag", "Wi-Fi router"}},
          {{"id", "3"}, {"title", "Men's T-Shirt (blue)"}, {"tag", "Men's T-Shirt (blue)"}}});
  for (const char* field : {"title", "tag"}) {
    const auto found = [&](const std::string& value) {
      return Find({{"q", "*"}, {"filter_by", field + std::string(":=") + value}});
    };
    for (const char* value : {"wi-fi", "Wi-Fi", "`Wi-Fi`", "ＷＩ－ＦＩ"}) {
      EXPECT_THAT(found(value), ElementsAre("1")) << field << " " << value;
    }
    for (const char* value : {"`Men's T-Shirt (blue)`", "`MÉN’S  t-shirt (BLUE)`"}) {
      EXPECT_THAT(found(value), ElementsAre("3")) << field << " " << value;
    }
    for (const char* value : {"wi fi", "wifi", "`(Wi-Fi!)`", "`mens t-shirt blue`"}) {
      EXPECT_THAT(found(value), testing::IsEmpty()) << field << " " << value;
    }
  }
}

TEST_F(LanguagesTest, KoreanWordsAreFoundInsideOthersAndByTheirSyllables) {
  Create(R"({"name":"words","fields":[{"name":"title","type":"string"}]})",
         {{{"id", "1"}, {"title", "무선마우스 블랙"}}, {{"id", "2"}, {"title", "한국어 노트북"}}});
  EXPECT_THAT(Find({{"q", "마우스"}}), ElementsAre("1"));
  EXPECT_THAT(Find({{"q", "스"}}), ElementsAre("1"));
  EXPECT_THAT(Find({{"q", "노트북 한국"}}), ElementsAre("2"));
  EXPECT_THAT(Find({{"q", "우마"}}), testing::IsEmpty());
  const Json marked = node_.Search("words", {{"q", "마우스"}, {"query_by", "title"}});
  EXPECT_EQ(marked["hits"][0]["highlight"]["title"]["snippet"], "무선<mark>마우스</mark> 블랙");
}

}  // namespace
}  // namespace cacheindex::test
