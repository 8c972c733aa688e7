#include "node/core/utf8.h"

#include <gmock/gmock.h>

#include <string>
#include <string_view>

namespace cacheindex {
namespace {

TEST(Utf8Test, KnowsWhatIsACharacter) {
  EXPECT_TRUE(IsUtf8(""));
  EXPECT_TRUE(IsUtf8("a\xC3\xA9\xE4\xBA\xAC\xF0\x9F\x98\x80"));
  for (const std::string_view bad : {"\x80", "\xC0\x80", "\xE0\x80\x80", "\xED\xA0\x80", "\xC3",
                                     "\xF4\x90\x80\x80", "\xF8\x88\x80\x80\x80", "a\xFF"}) {
    EXPECT_FALSE(IsUtf8(bad));
    // Wherever it stands: many plain characters are looked at together.
    for (std::size_t before = 0; before < 70; ++before) {
      const std::string text = std::string(before, 'a') + std::string(bad);
      ASSERT_FALSE(IsUtf8(text)) << before;
      ASSERT_FALSE(IsUtf8(text + std::string(40, 'b'))) << before;
      ASSERT_TRUE(IsUtf8(ReplaceInvalidUtf8(text))) << before;
    }
  }
  EXPECT_EQ(Utf8CharacterBytes("a\xC3"), 1U);
  EXPECT_EQ(Utf8CharacterBytes("\xF0\x9F\x98\x80 and more"), 4U);
  EXPECT_EQ(Utf8CharacterBytes("\xF0\x9F\x98"), 0U);
}

TEST(Utf8Test, ReplacesEachByteThatBelongsToNone) {
  EXPECT_EQ(ReplaceInvalidUtf8("caf\xE9 au"), "caf\xEF\xBF\xBD au");
  EXPECT_EQ(ReplaceInvalidUtf8("\xED\xA0\x80"), "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD");
  EXPECT_EQ(ReplaceInvalidUtf8("日本"), "日本");
}

}  // namespace
}  // namespace cacheindex
