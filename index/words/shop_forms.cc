#include "index/words/shop_forms.h"

#include <unicode/uchar.h>
#include <unicode/uscript.h>

#include <algorithm>
#include <array>

namespace cacheindex::index {
namespace {

struct Form {
  CodePoint character;
  std::u16string_view form;
};

// Ascending.
constexpr std::array kForms = {
    Form{0x00B4, u"'"},       // An acute accent in the place of an apostrophe.
    Form{0x00B5, u"u"},       // Micro sign: 10µF is 10uF.
    Form{0x00C6, u"ae"},      // Letters with strokes and ligatures do not decompose.
    Form{0x00D0, u"d"},       //
    Form{0x00D8, u"o"},       //
    Form{0x00DE, u"th"},      //
    Form{0x00E6, u"ae"},      //
    Form{0x00F0, u"d"},       //
    Form{0x00F8, u"o"},       //
    Form{0x00FE, u"th"},      //
    Form{0x0110, u"d"},       //
    Form{0x0111, u"d"},       //
    Form{0x0126, u"h"},       //
    Form{0x0127, u"h"},       //
    Form{0x0131, u"i"},       // Turkish dotless i.
    Form{0x0141, u"l"},       //
    Form{0x0142, u"l"},       //
    Form{0x0152, u"oe"},      //
    Form{0x0153, u"oe"},      //
    Form{0x0166, u"t"},       //
    Form{0x0167, u"t"},       //
    Form{0x02B9, u"'"},       // Letters that are apostrophes: prime, okina, turned and reversed.
    Form{0x02BB, u"'"},       //
    Form{0x02BC, u"'"},       //
    Form{0x02BD, u"'"},       //
    Form{0x0490, u"\u0433"},  // Ukrainian ґ is г on many keyboards.
    Form{0x0491, u"\u0433"},  //
    Form{0x05F3, u"'"},       // Hebrew geresh.
    Form{0x0629, u"\u0647"},  // Teh marbuta is written as heh.
    Form{0x0649, u"\u064A"},  // Alef maksura as yeh.
    Form{0x066B, u"."},       // Arabic decimal and thousands separators.
    Form{0x066C, u","},       //
    Form{0x0671, u"\u0627"},  // Alef wasla; alefs with hamza and madda decompose.
    Form{0x06A9, u"\u0643"},  // Persian kaf.
    Form{0x06BE, u"\u0647"},  // The hehs of Urdu, Kurdish and Persian.
    Form{0x06C1, u"\u0647"},  //
    Form{0x06C3, u"\u0647"},  //
    Form{0x06CC, u"\u064A"},  // Persian yeh.
    Form{0x06D5, u"\u0647"},  //
    Form{0x0901, u"\u0902"},  // Chandrabindu is written as anusvara.
    Form{0x200B, u" "},       // An invisible word boundary, which normalization would drop.
    Form{0x2010, u"-"},       // Hyphens and the dashes that stand for them.
    Form{0x2011, u"-"},       //
    Form{0x2012, u"-"},       //
    Form{0x2013, u"-"},       //
    Form{0x2018, u"'"},       // Typographic apostrophes.
    Form{0x2019, u"'"},       //
    Form{0x201B, u"'"},       //
    Form{0x2032, u"'"},
    Form{0x2044, u"/"},  // What normalization puts between the numbers of ½.
    Form{0x2120, u" "},  // Service mark and trade mark: Core™ is core, not coretm.
    Form{0x2122, u" "},  //
    Form{0x2212, u"-"},  //
    Form{0x2215, u"/"},  //
};

static_assert(std::is_sorted(kForms.begin(), kForms.end(), [](const Form& left, const Form& right) {
  return left.character < right.character;
}));

}  // namespace

std::u16string_view ShopForm(CodePoint code_point) {
  const auto* const found =
      std::lower_bound(kForms.begin(), kForms.end(), code_point,
                       [](const Form& form, CodePoint wanted) { return form.character < wanted; });
  return found == kForms.end() || found->character != code_point ? std::u16string_view()
                                                                 : found->form;
}

bool IsOptionalMark(CodePoint code_point) {
  constexpr CodePoint kFirstCombining = 0x300;
  constexpr CodePoint kArabicTatweel = 0x640;
  constexpr CodePoint kDevanagariNukta = 0x93C;
  constexpr CodePoint kGurmukhiNukta = 0xA3C;
  constexpr CodePoint kVoicedSoundMark = 0x3099;
  constexpr CodePoint kSemiVoicedSoundMark = 0x309A;
  if (code_point < kFirstCombining) {
    return false;
  }
  if (code_point == kArabicTatweel || code_point == kDevanagariNukta ||
      code_point == kGurmukhiNukta) {
    return true;
  }
  if ((U_GET_GC_MASK(code_point) & (U_GC_MN_MASK | U_GC_ME_MASK)) == 0 ||
      code_point == kVoicedSoundMark || code_point == kSemiVoicedSoundMark) {
    return false;
  }
  UErrorCode status = U_ZERO_ERROR;
  const UScriptCode script = uscript_getScript(code_point, &status);
  return script == USCRIPT_INHERITED || script == USCRIPT_COMMON || script == USCRIPT_ARABIC ||
         script == USCRIPT_HEBREW;
}

NumeralSign NumeralSignOf(CodePoint code_point) {
  constexpr CodePoint kFirstSign = 0xB2;
  if (code_point < kFirstSign) {
    return NumeralSign::kNone;
  }
  switch (u_charType(code_point)) {
    case U_LETTER_NUMBER:
      return NumeralSign::kRoman;
    case U_OTHER_NUMBER: {
      const auto form = u_getIntPropertyValue(code_point, UCHAR_DECOMPOSITION_TYPE);
      return form == U_DT_SUPER || form == U_DT_SUB ? NumeralSign::kScript : NumeralSign::kNumber;
    }
    case U_OTHER_SYMBOL:
      return NumeralSign::kNumber;
    default:
      return NumeralSign::kNone;
  }
}

}  // namespace cacheindex::index
