#include "api/request.h"

#include <algorithm>
#include <atomic>
#include <random>

namespace cacheindex::api {
namespace {

// Keeps the memory of a usual body for the next request and returns that of a large one.
constexpr std::size_t kBodyBytesKept = std::size_t{16} << 10;

char Lower(char letter) {
  return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter + ('a' - 'A')) : letter;
}

bool IsIdByte(char byte) {
  return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
         (byte >= '0' && byte <= '9') ||
         std::string_view("-_.:/+=@").find(byte) != std::string_view::npos;
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

void Request::TakeId(std::string_view candidate) noexcept {
  if (id.empty() && !candidate.empty() && candidate.size() <= kIdBytesMax &&
      std::all_of(candidate.begin(), candidate.end(), IsIdByte)) {
    id = candidate;
  }
}

void Request::MakeId() noexcept {
  if (!id.empty()) {
    return;
  }
  static const std::uint64_t kFirst = std::random_device()();
  static std::atomic<std::uint64_t> made{0};
  // One to one, so that two ids differ as long as two counts do.
  std::uint64_t mixed = (kFirst << 32U) + made.fetch_add(1, std::memory_order_relaxed);
  mixed = (mixed ^ (mixed >> 30U)) * 0xbf58476d1ce4e5b9U;
  mixed = (mixed ^ (mixed >> 27U)) * 0x94d049bb133111ebU;
  mixed ^= mixed >> 31U;
  for (char& digit : made_id_) {
    digit = "0123456789abcdef"[mixed & 15U];
    mixed >>= 4U;
  }
  id = std::string_view(made_id_.data(), made_id_.size());
}

void Request::Clear() {
  head.clear();
  id = {};
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
