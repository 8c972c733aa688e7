#include "api/parameters.h"

#include <algorithm>

#include "node/core/number_text.h"
#include "node/core/utf8.h"

namespace cacheindex::api {
namespace {

int HexValue(char digit) {
  if (digit >= '0' && digit <= '9') {
    return digit - '0';
  }
  const int lower = digit | 0x20;
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

std::string AsText(const Json& value) {
  if (value.is_string()) {
    return value.get<std::string>();
  }
  if (!value.is_array()) {
    return DumpJson(value);
  }
  std::string joined;
  for (const Json& element : value) {
    joined += joined.empty() ? "" : ",";
    joined += AsText(element);
  }
  return joined;
}

}  // namespace

std::optional<std::string> PercentDecode(std::string_view text, bool plus_is_space) {
  std::string decoded;
  decoded.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%') {
      if (i + 2 >= text.size()) {
        return std::nullopt;
      }
      const int high = HexValue(text[i + 1]);
      const int low = HexValue(text[i + 2]);
      if (high < 0 || low < 0) {
        return std::nullopt;
      }
      decoded.push_back(static_cast<char>(high * 16 + low));
      i += 2;
    } else {
      decoded.push_back(text[i] == '+' && plus_is_space ? ' ' : text[i]);
    }
  }
  return decoded;
}

std::vector<std::string> SplitList(std::string_view text) {
  std::vector<std::string> pieces;
  while (!text.empty()) {
    const std::size_t comma = std::min(text.find(','), text.size());
    std::string_view piece = text.substr(0, comma);
    text.remove_prefix(std::min(comma + 1, text.size()));
    const std::size_t first = piece.find_first_not_of(" \t\r\n");
    if (first != std::string_view::npos) {
      pieces.emplace_back(piece.substr(first, piece.find_last_not_of(" \t\r\n") - first + 1));
    }
  }
  return pieces;
}

Result<Parameters> Parameters::FromQuery(std::string_view query) {
  Parameters parameters;
  while (!query.empty()) {
    const std::size_t end = std::min(query.find('&'), query.size());
    const std::string_view pair = query.substr(0, end);
    query.remove_prefix(std::min(end + 1, query.size()));
    if (pair.empty()) {
      continue;
    }
    const std::size_t equals = std::min(pair.find('='), pair.size());
    auto name = PercentDecode(pair.substr(0, equals), true);
    auto value = PercentDecode(pair.substr(std::min(equals + 1, pair.size())), true);
    if (!name || !value) {
      return Error(ErrorCode::kInvalidArgument,
                   "The query string has a `%` that two hexadecimal digits do not follow.");
    }
    if (!IsUtf8(*name) || !IsUtf8(*value)) {
      return Error(ErrorCode::kInvalidArgument,
                   IsUtf8(*name) ? "Parameter `" + *name + "` is not valid UTF-8."
                                 : "The name of a parameter is not valid UTF-8.");
    }
    parameters.values_.emplace_back(std::move(*name), std::move(*value));
  }
  return parameters;
}

Parameters Parameters::FromObject(const Json& object) {
  Parameters parameters;
  for (const auto& [name, value] : object.items()) {
    if (!value.is_null()) {
      parameters.values_.emplace_back(name, AsText(value));
    }
  }
  return parameters;
}

void Parameters::AddDefaults(const Parameters& defaults) {
  // In front, because the last one of a name counts.
  values_.insert(values_.begin(), defaults.values_.begin(), defaults.values_.end());
}

void Parameters::Override(const Parameters& others) {
  values_.insert(values_.end(), others.values_.begin(), others.values_.end());
}

void Parameters::Remove(std::string_view name) {
  std::erase_if(values_, [&](const auto& pair) { return pair.first == name; });
}

std::optional<std::string_view> Parameters::Find(std::string_view name) const {
  if (asked_ != nullptr) {
    asked_->emplace(name);
  }
  const auto found = std::find_if(values_.rbegin(), values_.rend(),
                                  [&](const auto& pair) { return pair.first == name; });
  return found == values_.rend() ? std::nullopt : std::optional<std::string_view>(found->second);
}

std::string_view Parameters::Get(std::string_view name) const {
  return Find(name).value_or(std::string_view());
}

std::vector<std::string> Parameters::GetList(std::string_view name) const {
  return SplitList(Get(name));
}

bool Parameters::GetBool(std::string_view name, bool fallback) const {
  const auto value = Find(name);
  return value ? *value == "true" : fallback;
}

Result<std::optional<std::uint32_t>> Parameters::FindUnsigned(std::string_view name) const {
  const auto value = Find(name);
  if (!value) {
    return std::optional<std::uint32_t>();
  }
  const auto number = ToNumber<std::uint32_t>(*value);
  if (!number) {
    return Error(ErrorCode::kInvalidArgument,
                 "Parameter `" + std::string(name) + "` must be an unsigned integer.");
  }
  return number;
}

Result<std::uint32_t> Parameters::GetUnsigned(std::string_view name, std::uint32_t fallback) const {
  auto value = FindUnsigned(name);
  if (!value) {
    return std::move(value).error();
  }
  return value->value_or(fallback);
}

}  // namespace cacheindex::api
