#include "replication/values/term.h"

#include <gmock/gmock.h>

#include <random>

#include "replication/rows/row_key.h"

namespace cacheindex::replication {
namespace {

std::string Converted(std::uint32_t type, const char* text,
                      WantedType wanted = WantedType::kAsItIs) {
  Scratch scratch;
  return DumpJson(ToJson(ParseValue(type, text, scratch), wanted));
}

struct Conversion {
  std::uint32_t type;
  const char* text;
  const char* json;
};

class ConversionTest : public testing::TestWithParam<Conversion> {};

// replication/README.md C32: what a text of each type becomes.
TEST_P(ConversionTest, RequirementC32_GivesItsJson) {
  EXPECT_EQ(Converted(GetParam().type, GetParam().text), GetParam().json) << GetParam().text;
}

INSTANTIATE_TEST_SUITE_P(
    Types, ConversionTest,
    testing::Values(Conversion{16, "t", "true"}, Conversion{16, "f", "false"},
                    Conversion{21, "-32768", "-32768"},
                    Conversion{20, "9223372036854775807", "9223372036854775807"},
                    Conversion{26, "4294967295", "4294967295"}, Conversion{1700, "12", "12"},
                    Conversion{1700, "12.50", "12.5"}, Conversion{1700, "-0.05", "-0.05"},
                    Conversion{1700, "100000000000000", "100000000000000"},
                    Conversion{1700, "123456789012.345", "123456789012.345"},
                    // More digits than a double holds.
                    Conversion{1700, "1234567890123456.78", "1234567890123456.78"},
                    Conversion{1700, "9223372036854775808", "9223372036854775808"},
                    Conversion{1700, "99999999999999999999999999", "99999999999999999999999999"},
                    Conversion{1231, "{-99999999999999999999,1}", "[-99999999999999999999,1]"},
                    Conversion{1700, "NaN", "null"}, Conversion{1700, "Infinity", "null"},
                    Conversion{1700, "-Infinity", "null"}, Conversion{701, "0.1", "0.1"},
                    Conversion{701, "1e+300", "1e+300"}, Conversion{701, "NaN", "null"},
                    Conversion{701, "-Infinity", "null"}, Conversion{700, "0.1", "0.1"},
                    Conversion{25, "a\"b\\c\n", R"("a\"b\\c\n")"}, Conversion{1043, "", R"("")"},
                    Conversion{1082, "2024-02-29", R"("2024-02-29")"},
                    Conversion{1082, "0044-03-15 BC", R"("0044-03-15 BC")"},
                    Conversion{1114, "infinity", R"("infinity")"},
                    Conversion{3802, R"({"b": [1, null]})", R"({"b":[1,null]})"},
                    Conversion{114, R"({"a":1,"a":2})", R"({"a":2})"},
                    Conversion{114, "null", "null"},
                    Conversion{2950, "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11",
                               R"("a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11")"},
                    Conversion{17, "\\xdeadbeef", R"("\\xdeadbeef")"},
                    Conversion{790, "$1,000.00", R"("$1,000.00")"},
                    Conversion{1007, "{1,NULL,-3}", "[1,null,-3]"}, Conversion{1007, "{}", "[]"},
                    Conversion{1007, "[0:1]={5,6}", "[5,6]"},
                    Conversion{1007, "{{1,2},{3,4}}", "[[1,2],[3,4]]"},
                    Conversion{1009, R"({"b c",NULL,"NULL","a\"\\b",plain})",
                               R"(["b c",null,"NULL","a\"\\b","plain"])"},
                    Conversion{1231, "{1.10,NaN}", "[1.1,null]"},
                    Conversion{1000, "{t,f}", "[true,false]"},
                    Conversion{3807, R"({"{\"a\": 1}"})", R"([{"a":1}])"},
                    // What is broken stays text.
                    Conversion{1007, "{1,2", R"("{1,2")"}, Conversion{23, "12x", R"("12x")"},
                    Conversion{3802, "{", R"("{")"}, Conversion{99999, "(1,b)", "\"(1,b)\""}));

TEST(TermTest, AFieldsTypeDecides) {
  EXPECT_EQ(Converted(1700, "12.50", WantedType::kText), R"("12.50")");
  EXPECT_EQ(Converted(1700, "123456789012.3456", WantedType::kReal), "123456789012.3456");
  EXPECT_EQ(Converted(1700, "12.50", WantedType::kInteger), "13");
  EXPECT_EQ(Converted(23, "7", WantedType::kText), R"("7")");
  EXPECT_EQ(Converted(1700, "1234567890123456.78", WantedType::kReal), "1234567890123456.78");
  EXPECT_EQ(Converted(1700, "0.1234567890123456789", WantedType::kReal), "0.1234567890123456789");
  EXPECT_EQ(Converted(23, "7", WantedType::kReal), "7.0");
  EXPECT_EQ(Converted(25, "7.5", WantedType::kReal), "7.5");
  EXPECT_EQ(Converted(25, "7", WantedType::kInteger), "7");
  EXPECT_EQ(Converted(16, "t", WantedType::kText), R"("true")");
  EXPECT_EQ(Converted(16, "t", WantedType::kInteger), "1");
  EXPECT_EQ(Converted(25, "many", WantedType::kInteger), R"("many")");
}

TEST(TermTest, TextThatIsNoUtf8IsReplaced) {
  EXPECT_EQ(Converted(25, "caf\xe9 au"), "\"caf\xef\xbf\xbd au\"");
  EXPECT_EQ(Converted(25, "\xed\xa0\x80"), "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"");
  EXPECT_EQ(Converted(25, "日本\xe6"), "\"日本\xef\xbf\xbd\"");
}

TEST(TermTest, TimestampsBecomeSeconds) {
  EXPECT_EQ(ParseTimestamp("1970-01-01"), 0);
  EXPECT_EQ(ParseTimestamp("2024-02-29 12:30:15.123456"), 1709209815);
  EXPECT_EQ(ParseTimestamp("2024-02-29 12:30:15+05:30"), 1709190015);
  EXPECT_EQ(ParseTimestamp("2024-02-29 12:30:15-08"), 1709238615);
  EXPECT_EQ(ParseTimestamp("0001-01-01"), -62135596800);
  EXPECT_EQ(ParseTimestamp("0001-01-01 BC"), -62167219200);
  for (const char* text : {"infinity", "-infinity", "", "2024", "2024-02-29x", "12:30:15"}) {
    EXPECT_EQ(ParseTimestamp(text), std::nullopt) << text;
  }
}

Term Number(const char* text) {
  Scratch scratch;
  return ParseValue(1700, text, scratch);
}

TEST(TermTest, SmallAndLargeFractionsOfJsonAndArraysAreDecimalsToo) {
  Scratch scratch;
  const Json small = *ParseJson("0.0000000001");
  EXPECT_EQ(TextOf(TermOfJson(small)), "0.0000000001");
  EXPECT_EQ(TextOf(Calculate(Arithmetic::kMultiply, TermOfJson(small), Term::Integer(3))),
            "0.0000000003");
  EXPECT_EQ(TextOf(TermOfJson(Json(-1e22))), "-10000000000000000000000");
  EXPECT_EQ(TextOf(TermOfJson(Json(1e300))), "1e+300");
  EXPECT_EQ(TextOf(TermOfJson(Json(1e-300))), "1e-300");
}

TEST(TermTest, TimesCompareAsMomentsWhateverTheirSpelling) {
  constexpr std::uint32_t kText = 25;
  constexpr std::uint32_t kDate = 1082;
  constexpr std::uint32_t kTimestamp = 1114;
  constexpr std::uint32_t kTimestampWithZone = 1184;
  const auto order = [](std::uint32_t left_type, const char* left, std::uint32_t right_type,
                        const char* right) {
    Scratch scratch;
    return Compare(ParseValue(left_type, left, scratch), ParseValue(right_type, right, scratch));
  };
  EXPECT_EQ(order(kTimestampWithZone, "2024-01-01 00:00:00+00", kText, "2024-01-01"), 0);
  EXPECT_EQ(order(kText, "2024-01-01T00:00:00Z", kTimestamp, "2024-01-01 00:00:00"), 0);
  EXPECT_EQ(order(kTimestamp, "2024-01-01 00:00:00", kTimestampWithZone, "2024-01-01 00:00:00+00"),
            0);
  EXPECT_EQ(order(kDate, "2024-01-01", kTimestamp, "2024-01-01 00:00:00.000001"), -1);
  EXPECT_EQ(order(kDate, "0044-03-15 BC", kText, "2024-02-29"), -1);
  EXPECT_EQ(order(kDate, "10000-01-01", kDate, "9999-12-31"), 1);
  EXPECT_EQ(order(kTimestamp, "infinity", kDate, "9999-12-31"), 1);
  // What spells no moment is a text.
  EXPECT_EQ(order(kDate, "2024-01-01", kText, "soon"), -1);
  EXPECT_EQ(order(kText, "2024-01-01", kText, "2024-01-01 00:00:00"), -1);
}

TEST(TermTest, DecimalsAreExactAsLongAsTheyFit) {
  const auto text = [](Arithmetic operation, const char* left, const char* right) {
    return TextOf(Calculate(operation, Number(left), Number(right)));
  };
  EXPECT_EQ(text(Arithmetic::kAdd, "0.1", "0.20"), "0.30");
  EXPECT_EQ(text(Arithmetic::kMultiply, "-1.25", "3"), "-3.75");
  EXPECT_EQ(text(Arithmetic::kModulo, "-7.5", "2"), "-1.5");
  EXPECT_EQ(text(Arithmetic::kAdd, "9223372036854775807", "9223372036854775807"),
            "18446744073709551614");
  EXPECT_EQ(text(Arithmetic::kMultiply, "99999999999999999999", "0.000000000000000001"),
            "99.999999999999999999");
  const Term great = Number("99999999999999999999999999999999999999");
  EXPECT_EQ(great.kind, Term::Kind::kInteger);
  EXPECT_EQ(Number("999999999999999999999999999999999999999").kind, Term::Kind::kReal)
      << "one digit more";
  const Term long_number = Number("1234567890123456789012345678901234567890");
  EXPECT_EQ(Compare(long_number, Number("3")), 1);
  EXPECT_EQ(TextOf(long_number), "1234567890123456789012345678901234567890");
  EXPECT_EQ(TextOf(Calculate(Arithmetic::kDivide, long_number, long_number)), "1");
  EXPECT_EQ(
      DumpJson(ToJson(Number("12345678901234567890123456789012345678.99"), WantedType::kAsItIs)),
      "12345678901234567890123456789012345678.99");
  EXPECT_EQ(Calculate(Arithmetic::kAdd, great, great).kind, Term::Kind::kReal);
  EXPECT_TRUE(Calculate(Arithmetic::kAdd, great, Term::Text("1")).is_null());
  EXPECT_EQ(Compare(Number("1.50"), Number("1.5")), 0);
  EXPECT_EQ(Compare(Number("2"), Number("1.5")), 1);
  EXPECT_EQ(Compare(Number("2"), Term::Text("2")), std::nullopt);
}

// What `SELECT a::numeric / b::numeric` prints, without its last zeros.
TEST(TermTest, QuotientsHaveTheDigitsOfTheSource) {
  const auto text = [](const char* left, const char* right) {
    return TextOf(Calculate(Arithmetic::kDivide, Number(left), Number(right)));
  };
  EXPECT_EQ(text("-5", "100"), "-0.05");
  EXPECT_EQ(text("1", "8"), "0.125");
  EXPECT_EQ(text("10", "5"), "2");
  EXPECT_EQ(text("1", "3"), "0.33333333333333333333");
  EXPECT_EQ(text("2", "3"), "0.66666666666666666667");
  EXPECT_EQ(text("13", "3"), "4.3333333333333333");
  EXPECT_EQ(text("100000", "7"), "14285.714285714286");
  EXPECT_EQ(text("0.7", "7"), "0.1");
  EXPECT_EQ(text("1", "30000"), "0.000033333333333333333333");
  EXPECT_TRUE(Calculate(Arithmetic::kDivide, Number("1"), Number("0.00")).is_null());
  EXPECT_TRUE(Calculate(Arithmetic::kModulo, Number("1"), Number("0")).is_null());
}

TEST(TermTest, RoundingGoesTheWayThatIsAskedFor) {
  const auto text = [](const char* number, std::int64_t digits, Rounding rounding) {
    return TextOf(Round(Number(number), digits, rounding));
  };
  EXPECT_EQ(text("12.345", 2, Rounding::kHalfAwayFromZero), "12.35");
  EXPECT_EQ(text("-12.345", 2, Rounding::kHalfAwayFromZero), "-12.35");
  EXPECT_EQ(text("1250", -2, Rounding::kHalfAwayFromZero), "1300");
  EXPECT_EQ(text("-0.5", 0, Rounding::kDown), "-1");
  EXPECT_EQ(text("-0.5", 0, Rounding::kUp), "0");
  EXPECT_EQ(text("0.01", 0, Rounding::kUp), "1");
}

TEST(TermTest, BlanksOfPaddedTextMeanNothingButInTheWholeValue) {
  Scratch scratch;
  const Term padded = ParseValue(1042, "EUR  ", scratch);
  EXPECT_EQ(Compare(padded, Term::Text("EUR")), 0);
  EXPECT_EQ(TextOf(padded), "EUR");
  EXPECT_EQ(ToJson(padded, WantedType::kAsItIs), "EUR  ");
}

TEST(RowKeyTest, KeysAreInTheOrderOfTheirValuesAndNeverMixUp) {
  const auto key = [](std::uint32_t type, const char* text) {
    std::string bytes;
    AppendKeyValue(bytes, type, text);
    return bytes;
  };
  const char* numbers[] = {"-9223372036854775808", "-100", "-1", "0", "2", "10",
                           "9223372036854775807"};
  for (std::size_t i = 0; i + 1 < std::size(numbers); ++i) {
    EXPECT_LT(key(20, numbers[i]), key(23, numbers[i + 1]));
  }
  EXPECT_LT(key(25, "a"), key(25, "ab"));
  EXPECT_EQ(key(25, "a"), key(1043, "a"));
  EXPECT_EQ(key(1042, "a  "), key(25, "a"));
  EXPECT_EQ(key(1700, "1.50"), key(1700, "1.5"));
  EXPECT_EQ(key(1700, "100"), key(1700, "100.00"));
  EXPECT_FALSE(key(25, "ab").starts_with(key(25, "a")));
  const std::string long_a = BoundedKey(key(25, std::string(300, 'x').append("a").c_str()));
  const std::string long_b = BoundedKey(key(25, std::string(300, 'x').append("b").c_str()));
  EXPECT_EQ(long_a.size(), kRowKeyBytesMax);
  EXPECT_NE(long_a, long_b);
}

TEST(RowKeyTest, IdsLeadBackToTheirRows) {
  const KeyPart parts[] = {
      {.base_type = 25, .place = 0}, {.base_type = 23, .place = 2}, {.base_type = 25, .place = 1}};
  for (const std::vector<std::string_view>& values :
       {std::vector<std::string_view>{"a", "1", "b"}, {"a:b", "2", "%"}, {"%3A", "-3", ""}}) {
    std::string key;
    std::vector<std::string_view> in_id(values.size());
    for (std::size_t i = 0; i < values.size(); ++i) {
      AppendKeyValue(key, parts[i].base_type, values[i]);
      in_id[parts[i].place] = values[i];
    }
    EXPECT_EQ(RowKeyOfId(parts, DocumentId(in_id)), key) << DocumentId(in_id);
  }
  EXPECT_EQ(RowKeyOfId(parts, "a:1"), "");
  EXPECT_EQ(RowKeyOfId(parts, "a:1:b:c"), "");
}

}  // namespace
}  // namespace cacheindex::replication
