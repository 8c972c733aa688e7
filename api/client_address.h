#pragma once

#include <sys/socket.h>

#include <string>

namespace cacheindex::api {

/// Returns the numeric address, without the port; an IPv4 address that came over an IPv6 socket as
/// IPv4. Empty for what is neither.
std::string ClientAddress(const sockaddr_storage& peer);

}  // namespace cacheindex::api
