#include "node/core/json.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "node/core/long_number.h"

namespace cacheindex {
namespace {

// Elements and members of one value. Short ones become sixteen times as many bytes in a tree as
// they have in the text, so the text's size alone does not bound the memory.
constexpr std::size_t kJsonValuesMax = 5'000'000;

// A number of a text that is kept as it was written.
struct LongNumberPlace {
  /// How many numbers stand before it.
  std::size_t rank = 0;
  std::size_t begin = 0;
  std::size_t size = 0;
};

// A scan of brackets, commas and numbers: what is too deep or has too many values is refused before
// a tree is built from it, and numbers that a tree cannot hold are found.
class Scan {
 public:
  explicit Scan(std::string_view text) : text_(text) {}

  // Returns why the text is refused, if it is.
  std::optional<std::string> Run() {
    for (at_ = 0; at_ < text_.size(); ++at_) {
      const char byte = text_[at_];
      if (byte == '"') {
        PassString();
      } else if (byte == '-' || (byte >= '0' && byte <= '9')) {
        PassNumber();
      } else if (byte == '{' || byte == '[') {
        ++values_;
        ++depth_;
      } else if (byte == ',') {
        ++values_;
      } else if (byte == '}' || byte == ']') {
        depth_ -= depth_ > 0 ? 1 : 0;
      }
      if (depth_ > kJsonDepthMax) {
        return "nested deeper than " + std::to_string(kJsonDepthMax) + " levels";
      }
      if (values_ > kJsonValuesMax) {
        return "more than " + std::to_string(kJsonValuesMax) + " values";
      }
    }
    for (const LongNumberPlace& number : long_numbers_) {
      if (number.size > kLongNumberBytesMax) {
        return "a number of more than " + std::to_string(kLongNumberBytesMax) +
               " characters at byte " + std::to_string(number.begin + 1);
      }
    }
    return std::nullopt;
  }

  const std::vector<LongNumberPlace>& long_numbers() const noexcept { return long_numbers_; }

 private:
  // Most of a document's bytes are in strings, so they are looked through for quotes only.
  void PassString() {
    const std::size_t begin = at_;
    do {
      at_ = std::min(text_.find('"', at_ + 1), text_.size());
    } while (at_ < text_.size() && IsEscaped(begin));
  }

  // Whether an odd number of backslashes stands before `at_`, in the string that begins at `begin`.
  bool IsEscaped(std::size_t begin) const {
    std::size_t first = at_;
    while (first - 1 > begin && text_[first - 1] == '\\') {
      --first;
    }
    return (at_ - first) % 2 != 0;
  }

  void PassNumber() {
    // Any decimal of so many characters comes back from a double, unless it has an exponent.
    constexpr std::size_t kShortSize = 15;
    const std::size_t begin = at_;
    bool has_exponent = false;
    for (; at_ < text_.size() && IsOfNumber(text_[at_]); ++at_) {
      has_exponent = has_exponent || text_[at_] == 'e' || text_[at_] == 'E';
    }
    const std::string_view number = text_.substr(begin, at_ - begin);
    --at_;
    // What is spelled wrong is the parser's to refuse.
    if ((has_exponent || number.size() > kShortSize) && SpellsNumber(number) &&
        SpellsLongNumber(number)) {
      long_numbers_.push_back({.rank = numbers_, .begin = begin, .size = number.size()});
    }
    ++numbers_;
  }

  static bool IsOfNumber(char byte) {
    return (byte >= '0' && byte <= '9') || byte == '.' || byte == '-' || byte == '+' ||
           byte == 'e' || byte == 'E';
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::size_t depth_ = 0;
  std::size_t values_ = 1;
  std::size_t numbers_ = 0;
  std::vector<LongNumberPlace> long_numbers_;
};

// The parser sees a zero, as long as the number, where a long number stands.
Json ParseAround(std::string_view text, const std::vector<LongNumberPlace>& long_numbers) {
  std::string rest(text);
  for (const LongNumberPlace& number : long_numbers) {
    rest.replace(number.begin, number.size, number.size, ' ');
    rest[number.begin] = '0';
  }
  std::size_t rank = 0;
  auto next = long_numbers.begin();
  return Json::parse(rest, [&](int /*depth*/, Json::parse_event_t event, Json& value) {
    if (event == Json::parse_event_t::value && value.is_number()) {
      if (next != long_numbers.end() && next->rank == rank) {
        value = LongNumber(text.substr(next->begin, next->size));
        ++next;
      }
      ++rank;
    }
    return true;
  });
}

bool HoldsLongNumber(const Json& value) {
  return value.is_structured() ? std::any_of(value.begin(), value.end(), HoldsLongNumber)
                               : IsLongNumber(value);
}

std::string Dump(const Json& value) {
  return value.dump(-1, ' ', false, Json::error_handler_t::replace);
}

void Append(const Json& value, std::string& text) {
  if (IsLongNumber(value)) {
    text += TextOfLongNumber(value);
  } else if (value.is_array()) {
    text += '[';
    for (const Json& element : value) {
      text += text.back() == '[' ? "" : ",";
      Append(element, text);
    }
    text += ']';
  } else if (value.is_object()) {
    text += '{';
    for (const auto& [name, member] : value.items()) {
      text += text.back() == '{' ? "" : ",";
      text += Dump(Json(name));
      text += ':';
      Append(member, text);
    }
    text += '}';
  } else {
    text += Dump(value);
  }
}

bool IsDeeperThan(const Json& value, std::size_t depth) {
  if (!value.is_structured()) {
    return false;
  }
  return depth == 0 || std::any_of(value.begin(), value.end(), [&](const Json& member) {
           return IsDeeperThan(member, depth - 1);
         });
}

// The parser's own text starts with "[json.exception.parse_error.101] "; people do not need that.
std::string Readable(std::string_view what) {
  const auto end = what.find("] ");
  return std::string(end == std::string_view::npos ? what : what.substr(end + 2));
}

}  // namespace

Result<Json> ParseJson(std::string_view text) {
  Scan scan(text);
  if (auto reason = scan.Run()) {
    return Error(ErrorCode::kInvalidArgument, *std::move(reason));
  }
  // The parser takes a zero byte for the end of its input and would ignore what follows.
  if (const auto zero = text.find('\0'); zero != std::string_view::npos) {
    return Error(ErrorCode::kInvalidArgument, "zero byte at byte " + std::to_string(zero + 1));
  }
  try {
    return scan.long_numbers().empty() ? Json::parse(text) : ParseAround(text, scan.long_numbers());
  } catch (const Json::exception& failure) {
    return Error(ErrorCode::kInvalidArgument, Readable(failure.what()));
  }
}

bool IsTooDeep(const Json& value) { return IsDeeperThan(value, kJsonDepthMax); }

std::string DumpJson(const Json& value) {
  if (!HoldsLongNumber(value)) {
    return Dump(value);
  }
  std::string text;
  Append(value, text);
  return text;
}

}  // namespace cacheindex
