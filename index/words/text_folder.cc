#include "index/words/text_folder.h"

#include <unicode/uchar.h>
#include <unicode/unistr.h>

#include "index/words/character_forms.h"
#include "index/words/code_points.h"
#include "index/words/shop_forms.h"

namespace cacheindex::index {
namespace {

constexpr UChar32 kFirstCombining = 0x300;
constexpr UChar32 kZeroWidthNonJoiner = 0x200C;

// Code points folded together, at most: reordering marks takes time quadratic in their number, and
// no real character has more than a handful.
constexpr std::int32_t kClusterUnitsMax = 32;

void AppendUnits(std::u16string_view units, Origin origin, FoldedText& folded) {
  for (const char16_t unit : units) {
    folded.text.push_back(unit);
    folded.origins.push_back(origin);
    folded.is_ascii = folded.is_ascii && unit < 0x80;
  }
}

std::u16string_view View(const icu::UnicodeString& text) {
  return {text.getBuffer(), static_cast<std::size_t>(text.length())};
}

// Its folded form is itself, whatever stands before it.
bool IsPlainHan(UChar32 code_point) { return code_point >= 0x4E00 && code_point <= 0x9FFF; }

bool IsDigit(char16_t unit) { return unit >= u'0' && unit <= u'9'; }
bool IsLatin(char16_t unit) { return unit >= u'a' && unit <= u'z'; }
bool IsArabic(char16_t unit) { return unit >= 0x620 && unit <= 0x6FF; }
bool IsKana(char16_t unit) { return unit >= 0x3041 && unit <= 0x30FF; }

// What is typed for the long mark that looks like it.
bool IsDash(UChar32 code_point) {
  return code_point == 0xFF0D || code_point == 0x2212 || code_point == 0x2014 ||
         code_point == 0x2015 || code_point == 0x2500;
}

// What some characters are depends on the one before them. Empty: nothing special.
std::u16string_view FormBehind(const FoldedText& folded, UChar32 code_point) {
  constexpr UChar32 kMasculineOrdinal = 0xBA;
  if (folded.text.empty()) {
    return {};
  }
  if (code_point == kMasculineOrdinal && IsDigit(folded.text.back())) {
    // It is on keyboards that have no degree sign.
    return u"\u00b0";
  }
  if (code_point == kZeroWidthNonJoiner && IsArabic(folded.text.back())) {
    // Persian words are written with it, with a space or in one, as others are with hyphens.
    return u"-";
  }
  if (IsDash(code_point) && IsKana(folded.text.back())) {
    return u"\u301c";
  }
  return {};
}

// Whether two units are parts of one number or word although only one of them is a sign for such.
bool AreGlued(char16_t before, char16_t after, NumeralSign left, NumeralSign right) {
  if (left == right && (left == NumeralSign::kScript || left == NumeralSign::kRoman)) {
    return false;
  }
  if (left == NumeralSign::kRoman || right == NumeralSign::kRoman) {
    return IsLatin(before) && IsLatin(after);
  }
  const bool ends_number = IsDigit(before) || before == u'.' || before == u',';
  return (left != NumeralSign::kNone || right != NumeralSign::kNone) && ends_number &&
         IsDigit(after);
}

// Parts the units from `begin` on from those before, which have no bytes of their own between.
void Part(std::size_t begin, NumeralSign left, NumeralSign right, FoldedText& folded) {
  if (begin > 0 && begin < folded.text.size() &&
      AreGlued(folded.text[begin - 1], folded.text[begin], left, right)) {
    const auto at = static_cast<std::ptrdiff_t>(begin);
    folded.text.insert(begin, 1, u' ');
    folded.origins.insert(folded.origins.begin() + at, folded.origins[begin]);
  }
}

// A wave dash between kana stands for the long mark, and other dashes have become one.
void SpellWaveDashes(FoldedText& folded) {
  constexpr char16_t kLongMark = 0x30FC;
  constexpr std::u16string_view kDashes = u"\u301c~";
  std::u16string& text = folded.text;
  for (std::size_t i = text.find_first_of(kDashes); i != std::u16string::npos;
       i = text.find_first_of(kDashes, i + 1)) {
    if (i > 0 && i + 1 < text.size() && IsKana(text[i - 1]) && IsKana(text[i + 1])) {
      text[i] = kLongMark;
    }
  }
}

}  // namespace

TextFolder::TextFolder() : cache_(kCacheSlots) {
  UErrorCode status = U_ZERO_ERROR;
  fold_ = icu::Normalizer2::getNFKCCasefoldInstance(status);
  decompose_ = icu::Normalizer2::getNFDInstance(status);
  compose_ = icu::Normalizer2::getNFCInstance(status);
}

void TextFolder::Fold(std::string_view text, std::uint32_t begin, FoldedText& folded) {
  folded.text.clear();
  folded.origins.clear();
  folded.is_ascii = true;
  // Ill-formed bytes fold to what separates words.
  const auto next_of = [text](std::size_t& i) {
    const CodePoint code_point = NextOfUtf8(text, i);
    return code_point == kIllFormed ? CodePoint{' '} : code_point;
  };
  icu::UnicodeString cluster;
  NumeralSign sign_before = NumeralSign::kNone;
  std::size_t i = 0;
  while (i < text.size()) {
    const std::size_t first = i;
    const std::size_t units_before = folded.text.size();
    const CodePoint code_point = next_of(i);
    cluster.remove();
    // Nothing combines across what separates words in every script.
    while (code_point > ' ' && i < text.size() && static_cast<unsigned char>(text[i]) >= 0x80) {
      std::size_t next_end = i;
      const CodePoint next = next_of(next_end);
      if (next < kFirstCombining || next == kZeroWidthNonJoiner || IsPlainHan(next) ||
          fold_->hasBoundaryBefore(next) || cluster.length() >= kClusterUnitsMax) {
        break;
      }
      if (cluster.isEmpty()) {
        cluster.append(code_point);
      }
      cluster.append(next);
      i = next_end;
    }
    const Origin origin{begin + static_cast<std::uint32_t>(first),
                        begin + static_cast<std::uint32_t>(i)};
    const NumeralSign sign =
        IsPlainHan(code_point) ? NumeralSign::kNone : NumeralSignOf(code_point);
    if (!cluster.isEmpty()) {
      AppendUnits(View(FoldCluster(cluster)), origin, folded);
    } else if (const auto form = FormBehind(folded, code_point); !form.empty()) {
      AppendUnits(form, origin, folded);
    } else {
      FoldCharacter(code_point, origin, folded);
      // What vanishes, as joiners do, still belongs to the character before it.
      if (folded.text.size() == units_before && units_before > 0 && Extends(code_point)) {
        folded.origins.back().end = origin.end;
      }
    }
    Part(units_before, sign_before, sign, folded);
    sign_before = folded.text.size() == units_before ? sign_before : sign;
  }
  if (!folded.is_ascii) {
    SpellWaveDashes(folded);
  }
}

void TextFolder::FoldCharacter(std::int32_t code_point, Origin origin, FoldedText& folded) {
  if (code_point < 0x80) {
    const bool is_upper = code_point >= 'A' && code_point <= 'Z';
    folded.text.push_back(static_cast<char16_t>(code_point + (is_upper ? 'a' - 'A' : 0)));
    folded.origins.push_back(origin);
    return;
  }
  if (IsPlainHan(code_point)) {
    folded.text.push_back(static_cast<char16_t>(code_point));
    folded.origins.push_back(origin);
    folded.is_ascii = false;
    return;
  }
  CacheSlot& slot = cache_[static_cast<std::size_t>(code_point) % kCacheSlots];
  if (slot.code_point == code_point) {
    AppendUnits({slot.text.data(), slot.units}, origin, folded);
    return;
  }
  const icu::UnicodeString form = FoldCluster(icu::UnicodeString(code_point));
  const std::u16string_view units = View(form);
  if (units.size() <= kCachedUnitsMax) {
    slot.code_point = code_point;
    slot.units = static_cast<std::uint8_t>(units.size());
    units.copy(slot.text.data(), units.size());
  }
  AppendUnits(units, origin, folded);
}

icu::UnicodeString TextFolder::FoldCluster(const icu::UnicodeString& cluster) const {
  icu::UnicodeString shop_form;
  for (std::int32_t i = 0; i < cluster.length(); i = cluster.moveIndex32(i, 1)) {
    const UChar32 code_point = cluster.char32At(i);
    const std::u16string_view form = ShopForm(code_point);
    if (form.empty()) {
      shop_form.append(code_point);
    } else {
      shop_form.append(form.data(), static_cast<std::int32_t>(form.size()));
    }
  }
  UErrorCode status = U_ZERO_ERROR;
  icu::UnicodeString folded = fold_->normalize(shop_form, status);
  folded = decompose_->normalize(folded, status);
  icu::UnicodeString kept;
  for (std::int32_t i = 0; i < folded.length(); i = folded.moveIndex32(i, 1)) {
    const UChar32 code_point = folded.char32At(i);
    if (IsOptionalMark(code_point)) {
      continue;
    }
    const std::u16string_view form = ShopForm(code_point);
    const std::int32_t digit = u_charDigitValue(code_point);
    if (digit >= 0 && u_charType(code_point) == U_DECIMAL_DIGIT_NUMBER) {
      kept.append(static_cast<char16_t>('0' + digit));
    } else if (!form.empty()) {
      kept.append(form.data(), static_cast<std::int32_t>(form.size()));
    } else {
      kept.append(code_point);
    }
  }
  return compose_->normalize(kept, status);
}

}  // namespace cacheindex::index
