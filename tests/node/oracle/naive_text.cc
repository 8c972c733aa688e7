#include "tests/node/oracle/naive_text.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <map>
#include <utility>

#include "index/tokenizer.h"

namespace cacheindex::test {
namespace {

// Words that must stand next to each other.
struct Unit {
  std::vector<std::string> words;
  bool is_prefix = false;
};

struct Words {
  std::vector<Unit> units;
  std::vector<Unit> excluded;
};

struct QueriedField {
  std::string name;
  std::int64_t weight = 0;
  bool is_prefix = true;
};

std::string Trimmed(const std::string& text) {
  const auto begin = text.find_first_not_of(" \n");
  return begin == std::string::npos ? ""
                                    : text.substr(begin, text.find_last_not_of(" \n") + 1 - begin);
}

std::vector<index::Token> Tokens(const std::string& text) {
  std::vector<index::Token> tokens;
  index::Tokenizer::OfThread().Tokenize(text, tokens);
  return tokens;
}

// Cuts a query into pieces between spaces; quotes hold a piece together.
std::vector<std::string> Pieces(const std::string& query) {
  std::vector<std::string> pieces(1);
  bool is_quoted = false;
  for (const char byte : query) {
    const bool is_space = byte == ' ' || byte == '\n';
    if (byte == '"') {
      const bool is_excluded = pieces.back() == "-";
      if (!is_quoted && !is_excluded) {
        pieces.emplace_back();
      }
      pieces.back() += byte;
      if (is_quoted) {
        pieces.emplace_back();
      }
      is_quoted = !is_quoted;
    } else if (is_space && !is_quoted) {
      pieces.emplace_back();
    } else {
      pieces.back() += byte;
    }
  }
  std::erase(pieces, "");
  return pieces;
}

Words Understand(const std::string& query) {
  Words words;
  for (std::string piece : Pieces(query)) {
    const bool is_excluded = piece.size() > 1 && piece.front() == '-';
    piece.erase(0, is_excluded ? 1 : 0);
    const bool stands_apart = !is_excluded && piece.front() != '"';
    const auto tokens = Tokens(piece);
    if (!stands_apart || !tokens.empty()) {
      // Only the last of all may go on.
      for (Unit& unit : words.units) {
        unit.is_prefix = false;
      }
    }
    Unit together;
    std::uint32_t group = 0;
    for (const index::Token& token : tokens) {
      if (stands_apart && !together.words.empty() && token.group != group) {
        words.units.push_back({.words = std::exchange(together.words, {})});
      }
      group = token.group;
      together.words.push_back(token.word);
      // Every Han character is a whole word.
      together.is_prefix = stands_apart && !token.is_han;
    }
    if (!together.words.empty()) {
      (is_excluded ? words.excluded : words.units).push_back(std::move(together));
    }
  }
  return words;
}

std::vector<QueriedField> QueriedFields(const SearchRequest& request, const Model& model) {
  std::vector<QueriedField> fields;
  for (std::size_t i = 0; i < request.query_by.size(); ++i) {
    const bool is_prefix =
        request.prefix.empty() || request.prefix[request.prefix.size() == 1 ? 0 : i];
    const std::int64_t weight = request.query_by_weights.empty()
                                    ? static_cast<std::int64_t>(request.query_by.size() - i)
                                    : std::int64_t{request.query_by_weights[i]};
    for (const ModelField& field : model.fields()) {
      const bool is_meant =
          field.name == request.query_by[i] || field.name.starts_with(request.query_by[i] + ".");
      if (is_meant && field.kind == ValueKind::kString) {
        fields.push_back({.name = field.name, .weight = weight, .is_prefix = is_prefix});
      }
    }
  }
  // On a scale of 1 to 255.
  std::int64_t highest = 0;
  for (const QueriedField& field : fields) {
    highest = std::max(highest, field.weight);
  }
  for (QueriedField& field : fields) {
    field.weight = highest == 0 ? 1 : std::max<std::int64_t>(1, field.weight * 255 / highest);
  }
  return fields;
}

class NaiveMatcher {
 public:
  NaiveMatcher(const SearchRequest& request, const Model& model)
      : request_(&request),
        model_(&model),
        words_(Understand(request.query)),
        fields_(QueriedFields(request, model)) {
    for (const auto& [id, document] : model.documents()) {
      documents_with_words_ += HasWords(document) ? 1 : 0;
    }
    for (const Unit& unit : words_.units) {
      rarities_.push_back(Rarity(unit));
    }
  }

  std::vector<Candidate> Match(std::vector<Candidate> candidates) const {
    std::erase_if(candidates, [&](const Candidate& candidate) {
      return std::any_of(words_.excluded.begin(), words_.excluded.end(),
                         [&](const Unit& unit) { return Value(unit, *candidate.document) > 0; });
    });
    if (words_.units.empty()) {
      // Punctuation alone finds nothing; exclusions alone find the rest.
      return words_.excluded.empty() ? std::vector<Candidate>() : Scored(std::move(candidates));
    }
    std::vector<Candidate> found;
    std::size_t dropped = 0;
    for (; dropped < words_.units.size(); ++dropped) {
      AddMatches(dropped, candidates, found);
      const bool has_enough =
          found.size() >= request_->drop_tokens_threshold && !request_->exhaustive_search;
      if (has_enough || request_->drop_tokens_threshold == 0) {
        break;
      }
    }
    return found;
  }

 private:
  static std::vector<Candidate> Scored(std::vector<Candidate> candidates) {
    for (Candidate& candidate : candidates) {
      candidate.match = TextMatch{};
    }
    return candidates;
  }

  static bool HasWords(const ModelDocument& document) {
    for (const auto& [field, elements] : document.words) {
      for (const auto* words : elements) {
        if (!words->empty()) {
          return true;
        }
      }
    }
    return false;
  }

  // Moves what matches without `dropped` of the units from the candidates to the found ones.
  void AddMatches(std::size_t dropped, std::vector<Candidate>& candidates,
                  std::vector<Candidate>& found) const {
    const std::size_t kept = words_.units.size() - dropped;
    const auto mode = request_->drop_tokens_mode;
    const bool drops_from_both = mode == SearchRequest::DropTokens::kBothSides &&
                                 words_.units.size() <= request_->drop_tokens_words_max;
    const bool drops_from_left = mode == SearchRequest::DropTokens::kLeftToRight;
    const std::size_t first = drops_from_left ? dropped : 0;
    const std::size_t last = drops_from_left || drops_from_both ? dropped : 0;
    std::erase_if(candidates, [&](Candidate& candidate) {
      std::int64_t sum = 0;
      for (std::size_t begin = first; begin <= last && sum == 0; ++begin) {
        sum = Sum(begin, begin + kept, *candidate.document);
      }
      if (sum == 0) {
        return false;
      }
      candidate.match = TextMatch{};
      candidate.match->score = (static_cast<std::int64_t>(kept) << 32) + sum;
      found.push_back(candidate);
      return true;
    });
  }

  // 0 when one of the units does not occur.
  std::int64_t Sum(std::size_t begin, std::size_t end, const ModelDocument& document) const {
    std::int64_t sum = 0;
    for (std::size_t i = begin; i < end; ++i) {
      const std::int64_t value = Value(words_.units[i], document);
      if (value == 0) {
        return 0;
      }
      sum += value * rarities_[i];
    }
    return sum;
  }

  std::int64_t Value(const Unit& unit, const ModelDocument& document) const {
    std::int64_t best = 0;
    for (const QueriedField& field : fields_) {
      const auto found = document.words.find(field.name);
      if (found == document.words.end()) {
        continue;
      }
      for (const auto* element : found->second) {
        if (IsIn(unit, *element)) {
          best = std::max(best, field.weight * 4);
        } else if (unit.is_prefix && field.is_prefix && IsBegun(unit, *element)) {
          best = std::max(best, field.weight * 3);
        }
      }
    }
    return best;
  }

  static bool IsIn(const Unit& unit, const std::vector<std::string>& element) {
    return std::search(element.begin(), element.end(), unit.words.begin(), unit.words.end()) !=
           element.end();
  }

  static bool IsBegun(const Unit& unit, const std::vector<std::string>& element) {
    return std::any_of(element.begin(), element.end(), [&](const std::string& word) {
      return word.starts_with(unit.words.front());
    });
  }

  using Frequencies = std::map<std::string, std::int64_t>;

  Frequencies FrequenciesIn(const QueriedField& field) const {
    Frequencies frequencies;
    for (const auto& [id, document] : model_->documents()) {
      const auto found = document.words.find(field.name);
      if (found == document.words.end()) {
        continue;
      }
      Frequencies once;
      for (const auto* element : found->second) {
        for (const std::string& word : *element) {
          once[word] = 1;
        }
      }
      for (const auto& [word, one] : once) {
        frequencies[word] += one;
      }
    }
    return frequencies;
  }

  std::int64_t Rarity(const Unit& unit) const {
    std::int64_t frequency = -1;
    for (const std::string& word : unit.words) {
      std::int64_t largest = 0;
      for (const QueriedField& field : fields_) {
        largest = std::max(largest, FrequencyOf(field, word));
      }
      frequency = frequency < 0 ? largest : std::min(frequency, largest);
    }
    if (frequency == 0 && unit.is_prefix) {
      for (const QueriedField& field : fields_) {
        for (const auto& [word, count] : FrequenciesIn(field)) {
          const bool is_longer = field.is_prefix && word.starts_with(unit.words.front());
          frequency = is_longer ? std::max(frequency, count) : frequency;
        }
      }
    }
    const double ratio =
        static_cast<double>(documents_with_words_ + 1) / static_cast<double>(frequency + 1);
    return 1 + static_cast<std::int64_t>(std::floor(16 * std::log2(ratio)));
  }

  std::int64_t FrequencyOf(const QueriedField& field, const std::string& word) const {
    return std::count_if(
        model_->documents().begin(), model_->documents().end(), [&](const auto& entry) {
          const auto found = entry.second.words.find(field.name);
          return found != entry.second.words.end() &&
                 std::any_of(found->second.begin(), found->second.end(), [&](const auto* element) {
                   return std::find(element->begin(), element->end(), word) != element->end();
                 });
        });
  }

  const SearchRequest* request_;
  const Model* model_;
  Words words_;
  std::vector<QueriedField> fields_;
  std::int64_t documents_with_words_ = 0;
  std::vector<std::int64_t> rarities_;
};

}  // namespace

bool HasTextQuery(const SearchRequest& request) {
  const std::string query = Trimmed(request.query);
  return !query.empty() && query != "*";
}

std::vector<Candidate> MatchNaively(const SearchRequest& request, const Model& model,
                                    std::vector<Candidate> candidates) {
  return HasTextQuery(request) ? NaiveMatcher(request, model).Match(std::move(candidates))
                               : candidates;
}

}  // namespace cacheindex::test
