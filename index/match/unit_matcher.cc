#include "index/match/unit_matcher.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include "index/match/text_score.h"
#include "index/match/word_order.h"
#include "index/words/word_impact.h"

namespace cacheindex::index {
namespace {

// Looking at the clock costs about as much as two postings.
constexpr std::size_t kDocumentsPerClock = 4'096;

// Marks are all over a table that no cache holds: so many postings ahead, the next is fetched.
constexpr std::size_t kMarksAhead = 16;

// Of max_weight: weights count so much more than impacts that no impact makes up for one.
constexpr std::uint32_t kWeightFirst = 15;

Error Expired() { return {ErrorCode::kTimeout, "the search took longer than its cutoff"}; }

// Keeps what is in both lists, with the smaller impact. `more` is a subset of the documents.
void Intersect(std::vector<Posting>& postings, const std::vector<Posting>& more) {
  std::size_t kept = 0;
  std::size_t at = 0;
  for (const Posting& posting : more) {
    while (postings[at].number != posting.number) {
      ++at;
    }
    postings[kept++] = {posting.number, std::min(postings[at].impact, posting.impact)};
  }
  postings.resize(kept);
}

// The documents that one source gives, in one way.
struct Pass {
  std::uint32_t penalty = 0;
  const UnitSource* source = nullptr;
  bool is_longer = false;
  bool is_form = false;
};

std::vector<Pass> PassesOf(const UnitPlan& plan) {
  std::vector<Pass> passes;
  for (const UnitSource& source : plan.sources) {
    const UnitAlternative& alternative = plan.alternatives[source.alternative];
    passes.push_back({alternative.penalty, &source, false, alternative.is_form});
    if (!source.longer.empty()) {
      passes.push_back({alternative.penalty + kLongerPenalty, &source, true, alternative.is_form});
    }
  }
  std::stable_sort(passes.begin(), passes.end(), [](const Pass& left, const Pass& right) {
    return left.penalty < right.penalty;
  });
  return passes;
}

}  // namespace

Result<void> UnitMatcher::Postings(const std::string& term, std::uint32_t frequency,
                                   const DocumentSet& within, Candidates candidates,
                                   std::vector<Posting>& postings) {
  if (context_->IsExpired()) {
    return Expired();
  }
  if (candidates && candidates->size() * kPostingsPerSeek < frequency) {
    return reader_->Postings(term, *candidates, postings);
  }
  return reader_->Postings(term, within, postings);
}

Result<void> UnitMatcher::MatchAll(const UnitSource& source, std::size_t count,
                                   const DocumentSet& within, Candidates candidates,
                                   std::vector<Posting>& postings) {
  std::vector<std::size_t> order(count);
  std::iota(order.begin(), order.end(), 0U);
  std::sort(order.begin(), order.end(), [&](std::size_t left, std::size_t right) {
    return source.frequencies[left] < source.frequencies[right];
  });
  if (source.frequencies[order[0]] == 0) {
    return {};
  }
  auto found =
      Postings(source.terms[order[0]], source.frequencies[order[0]], within, candidates, postings);
  std::vector<DocumentNumber> documents;
  std::vector<Posting> more;
  for (std::size_t i = 1; found && i < order.size() && !postings.empty(); ++i) {
    if (source.terms[order[i]] == source.terms[order[i - 1]]) {
      continue;
    }
    DocumentSet remaining = context_->EmptySet();
    documents.clear();
    for (const Posting& posting : postings) {
      remaining.Add(posting.number);
      documents.push_back(posting.number);
    }
    more.clear();
    found =
        Postings(source.terms[order[i]], source.frequencies[order[i]], remaining, documents, more);
    if (found) {
      Intersect(postings, more);
    }
  }
  return found;
}

template <class IsMatch>
Result<void> UnitMatcher::KeepMatching(const UnitSource& source, const IsMatch& is_match,
                                       std::vector<Posting>& postings) {
  const cache::ColumnNumber column = source.field->storage.words;
  const auto pages = context_->Pages(column);
  if (!pages) {
    return pages.error();
  }
  std::size_t kept = 0;
  for (std::size_t i = 0; i < postings.size(); ++i) {
    if (i % kDocumentsPerClock == 0 && context_->IsExpired()) {
      return Expired();
    }
    if (is_match(WordsOf(**pages, column, postings[i].number))) {
      postings[kept++] = postings[i];
    }
  }
  postings.resize(kept);
  return {};
}

Result<void> UnitMatcher::MatchWhole(const UnitPlan& plan, const UnitSource& source,
                                     const DocumentSet& within, Candidates candidates,
                                     std::vector<Posting>& postings) {
  auto found = MatchAll(source, source.terms.size(), within, candidates, postings);
  if (!found || source.terms.size() == 1 || postings.empty()) {
    return found;
  }
  const auto& words = plan.alternatives[source.alternative].numbers.words;
  return KeepMatching(
      source, [&](const cache::ColumnValues& values) { return ContainsInOrder(values, words); },
      postings);
}

Result<void> UnitMatcher::MatchLonger(const UnitPlan& plan, const UnitSource& source,
                                      const DocumentSet& within, Candidates candidates,
                                      std::vector<Posting>& postings) {
  if (source.terms.size() == 1) {
    Result<void> found;
    for (const TextReader::Expansion& expansion : source.longer) {
      found = Postings(expansion.term, expansion.frequency, within, candidates, postings);
      if (!found) {
        break;
      }
    }
    return found;
  }
  if (auto found = MatchAll(source, source.terms.size() - 1, within, candidates, postings);
      !found) {
    return found;
  }
  const WordSequence& numbers = plan.alternatives[source.alternative].numbers;
  return KeepMatching(
      source,
      [&](const cache::ColumnValues& values) {
        return ContainsBegun(values, numbers.words_before(), numbers.longer_words);
      },
      postings);
}

Result<UnitMatches> UnitMatcher::Match(const UnitPlan& plan, const DocumentSet& within,
                                       Candidates candidates, bool is_weight_first) {
  // What does not count is passed over where it is read: to mark it costs more.
  std::optional<DocumentSet> counted;
  if (candidates) {
    counted = context_->EmptySet();
    for (const DocumentNumber number : *candidates) {
      counted->Add(number);
    }
  }
  const DocumentSet& among = counted ? *counted : within;
  UnitMarks marks(among.capacity());
  std::vector<Posting> postings;
  for (const Pass& pass : PassesOf(plan)) {
    postings.clear();
    auto found = pass.is_longer ? MatchLonger(plan, *pass.source, among, candidates, postings)
                                : MatchWhole(plan, *pass.source, among, candidates, postings);
    if (!found) {
      return std::move(found).error();
    }
    const std::uint32_t weight = pass.source->weight;
    for (std::size_t i = 0; i < postings.size(); ++i) {
      if (i + kMarksAhead < postings.size()) {
        marks.Prefetch(postings[i + kMarksAhead].number);
      }
      const Posting& posting = postings[i];
      const std::uint32_t whole = std::min(posting.impact, kImpactMax);
      const std::uint32_t impact = pass.is_form ? FormImpact(whole) : whole;
      marks.Add(posting.number, pass.penalty,
                is_weight_first ? weight * kWeightFirst + (impact >> kOccurrenceShift)
                                : OccurrenceValue(weight, impact));
    }
  }
  UnitMatches matches;
  marks.Take(candidates, matches.documents, matches.marks);
  return matches;
}

}  // namespace cacheindex::index
