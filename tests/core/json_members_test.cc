#include "node/core/json_members.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

namespace cacheindex {
namespace {

std::vector<JsonMember> Split(std::string_view text) {
  std::vector<JsonMember> members;
  EXPECT_TRUE(SplitMembers(text, members)) << text;
  return members;
}

TEST(JsonMembersTest, FindsNamesAndValues) {
  const Json document = {{"a", "x\"},{\\"},
                         {"b", {1, {{"c", "]"}}, "d,e"}},
                         {"f", nullptr},
                         {"g", -1.5e10},
                         {"\xe5\x93\x81", Json::object()}};
  const std::string text = DumpJson(document);
  const auto members = Split(text);
  ASSERT_EQ(members.size(), document.size());
  auto expected = document.begin();
  for (const JsonMember& member : members) {
    EXPECT_EQ(member.name, expected.key());
    EXPECT_EQ(member.value, DumpJson(expected.value()));
    ++expected;
  }
  EXPECT_TRUE(HasPlainNames(members));
  EXPECT_TRUE(Split("{}").empty());
}

TEST(JsonMembersTest, SaysWhatIsNoObject) {
  std::vector<JsonMember> members;
  for (const char* const text : {"", "{", "[]", "1", "\"{}\"", "{\"a\":1", "{\"a\":\"b}",
                                 "{\"a\":[1}", "{a:1}", "{\"a", "{\"a\"}"}) {
    EXPECT_FALSE(SplitMembers(text, members)) << text;
  }
}

TEST(JsonMembersTest, KnowsEscapedNames) {
  EXPECT_FALSE(HasPlainNames(Split(DumpJson({{"a\"b", 1}}))));
  EXPECT_FALSE(HasPlainNames(Split(DumpJson({{"a\n", 1}}))));
}

// Every string is awkward: quotation marks, backslashes at the end, brackets, commas.
Json RandomValue(std::mt19937& random, int depth) {
  static const std::string kPieces[] = {"\\", "\"", "{", "}",  "[",       "]",
                                        ",",  ":",  "x", "\n", "\xc3\xa4"};
  const auto text = [&] {
    std::string made;
    for (auto left = random() % 6; left > 0; --left) {
      made += kPieces[random() % std::size(kPieces)];
    }
    return made;
  };
  switch (depth == 0 ? random() % 4 : random() % 6) {
    case 0:
      return text();
    case 1:
      return static_cast<int>(random() % 1'000) - 500;
    case 2:
      return 0.25 * static_cast<double>(random() % 1'000);
    case 3:
      return random() % 2 == 0 ? Json(nullptr) : Json(true);
    case 4: {
      Json array = Json::array();
      for (auto left = random() % 4; left > 0; --left) {
        array.push_back(RandomValue(random, depth - 1));
      }
      return array;
    }
    default: {
      Json object = Json::object();
      for (auto left = random() % 4; left > 0; --left) {
        object[text()] = RandomValue(random, depth - 1);
      }
      return object;
    }
  }
}

TEST(JsonMembersTest, ReplacingMembersPrintsWhatReplacingThemInTheTreePrints) {
  const std::vector<std::string> all{"a", "b", "ba", "c", "id", "z", "\xe5\x93\x81"};
  std::mt19937 random(20'261);
  for (int round = 0; round < 5'000; ++round) {
    Json document = Json::object();
    Json replacement = Json::object();
    std::vector<std::string> names;
    for (const std::string& name : all) {
      if (random() % 2 == 0) {
        document[name] = RandomValue(random, 3);
      }
      if (random() % 3 == 0) {
        names.push_back(name);
        if (random() % 2 == 0) {
          replacement[name] = RandomValue(random, 3);
        }
      }
    }
    std::sort(names.begin(), names.end());
    const std::string text = DumpJson(document);
    const std::string replaced = ReplaceMembers(Split(text), names, replacement);
    for (const std::string& name : names) {
      document.erase(name);
    }
    document.update(replacement);
    ASSERT_EQ(replaced, DumpJson(document)) << text;
  }
}

}  // namespace
}  // namespace cacheindex
