#include "index/filter/filter_strings.h"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "index/columns/filter_ranges.h"
#include "index/columns/value_dictionary.h"
#include "index/expressions/filter_text.h"
#include "index/filter/filter_elements.h"
#include "index/filter/filter_words.h"
#include "index/words/code_points.h"
#include "index/words/tokenizer.h"
#include "index/words/whole_form.h"

namespace cacheindex::index {
namespace {

constexpr ValueRange kEveryValue{std::numeric_limits<std::int64_t>::min(),
                                 std::numeric_limits<std::int64_t>::max()};

bool HasWholeValues(const FilterClause& clause) noexcept {
  return clause.storage.values != cache::ColumnNumber{};
}

// What `text` asks of a value, and so where the answer is.
enum class Question { kAnything, kWords, kWholeValue, kBeginning, kPiece };

Question QuestionOf(const FilterClause& clause, const FilterText& text) noexcept {
  if (text.IsAnything()) {
    return Question::kAnything;
  }
  if (clause.is_whole_value) {
    return text.is_prefix ? Question::kBeginning : Question::kWholeValue;
  }
  return text.words.empty() ? Question::kPiece : Question::kWords;
}

// Only documents can answer it.
bool IsForDocuments(const FilterClause& clause, Question question) noexcept {
  switch (question) {
    case Question::kAnything:
    case Question::kWords:
      return false;
    case Question::kWholeValue:
      return !HasWholeValues(clause);
    case Question::kBeginning:
    case Question::kPiece:
      return !clause.is_facet;
  }
  return false;
}

bool IsDigit(CodePoint code_point) { return code_point >= '0' && code_point <= '9'; }

// What is a word or a part of one whatever stands beside it: plain letters, Han, and space between.
bool IsPlain(CodePoint code_point) {
  constexpr CodePoint kFirstHan = 0x4E00;
  constexpr CodePoint kLastHan = 0x9FFF;
  return (code_point >= 'a' && code_point <= 'z') || code_point == ' ' ||
         (code_point >= kFirstHan && code_point <= kLastHan);
}

// Returns words that every value beginning with `form` begins with, the last of which may go on:
// those of plain words, or of one number. What the rest is depends on what follows it in the value.
FilterText SureWords(std::string_view form, const TextRules& rules) {
  const bool is_number = !form.empty() && IsDigit(form.front());
  std::size_t end = 0;
  for (std::size_t next = 0; next < form.size(); end = next) {
    const CodePoint code_point = NextOfUtf8(form, next);
    if (is_number ? !IsDigit(code_point) : !IsPlain(code_point)) {
      break;
    }
  }
  FilterText sure{
      .text = std::string(form.substr(0, end)), .words = {}, .form = {}, .is_prefix = true};
  std::vector<Token> tokens;
  Tokenizer::OfThread().Tokenize(sure.text, tokens, rules);
  for (Token& token : tokens) {
    sure.words.push_back(std::move(token.word));
  }
  return sure;
}

class Selection {
 public:
  Selection(SearchContext& context, const FilterClause& clause, const DocumentSet& within)
      : context_(&context), clause_(&clause), within_(&within), matches_(context.EmptySet()) {}

  Result<DocumentSet> Select() {
    if (clause_->storage.words == cache::ColumnNumber{}) {
      return std::move(matches_);
    }
    for (const FilterText& text : clause_->texts) {
      if (context_->IsExpired()) {
        return DeadlinePassed();
      }
      if (auto added = Add(text); !added) {
        return std::move(added).error();
      }
    }
    auto selected = SelectValues();
    if (selected) {
      selected = SelectWords();
    }
    if (selected) {
      selected = SelectFromDocuments();
    }
    if (!selected) {
      return std::move(selected).error();
    }
    return std::move(matches_);
  }

 private:
  Result<void> Add(const FilterText& text) {
    const Question question = QuestionOf(*clause_, text);
    if (IsForDocuments(*clause_, question)) {
      read_.push_back(&text);
      return {};
    }
    if (question == Question::kWords) {
      words_.push_back(text);
    } else if (question == Question::kAnything) {
      values_.push_back(kEveryValue);
      if (!HasWholeValues(*clause_)) {
        words_.push_back(text);
      }
    } else if (clause_->is_facet) {
      return AddOrdinals(question, text);
    } else {
      const std::int64_t hash = HashOfWholeForm(text.form);
      values_.push_back({hash, hash});
    }
    return {};
  }

  Result<void> AddOrdinals(Question question, const FilterText& text) {
    const ValueDictionary dictionary(context_->view(), clause_->storage.values);
    const auto ordinals =
        question == Question::kWholeValue ? dictionary.FindForm(text.form)
        : question == Question::kBeginning
            ? dictionary.FindFormPrefix(text.form)
            : dictionary.FindForms([&](std::string_view form) { return text.IsPiece(form); });
    if (!ordinals) {
      return ordinals.error();
    }
    if (question != Question::kWholeValue && (completions_ += ordinals->size()) > kPrefixWordsMax) {
      return Error(ErrorCode::kUnprocessable,
                   "The filter's prefixes, up to " + Excerpt(text.text) +
                       ", stand for too many values; make them longer or fewer.");
    }
    for (const std::uint32_t ordinal : *ordinals) {
      values_.push_back({ordinal, ordinal});
    }
    return {};
  }

  Result<void> SelectValues() {
    return Take(
        SelectByValues(*context_, clause_->storage.values, RangeSet(std::move(values_)), *within_));
  }

  Result<void> SelectWords() {
    if (words_.empty()) {
      return {};
    }
    return Take(Matching(words_, /*is_whole_value=*/false));
  }

  Result<void> SelectFromDocuments() {
    if (read_.empty()) {
      return {};
    }
    auto candidates = Candidates();
    if (!candidates) {
      return std::move(candidates).error();
    }
    candidates->Subtract(matches_);
    return Take(KeepMatchingText(*context_, *clause_, *candidates));
  }

  // Documents that may match one of the texts that are looked for in documents.
  Result<DocumentSet> Candidates() const {
    std::vector<FilterText> sure;
    for (const FilterText* text : read_) {
      sure.push_back(clause_->is_whole_value
                         ? SureWords(text->form, RulesOf(clause_->storage))
                         : FilterText{.text = {}, .words = {}, .form = {}, .is_prefix = true});
      if (sure.back().words.empty()) {
        return HasWholeValues(*clause_) ? SelectByValues(*context_, clause_->storage.values,
                                                         RangeSet({kEveryValue}), *within_)
                                        : Result<DocumentSet>(*within_);
      }
    }
    return Matching(sure, /*is_whole_value=*/true);
  }

  Result<DocumentSet> Matching(const std::vector<FilterText>& texts, bool is_whole_value) const {
    const auto matcher = WordMatcher::Create(*context_, texts, is_whole_value);
    return matcher ? matcher->Select(*context_, clause_->storage.words, *within_) : matcher.error();
  }

  Result<void> Take(Result<DocumentSet> found) {
    if (!found) {
      return std::move(found).error();
    }
    matches_.UniteWith(*found);
    return {};
  }

  SearchContext* context_;
  const FilterClause* clause_;
  const DocumentSet* within_;
  DocumentSet matches_;
  std::vector<ValueRange> values_;
  std::vector<FilterText> words_;
  std::vector<const FilterText*> read_;
  std::size_t completions_ = 0;
};

}  // namespace

bool ReadsDocuments(const FilterClause& clause) noexcept {
  return std::ranges::any_of(clause.texts, [&](const FilterText& text) {
    return IsForDocuments(clause, QuestionOf(clause, text));
  });
}

bool UsesWholeValues(const FilterClause& clause) noexcept {
  return HasWholeValues(clause) && std::ranges::all_of(clause.texts, [&](const FilterText& text) {
           const Question question = QuestionOf(clause, text);
           return question != Question::kWords && !IsForDocuments(clause, question);
         });
}

Result<DocumentSet> SelectByText(SearchContext& context, const FilterClause& clause,
                                 const DocumentSet& within) {
  return Selection(context, clause, within).Select();
}

}  // namespace cacheindex::index
