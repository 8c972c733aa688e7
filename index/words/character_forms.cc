#include "index/words/character_forms.h"

#include <unicode/translit.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>
#include <unicode/uscript.h>

#include <array>
#include <memory>
#include <string_view>

namespace cacheindex::index {
namespace {

// Han characters beyond the first plane are rare and have no simplified forms worth a table.
constexpr CodePoint kFirstHan = 0x3400;
constexpr CodePoint kLastHan = 0x9FFF;

using HanForms = std::array<char16_t, kLastHan - kFirstHan + 1>;

bool IsKana(CodePoint code_point) {
  return (code_point >= 0x3041 && code_point <= 0x30FF) ||
         (code_point >= 0x31F0 && code_point <= 0x31FF);
}

// Without ICU's rules every character is its own form.
HanForms MakeSimplifiedForms() {
  HanForms forms;
  for (CodePoint code_point = kFirstHan; code_point <= kLastHan; ++code_point) {
    forms[static_cast<std::size_t>(code_point - kFirstHan)] = static_cast<char16_t>(code_point);
  }
  UErrorCode status = U_ZERO_ERROR;
  const std::unique_ptr<icu::Transliterator> simplify(
      icu::Transliterator::createInstance("Traditional-Simplified", UTRANS_FORWARD, status));
  if (U_FAILURE(status) || simplify == nullptr) {
    return forms;
  }
  // One call for all, with spaces between, as some rules look at the neighbours.
  icu::UnicodeString text;
  for (const char16_t form : forms) {
    text.append(form).append(u' ');
  }
  simplify->transliterate(text);
  // Nothing that became longer or left the table shifts what comes after it.
  std::size_t at = 0;
  for (char16_t& form : forms) {
    const std::int32_t begin = static_cast<std::int32_t>(at);
    const std::int32_t end = text.indexOf(u' ', begin);
    if (end < 0) {
      break;
    }
    const char16_t simplified = text.charAt(begin);
    if (end == begin + 1 && simplified >= kFirstHan && simplified <= kLastHan) {
      form = simplified;
    }
    at = static_cast<std::size_t>(end) + 1;
  }
  return forms;
}

// What stands for one digit is that digit: 四件套 is 4件套. Ten and above are left alone, as 十四
// is not 104.
HanForms MakeForms() {
  HanForms forms = MakeSimplifiedForms();
  constexpr std::u16string_view kNumerals = u"零一二三四五六七八九";
  for (char16_t& form : forms) {
    const std::size_t digit = form == u'两' ? 2 : kNumerals.find(form);
    if (digit != std::u16string_view::npos) {
      form = static_cast<char16_t>(u'0' + digit);
    }
  }
  return forms;
}

const HanForms& CommonForms() {
  static const HanForms kForms = MakeForms();
  return kForms;
}

}  // namespace

bool StandsAlone(CodePoint code_point) {
  constexpr CodePoint kFirstHangul = 0xAC00;
  constexpr CodePoint kLastHangul = 0xD7A3;
  if (code_point < 0x2E80) {
    return false;
  }
  if (code_point >= kFirstHangul && code_point <= kLastHangul) {
    return true;
  }
  if ((code_point >= 0x4E00 && code_point <= kLastHan) || IsKana(code_point)) {
    return true;
  }
  UErrorCode status = U_ZERO_ERROR;
  return uscript_getScript(code_point, &status) == USCRIPT_HAN;
}

CodePoint CommonForm(CodePoint code_point) {
  constexpr CodePoint kFirstKatakana = 0x30A1;
  constexpr CodePoint kLastKatakanaOfHiragana = 0x30F6;
  constexpr CodePoint kKatakanaToHiragana = 0x60;
  if (code_point >= kFirstKatakana && code_point <= kLastKatakanaOfHiragana) {
    return code_point - kKatakanaToHiragana;
  }
  if (code_point >= kFirstHan && code_point <= kLastHan) {
    return CommonForms()[static_cast<std::size_t>(code_point - kFirstHan)];
  }
  return code_point;
}

bool Extends(CodePoint code_point) {
  if (code_point < 0x300) {
    return false;
  }
  switch (u_getIntPropertyValue(code_point, UCHAR_GRAPHEME_CLUSTER_BREAK)) {
    case U_GCB_EXTEND:
    case U_GCB_SPACING_MARK:
    case U_GCB_ZWJ:
    case U_GCB_V:
    case U_GCB_T:
      return true;
    default:
      return false;
  }
}

}  // namespace cacheindex::index
