#include "node/core/json.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <random>
#include <string>
#include <string_view>

#include "tests/support/result_matchers.h"

namespace cacheindex {
namespace {

using test::FailsWith;
using test::Succeeds;
using ::testing::HasSubstr;

std::string Nested(std::size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); }

// Parses and prints; "error: ..." when parsing fails, so that a mismatch shows why.
std::string RoundTrip(std::string_view text) {
  const Result<Json> value = ParseJson(text);
  return value ? DumpJson(*value) : "error: " + value.error().message();
}

TEST(JsonTest, PrintsCompactWithKeysSortedByBytes) {
  EXPECT_EQ(RoundTrip(R"( { "b" : 1, "a" : [ true , null ], "B" : "x", "é" : 0, "aa" : {} } )"),
            R"({"B":"x","a":[true,null],"aa":{},"b":1,"é":0})");
}

TEST(JsonTest, ThePrintedFormIsAFixedPoint) {
  constexpr std::string_view kText = R"({"a":[1,-2,3.5,"x\n\u0001"],"b":{"c":null}})";
  EXPECT_EQ(RoundTrip(RoundTrip(kText)), kText);
}

TEST(JsonTest, TheLastOfEqualKeysWins) {
  EXPECT_EQ(RoundTrip(R"({"a":1,"b":2,"a":3})"), R"({"a":3,"b":2})");
}

TEST(JsonTest, AnyScriptStaysUnescaped) {
  EXPECT_EQ(RoundTrip(R"("\u4e2d\u6587 \ud83d\ude00 \u00e9 \/")"), "\"中文 😀 é /\"");
}

TEST(JsonTest, IntegersOf64BitsAreExact) {
  for (const std::string text : {"0", "-1", "9007199254740993", "9223372036854775807",
                                 "-9223372036854775808", "18446744073709551615"}) {
    EXPECT_EQ(RoundTrip(text), text);
  }
}

TEST(JsonTest, BytesThatAreNoUtf8AreReplacedInsteadOfEndingTheProcess) {
  EXPECT_EQ(DumpJson(Json("a\xe7z")), "\"a\xEF\xBF\xBDz\"");
  EXPECT_EQ(DumpJson(Json{{"\xff", 1}}), "{\"\xEF\xBF\xBD\":1}");
}

TEST(JsonTest, EveryFiniteDoubleComesBackBitForBit) {
  const std::uint64_t seed = std::random_device()();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937_64 random(seed);
  for (int round = 0; round < 100'000; ++round) {
    const auto number = std::bit_cast<double>(random());
    if (!std::isfinite(number)) {
      continue;
    }
    const Result<Json> again = ParseJson(DumpJson(Json(number)));
    ASSERT_THAT(again, Succeeds());
    ASSERT_EQ(std::bit_cast<std::uint64_t>(again->get<double>()),
              std::bit_cast<std::uint64_t>(number));
  }
}

TEST(JsonTest, AWholeFloatingNumberStaysAFloatingNumber) {
  EXPECT_EQ(RoundTrip("2.0"), "2.0");
  EXPECT_EQ(RoundTrip("-0.0"), "-0.0");
  EXPECT_EQ(RoundTrip("2"), "2");
}

TEST(JsonTest, MoreValuesThanMemoryIsWorthAreRefused) {
  std::string text = "[";
  for (int i = 0; i < 5'000'000; ++i) {
    text += "0,";
  }
  text.back() = ']';
  const auto refused = ParseJson(text);
  ASSERT_THAT(refused, FailsWith(ErrorCode::kInvalidArgument));
  EXPECT_EQ(refused.error().message(), "more than 5000000 values");
  EXPECT_THAT(ParseJson("\"" + std::string(5'000'000, ',') + "\""), Succeeds());
}

TEST(JsonTest, TheDeepestAllowedValueParses) {
  EXPECT_EQ(RoundTrip(Nested(kJsonDepthMax)), Nested(kJsonDepthMax));
}

TEST(JsonTest, OneLevelDeeperIsRefusedAndSaysSo) {
  const Result<Json> value = ParseJson(Nested(kJsonDepthMax + 1));
  ASSERT_THAT(value, FailsWith(ErrorCode::kInvalidArgument));
  EXPECT_THAT(value.error().message(), HasSubstr(std::to_string(kJsonDepthMax)));
}

TEST(JsonTest, AMillionBracketsCostNoStack) {
  EXPECT_THAT(ParseJson(std::string(1'000'000, '[')), FailsWith(ErrorCode::kInvalidArgument));
  std::string objects;
  for (int i = 0; i < 100'000; ++i) {
    objects += R"({"a":)";
  }
  EXPECT_THAT(ParseJson(objects), FailsWith(ErrorCode::kInvalidArgument));
}

TEST(JsonTest, BracketsInsideStringsAreNotDepth) {
  const std::string text = "\"" + std::string(1000, '[') + R"(\"{{\\)" + "\"";
  EXPECT_EQ(RoundTrip(text), text);
}

TEST(JsonTest, SiblingsAreNotDepth) {
  std::string text = "[[]";
  for (int i = 0; i < 1000; ++i) {
    text += ",[]";
  }
  text += "]";
  EXPECT_EQ(RoundTrip(text), text);
}

TEST(JsonTest, InvalidUtf8IsRefused) {
  for (const std::string_view bytes :
       {"\xff", "\xc3", "\xc0\xaf", "\xed\xa0\x80", "\xf5\x80\x80\x80"}) {
    EXPECT_THAT(ParseJson("\"" + std::string(bytes) + "\""),
                FailsWith(ErrorCode::kInvalidArgument));
    EXPECT_THAT(ParseJson("{\"" + std::string(bytes) + "\":1}"),
                FailsWith(ErrorCode::kInvalidArgument));
  }
}

TEST(JsonTest, ALoneSurrogateIsRefused) {
  EXPECT_THAT(ParseJson(R"("\ud800")"), FailsWith(ErrorCode::kInvalidArgument));
  EXPECT_THAT(ParseJson(R"("\udc00")"), FailsWith(ErrorCode::kInvalidArgument));
}

TEST(JsonTest, WhatIsNotOneValueIsRefused) {
  for (const std::string_view text :
       {"", " ", "{", "[1,]", "{\"a\":}", "{a:1}", "nul", "01", "+1", "NaN", "Infinity", "1 2",
        "{}{}", "'a'", "\"a", "\"\n\"", "// x\n1"}) {
    EXPECT_THAT(ParseJson(text), FailsWith(ErrorCode::kInvalidArgument)) << text;
  }
}

TEST(JsonTest, AZeroByteIsNotTheEnd) {
  for (const std::string_view text :
       {std::string_view("1\0", 2), std::string_view("{}\0{", 4), std::string_view("\"\0\"", 3)}) {
    EXPECT_THAT(ParseJson(text), FailsWith(ErrorCode::kInvalidArgument));
  }
  EXPECT_EQ(RoundTrip(R"("\u0000")"), R"("\u0000")");
}

TEST(JsonTest, TheMessageSaysWhereAndNotWhichLibrary) {
  const Result<Json> value = ParseJson(R"({"a": 1, "b": ?})");
  ASSERT_THAT(value, FailsWith(ErrorCode::kInvalidArgument));
  EXPECT_THAT(value.error().message(), HasSubstr("column 15"));
  EXPECT_THAT(value.error().message(), ::testing::Not(HasSubstr("json.exception")));
}

}  // namespace
}  // namespace cacheindex
