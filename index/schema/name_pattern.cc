#include "index/schema/name_pattern.h"

#include <unicode/regex.h>
#include <unicode/unistr.h>

#include <memory>
#include <string>

namespace cacheindex::index {
namespace {

// ICU counts steps of its engine, about a millisecond each.
constexpr std::int32_t kMatchStepsMax = 10;

icu::UnicodeString ToUnicode(std::string_view text) {
  return icu::UnicodeString::fromUTF8(
      icu::StringPiece(text.data(), static_cast<std::int32_t>(text.size())));
}

}  // namespace

bool IsNamePattern(std::string_view name) {
  return name.find_first_of("*+?[(|^$") != std::string_view::npos;
}

Result<NameMatcher> CompileNamePattern(std::string_view pattern) {
  if (pattern == ".*") {
    return NameMatcher([](std::string_view) { return true; });
  }
  UErrorCode status = U_ZERO_ERROR;
  UParseError where{};
  const std::shared_ptr<const icu::RegexPattern> compiled(
      icu::RegexPattern::compile(ToUnicode(pattern), where, status));
  if (U_FAILURE(status) != 0) {
    return Error(ErrorCode::kInvalidArgument,
                 "Field name `" + std::string(pattern) + "` is not a regular expression: " +
                     u_errorName(status) + " at character " + std::to_string(where.offset));
  }
  return NameMatcher([compiled](std::string_view name) {
    UErrorCode failure = U_ZERO_ERROR;
    const icu::UnicodeString text = ToUnicode(name);
    const std::unique_ptr<icu::RegexMatcher> matcher(compiled->matcher(text, failure));
    if (U_FAILURE(failure) != 0) {
      return false;
    }
    matcher->setTimeLimit(kMatchStepsMax, failure);
    const bool is_match = matcher->matches(failure) != 0;
    return U_SUCCESS(failure) != 0 && is_match;
  });
}

}  // namespace cacheindex::index
