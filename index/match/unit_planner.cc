#include "index/match/unit_planner.h"

#include <algorithm>
#include <set>
#include <tuple>
#include <utility>

#include "index/columns/word_dictionary.h"
#include "index/match/text_score.h"
#include "index/words/word_impact.h"

namespace cacheindex::index {
namespace {

std::uint32_t RarestOf(const std::vector<std::uint32_t>& frequencies) {
  return *std::min_element(frequencies.begin(), frequencies.end());
}

std::uint32_t MostFrequent(const std::vector<TextReader::Expansion>& expansions) {
  std::uint32_t frequency = 0;
  for (const TextReader::Expansion& expansion : expansions) {
    frequency = std::max(frequency, expansion.frequency);
  }
  return frequency;
}

std::size_t CharacterCount(const std::string& word) {
  return static_cast<std::size_t>(std::count_if(word.begin(), word.end(), [](char byte) {
    return (static_cast<unsigned char>(byte) & 0xC0U) != 0x80U;
  }));
}

bool IsDigit(char byte) { return byte >= '0' && byte <= '9'; }

// Returns how many edits `word` may have.
std::uint32_t EditsOf(const std::string& word, const TypoOptions& options) {
  const auto digits = static_cast<std::size_t>(std::count_if(word.begin(), word.end(), IsDigit));
  const bool is_number = digits > 0 && std::all_of(word.begin(), word.end(), [](char byte) {
                           return IsDigit(byte) || byte == '.' || byte == ',';
                         });
  if ((is_number && !options.in_numbers) || (!is_number && digits > 0 && !options.in_mixed_words)) {
    return 0;
  }
  const std::size_t size = CharacterCount(word);
  if (size < options.one_edit_size) {
    return 0;
  }
  return size < options.two_edits_size ? 1 : 2;
}

}  // namespace

UnitPlanner::UnitPlanner(SearchContext& context, const TextReader& reader,
                         const std::vector<TextField>& fields, const Options& options)
    : context_(&context),
      reader_(&reader),
      fields_(&fields),
      document_count_(options.document_count),
      forms_(context, options.stemming) {
  for (const TextField& field : fields) {
    weight_max_ = std::max(weight_max_, field.weight);
  }
}

Result<WordSequence> UnitPlanner::FindNumbers(std::span<const std::string> words, bool is_prefix) {
  const WordDictionary dictionary(context_->view(), context_->schema().words_column);
  WordSequence sequence;
  for (const std::string& word : words) {
    auto number = dictionary.Find(word);
    if (!number) {
      return std::move(number).error();
    }
    sequence.words.push_back(number->value_or(kUnknownWord));
  }
  if (is_prefix) {
    auto longer = dictionary.FindPrefix(words.back(),
                                        words.size() > 1 ? kBegunWordsMax : kPrefixExpansionsMax);
    if (!longer) {
      return std::move(longer).error();
    }
    sequence.longer_words = std::move(*longer);
    std::sort(sequence.longer_words.begin(), sequence.longer_words.end());
  }
  return sequence;
}

Result<UnitSource> UnitPlanner::PlanField(std::span<const std::string> words, bool is_prefix,
                                          const TextField& field) {
  UnitSource source;
  source.field = field.field;
  source.weight = FieldWeight(field.weight, weight_max_);
  for (const std::string& word : words) {
    source.terms.push_back(TextTerm(field.field->storage.number, word));
    const auto frequency = reader_->Frequency(source.terms.back());
    if (!frequency) {
      return frequency.error();
    }
    source.frequencies.push_back(*frequency);
  }
  if (is_prefix) {
    auto longer = reader_->Expand(source.terms.back(), kPrefixExpansionsMax);
    if (!longer) {
      return std::move(longer).error();
    }
    std::erase_if(*longer, [&](const TextReader::Expansion& expansion) {
      return expansion.term == source.terms.back();
    });
    source.longer = std::move(*longer);
  }
  return source;
}

template <class RulesOf>
Result<std::uint32_t> UnitPlanner::AddAlternative(std::span<const std::string> words,
                                                  bool is_prefix, std::uint32_t penalty,
                                                  const RulesOf& rules_of, UnitPlan& plan) {
  std::vector<std::uint32_t> frequencies(words.size());
  std::uint32_t longer_frequency = 0;
  for (const TextField& field : *fields_) {
    const Rules rules = rules_of(field);
    if (!rules.is_allowed) {
      continue;
    }
    auto source = PlanField(words, rules.is_prefix, field);
    if (!source) {
      return std::move(source).error();
    }
    source->alternative = plan.alternatives.size();
    for (std::size_t i = 0; i < frequencies.size(); ++i) {
      frequencies[i] = std::max(frequencies[i], source->frequencies[i]);
    }
    longer_frequency = std::max(longer_frequency, MostFrequent(source->longer));
    plan.cost += RarestOf(source->frequencies);
    for (const TextReader::Expansion& expansion : source->longer) {
      plan.cost += expansion.frequency + kPostingsPerSeek;
    }
    if (RarestOf(source->frequencies) > 0 || !source->longer.empty()) {
      plan.sources.push_back(std::move(*source));
    }
  }
  auto numbers = FindNumbers(words, is_prefix);
  if (!numbers) {
    return std::move(numbers).error();
  }
  plan.alternatives.push_back(
      {.words = {words.begin(), words.end()}, .numbers = std::move(*numbers), .penalty = penalty});
  if (frequencies.back() == 0) {
    frequencies.back() = longer_frequency;
  }
  return RarestOf(frequencies);
}

void UnitPlanner::SetFrequency(std::uint32_t frequency, UnitPlan& plan) const {
  plan.frequency = frequency;
  plan.rarity = Rarity(document_count_, frequency);
}

Result<UnitPlan> UnitPlanner::Plan(const QueryUnit& unit) {
  UnitPlan plan;
  const auto rules_of = [&unit](const TextField& field) {
    return Rules{.is_prefix = unit.is_prefix && field.is_prefix, .is_allowed = true};
  };
  auto frequency = AddAlternative(unit.words, unit.is_prefix, kWholePenalty, rules_of, plan);
  std::uint32_t frequency_max = frequency ? *frequency : 0;
  if (frequency && !unit.joined.empty()) {
    frequency = AddAlternative(unit.joined, unit.is_prefix, kWholePenalty, rules_of, plan);
    frequency_max = std::max(frequency_max, frequency ? *frequency : 0);
  }
  for (const auto& words : {unit.words, unit.joined}) {
    if (frequency && !unit.is_phrase && !words.empty()) {
      frequency = AddForms(words, plan);
      frequency_max = std::max(frequency_max, frequency ? *frequency : 0);
    }
  }
  if (!frequency) {
    return std::move(frequency).error();
  }
  SetFrequency(frequency_max, plan);
  return plan;
}

Result<std::uint32_t> UnitPlanner::AddForms(std::span<const std::string> words, UnitPlan& plan) {
  std::vector<std::vector<std::string>> of_fields;
  std::set<std::string> forms;
  for (const TextField& field : *fields_) {
    auto found = forms_.Of(*field.field, words.back());
    if (!found) {
      return std::move(found).error();
    }
    forms.insert(found->begin(), found->end());
    of_fields.push_back(*std::move(found));
  }
  std::vector<std::string> other(words.begin(), words.end());
  std::uint32_t frequency_max = 0;
  for (const std::string& form : forms) {
    other.back() = form;
    const auto rules_of = [&](const TextField& field) {
      const auto& of_field = of_fields[static_cast<std::size_t>(&field - fields_->data())];
      return Rules{.is_prefix = false,
                   .is_allowed = std::binary_search(of_field.begin(), of_field.end(), form)};
    };
    auto frequency = AddAlternative(other, false, kWholePenalty, rules_of, plan);
    if (!frequency) {
      return frequency;
    }
    plan.alternatives.back().is_form = true;
    frequency_max = std::max(frequency_max, *frequency);
  }
  return frequency_max;
}

template <class IsAllowed>
Result<std::uint32_t> UnitPlanner::FrequencyOf(const std::string& word,
                                               const IsAllowed& is_allowed) {
  std::uint32_t frequency = 0;
  for (const TextField& field : *fields_) {
    if (!is_allowed(field)) {
      continue;
    }
    const auto in_field = reader_->Frequency(TextTerm(field.field->storage.number, word));
    if (!in_field) {
      return in_field.error();
    }
    frequency = std::max(frequency, *in_field);
  }
  return frequency;
}

Result<void> UnitPlanner::AddSimilar(const QueryUnit& unit, const TypoOptions& options,
                                     std::uint32_t edits_max, std::size_t candidates_max,
                                     const WordList& words, UnitPlan& plan) {
  if (unit.is_phrase || unit.words.size() != 1) {
    return {};
  }
  const std::string& asked = unit.words.front();
  edits_max = std::min(edits_max, EditsOf(asked, options));
  if (edits_max == 0) {
    return {};
  }
  struct Candidate {
    SimilarWord similar;
    std::uint32_t penalty = 0;
    std::uint32_t frequency = 0;
  };
  const auto is_allowed = [](const TextField& field, const SimilarWord& similar) {
    return similar.edits <= field.edits_max && (field.is_prefix || !similar.is_longer);
  };
  std::vector<Candidate> candidates;
  for (SimilarWord& similar :
       words.FindSimilar(asked, edits_max, unit.is_prefix, kSimilarWordsMax)) {
    const auto frequency = FrequencyOf(
        similar.word, [&](const TextField& field) { return is_allowed(field, similar); });
    if (!frequency) {
      return frequency.error();
    }
    if (context_->IsExpired()) {
      return Error(ErrorCode::kTimeout, "the search took longer than its cutoff");
    }
    if (*frequency > 0) {
      const std::uint32_t penalty = TypoPenalty(similar.edits, similar.is_longer);
      candidates.push_back({std::move(similar), penalty, *frequency});
    }
  }
  std::sort(candidates.begin(), candidates.end(),
            [](const Candidate& left, const Candidate& right) {
              return std::tie(left.penalty, right.frequency, left.similar.word) <
                     std::tie(right.penalty, left.frequency, right.similar.word);
            });
  candidates.resize(std::min(candidates.size(), candidates_max));
  std::uint32_t frequency_max = 0;
  for (const Candidate& candidate : candidates) {
    const auto added = AddAlternative(
        std::span(&candidate.similar.word, 1), false, candidate.penalty,
        [&](const TextField& field) {
          return Rules{.is_prefix = false, .is_allowed = is_allowed(field, candidate.similar)};
        },
        plan);
    if (!added) {
      return added.error();
    }
    frequency_max = std::max(frequency_max, candidate.frequency);
  }
  if (plan.frequency == 0) {
    SetFrequency(frequency_max, plan);
  }
  return {};
}

Result<void> UnitPlanner::AddContaining(const QueryUnit& unit, bool is_fallback,
                                        const WordList::InfixLimits& limits, const WordList& words,
                                        UnitPlan& plan) {
  if (unit.is_phrase) {
    return {};
  }
  std::string asked;
  for (const std::string& word : unit.words) {
    asked += word;
  }
  const auto is_allowed = [is_fallback](const TextField& field) {
    return field.infix == SearchRequest::Infix::kAlways ||
           (is_fallback && field.infix == SearchRequest::Infix::kFallback);
  };
  if (std::none_of(fields_->begin(), fields_->end(), is_allowed)) {
    return {};
  }
  std::uint32_t frequency_max = 0;
  for (const std::string& word : words.FindContaining(asked, limits, kSimilarWordsMax)) {
    const auto frequency = FrequencyOf(word, is_allowed);
    if (!frequency) {
      return frequency.error();
    }
    // What is the unit and nothing more was found as such.
    if (*frequency == 0 || word.size() == asked.size() + 1) {
      continue;
    }
    frequency_max = std::max(frequency_max, *frequency);
    const auto added = AddAlternative(
        std::span(&word, 1), false, kInfixPenalty,
        [&](const TextField& field) {
          return Rules{.is_prefix = false, .is_allowed = is_allowed(field)};
        },
        plan);
    if (!added) {
      return added.error();
    }
  }
  if (plan.frequency == 0) {
    SetFrequency(frequency_max, plan);
  }
  return {};
}

}  // namespace cacheindex::index
