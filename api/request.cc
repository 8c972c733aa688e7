#include "api/request.h"

#include <algorithm>

namespace cacheindex::api {
namespace {

// Keeps the memory of a usual body for the next request and returns that of a large one.
constexpr std::size_t kBodyBytesKept = std::size_t{16} << 10;

char Lower(char letter) {
  return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter + ('a' - 'A')) : letter;
}

}  // namespace

bool EqualsIgnoringCase(std::string_view text, std::string_view lower) noexcept {
  return text.size() == lower.size() &&
         std::equal(text.begin(), text.end(), lower.begin(),
                    [](char left, char right) { return Lower(left) == right; });
}

std::optional<std::string_view> Request::FindHeader(std::string_view name) const noexcept {
  for (const Header& header : headers) {
    if (EqualsIgnoringCase(header.name, name)) {
      return header.value;
    }
  }
  return std::nullopt;
}

void Request::Clear() {
  head.clear();
  method = Method::kGet;
  path = {};
  query = {};
  headers.clear();
  is_http_1_0 = false;
  keeps_alive = true;
  expects_continue = false;
  is_chunked = false;
  content_length.reset();
  if (body.capacity() > kBodyBytesKept) {
    body = std::string();
  }
  body.clear();
  client_address.clear();
  parameters.Clear();
  route = nullptr;
  names.clear();
}

}  // namespace cacheindex::api
