#include "index/highlight/highlighter.h"

#include <gmock/gmock.h>

#include <map>
#include <random>
#include <string>
#include <vector>

#include "index/highlight/highlight_builder.h"
#include "index/highlight/text_marker.h"

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
  add("variants.name", true);
  add("variants.sizes", true);
  add("pages.blocks.text", true);
  return schema;
}

Json ShapeOf(const HighlightTree& tree) {
  if (tree.kind == HighlightTree::Kind::kText) {
    return tree.text.snippet;
  }
  const bool is_array = tree.kind == HighlightTree::Kind::kArray;
  Json shape = is_array ? Json::array() : Json::object();
  for (const HighlightTree::Part& part : tree.parts) {
    (is_array ? shape[part.place] : shape[part.name]) = ShapeOf(part.tree);
  }
  return shape;
}

class HighlighterTest : public testing::Test {
 protected:
  Highlights Show(const Json& document, std::string_view text) {
    const auto query = ParseTextQuery(text);
    std::vector<TextField> fields;
    for (const std::string& name : request_.query_by) {
      if (const Field* field = schema_.Find(name)) {
        fields.push_back({.field = field});
      }
    }
    return Highlight(document, schema_, *query, fields, request_);
  }
  // What is shown of one title.
  HighlightFragment Title(const std::string& title, std::string_view text) {
    const auto highlights = Show({{"id", "1"}, {"title", title}}, text);
    return highlights.tree.parts.empty() ? HighlightFragment()
                                         : highlights.tree.parts.front().tree.text;
  }
  std::string Snippet(const std::string& title, std::string_view text) {
    return Title(title, text).snippet;
  }
  // The tree with its snippets only, null for what is left out.
  Json Shape(const Json& document, std::string_view text) {
    return ShapeOf(Show(document, text).tree);
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
  EXPECT_THAT(Title("Laptops", "lap").matched_tokens, ElementsAre("Laptops"));
}

TEST_F(HighlighterTest, EqualSpellingsAreMarkedAsTheyWereWritten) {
  EXPECT_EQ(Snippet("Elbow 1½ brass", "elbow 1 1/2"), "<mark>Elbow</mark> <mark>1½</mark> brass");
  EXPECT_EQ(Snippet("Elbow 1 1/2\" brass", "1½ inch"),
            "Elbow <mark>1 1/2</mark><mark>\"</mark> brass");
  EXPECT_EQ(Snippet("Valve 3/8 in.", "3/8\""), "Valve <mark>3/8</mark> <mark>in</mark>.");
  EXPECT_EQ(Snippet("Cable 1,000 m", "1000 met"), "Cable <mark>1,000</mark> <mark>m</mark>");
  EXPECT_EQ(Snippet("Cable 10 foot", "10 fo"), "Cable <mark>10</mark> <mark>fo</mark>ot");
  EXPECT_EQ(Snippet("Frame 10×15 cm", "10x15"), "Frame <mark>10×15</mark> cm");
  EXPECT_EQ(Snippet("made in U.S.A.", "usa"), "made in <mark>U.S.A</mark>.");
  EXPECT_EQ(Snippet("Rock’n’Roll", "rocknroll"), "<mark>Rock’n’Roll</mark>");
  EXPECT_EQ(Snippet("新しいサーバー", "サーバ"), "新しい<mark>サーバー</mark>");
  EXPECT_EQ(Snippet("hose .5 m", "0.5"), "hose <mark>.5</mark> m");
}

TEST_F(HighlighterTest, SignsAreMarkedWhereTheyAreAllThatIsAskedFor) {
  EXPECT_EQ(Snippet("great ★★★ shoes", "★★"), "great <mark>★★</mark>★ shoes");
  EXPECT_EQ(Snippet("★★★★★", "★★★★★"), "<mark>★★★★★</mark>");
  EXPECT_EQ(Snippet("I \u2764\ufe0f hats", "\u2764"), "I <mark>\u2764</mark>\ufe0f hats");
  EXPECT_EQ(Snippet("red ★ hat", "red ★"), "<mark>red</mark> ★ hat");
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
  const auto title = Title("蓝牙耳机", "蓝牙耳机");
  EXPECT_EQ(title.snippet, "<mark>蓝牙</mark><mark>耳机</mark>");
  EXPECT_THAT(title.matched_tokens, ElementsAre("蓝牙", "耳机"));
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
  const auto title = Title("a b c", "b");
  EXPECT_EQ(title.snippet, "<mark>b</mark>");
  EXPECT_EQ(title.value, "a <mark>b</mark> c");
}

TEST_F(HighlighterTest, AllElementsOfArraysAreThereInTheirPlaces) {
  const auto highlights = Show({{"tags", {"blue", "red", nullptr, "dark red"}}}, "red");
  EXPECT_EQ(ShapeOf(highlights.tree),
            Json({{"tags", {"blue", "<mark>red</mark>", "", "dark <mark>red</mark>"}}}));
  const auto& parts = highlights.tree.parts.front().tree.parts;
  EXPECT_THAT(parts[0].tree.text.matched_tokens, IsEmpty());
  EXPECT_THAT(parts[1].tree.text.matched_tokens, ElementsAre("red"));
  EXPECT_THAT(parts[2].tree.text.matched_tokens, IsEmpty());
  EXPECT_EQ(parts[3].place, 3U);
  EXPECT_THAT(highlights.members, ElementsAre("tags"));
  EXPECT_THAT(Show({{"tags", {"blue", nullptr}}}, "red").tree.parts, IsEmpty());
}

TEST_F(HighlighterTest, WholeValuesOfAllElementsAreThere) {
  request_.highlight_full_fields = {"tags"};
  const auto highlights = Show({{"tags", {"blue", "red"}}}, "red");
  const auto& parts = highlights.tree.parts.front().tree.parts;
  EXPECT_EQ(parts[0].tree.text.value, "blue");
  EXPECT_EQ(parts[1].tree.text.value, "<mark>red</mark>");
}

TEST_F(HighlighterTest, ObjectsInArraysStandWhereTheDocumentHasThem) {
  const Json document = Json::parse(R"({"variants": [
      {"name": "blue", "size": 1}, {"size": 2}, null, {"name": "red", "sizes": ["s", "red l"]},
      {"sizes": [null, "m"]}]})");
  request_.query_by = {"variants"};
  EXPECT_EQ(Shape(document, "red"), Json::parse(R"({"variants": [
      {"name": "blue"}, {}, {}, {"name": "<mark>red</mark>", "sizes": ["s", "<mark>red</mark> l"]},
      {"sizes": ["", "m"]}]})"));
  EXPECT_EQ(Shape(document, "l"), Json::parse(R"({"variants": [
      {}, {}, {}, {"sizes": ["s", "red <mark>l</mark>"]}, {"sizes": ["", "m"]}]})"));
  EXPECT_THAT(Show(document, "red").members, IsEmpty()) << "the older form knows no objects";
}

TEST_F(HighlighterTest, ArraysInObjectsInArraysKeepTheirPlaces) {
  const Json document = Json::parse(R"({"pages": [
      {"blocks": [{"text": "a"}, {"text": "red"}]}, {}, {"blocks": [[{"text": "b"}]]}]})");
  request_.query_by = {"pages"};
  EXPECT_EQ(Shape(document, "red"), Json::parse(R"({"pages": [
      {"blocks": [{"text": "a"}, {"text": "<mark>red</mark>"}]}, {},
      {"blocks": [[{"text": "b"}]]}]})"));
}

TEST_F(HighlighterTest, KeysAreAsTheDocumentSpellsThem) {
  const Json flat{{"brand.name", "Red Star"}};
  request_.query_by = {"brand.name"};
  EXPECT_EQ(Shape(flat, "red"), Json({{"brand.name", "<mark>Red</mark> Star"}}));
  EXPECT_THAT(Show(flat, "red").members, ElementsAre("brand.name"));
  const Json both{{"brand.name", "Red Star"}, {"brand", {{"name", "Blue"}}}};
  EXPECT_EQ(Shape(both, "red"),
            Json({{"brand", {{"name", "Blue"}}}, {"brand.name", "<mark>Red</mark> Star"}}));
  EXPECT_EQ(Shape(both, "blue"),
            Json({{"brand", {{"name", "<mark>Blue</mark>"}}}, {"brand.name", "Red Star"}}));
  EXPECT_THAT(Show(both, "blue").members, IsEmpty());
  schema_.enable_nested_fields = false;
  EXPECT_EQ(Shape(flat, "red"), Json({{"brand.name", "<mark>Red</mark> Star"}}));
  EXPECT_EQ(Shape(both, "red"), Json({{"brand.name", "<mark>Red</mark> Star"}}))
      << "an object is no field then";
}

TEST_F(HighlighterTest, TextsWithoutAMatchAreLeftOutBeyondALimit) {
  Json tags = Json::array();
  for (int i = 0; i < 65'536; ++i) {
    tags.push_back(i % 40'000 == 39'999 ? "red" : "blue");
  }
  const auto highlights = Show({{"tags", tags}}, "red");
  EXPECT_LT(BytesOf(highlights), kUnmarkedBytesMax + 2'000);
  const Json shape = ShapeOf(highlights.tree);
  ASSERT_EQ(shape["tags"].size(), 40'000U) << "nothing is left out before what matched";
  EXPECT_EQ(shape["tags"][0], "blue");
  EXPECT_EQ(shape["tags"][39'998], nullptr);
  EXPECT_EQ(shape["tags"][39'999], "<mark>red</mark>");
}

TEST_F(HighlighterTest, ObjectsMeanTheirChildrenAndTheRequestDecidesTheOrder) {
  const Json document{{"title", "red"}, {"brand", {{"name", "Red Star"}}}, {"tags", {"red"}}};
  request_.highlight_fields = {"brand", "title"};
  const auto highlights = Show(document, "red");
  EXPECT_EQ(ShapeOf(highlights.tree),
            Json({{"brand", {{"name", "<mark>Red</mark> Star"}}}, {"title", "<mark>red</mark>"}}));
  EXPECT_THAT(highlights.members, ElementsAre("title"));
  request_.highlight_fields = {"title", "tags"};
  EXPECT_THAT(Show(document, "red").members, ElementsAre("title", "tags"));
  request_.highlight_fields = {"tags", "title"};
  EXPECT_THAT(Show(document, "red").members, ElementsAre("tags", "title"));
}

TEST_F(HighlighterTest, NoneSwitchesItOff) {
  request_.highlight_fields = {"none"};
  EXPECT_THAT(Show({{"title", "red"}}, "red").tree.parts, IsEmpty());
  request_.highlight_fields = {"unknown"};
  EXPECT_THAT(Show({{"title", "red"}}, "red").tree.parts, IsEmpty());
}

TEST_F(HighlighterTest, HugeValuesAreMarkedInTheirBeginningOnly) {
  std::string title = "red ";
  while (title.size() < 10'000'000) {
    title += "耳机 red ";
  }
  request_.highlight_full_fields = {"title"};
  const auto fragment = Title(title, "red");
  EXPECT_LT(fragment.snippet.size(), 2'000U);
  EXPECT_EQ(fragment.value->substr(fragment.value->size() - 20'000),
            title.substr(title.size() - 20'000));
}

TEST_F(HighlighterTest, WithoutItsTagsAValueIsAsStored) {
  const auto seed = std::random_device()();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  static const std::vector<std::string> kPieces = {
      "red", "RED", "re\u0301d", "redder", "手机",     "壳",   " ", "-", "\u0301",
      "😀",   "é",   "\xff",      "ＲＥＤ", ".",        "shoe", "1", "½", "/2",
      "\"",  "in",  "×",         "★",      "サーバー", "n",    "'"};
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
