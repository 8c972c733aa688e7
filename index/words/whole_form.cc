#include "index/words/whole_form.h"

#include <unicode/uchar.h>

#include <utility>

#include "cache/document_hash.h"
#include "index/words/code_points.h"
#include "index/words/text_folder.h"

namespace cacheindex::index {
namespace {

constexpr std::uint32_t kWordMask = U_GC_L_MASK | U_GC_N_MASK;

// Hyphens, minus and apostrophes as typesetters write them.
bool IsTypographic(CodePoint code_point) {
  constexpr CodePoint kHyphen = 0x2010;
  constexpr CodePoint kEnDash = 0x2013;
  constexpr CodePoint kMinus = 0x2212;
  constexpr CodePoint kLeftQuote = 0x2018;
  constexpr CodePoint kRightQuote = 0x2019;
  return (code_point >= kHyphen && code_point <= kEnDash) || code_point == kMinus ||
         code_point == kLeftQuote || code_point == kRightQuote;
}

bool IsOfOtherWidth(CodePoint code_point) {
  const auto type = u_getIntPropertyValue(code_point, UCHAR_DECOMPOSITION_TYPE);
  return type == U_DT_WIDE || type == U_DT_NARROW;
}

// Letters, marks and digits fold; of the rest only what is the same but for its width or slant, as
// compatibility would make 102 of 10² and 11/2 of 1½.
bool Folds(CodePoint code_point) {
  constexpr std::uint32_t kFoldedMask = U_GC_L_MASK | U_GC_MN_MASK | U_GC_MC_MASK | U_GC_ND_MASK;
  return (U_GET_GC_MASK(code_point) & kFoldedMask) != 0 || IsTypographic(code_point) ||
         IsOfOtherWidth(code_point);
}

bool IsSpace(CodePoint code_point) {
  return code_point >= 0 && (code_point <= ' ' || u_isUWhiteSpace(code_point));
}

// Joiners, variation selectors, soft hyphens.
bool IsHidden(CodePoint code_point) {
  return u_hasBinaryProperty(code_point, UCHAR_DEFAULT_IGNORABLE_CODE_POINT) != 0;
}

class Form {
 public:
  explicit Form(std::string_view text) { form_.reserve(text.size()); }

  void Add(CodePoint code_point) {
    if (BeginCharacter(IsSpace(code_point))) {
      AppendUtf8(code_point, form_);
    }
  }
  void AddByte(char byte) {
    if (BeginCharacter(false)) {
      form_.push_back(byte);
    }
  }
  std::string Take() { return std::move(form_); }

 private:
  // Returns whether the character itself follows.
  bool BeginCharacter(bool is_space) {
    if (is_space) {
      has_space_ = !form_.empty();
      return false;
    }
    if (has_space_) {
      form_.push_back(' ');
      has_space_ = false;
    }
    return true;
  }

  std::string form_;
  bool has_space_ = false;
};

// Folds the characters from `i` on that fold together, and moves `i` behind them.
void AddFolded(std::string_view text, std::size_t& i, Form& form) {
  thread_local TextFolder folder;
  thread_local FoldedText folded;
  const std::size_t begin = i;
  for (std::size_t next = i; next < text.size();) {
    const CodePoint code_point = NextOfUtf8(text, next);
    if (code_point < 0x80 || !Folds(code_point)) {
      break;
    }
    i = next;
  }
  folder.Fold(text.substr(begin, i - begin), 0, folded);
  const std::u16string_view units = folded.text;
  for (std::size_t unit = 0; unit < units.size();) {
    form.Add(NextOfUtf16(units, unit));
  }
}

}  // namespace

std::string WholeForm(std::string_view text) {
  Form form(text);
  for (std::size_t i = 0; i < text.size();) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if (byte < 0x80) {
      form.Add(byte >= 'A' && byte <= 'Z' ? byte + ('a' - 'A') : byte);
      ++i;
      continue;
    }
    std::size_t next = i;
    const CodePoint code_point = NextOfUtf8(text, next);
    if (code_point != kIllFormed && !IsHidden(code_point) && !IsSpace(code_point) &&
        Folds(code_point)) {
      AddFolded(text, i, form);
      continue;
    }
    if (code_point == kIllFormed) {
      form.AddByte(text[i]);
    } else if (!IsHidden(code_point)) {
      form.Add(code_point);
    }
    i = next;
  }
  return form.Take();
}

std::int64_t HashOfWholeForm(std::string_view form) noexcept {
  return static_cast<std::int64_t>(cache::HashOf(form));
}

bool HasWords(std::string_view text, const TextRules& rules) {
  for (std::size_t i = 0; i < text.size();) {
    const CodePoint code_point = NextOfUtf8(text, i);
    if (code_point != kIllFormed &&
        ((U_GET_GC_MASK(code_point) & kWordMask) != 0 || rules.IsSymbol(code_point))) {
      return true;
    }
  }
  return false;
}

}  // namespace cacheindex::index
