#include "index/unit_matcher.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include "index/text_score.h"
#include "index/word_dictionary.h"
#include "index/word_order.h"

namespace cacheindex::index {
namespace {

// A seek in a posting list costs about as much as reading this many postings.
constexpr std::uint64_t kPostingsPerSeek = 32;

// Looking at the clock costs about as much as two postings.
constexpr std::size_t kDocumentsPerClock = 4'096;

Error Expired() { return {ErrorCode::kTimeout, "the search took longer than its cutoff"}; }

std::uint32_t RarestOf(const std::vector<std::uint32_t>& frequencies) {
  return *std::min_element(frequencies.begin(), frequencies.end());
}

}  // namespace

Result<std::vector<std::int64_t>> UnitMatcher::FindWords(const QueryUnit& unit) {
  const WordDictionary dictionary(context_->view(), context_->schema().words_column);
  std::vector<std::int64_t> numbers;
  for (const std::string& word : unit.words) {
    auto number = dictionary.Find(word);
    if (!number) {
      return std::move(number).error();
    }
    if (!*number) {
      return std::vector<std::int64_t>();
    }
    numbers.push_back(**number);
  }
  return numbers;
}

Result<UnitPlan::InField> UnitMatcher::PlanField(const QueryUnit& unit, const TextField& field,
                                                 std::uint32_t weight_max) {
  UnitPlan::InField plan{.field = field.field,
                         .weight = FieldWeight(field.weight, weight_max),
                         .terms = {},
                         .frequencies = {},
                         .longer = {}};
  for (const std::string& word : unit.words) {
    plan.terms.push_back(TextTerm(field.field->storage.number, word));
    const auto frequency = reader_->Frequency(plan.terms.back());
    if (!frequency) {
      return frequency.error();
    }
    plan.frequencies.push_back(*frequency);
  }
  if (unit.is_prefix && field.is_prefix) {
    auto longer = reader_->Expand(plan.terms.front(), kPrefixExpansionsMax);
    if (!longer) {
      return std::move(longer).error();
    }
    std::erase_if(*longer, [&](const TextReader::Expansion& expansion) {
      return expansion.term == plan.terms.front();
    });
    plan.longer = std::move(*longer);
  }
  return plan;
}

Result<UnitPlan> UnitMatcher::Plan(const QueryUnit& unit, const std::vector<TextField>& fields,
                                   std::uint32_t document_count) {
  UnitPlan plan;
  std::uint32_t weight_max = 0;
  for (const TextField& field : fields) {
    weight_max = std::max(weight_max, field.weight);
  }
  std::vector<std::uint32_t> frequencies(unit.words.size());
  std::uint32_t longer_frequency = 0;
  for (const TextField& field : fields) {
    auto in_field = PlanField(unit, field, weight_max);
    if (!in_field) {
      return std::move(in_field).error();
    }
    for (std::size_t i = 0; i < frequencies.size(); ++i) {
      frequencies[i] = std::max(frequencies[i], in_field->frequencies[i]);
    }
    plan.cost += RarestOf(in_field->frequencies);
    for (const TextReader::Expansion& expansion : in_field->longer) {
      longer_frequency = std::max(longer_frequency, expansion.frequency);
      plan.cost += expansion.frequency + kPostingsPerSeek;
    }
    if (RarestOf(in_field->frequencies) > 0 || !in_field->longer.empty()) {
      plan.fields.push_back(std::move(*in_field));
    }
  }
  const std::uint32_t frequency = RarestOf(frequencies);
  plan.rarity = Rarity(document_count, frequency == 0 ? longer_frequency : frequency);
  auto words = FindWords(unit);
  if (!words) {
    return std::move(words).error();
  }
  plan.words = std::move(*words);
  return plan;
}

Result<void> UnitMatcher::Postings(const std::string& term, std::uint32_t frequency,
                                   const DocumentSet& within,
                                   std::optional<std::span<const DocumentNumber>> candidates,
                                   Documents& documents) {
  if (context_->IsExpired()) {
    return Expired();
  }
  if (candidates && candidates->size() * kPostingsPerSeek < frequency) {
    return reader_->Postings(term, *candidates, documents);
  }
  return reader_->Postings(term, within, documents);
}

Result<void> UnitMatcher::MatchWords(const UnitPlan& plan, const UnitPlan::InField& field,
                                     const DocumentSet& within,
                                     std::optional<std::span<const DocumentNumber>> candidates,
                                     Documents& documents) {
  if (RarestOf(field.frequencies) == 0) {
    return {};
  }
  std::vector<std::size_t> order(field.terms.size());
  std::iota(order.begin(), order.end(), 0U);
  std::sort(order.begin(), order.end(), [&](std::size_t left, std::size_t right) {
    return field.frequencies[left] < field.frequencies[right];
  });
  auto found =
      Postings(field.terms[order[0]], field.frequencies[order[0]], within, candidates, documents);
  if (!found || order.size() == 1) {
    return found;
  }
  Documents both;
  for (std::size_t i = 1; i < order.size() && !documents.empty(); ++i) {
    if (field.terms[order[i]] == field.terms[order[i - 1]]) {
      continue;
    }
    DocumentSet remaining = context_->EmptySet();
    for (const DocumentNumber number : documents) {
      remaining.Add(number);
    }
    both.clear();
    found =
        Postings(field.terms[order[i]], field.frequencies[order[i]], remaining, documents, both);
    if (!found) {
      return found;
    }
    documents.swap(both);
  }
  return KeepAdjacent(plan, field, documents);
}

Result<void> UnitMatcher::KeepAdjacent(const UnitPlan& plan, const UnitPlan::InField& field,
                                       Documents& documents) {
  if (plan.words.empty()) {
    documents.clear();
    return {};
  }
  const cache::ColumnNumber column = field.field->storage.words;
  const auto pages = context_->Pages(column);
  if (!pages) {
    return pages.error();
  }
  std::size_t kept = 0;
  for (std::size_t i = 0; i < documents.size(); ++i) {
    if (i % kDocumentsPerClock == 0 && context_->IsExpired()) {
      return Expired();
    }
    if (ContainsInOrder(WordsOf(**pages, column, documents[i]), plan.words)) {
      documents[kept++] = documents[i];
    }
  }
  documents.resize(kept);
  return {};
}

Result<void> UnitMatcher::MatchLonger(const UnitPlan::InField& field, const DocumentSet& within,
                                      std::optional<std::span<const DocumentNumber>> candidates,
                                      Documents& documents) {
  for (const TextReader::Expansion& expansion : field.longer) {
    auto found = Postings(expansion.term, expansion.frequency, within, candidates, documents);
    if (!found) {
      return found;
    }
  }
  return {};
}

Result<UnitMatches> UnitMatcher::Match(const UnitPlan& plan, const DocumentSet& within,
                                       std::optional<std::span<const DocumentNumber>> candidates) {
  // Best first, so that the first mark of a document is its best.
  struct Source {
    std::uint32_t value = 0;
    const UnitPlan::InField* field = nullptr;
    bool is_longer = false;
  };
  std::vector<Source> sources;
  for (const UnitPlan::InField& field : plan.fields) {
    sources.push_back({field.weight * kWholeWordFactor, &field, false});
    if (!field.longer.empty()) {
      sources.push_back({field.weight * kPrefixFactor, &field, true});
    }
  }
  std::stable_sort(sources.begin(), sources.end(), [](const Source& left, const Source& right) {
    return left.value > right.value;
  });
  marks_.resize(within.capacity());
  Documents documents;
  for (const Source& source : sources) {
    documents.clear();
    auto found = source.is_longer ? MatchLonger(*source.field, within, candidates, documents)
                                  : MatchWords(plan, *source.field, within, candidates, documents);
    if (!found) {
      // The marks are not cleared: after an error the whole search starts over.
      return std::move(found).error();
    }
    for (const DocumentNumber number : documents) {
      if (marks_[number] == 0) {
        marks_[number] = static_cast<std::uint16_t>(source.value);
        marked_.push_back(number);
      }
    }
  }
  return TakeMarks(candidates, sources.size() == 1 && !sources.front().is_longer);
}

UnitMatches UnitMatcher::TakeMarks(std::optional<std::span<const DocumentNumber>> candidates,
                                   bool is_sorted) {
  UnitMatches matches;
  if (candidates) {
    for (const DocumentNumber number : *candidates) {
      if (marks_[number] != 0) {
        matches.documents.push_back(number);
      }
    }
  } else {
    if (!is_sorted) {
      std::sort(marked_.begin(), marked_.end());
    }
    matches.documents = marked_;
  }
  matches.values.reserve(matches.documents.size());
  for (const DocumentNumber number : matches.documents) {
    matches.values.push_back(marks_[number]);
  }
  for (const DocumentNumber number : marked_) {
    marks_[number] = 0;
  }
  marked_.clear();
  return matches;
}

}  // namespace cacheindex::index
