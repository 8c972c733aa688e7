#include "index/schema/coercion.h"

#include <gmock/gmock.h>

#include <string>
#include <string_view>

#include "tests/support/result_matchers.h"

namespace cacheindex::index {
namespace {

// Returns what becomes of the JSON value `text` in a field of this type; "-" when it is refused.
std::string Coerced(FieldType type, std::string_view text) {
  auto value = ParseJson(text);
  if (!value) {
    return value.error().message();
  }
  return FitScalar(type, /*may_coerce=*/true, *value) == Fit::kMisfit ? "-" : DumpJson(*value);
}

TEST(CoercionTest, AnIntegerFieldTakesWhatIsAnInteger) {
  for (const auto& [text, expected] :
       {std::pair{"12", "12"}, std::pair{"12.0", "12"}, std::pair{"1.2e1", "12"},
        std::pair{"\"12\"", "12"}, std::pair{"true", "1"}, std::pair{"-0.0", "0"},
        std::pair{"9007199254740993.0", "9007199254740993"},
        std::pair{"9223372036854775807", "9223372036854775807"},
        std::pair{"-9.223372036854775808e18", "-9223372036854775808"}}) {
    EXPECT_EQ(Coerced(FieldType::kInt64, text), expected) << text;
  }
}

TEST(CoercionTest, NothingIsCutOff) {
  for (const char* text :
       {"12.99", "\"12.99\"", "\"12.0\"", "0.5", "-1e-3", "1e400", "1e-400", "9223372036854775808",
        "-9.3e18", "12345678901234567890123", "0.1234567890123456789", "\"\"", "null"}) {
    EXPECT_EQ(Coerced(FieldType::kInt64, text), "-") << text;
  }
  EXPECT_EQ(Coerced(FieldType::kInt32, "2147483647.0"), "2147483647");
  EXPECT_EQ(Coerced(FieldType::kInt32, "2147483648"), "-");
  EXPECT_EQ(Coerced(FieldType::kBool, "1.5"), "-");
  EXPECT_EQ(Coerced(FieldType::kBool, "2"), "-");
}

TEST(CoercionTest, AFloatFieldTakesDecimalsAndTheIntegersThatItHolds) {
  for (const char* text : {"12", "12.99", "9007199254740992", "9007199254740994",
                           "18446744073709551616", "0.1234567890123456789", "-5e-324"}) {
    EXPECT_EQ(Coerced(FieldType::kFloat, text), text);
  }
  for (const char* text :
       {"9007199254740993", "-9007199254740993", "18446744073709551615", "12345678901234567890123",
        "1e400", "\"1e400\"", "\"9007199254740993\""}) {
    EXPECT_EQ(Coerced(FieldType::kFloat, text), "-") << text;
  }
  EXPECT_EQ(Coerced(FieldType::kFloat, "\"12.50\""), "12.5");
  EXPECT_EQ(Coerced(FieldType::kFloat, "\"0.1234567890123456789\""), "0.1234567890123456789");
}

TEST(CoercionTest, ATextFieldTakesNumbersAsTheyAreWritten) {
  for (const char* text : {"12", "12.5", "12345678901234567890123", "0.1234567890123456789"}) {
    EXPECT_EQ(Coerced(FieldType::kString, text), '"' + std::string(text) + '"');
  }
}

TEST(CoercionTest, APlaceMayHaveMoreDigitsThanADouble) {
  EXPECT_EQ(Coerced(FieldType::kGeopoint, "[48.856614000000000001,2.35]"),
            "[48.856614000000000001,2.35]");
  EXPECT_EQ(Coerced(FieldType::kGeopoint, "[90.000000000000000001,1e400]"), "-");
}

}  // namespace
}  // namespace cacheindex::index
