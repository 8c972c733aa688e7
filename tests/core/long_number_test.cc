#include "node/core/long_number.h"

#include <gmock/gmock.h>

#include <array>
#include <charconv>
#include <random>
#include <string>
#include <string_view>

#include "node/core/json_members.h"
#include "tests/support/result_matchers.h"
#include "tests/support/test_seed.h"

namespace cacheindex {
namespace {

using test::FailsWith;
using test::Succeeds;
using test::TestSeed;

std::string RoundTrip(std::string_view text) {
  const Result<Json> value = ParseJson(text);
  return value ? DumpJson(*value) : "error: " + value.error().message();
}

TEST(LongNumberTest, WhatCameInComesOut) {
  for (const char* text :
       {"18446744073709551616", "-9223372036854775809", "12345678901234567890123",
        "100000000000000000000", "0.1234567890123456789", "-0.1234567890123456789", "1e400",
        "-1.5E+400", "1e-400", "9007199254740993.0", "2.00000000000000000001",
        "1e99999999999999999999"}) {
    const auto value = ParseJson(text);
    ASSERT_THAT(value, Succeeds()) << text;
    EXPECT_TRUE(IsLongNumber(*value)) << text;
    EXPECT_TRUE(IsNumber(*value)) << text;
    EXPECT_EQ(DumpJson(*value), text);
  }
}

TEST(LongNumberTest, WhatADoubleHoldsIsOne) {
  for (const auto& [text, printed] :
       {std::pair{"1.50", "1.5"}, std::pair{"1e2", "100.0"}, std::pair{"0e999999999999", "0.0"},
        std::pair{"100000000000000000000.0", "1e+20"},
        std::pair{"0.30000000000000004", "0.30000000000000004"},
        std::pair{"1.7976931348623157e308", "1.7976931348623157e+308"},
        std::pair{"5e-324", "5e-324"}, std::pair{"-0.0", "-0.0"},
        std::pair{"0.10000000000000000000000", "0.1"}}) {
    EXPECT_EQ(RoundTrip(text), printed);
  }
}

TEST(LongNumberTest, TheyStandAnywhereInADocument) {
  const std::string text = R"({"1e400":"1e400","a":[1,-2.5,1e400,[0.1234567890123456789]],)"
                           R"("b":{"c":12345678901234567890123},"d":3})";
  EXPECT_EQ(RoundTrip(text), text);
  EXPECT_EQ(RoundTrip("[1e400 , 7,\t18446744073709551616]"), "[1e400,7,18446744073709551616]");
  EXPECT_EQ(RoundTrip(R"({"a":1e400,"a":2})"), R"({"a":2})");
  const auto document = ParseJson(text);
  Json merged = *document;
  merged.merge_patch({{"d", 4}});
  EXPECT_EQ(merged["b"], (*document)["b"]);
  std::vector<JsonMember> members;
  ASSERT_TRUE(SplitMembers(text, members));
  EXPECT_EQ(ReplaceMembers(members, {"b"}, {{"b", (*document)["a"][2]}}),
            R"({"1e400":"1e400","a":[1,-2.5,1e400,[0.1234567890123456789]],"b":1e400,"d":3})");
}

TEST(LongNumberTest, WhatIsSpelledWrongIsRefused) {
  for (const char* text : {"00000000000000000001", "1e", "-", "1.", "123456789012345678901.",
                           "1e400e", "1-2", "12345678901234567890-", "[1e400", "+1e400"}) {
    EXPECT_THAT(ParseJson(text), FailsWith(ErrorCode::kInvalidArgument)) << text;
  }
}

TEST(LongNumberTest, TheirLengthIsBounded) {
  EXPECT_THAT(ParseJson(std::string(kLongNumberBytesMax, '7')), Succeeds());
  const auto refused = ParseJson("[" + std::string(kLongNumberBytesMax + 1, '7') + "]");
  ASSERT_THAT(refused, FailsWith(ErrorCode::kInvalidArgument));
  EXPECT_THAT(refused.error().message(), testing::HasSubstr("at byte 2"));
  EXPECT_EQ(RoundTrip("0." + std::string(5'000, '0')), "0.0") << "a double, however it is spelled";
}

TEST(LongNumberTest, WholeNumbersAreToldFromTheRest) {
  const auto whole = [](const char* text) { return WholeNumber(*ParseJson(text)); };
  EXPECT_EQ(whole("12"), 12);
  EXPECT_EQ(whole("12.0"), 12);
  EXPECT_EQ(whole("-1.2e1"), -12);
  EXPECT_EQ(whole("0.0"), 0);
  EXPECT_EQ(whole("9007199254740993.0"), 9007199254740993);
  EXPECT_EQ(whole("-9223372036854775808"), INT64_MIN);
  for (const char* text : {"12.5", "0.1", "9223372036854775808", "1e19", "1e400", "1e-400",
                           "12345678901234567890123"}) {
    EXPECT_EQ(whole(text), std::nullopt) << text;
  }
}

// A decimal of up to 17 digits, as anybody may print a double.
TEST(LongNumberTest, EveryPrintedDoubleComesOutAsItself) {
  const auto seed = TestSeed();
  SCOPED_TRACE("TEST_SEED=" + std::to_string(seed));
  std::mt19937_64 random(seed);
  for (int round = 0; round < 20'000; ++round) {
    const double number =
        static_cast<double>(random() % 1'000'000'000) / static_cast<double>(1 + random() % 100'000);
    std::array<char, 40> text{};
    const auto [end, failure] = std::to_chars(text.data(), text.data() + text.size(), number);
    ASSERT_EQ(failure, std::errc());
    const auto parsed = ParseJson(std::string_view(text.data(), end));
    ASSERT_THAT(parsed, Succeeds());
    ASSERT_EQ(NearestDouble(*parsed), number);
    ASSERT_EQ(NearestDouble(*ParseJson(DumpJson(*parsed))), number);
  }
}

}  // namespace
}  // namespace cacheindex
