#include "api/matching_parameters.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "node/core/number_text.h"

namespace cacheindex::api {
namespace {

// Edits of one word, at most.
constexpr std::uint32_t kTyposMax = 2;

template <class Value>
struct Choice {
  std::string_view name;
  Value value;
};

constexpr std::array<Choice<SearchRequest::SplitJoin>, 3> kSplitJoinChoices = {{
    {"off", SearchRequest::SplitJoin::kOff},
    {"fallback", SearchRequest::SplitJoin::kFallback},
    {"always", SearchRequest::SplitJoin::kAlways},
}};

constexpr std::array<Choice<SearchRequest::Infix>, 3> kInfixChoices = {{
    {"off", SearchRequest::Infix::kOff},
    {"fallback", SearchRequest::Infix::kFallback},
    {"always", SearchRequest::Infix::kAlways},
}};

constexpr std::array<Choice<SearchRequest::TextMatchType>, 3> kTextMatchTypes = {{
    {"max_score", SearchRequest::TextMatchType::kMaxScore},
    {"max_weight", SearchRequest::TextMatchType::kMaxWeight},
    {"sum_score", SearchRequest::TextMatchType::kSumScore},
}};

Error Invalid(std::string message) { return {ErrorCode::kInvalidArgument, std::move(message)}; }

template <class Value, std::size_t kSize>
Result<Value> Choose(std::string_view parameter, std::string_view text,
                     const std::array<Choice<Value>, kSize>& choices) {
  std::string names;
  for (const Choice<Value>& choice : choices) {
    if (choice.name == text) {
      return choice.value;
    }
    names += names.empty() ? "" : ", ";
    names += choice.name;
  }
  return Invalid("Parameter `" + std::string(parameter) + "` must be one of: " + names + "; not `" +
                 std::string(text) + "`.");
}

template <class Value, std::size_t kSize>
Result<void> SetChoice(const Parameters& parameters, std::string_view name,
                       const std::array<Choice<Value>, kSize>& choices, Value& target) {
  const std::string_view text = parameters.Get(name);
  if (text.empty()) {
    return {};
  }
  const auto chosen = Choose(name, text, choices);
  if (!chosen) {
    return chosen.error();
  }
  target = *chosen;
  return {};
}

// A list that is for all fields, or for each of them.
Result<void> CheckCount(std::string_view name, std::size_t count, const SearchRequest& request) {
  if (count <= 1 || count == request.query_by.size()) {
    return {};
  }
  return Invalid("Number of values in `" + std::string(name) +
                 "` does not match number of `query_by` fields.");
}

Result<void> CheckTypos(std::string_view name, std::uint32_t typos) {
  if (typos <= kTyposMax) {
    return {};
  }
  return Invalid("Value of `" + std::string(name) + "` must not be greater than " +
                 std::to_string(kTyposMax) + ", it is " + std::to_string(typos) + ".");
}

Result<void> SetTypos(const Parameters& parameters, SearchRequest& request) {
  for (const std::string& text : parameters.GetList("num_typos")) {
    const auto typos = ToNumber<std::uint32_t>(text);
    if (!typos) {
      return Invalid("Parameter `num_typos` must be a list of unsigned integers; not `" + text +
                     "`.");
    }
    if (auto checked = CheckTypos("num_typos", *typos); !checked) {
      return checked;
    }
    request.num_typos.push_back(*typos);
  }
  return CheckCount("num_typos", request.num_typos.size(), request);
}

Result<void> SetInfix(const Parameters& parameters, SearchRequest& request) {
  for (const std::string& text : parameters.GetList("infix")) {
    const auto chosen = Choose("infix", text, kInfixChoices);
    if (!chosen) {
      return chosen.error();
    }
    request.infix.push_back(*chosen);
  }
  return CheckCount("infix", request.infix.size(), request);
}

Result<void> SetNumbers(const Parameters& parameters, SearchRequest& request) {
  for (const auto& [name, target] : {
           std::pair{"min_len_1typo", &request.min_len_1typo},
           std::pair{"min_len_2typo", &request.min_len_2typo},
           std::pair{"typo_tokens_threshold", &request.typo_tokens_threshold},
           std::pair{"synonym_num_typos", &request.synonym_num_typos},
           std::pair{"max_extra_prefix", &request.max_extra_prefix},
           std::pair{"max_extra_suffix", &request.max_extra_suffix},
       }) {
    const auto number = parameters.GetUnsigned(name, *target);
    if (!number) {
      return number.error();
    }
    *target = *number;
  }
  const auto candidates = parameters.FindUnsigned("max_candidates");
  if (!candidates) {
    return candidates.error();
  }
  request.max_candidates = *candidates;
  return CheckTypos("synonym_num_typos", request.synonym_num_typos);
}

void SetSwitches(const Parameters& parameters, SearchRequest& request) {
  for (const auto& [name, target] : {
           std::pair{"enable_typos_for_numerical_tokens",
                     &request.enable_typos_for_numerical_tokens},
           std::pair{"enable_typos_for_alpha_numerical_tokens",
                     &request.enable_typos_for_alpha_numerical_tokens},
           std::pair{"synonym_prefix", &request.synonym_prefix},
           std::pair{"demote_synonym_match", &request.demote_synonym_match},
           std::pair{"prioritize_exact_match", &request.prioritize_exact_match},
           std::pair{"prioritize_token_position", &request.prioritize_token_position},
           std::pair{"prioritize_num_matching_fields", &request.prioritize_num_matching_fields},
       }) {
    *target = parameters.GetBool(name, *target);
  }
}

}  // namespace

Result<void> ReadMatching(const Parameters& parameters, SearchRequest& request) {
  SetSwitches(parameters, request);
  auto read = SetTypos(parameters, request);
  read = read ? SetInfix(parameters, request) : std::move(read);
  read = read ? SetNumbers(parameters, request) : std::move(read);
  read = read ? SetChoice(parameters, "split_join_tokens", kSplitJoinChoices,
                          request.split_join_tokens)
              : std::move(read);
  return read ? SetChoice(parameters, "text_match_type", kTextMatchTypes, request.text_match_type)
              : std::move(read);
}

}  // namespace cacheindex::api
