#include "index/words/word_segmenter.h"

#include <unicode/uchar.h>

#include "index/words/character_forms.h"
#include "index/words/code_points.h"

namespace cacheindex::index {
namespace {

bool IsDigit(CodePoint code_point) { return code_point >= '0' && code_point <= '9'; }
bool IsLetter(CodePoint code_point) { return (U_GET_GC_MASK(code_point) & U_GC_L_MASK) != 0; }

// Whether the apostrophe at `i`, between letters, is one of those of rock'n'roll.
bool IsBesideLoneN(std::u16string_view text, std::size_t i) {
  std::size_t behind = i + 2;
  const bool is_before =
      text[i + 1] == u'n' && (behind >= text.size() || !IsLetter(NextOfUtf16(text, behind)));
  return is_before || (i > 1 && text[i - 1] == u'n' && text[i - 2] == u'\'');
}

constexpr std::uint32_t kBaseMask = U_GC_L_MASK | U_GC_N_MASK;

// Collects the characters of one word; the sink hears of it at its first one.
class WordBuilder {
 public:
  WordBuilder(WordJoiner& words, const FoldedText& folded, const TextRules& rules)
      : words_(&words), folded_(&folded), joins_hyphens_(rules.JoinsWith('-')) {}

  // A character that is no base belongs to the word before; without one, it is none.
  void Append(CodePoint code_point, std::size_t place, bool is_base) {
    if (is_base) {
      const WordKind kind = IsDigit(code_point) ? WordKind::kNumber : WordKind::kLetters;
      if (token_ != nullptr && kind != kind_) {
        Finish(place);
      }
      kind_ = kind;
    }
    if (token_ == nullptr) {
      if (!is_base) {
        return;
      }
      const bool follows_hyphen = joins_hyphens_ && place > 0 && folded_->text[place - 1] == u'-';
      token_ = &words_->Begin(place - (follows_hyphen ? 1 : 0), follows_hyphen, kind_);
      token_->begin = folded_->origins[place].begin;
    }
    token_->end = folded_->origins[place].end;
    if (token_->word.size() <= kWordBytesMax) {
      AppendUtf8(code_point, token_->word);
    }
  }
  void Finish(std::size_t place) {
    if (token_ != nullptr) {
      LimitWord(token_->word);
      words_->End(place);
      token_ = nullptr;
    }
  }
  // Requires that no word has begun.
  void AddSymbol(CodePoint code_point, std::size_t place, std::size_t end) {
    Token& token = words_->Begin(place, false, WordKind::kSymbol);
    token.begin = folded_->origins[place].begin;
    token.end = folded_->origins[place].end;
    AppendUtf8(code_point, token.word);
    words_->End(end);
  }
  bool is_empty() const { return token_ == nullptr; }

 private:
  WordJoiner* words_;
  const FoldedText* folded_;
  bool joins_hyphens_;
  Token* token_ = nullptr;
  WordKind kind_ = WordKind::kLetters;
};

}  // namespace

WordSegmenter::WordSegmenter() {
  UErrorCode status = U_ZERO_ERROR;
  boundaries_.reset(icu::BreakIterator::createWordInstance(icu::Locale::getRoot(), status));
  if (U_FAILURE(status)) {
    boundaries_.reset();
  }
}

struct WordSegmenter::Pass {
  const FoldedText& folded;
  const TextRules& rules;
  TokenSink& sink;
  WordJoiner words;
};

void WordSegmenter::Segment(const FoldedText& folded, const TextRules& rules, TokenSink& sink) {
  Pass pass{.folded = folded, .rules = rules, .sink = sink, .words = WordJoiner(sink)};
  if (!boundaries_) {
    AddWords(pass, 0, folded.text.size());
    return;
  }
  // Read-only alias: the folded text is not copied.
  alias_.setTo(false, folded.text.data(), static_cast<std::int32_t>(folded.text.size()));
  boundaries_->setText(alias_);
  std::int32_t begin = boundaries_->first();
  for (std::int32_t end = boundaries_->next(); end != icu::BreakIterator::DONE;
       begin = end, end = boundaries_->next()) {
    AddWords(pass, static_cast<std::size_t>(begin), static_cast<std::size_t>(end));
  }
}

void WordSegmenter::AddWords(Pass& pass, std::size_t begin, std::size_t end) {
  const FoldedText& folded = pass.folded;
  const std::u16string_view text = std::u16string_view(folded.text).substr(0, end);
  WordBuilder word(pass.words, folded, pass.rules);
  CodePoint before = 0;
  bool follows_character = false;
  for (std::size_t i = begin; i < end;) {
    const std::size_t place = i;
    const CodePoint code_point = NextOfUtf16(text, i);
    const std::uint32_t category = U_GET_GC_MASK(code_point);
    const bool is_base = (category & kBaseMask) != 0;
    if (is_base && StandsAlone(code_point)) {
      word.Finish(place);
      const Origin& origin = folded.origins[place];
      Token& token = follows_character ? pass.sink.AddToGroup(origin.begin, origin.end)
                                       : pass.sink.Add(origin.begin, origin.end);
      AppendUtf8(CommonForm(code_point), token.word);
      token.is_character = true;
      follows_character = true;
      before = code_point;
      continue;
    }
    follows_character = false;
    if (pass.rules.IsSymbol(code_point)) {
      word.Finish(place);
      word.AddSymbol(code_point, place, i);
      before = code_point;
      continue;
    }
    if (is_base || (category & U_GC_M_MASK) != 0) {
      word.Append(code_point, place, is_base);
      before = code_point;
      continue;
    }
    CodePoint after = 0;
    if (i < end) {
      std::size_t behind = i;
      after = NextOfUtf16(text, behind);
    }
    const bool joins = code_point < 0x80 && pass.rules.JoinsWith(static_cast<char>(code_point));
    if (!word.is_empty() && joins && (code_point == '.' || code_point == ',') && IsDigit(before) &&
        IsDigit(after)) {
      word.Append(code_point, place, false);
    } else if (word.is_empty() || !joins || code_point != '\'' || !IsLetter(before) ||
               !IsLetter(after) || StandsAlone(after) || IsBesideLoneN(text, place)) {
      word.Finish(place);
    }
    before = code_point;
  }
  word.Finish(end);
}

}  // namespace cacheindex::index
