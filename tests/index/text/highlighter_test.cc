#include "index/text/highlighter.h"

#include <gmock/gmock.h>

#include <map>
#include <random>
#include <string>
#include <vector>

#include "index/text/text_marker.h"

namespace cacheindex::index {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

Schema MakeSchema() {
  Schema schema;
  schema.enable_nested_fields = true;
  const auto add = [&schema](const std::string& name, bool is_array) {
    Field field;
    field.definition.name = name;
    field.definition.is_array = is_array;
    field.storage.number = static_cast<std::uint32_t>(schema.fields.size());
    field.storage.words = cache::ColumnNumber{field.storage.number * 2 + 101};
    schema.by_name[name] = schema.fields.size();
    schema.fields.push_back(std::move(field));
  };
  add("title", false);
  add("tags", true);
  add("brand.name", false);
  return schema;
}

class HighlighterTest : public testing::Test {
 protected:
  std::vector<FieldHighlight> Show(const Json& document, std::string_view text) {
    const auto query = ParseTextQuery(text);
    std::vector<TextField> fields;
    for (const std::string& name : request_.query_by) {
      if (const Field* field = schema_.Find(name)) {
        fields.push_back({.field = field});
      }
    }
    return Highlight(document, schema_, *query, fields, request_);
  }
  // The snippet of one title.
  std::string Snippet(const std::string& title, std::string_view text) {
    const auto highlights = Show({{"id", "1"}, {"title", title}}, text);
    return highlights.empty() ? "" : highlights[0].fragments[0].snippet;
  }

  HighlighterTest() { request_.query_by = {"title", "tags", "brand"}; }

  Schema schema_ = MakeSchema();
  SearchRequest request_;
};

TEST_F(HighlighterTest, WholeWordsAreMarkedAsTheyStand) {
  EXPECT_EQ(Snippet("Red, red SHOES!", "red shoes"),
            "<mark>Red</mark>, <mark>red</mark> <mark>SHOES</mark>!");
  EXPECT_EQ(Snippet("reddish", "red shoes"), "");
}

TEST_F(HighlighterTest, OnlyTheTypedStartOfALongerWordIsMarked) {
  EXPECT_EQ(Snippet("Laptops", "lap"), "<mark>Lap</mark>tops");
  EXPECT_EQ(Snippet("Cafébar", "cafe"), "<mark>Café</mark>bar");
  EXPECT_EQ(Snippet("Cafe\u0301bar", "cafe"), "<mark>Cafe\u0301</mark>bar");
  const auto highlights = Show({{"title", "Laptops"}}, "lap");
  EXPECT_THAT(highlights[0].fragments[0].matched_tokens, ElementsAre("Laptops"));
}

TEST_F(HighlighterTest, TagsAreConfigurable) {
  request_.highlight_start_tag = "[";
  request_.highlight_end_tag = "]";
  EXPECT_EQ(Snippet("a red hat", "red"), "a [red] hat");
}

TEST_F(HighlighterTest, PhrasesAreMarkedOnlyWhereTheyStandTogether) {
  EXPECT_EQ(Snippet("red x red shoes", "\"red shoes\""),
            "red x <mark>red</mark> <mark>shoes</mark>");
}

TEST_F(HighlighterTest, HanWordsShareTheirTags) {
  EXPECT_EQ(Snippet("新款无线蓝牙耳机套", "耳机"), "新款无线蓝牙<mark>耳机</mark>套");
  const auto highlights = Show({{"title", "蓝牙耳机"}}, "蓝牙耳机");
  EXPECT_EQ(highlights[0].fragments[0].snippet, "<mark>蓝牙</mark><mark>耳机</mark>");
  EXPECT_THAT(highlights[0].fragments[0].matched_tokens, ElementsAre("蓝牙", "耳机"));
}

TEST_F(HighlighterTest, ModelNumbersAreMarkedInEverySpelling) {
  EXPECT_EQ(Snippet("The KC-2500 radio", "kc2500"), "The <mark>KC-2500</mark> radio");
  EXPECT_EQ(Snippet("The kc2500 radio", "KC-2500"), "The <mark>kc2500</mark> radio");
  EXPECT_EQ(Snippet("The KC 2500 radio", "kc2500"), "The <mark>KC</mark> <mark>2500</mark> radio");
  EXPECT_EQ(Snippet("The KC-2500 radio", "kc25"), "The <mark>KC-25</mark>00 radio");
  EXPECT_EQ(Snippet("2500 KC", "kc2500"), "");
  EXPECT_EQ(Snippet("床品4件套 1.5 m", "4件套 1.5m"),
            "床品<mark>4</mark><mark>件</mark><mark>套</mark> <mark>1.5</mark> <mark>m</mark>");
}

TEST_F(HighlighterTest, HyphenatedWordsAreMarkedInEverySpelling) {
  EXPECT_EQ(Snippet("Wi-Fi router", "wifi"), "<mark>Wi-Fi</mark> router");
  EXPECT_EQ(Snippet("Wifi router", "wi-fi"), "<mark>Wifi</mark> router");
  EXPECT_EQ(Snippet("fast Wi-Fi router", "\"wifi router\""),
            "fast <mark>Wi-Fi</mark> <mark>router</mark>");
  EXPECT_EQ(Snippet("T-Shirts", "tshirt"), "<mark>T-Shirt</mark>s");
  EXPECT_EQ(Snippet("T-Shirts", "t-shi"), "<mark>T-Shi</mark>rts");
  EXPECT_EQ(Snippet("Men's shoes", "mens"), "<mark>Men's</mark> shoes");
}

TEST_F(HighlighterTest, OtherFormsOfCharactersAreMarkedAsStored) {
  EXPECT_EQ(Snippet("無線藍牙耳機", "耳机"), "無線藍牙<mark>耳機</mark>");
  EXPECT_EQ(Snippet("ﾗｰﾒﾝ セット", "ラーメン"), "<mark>ﾗｰﾒﾝ</mark> セット");
  EXPECT_EQ(Snippet("サクラ色", "さくら"), "<mark>サクラ</mark>色");
  EXPECT_EQ(Snippet("ノートパソコン", "パソコン"), "ノート<mark>パソコン</mark>");
  EXPECT_EQ(Snippet("한국어 노트북", "한국"), "<mark>한국</mark>어 노트북");
}

TEST_F(HighlighterTest, CharactersThatReadersSeeAsOneAreNeverCut) {
  EXPECT_EQ(Snippet("हिन्दी", "हिन"), "<mark>हिन्</mark>दी");
  EXPECT_EQ(Snippet("red\u200dhat", "red"), "<mark>red\u200d</mark>hat");
}

TEST_F(HighlighterTest, LongValuesAreShownAroundTheBestMatch) {
  std::string title = "(red";
  for (int i = 0; i < 40; ++i) {
    title += " w" + std::to_string(i);
  }
  const std::string long_title = title + " red, shoes x1 x2 x3 x4 x5.";
  EXPECT_EQ(Snippet(long_title, "red shoes"),
            "w36 w37 w38 w39 <mark>red</mark>, <mark>shoes</mark> x1 x2 x3 x4");
  EXPECT_EQ(Snippet(title, "red"), "(<mark>red</mark> w0 w1 w2 w3");
  EXPECT_EQ(Snippet(long_title, "x5"), "x1 x2 x3 x4 <mark>x5</mark>.");
  request_.highlight_affix_num_tokens = 4'000'000'000;
  EXPECT_EQ(Snippet(title, "w39").size(), title.size() + 13);
}

TEST_F(HighlighterTest, SnippetThresholdDecidesWhatIsShownWhole) {
  request_.snippet_threshold = 4;
  request_.highlight_affix_num_tokens = 1;
  EXPECT_EQ(Snippet("a b c", "a"), "<mark>a</mark> b c");
  EXPECT_EQ(Snippet("a b c d", "a"), "<mark>a</mark> b");
}

TEST_F(HighlighterTest, FullFieldsShowTheWholeValueToo) {
  request_.snippet_threshold = 0;
  request_.highlight_affix_num_tokens = 0;
  request_.highlight_full_fields = {"title"};
  const auto highlights = Show({{"title", "a b c"}}, "b");
  EXPECT_EQ(highlights[0].fragments[0].snippet, "<mark>b</mark>");
  EXPECT_EQ(highlights[0].fragments[0].value, "a <mark>b</mark> c");
}

TEST_F(HighlighterTest, ElementsOfArraysAreShownByIndex) {
  const auto highlights = Show({{"tags", {"blue", "red", "dark red"}}}, "red");
  ASSERT_EQ(highlights.size(), 1U);
  EXPECT_TRUE(highlights[0].is_array);
  ASSERT_EQ(highlights[0].fragments.size(), 2U);
  EXPECT_EQ(highlights[0].fragments[0].index, 1U);
  EXPECT_EQ(highlights[0].fragments[1].index, 2U);
  EXPECT_EQ(highlights[0].fragments[1].snippet, "dark <mark>red</mark>");
}

TEST_F(HighlighterTest, ObjectsMeanTheirChildrenAndTheRequestDecidesTheOrder) {
  const Json document{{"title", "red"}, {"brand", {{"name", "Red Star"}}}};
  request_.highlight_fields = {"brand", "title"};
  const auto highlights = Show(document, "red");
  ASSERT_EQ(highlights.size(), 2U);
  EXPECT_EQ(highlights[0].field, "brand.name");
  EXPECT_EQ(highlights[0].fragments[0].snippet, "<mark>Red</mark> Star");
  EXPECT_EQ(highlights[1].field, "title");
}

TEST_F(HighlighterTest, NoneSwitchesItOff) {
  request_.highlight_fields = {"none"};
  EXPECT_THAT(Show({{"title", "red"}}, "red"), IsEmpty());
  request_.highlight_fields = {"unknown"};
  EXPECT_THAT(Show({{"title", "red"}}, "red"), IsEmpty());
}

TEST_F(HighlighterTest, HugeValuesAreMarkedInTheirBeginningOnly) {
  std::string title = "red ";
  while (title.size() < 10'000'000) {
    title += "耳机 red ";
  }
  request_.highlight_full_fields = {"title"};
  const auto highlights = Show({{"title", title}}, "red");
  const auto& fragment = highlights[0].fragments[0];
  EXPECT_LT(fragment.snippet.size(), 2'000U);
  EXPECT_EQ(fragment.value->substr(fragment.value->size() - 20'000),
            title.substr(title.size() - 20'000));
}

TEST_F(HighlighterTest, WithoutItsTagsAValueIsAsStored) {
  const auto seed = std::random_device()();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  static const std::vector<std::string> kPieces = {"red", "RED",  "re\u0301d", "redder", "手机",
                                                   "壳",  " ",    "-",         "\u0301", "😀",
                                                   "é",   "\xff", "ＲＥＤ",    ".",      "shoe"};
  request_.highlight_full_fields = {"title"};
  request_.highlight_start_tag = "\x01";
  request_.highlight_end_tag = "\x02";
  for (int i = 0; i < 5'000; ++i) {
    std::string title;
    std::string query;
    for (std::size_t k = random() % 12; k > 0; --k) {
      title += kPieces[random() % kPieces.size()];
    }
    for (std::size_t k = random() % 4; k > 0; --k) {
      query += kPieces[random() % kPieces.size()] + (random() % 2 == 0 ? " " : "");
    }
    const auto parsed = ParseTextQuery(query);
    TextMarker marker(*parsed, request_);
    const auto fragment = marker.Mark(title, {.is_prefix = true, .is_full = true});
    if (!fragment) {
      continue;
    }
    std::string plain;
    bool is_open = false;
    for (std::size_t k = 0; k < fragment->value->size(); ++k) {
      const char byte = (*fragment->value)[k];
      if (byte == '\x01' || byte == '\x02') {
        ASSERT_EQ(is_open, byte == '\x02') << title;
        is_open = !is_open;
        const auto next = static_cast<unsigned char>((*fragment->value)[k + 1]);
        ASSERT_NE(next & 0xC0U, 0x80U) << "cut a character of " << title;
        continue;
      }
      plain.push_back(byte);
    }
    ASSERT_FALSE(is_open);
    ASSERT_EQ(plain, title);
    ASSERT_THAT(fragment->matched_tokens, testing::Not(IsEmpty()));
  }
}

}  // namespace
}  // namespace cacheindex::index
