#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <utility>

#include "node/core/number_text.h"
#include "node/core/utf8.h"
#include "replication/rows/postgres_types.h"
#include "replication/values/term.h"

// What the texts mean that the source prints under the pinned session settings.

namespace cacheindex::replication {
namespace {

/// Arrays inside each other, as PostgreSQL's MAXDIM.
constexpr int kArrayDepthMax = 6;

constexpr std::int64_t kMicroseconds = 1'000'000;
/// Greater than the last year of PostgreSQL's dates, 5874897.
constexpr std::int64_t kYearMax = 9'999'999;

Term ParseInteger(std::string_view text) {
  const auto number = ToNumber<std::int64_t>(text);
  return number ? Term::Integer(*number) : Term::Text(text);
}

Term ParseReal(std::string_view text) {
  const auto number = ToNumber<double>(text);
  if (!number) {
    return Term::Text(text);
  }
  return std::isfinite(*number) ? Term::Real(*number) : Term();
}

Term ParseNumeric(std::string_view text) {
  if (text == "NaN" || text == "Infinity" || text == "-Infinity") {
    return {};
  }
  const auto number = ParseDecimal(text);
  if (!number) {
    // More digits than are computed with: as they are, until they are.
    Term real = ParseReal(text);
    real.text = text;
    return real;
  }
  return text.find('.') == std::string_view::npos ? Term::Integer(number->digits)
                                                  : Term::OfDecimal(*number);
}

// PostgreSQL's array: {1,NULL,"a \"b\"",{2}}, with [0:1]= before it where bounds are unusual.
class ArrayParser {
 public:
  ArrayParser(std::uint32_t element_type, std::string_view text)
      : element_type_(element_type), text_(text) {}

  std::optional<Json> Parse() {
    if (text_.starts_with('[')) {
      const std::size_t end = text_.find('=');
      at_ = end == std::string_view::npos ? text_.size() : end + 1;
    }
    auto array = ParseArray(1);
    return at_ == text_.size() ? std::move(array) : std::nullopt;
  }

 private:
  char Peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }

  std::optional<Json> ParseArray(int depth) {
    if (Peek() != '{' || depth > kArrayDepthMax) {
      return std::nullopt;
    }
    ++at_;
    Json array = Json::array();
    if (Peek() == '}') {
      ++at_;
      return array;
    }
    while (true) {
      auto element = Peek() == '{' ? ParseArray(depth + 1) : ParseElement();
      if (!element) {
        return std::nullopt;
      }
      array.push_back(*std::move(element));
      const char next = Peek();
      ++at_;
      if (next == '}') {
        return array;
      }
      if (next != ',') {
        return std::nullopt;
      }
    }
  }

  std::optional<Json> ParseElement() {
    std::string element;
    const bool is_quoted = Peek() == '"';
    at_ += is_quoted ? 1 : 0;
    for (; at_ < text_.size(); ++at_) {
      const char character = text_[at_];
      if (character == '\\' && at_ + 1 < text_.size()) {
        element += text_[++at_];
      } else if (is_quoted ? character == '"' : character == ',' || character == '}') {
        break;
      } else {
        element += character;
      }
    }
    if (is_quoted) {
      if (Peek() != '"') {
        return std::nullopt;
      }
      ++at_;
    } else if (element == "NULL") {
      return Json(nullptr);
    }
    Scratch scratch;
    return ToJson(ParseValue(element_type_, element, scratch), WantedType::kAsItIs);
  }

  std::uint32_t element_type_;
  std::string_view text_;
  std::size_t at_ = 0;
};

// PostgreSQL's hstore: "color"=>"red", "size"=>NULL.
std::optional<Json> ParseHstore(std::string_view text) {
  std::size_t at = 0;
  const auto take_quoted = [&]() -> std::optional<std::string> {
    if (at >= text.size() || text[at] != '"') {
      return std::nullopt;
    }
    std::string inside;
    for (++at; at < text.size() && text[at] != '"'; ++at) {
      at += text[at] == '\\' && at + 1 < text.size() ? 1U : 0U;
      inside += text[at];
    }
    return at++ < text.size() ? std::optional(std::move(inside)) : std::nullopt;
  };
  const auto take = [&](std::string_view expected) {
    const bool is_here = text.substr(at).starts_with(expected);
    at += is_here ? expected.size() : 0;
    return is_here;
  };
  Json object = Json::object();
  while (at < text.size()) {
    const auto name = take_quoted();
    if (!name || !take("=>")) {
      return std::nullopt;
    }
    if (take("NULL")) {
      object[*name] = nullptr;
    } else if (auto value = take_quoted()) {
      object[*name] = *std::move(value);
    } else {
      return std::nullopt;
    }
    if (at < text.size() && !take(", ")) {
      return std::nullopt;
    }
  }
  return object;
}

// Days since 1970-01-01 of a date of the proleptic Gregorian calendar; years count from March.
std::int64_t DaysOf(std::int64_t year, std::int64_t month, std::int64_t day) {
  year -= month <= 2 ? 1 : 0;
  const std::int64_t era = (year >= 0 ? year : year - 399) / 400;
  const std::int64_t year_of_era = year - era * 400;
  const std::int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
  const std::int64_t day_of_era =
      year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
  return era * 146'097 + day_of_era - 719'468;
}

// Takes a number up to `number_max` and one separator off the front of `text`.
std::optional<std::int64_t> TakeNumber(std::string_view& text, std::int64_t number_max,
                                       char separator = '\0') {
  std::int64_t number = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), number);
  if (parsed.ec != std::errc() || number < 0 || number > number_max) {
    return std::nullopt;
  }
  text.remove_prefix(static_cast<std::size_t>(parsed.ptr - text.data()));
  if (separator != '\0') {
    if (!text.starts_with(separator)) {
      return std::nullopt;
    }
    text.remove_prefix(1);
  }
  return number;
}

// ".5" as microseconds; what is finer is left out.
std::optional<std::int64_t> TakeFraction(std::string_view& text) {
  text.remove_prefix(1);
  std::int64_t microseconds = 0;
  std::size_t digits = 0;
  for (; digits < text.size() && text[digits] >= '0' && text[digits] <= '9'; ++digits) {
    microseconds = digits < 6 ? microseconds * 10 + (text[digits] - '0') : microseconds;
  }
  if (digits == 0) {
    return std::nullopt;
  }
  text.remove_prefix(digits);
  for (; digits < 6; ++digits) {
    microseconds *= 10;
  }
  return microseconds;
}

// "+05:30" and "-08" as seconds.
std::optional<std::int64_t> TakeZone(std::string_view& text) {
  const std::int64_t sign = text.starts_with('-') ? -1 : 1;
  text.remove_prefix(1);
  const auto hours = TakeNumber(text, 24);
  if (!hours) {
    return std::nullopt;
  }
  std::int64_t seconds = *hours * 3'600;
  for (const std::int64_t unit : {60, 1}) {
    if (text.starts_with(':')) {
      text.remove_prefix(1);
      const auto part = TakeNumber(text, 59);
      if (!part) {
        return std::nullopt;
      }
      seconds += *part * unit;
    }
  }
  return sign * seconds;
}

}  // namespace

std::optional<std::int64_t> ParseMoment(std::string_view text) {
  if (text.ends_with("infinity")) {
    return text == "infinity"    ? std::optional(kInfinity)
           : text == "-infinity" ? std::optional(kMinusInfinity)
                                 : std::nullopt;
  }
  const bool is_before_christ = text.ends_with(" BC");
  text.remove_suffix(is_before_christ ? 3 : 0);
  const auto year = TakeNumber(text, kYearMax, '-');
  const auto month = year ? TakeNumber(text, 12, '-') : std::nullopt;
  const auto day = month ? TakeNumber(text, 31) : std::nullopt;
  if (!day) {
    return std::nullopt;
  }
  std::int64_t seconds = DaysOf(is_before_christ ? 1 - *year : *year, *month, *day) * 86'400;
  std::int64_t microseconds = 0;
  if (text.starts_with(' ') || text.starts_with('T')) {
    text.remove_prefix(1);
    const auto hour = TakeNumber(text, 24, ':');
    const auto minute = hour ? TakeNumber(text, 59, ':') : std::nullopt;
    const auto second = minute ? TakeNumber(text, 60) : std::nullopt;
    if (!second) {
      return std::nullopt;
    }
    seconds += *hour * 3'600 + *minute * 60 + *second;
    if (text.starts_with('.')) {
      const auto fraction = TakeFraction(text);
      if (!fraction) {
        return std::nullopt;
      }
      microseconds = *fraction;
    }
    if (text.starts_with('+') || text.starts_with('-')) {
      const auto zone = TakeZone(text);
      if (!zone) {
        return std::nullopt;
      }
      seconds -= *zone;
    }
  }
  if (!text.empty() && text != "Z") {
    return std::nullopt;
  }
  // Dates go on when 64 bits of microseconds end.
  const Int128 moment = Int128{seconds} * kMicroseconds + microseconds;
  return static_cast<std::int64_t>(std::clamp<Int128>(moment, kMinusInfinity, kInfinity));
}

std::optional<std::int64_t> ParseTimestamp(std::string_view text) {
  const auto moment = ParseMoment(text);
  if (!moment || *moment == kInfinity || *moment == kMinusInfinity) {
    return std::nullopt;
  }
  return (*moment - (*moment % kMicroseconds + kMicroseconds) % kMicroseconds) / kMicroseconds;
}

Term ParseValue(std::uint32_t base_type, std::string_view text, Scratch& scratch) {
  if (!IsUtf8(text)) {
    text = scratch.Keep(ReplaceInvalidUtf8(text));
  }
  switch (KindOfType(base_type)) {
    case TypeKind::kBoolean:
      return text == "t" || text == "f" ? Term::Boolean(text == "t") : Term::Text(text);
    case TypeKind::kInteger:
      return ParseInteger(text);
    case TypeKind::kNumeric:
      return ParseNumeric(text);
    case TypeKind::kReal:
      return ParseReal(text);
    case TypeKind::kJson: {
      auto value = ParseJson(text);
      return value ? TermOfJson(scratch.Keep(*std::move(value))) : Term::Text(text);
    }
    case TypeKind::kHstore: {
      auto object = ParseHstore(text);
      return object ? Term::OfJson(scratch.Keep(*std::move(object))) : Term::Text(text);
    }
    case TypeKind::kPaddedText: {
      const std::string_view unpadded = text.substr(0, text.find_last_not_of(' ') + 1);
      Term padded = Term::Text(unpadded);
      padded.padding = static_cast<std::uint32_t>(text.size() - unpadded.size());
      return padded;
    }
    case TypeKind::kTimestamp: {
      Term time = Term::Text(text);
      time.is_time = true;
      return time;
    }
    case TypeKind::kText:
    case TypeKind::kUuid:
      return Term::Text(text);
    case TypeKind::kOther:
      break;
  }
  if (const auto element = ElementType(base_type)) {
    if (auto array = ArrayParser(*element, text).Parse()) {
      return Term::OfJson(scratch.Keep(*std::move(array)));
    }
  }
  return Term::Text(text);
}

}  // namespace cacheindex::replication
