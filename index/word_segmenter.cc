#include "index/word_segmenter.h"

#include <unicode/uchar.h>
#include <unicode/uscript.h>

#include "index/code_points.h"

namespace cacheindex::index {
namespace {

bool IsHan(CodePoint code_point) {
  if (code_point < 0x2E80) {
    return false;
  }
  if (code_point >= 0x4E00 && code_point <= 0x9FFF) {
    return true;
  }
  UErrorCode status = U_ZERO_ERROR;
  return uscript_getScript(code_point, &status) == USCRIPT_HAN;
}

bool IsDigit(CodePoint code_point) { return code_point >= '0' && code_point <= '9'; }
bool IsLetter(CodePoint code_point) { return (U_GET_GC_MASK(code_point) & U_GC_L_MASK) != 0; }

constexpr std::uint32_t kBaseMask = U_GC_L_MASK | U_GC_N_MASK;

// Collects the characters of one word; the sink hears of it when it is complete.
class WordBuilder {
 public:
  explicit WordBuilder(TokenSink& sink) : sink_(&sink) {}

  void Append(CodePoint code_point, Origin origin, bool is_base) {
    if (token_ == nullptr) {
      token_ = &sink_->Add(origin.begin, origin.end);
      has_base_ = false;
    }
    has_base_ = has_base_ || is_base;
    token_->end = origin.end;
    if (token_->word.size() <= kWordBytesMax) {
      AppendUtf8(code_point, token_->word);
    }
  }
  // Marks without anything to stand on are no word.
  void Finish() {
    if (token_ == nullptr) {
      return;
    }
    if (has_base_) {
      LimitWord(token_->word);
    } else {
      sink_->RemoveLast();
    }
    token_ = nullptr;
  }
  bool is_empty() const { return token_ == nullptr; }

 private:
  TokenSink* sink_;
  Token* token_ = nullptr;
  bool has_base_ = false;
};

}  // namespace

WordSegmenter::WordSegmenter() {
  UErrorCode status = U_ZERO_ERROR;
  boundaries_.reset(icu::BreakIterator::createWordInstance(icu::Locale::getRoot(), status));
  if (U_FAILURE(status)) {
    boundaries_.reset();
  }
}

void WordSegmenter::Segment(const FoldedText& folded, TokenSink& sink) {
  if (!boundaries_) {
    AddWords(folded, 0, folded.text.size(), sink);
    return;
  }
  // Read-only alias: the folded text is not copied.
  alias_.setTo(false, folded.text.data(), static_cast<std::int32_t>(folded.text.size()));
  boundaries_->setText(alias_);
  std::int32_t begin = boundaries_->first();
  for (std::int32_t end = boundaries_->next(); end != icu::BreakIterator::DONE;
       begin = end, end = boundaries_->next()) {
    AddWords(folded, static_cast<std::size_t>(begin), static_cast<std::size_t>(end), sink);
  }
}

void WordSegmenter::AddWords(const FoldedText& folded, std::size_t begin, std::size_t end,
                             TokenSink& sink) {
  const std::u16string_view text = std::u16string_view(folded.text).substr(0, end);
  WordBuilder word(sink);
  CodePoint before = 0;
  bool follows_han = false;
  for (std::size_t i = begin; i < end;) {
    const Origin& origin = folded.origins[i];
    const CodePoint code_point = NextOfUtf16(text, i);
    const std::uint32_t category = U_GET_GC_MASK(code_point);
    if (IsHan(code_point) && (category & kBaseMask) != 0) {
      word.Finish();
      Token& token = follows_han ? sink.AddToGroup(origin.begin, origin.end)
                                 : sink.Add(origin.begin, origin.end);
      AppendUtf8(code_point, token.word);
      token.is_han = true;
      follows_han = true;
      before = code_point;
      continue;
    }
    follows_han = false;
    if ((category & (kBaseMask | U_GC_M_MASK)) != 0) {
      word.Append(code_point, origin, (category & kBaseMask) != 0);
      before = code_point;
      continue;
    }
    CodePoint after = 0;
    if (i < end) {
      std::size_t behind = i;
      after = NextOfUtf16(text, behind);
    }
    if (!word.is_empty() && (code_point == '.' || code_point == ',') && IsDigit(before) &&
        IsDigit(after)) {
      word.Append(code_point, origin, false);
    } else if (word.is_empty() || code_point != '\'' || !IsLetter(before) || !IsLetter(after) ||
               IsHan(after)) {
      word.Finish();
    }
    before = code_point;
  }
  word.Finish();
}

}  // namespace cacheindex::index
