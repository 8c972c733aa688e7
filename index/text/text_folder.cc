#include "index/text/text_folder.h"

#include <unicode/uchar.h>
#include <unicode/unistr.h>
#include <unicode/uscript.h>

#include "index/text/character_forms.h"
#include "index/text/code_points.h"

namespace cacheindex::index {
namespace {

constexpr UChar32 kFirstCombining = 0x300;

// Code points folded together, at most: reordering marks takes time quadratic in their number, and
// no real character has more than a handful.
constexpr std::int32_t kClusterUnitsMax = 32;

// Characters that normalization leaves alone or gets wrong for shops. Empty: not in the table.
std::u16string_view ShopForm(UChar32 code_point) {
  switch (code_point) {
    case 0x2122:  // Trade mark and service mark: "Core™" is "core", not "coretm".
    case 0x2120:
    case 0x200B:  // Zero width space: an invisible word boundary, which normalization would drop.
      return u" ";
    case 0x2010:  // Hyphens and the dashes that stand for them.
    case 0x2011:
    case 0x2012:
    case 0x2013:
    case 0x2212:
      return u"-";
    case 0x2018:  // Typographic apostrophes.
    case 0x2019:
    case 0x02BC:
      return u"'";
    case 0x00F8:  // Letters with strokes do not decompose.
    case 0x00D8:
      return u"o";
    case 0x0142:
    case 0x0141:
      return u"l";
    case 0x0111:
    case 0x0110:
    case 0x00F0:
    case 0x00D0:
      return u"d";
    case 0x0127:
    case 0x0126:
      return u"h";
    case 0x0167:
    case 0x0166:
      return u"t";
    case 0x0131:
      return u"i";
    case 0x00E6:
    case 0x00C6:
      return u"ae";
    case 0x0153:
    case 0x0152:
      return u"oe";
    case 0x00FE:
    case 0x00DE:
      return u"th";
    default:
      return {};
  }
}

// Accents belong to no script of their own; points of Arabic and Hebrew are optional spelling.
bool IsRemoved(UChar32 code_point) {
  constexpr UChar32 kArabicTatweel = 0x640;
  if (code_point < kFirstCombining) {
    return false;
  }
  if (code_point == kArabicTatweel) {
    return true;
  }
  if ((U_GET_GC_MASK(code_point) & (U_GC_MN_MASK | U_GC_ME_MASK)) == 0) {
    return false;
  }
  constexpr UChar32 kVoicedSoundMark = 0x3099;
  constexpr UChar32 kSemiVoicedSoundMark = 0x309A;
  if (code_point == kVoicedSoundMark || code_point == kSemiVoicedSoundMark) {
    return false;
  }
  UErrorCode status = U_ZERO_ERROR;
  const UScriptCode script = uscript_getScript(code_point, &status);
  return script == USCRIPT_INHERITED || script == USCRIPT_COMMON || script == USCRIPT_ARABIC ||
         script == USCRIPT_HEBREW;
}

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
  std::size_t i = 0;
  while (i < text.size()) {
    const std::size_t first = i;
    const CodePoint code_point = next_of(i);
    cluster.remove();
    // Nothing combines across what separates words in every script.
    while (code_point > ' ' && i < text.size() && static_cast<unsigned char>(text[i]) >= 0x80) {
      std::size_t next_end = i;
      const CodePoint next = next_of(next_end);
      if (next < kFirstCombining || IsPlainHan(next) || fold_->hasBoundaryBefore(next) ||
          cluster.length() >= kClusterUnitsMax) {
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
    if (cluster.isEmpty()) {
      const std::size_t units = folded.text.size();
      FoldCharacter(code_point, origin, folded);
      // What vanishes, as joiners do, still belongs to the character before it.
      if (folded.text.size() == units && units > 0 && Extends(code_point)) {
        folded.origins.back().end = origin.end;
      }
    } else {
      AppendUnits(View(FoldCluster(cluster)), origin, folded);
    }
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
    if (IsRemoved(code_point)) {
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
