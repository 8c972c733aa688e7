#include "tests/node/oracle/naive_text.h"

#include <algorithm>
#include <cstdint>
#include <utility>

#include "index/match/text_query.h"
#include "index/words/readings.h"
#include "index/words/tokenizer.h"
#include "tests/index/text/naive_matches.h"

namespace cacheindex::test {
namespace {

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

index::QueryUnit UnitOf(const std::vector<index::Token>& tokens) {
  index::QueryUnit unit;
  for (const index::Token& token : tokens) {
    unit.words.push_back(token.word);
  }
  // The first one's hyphen, if any, leads out of the unit.
  bool has_hyphens = false;
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    if (i > 0 && tokens[i].is_hyphenated) {
      unit.joined.back() += tokens[i].word;
      has_hyphens = true;
    } else {
      unit.joined.push_back(tokens[i].word);
    }
  }
  if (!has_hyphens) {
    unit.joined.clear();
  }
  return unit;
}

bool IsExclusion(const std::string& piece) {
  return piece.size() > 1 && piece.front() == '-' && piece[1] != ' ';
}

// Puts neighbouring pieces that are neither quoted nor excluded together again: what a number means
// is seen from the words around it.
std::vector<std::string> Stretches(const std::string& query) {
  std::vector<std::string> stretches;
  bool is_open = false;
  for (std::string& piece : Pieces(query)) {
    const bool is_plain = !IsExclusion(piece) && piece.front() != '"';
    if (is_plain && is_open) {
      stretches.back() += " " + piece;
    } else {
      stretches.push_back(std::move(piece));
    }
    is_open = is_plain;
  }
  return stretches;
}

// The units of a query without words.
std::vector<index::QueryUnit> SignUnits(std::string query) {
  std::erase(query, '"');
  std::vector<index::QueryUnit> units;
  std::uint32_t group = 0;
  for (const index::Token& sign : index::Signs(query, {})) {
    if (units.empty() || sign.group != group) {
      units.emplace_back();
    }
    units.back().words.push_back(sign.word);
    group = sign.group;
  }
  return units;
}

index::TextQuery Understand(const std::string& query) {
  index::TextQuery words;
  for (std::string piece : Stretches(query)) {
    const bool is_excluded = IsExclusion(piece);
    piece.erase(0, is_excluded ? 1 : 0);
    const bool stands_apart = !is_excluded && piece.front() != '"';
    const auto tokens = Tokens(piece);
    if (!stands_apart || !tokens.empty()) {
      // Only the last of all may go on.
      for (index::QueryUnit& unit : words.units) {
        unit.is_prefix = false;
      }
    }
    std::vector<index::Token> together;
    const auto add = [&](bool is_last) {
      if (!together.empty()) {
        index::QueryUnit unit = UnitOf(together);
        unit.is_phrase = !stands_apart;
        // Every character that stands alone is a whole word, and so is a sign.
        const index::Token& last = together.back();
        unit.is_prefix = is_last && stands_apart && !last.is_character && !last.is_sign;
        if (is_last && stands_apart && !last.written.empty()) {
          if (unit.joined.empty()) {
            unit.joined = unit.words;
            unit.joined.back() = last.written;
          } else {
            unit.words.back() = last.written;
          }
        }
        (is_excluded ? words.excluded : words.units).push_back(std::move(unit));
        together.clear();
      }
    };
    for (const index::Token& token : tokens) {
      if (stands_apart && !together.empty() && token.group != together.back().group) {
        add(false);
      }
      together.push_back(token);
    }
    add(true);
  }
  if (words.units.empty() && words.excluded.empty()) {
    words.units = SignUnits(query);
  }
  return words;
}

using Field = index::test::NaiveMatches::Field;

std::vector<Field> QueriedFields(const SearchRequest& request, const Model& model) {
  std::vector<Field> fields;
  for (std::size_t i = 0; i < request.query_by.size(); ++i) {
    const bool is_prefix =
        request.prefix.empty() || request.prefix[request.prefix.size() == 1 ? 0 : i];
    const std::uint32_t weight = request.query_by_weights.empty()
                                     ? static_cast<std::uint32_t>(request.query_by.size() - i)
                                     : request.query_by_weights[i];
    const std::uint32_t edits =
        request.num_typos.empty() ? 2 : request.num_typos[request.num_typos.size() == 1 ? 0 : i];
    for (const ModelField& field : model.fields()) {
      const bool is_meant =
          field.name == request.query_by[i] || field.name.starts_with(request.query_by[i] + ".");
      if (is_meant && field.kind == ValueKind::kString) {
        fields.push_back(
            {.name = field.name, .weight = weight, .is_prefix = is_prefix, .edits_max = edits});
      }
    }
  }
  // On a scale of 1 to 255.
  std::uint32_t highest = 0;
  for (const Field& field : fields) {
    highest = std::max(highest, field.weight);
  }
  for (Field& field : fields) {
    field.weight = highest == 0 ? 1 : std::max(1U, field.weight * 255 / highest);
  }
  return fields;
}

index::TextMatchOptions OptionsOf(const SearchRequest& request) {
  index::TextMatchOptions options;
  options.drop_tokens_threshold = request.drop_tokens_threshold;
  options.drop_tokens_mode = request.drop_tokens_mode;
  options.drop_tokens_words_max = request.drop_tokens_words_max;
  options.exhaustive = request.exhaustive_search;
  options.typo_tokens_threshold = request.typo_tokens_threshold;
  options.typos = {.one_edit_size = request.min_len_1typo,
                   .two_edits_size = request.min_len_2typo,
                   .in_numbers = request.enable_typos_for_numerical_tokens,
                   .in_mixed_words = request.enable_typos_for_alpha_numerical_tokens};
  options.split_join_tokens = request.split_join_tokens;
  options.synonyms.rules = request.synonyms;
  options.synonyms.is_prefix = request.synonym_prefix;
  options.synonyms.edits_max = request.synonym_num_typos;
  options.synonyms.is_demoted = request.demote_synonym_match;
  options.text_match_type = request.text_match_type;
  options.prioritize_exact_match = request.prioritize_exact_match;
  options.prioritize_token_position = request.prioritize_token_position;
  options.prioritize_num_matching_fields = request.prioritize_num_matching_fields;
  return options;
}

}  // namespace

bool HasTextQuery(const SearchRequest& request) {
  const std::string query = Trimmed(request.query);
  return !query.empty() && query != "*";
}

std::vector<Candidate> MatchNaively(const SearchRequest& request, const Model& model,
                                    std::vector<Candidate> candidates) {
  if (!HasTextQuery(request)) {
    return candidates;
  }
  std::vector<const index::test::NaiveMatches::Document*> everything;
  for (const auto& [id, document] : model.documents()) {
    everything.push_back(&document.words);
  }
  std::vector<const index::test::NaiveMatches::Document*> among;
  for (const Candidate& candidate : candidates) {
    among.push_back(&candidate.document->words);
  }
  const index::test::NaiveMatches naive(std::move(everything), QueriedFields(request, model),
                                        OptionsOf(request));
  const auto scores = naive.Match(Understand(request.query), among);
  std::erase_if(candidates, [&](Candidate& candidate) {
    const auto found = scores.find(&candidate.document->words);
    if (found == scores.end()) {
      return true;
    }
    candidate.match = TextMatch{};
    candidate.match->score = found->second;
    return false;
  });
  return candidates;
}

}  // namespace cacheindex::test
