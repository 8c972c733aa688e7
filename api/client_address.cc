#include "api/client_address.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <array>
#include <cstring>

namespace cacheindex::api {
namespace {

constexpr std::string_view kMappedPrefix = "::ffff:";

}  // namespace

std::string ClientAddress(const sockaddr_storage& peer) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (peer.ss_family == AF_INET) {
    sockaddr_in v4{};
    std::memcpy(&v4, &peer, sizeof v4);
    ::inet_ntop(AF_INET, &v4.sin_addr, text.data(), text.size());
  } else if (peer.ss_family == AF_INET6) {
    sockaddr_in6 v6{};
    std::memcpy(&v6, &peer, sizeof v6);
    ::inet_ntop(AF_INET6, &v6.sin6_addr, text.data(), text.size());
    if (IN6_IS_ADDR_V4MAPPED(&v6.sin6_addr)) {
      return text.data() + kMappedPrefix.size();
    }
  }
  return text.data();
}

}  // namespace cacheindex::api
