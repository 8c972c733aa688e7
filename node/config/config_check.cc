#include "node/config/config_check.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <set>
#include <string_view>
#include <system_error>
#include <utility>

#include "api/certificate.h"
#include "node/disk/data_directory.h"
#include "node/disk/required_files.h"

namespace cacheindex::node {
namespace {

namespace fs = std::filesystem;

using Mistakes = std::vector<std::string>;

bool IsLoopback(const std::string& address) {
  in_addr v4{};
  in6_addr v6{};
  if (::inet_pton(AF_INET, address.c_str(), &v4) == 1) {
    return ntohl(v4.s_addr) >> 24U == IN_LOOPBACKNET;
  }
  if (::inet_pton(AF_INET6, address.c_str(), &v6) != 1) {
    return false;
  }
  constexpr std::size_t kFourInSix = 12;
  return IN6_IS_ADDR_LOOPBACK(&v6) ||
         (IN6_IS_ADDR_V4MAPPED(&v6) && v6.s6_addr[kFourInSix] == IN_LOOPBACKNET);
}

bool IsPublic(const Config& config) {
  return config.tls_ends_at_proxy || !IsLoopback(config.http.listen_address);
}

void CheckKey(const Config& config, Mistakes& mistakes) {
  const std::string& key = config.http.api_key;
  if (key.empty()) {
    mistakes.push_back(std::string("an API key is required: set the environment variable ") +
                       kApiKeyVariable + " or pass --api-key");
    return;
  }
  if (!std::ranges::all_of(key, [](char byte) { return byte > ' ' && byte <= '~'; })) {
    mistakes.emplace_back(
        "`http.api_key` has a character that no request can send: use visible ASCII characters, "
        "and look for a blank or a line break at its end");
  }
  const bool is_weak = key.size() < kPublicKeyBytesMin ||
                       std::set<char>(key.begin(), key.end()).size() < kPublicKeyCharactersMin;
  if (is_weak && IsPublic(config)) {
    mistakes.push_back(
        "`http.api_key` can be guessed, and other machines reach the node: it needs "
        "at least " +
        std::to_string(kPublicKeyBytesMin) + " characters, " +
        std::to_string(kPublicKeyCharactersMin) +
        " of them different; make one with: head -c 24 /dev/urandom | base64");
  }
}

void CheckTls(const Config& config, Mistakes& mistakes) {
  const fs::path& certificate = config.http.certificate_file;
  const fs::path& key = config.http.certificate_key_file;
  if (certificate.empty() != key.empty()) {
    mistakes.push_back(std::string("`http.") +
                       (key.empty() ? "certificate_key_file" : "certificate_file") +
                       "` is missing: TLS needs both a certificate and its key");
    return;
  }
  if (!certificate.empty()) {
    if (auto checked = api::CheckCertificate(certificate, key); !checked) {
      mistakes.push_back("`http.certificate_file`, `http.certificate_key_file`: " +
                         checked.error().message());
    }
    return;
  }
  if (!config.tls_ends_at_proxy && !IsLoopback(config.http.listen_address)) {
    mistakes.push_back("`http.listen` = " + config.http.listen_address +
                       " is reached by other machines, and keys and documents would cross the "
                       "network unencrypted: set `http.certificate_file` and "
                       "`http.certificate_key_file`, or `http.tls_ends_at_proxy = true` where a "
                       "proxy in front of the node speaks TLS, or listen on 127.0.0.1");
  }
}

// Keys and what operators see cross the network there as they are.
void CheckOperations(const Config& config, Mistakes& mistakes) {
  if (config.operations && !config.tls_ends_at_proxy &&
      !IsLoopback(config.operations->listen_address)) {
    mistakes.push_back("`operations.listen` = " + config.operations->listen_address +
                       " is reached by other machines, and speaks no TLS: listen on 127.0.0.1, or "
                       "set `http.tls_ends_at_proxy = true` where a proxy in front speaks it");
  }
}

void CheckSizes(const Config& config, Mistakes& mistakes) {
  const auto check = [&](std::string_view smaller, std::uint64_t small, std::string_view larger,
                         std::uint64_t large) {
    if (small > large) {
      mistakes.push_back("`" + std::string(smaller) + "` = " + std::to_string(small) +
                         " must not be above `" + std::string(larger) +
                         "` = " + std::to_string(large));
    }
  };
  const api::Limits& limits = config.http.limits;
  check("store.map_size_bytes", config.store.map_size_bytes, "store.map_size_max_bytes",
        config.store.map_size_max_bytes);
  check("http.body_bytes_max", limits.body_bytes_max, "http.buffered_bytes_max",
        limits.buffered_bytes_max);
}

std::string Because(int number) { return std::generic_category().message(number); }

// The directory, or the nearest one above it that exists.
fs::path NearestExisting(fs::path path) {
  std::error_code ignored;
  path = fs::absolute(path, ignored);
  while (!fs::exists(path, ignored) && path.has_relative_path()) {
    path = path.parent_path();
  }
  return path;
}

// Returns whether a node runs in the data directory.
bool CheckDirectory(const fs::path& directory, Obstacles& obstacles) {
  const fs::path existing = NearestExisting(directory);
  std::error_code ignored;
  const int number = !fs::is_directory(existing, ignored)                  ? ENOTDIR
                     : ::access(existing.c_str(), R_OK | W_OK | X_OK) != 0 ? errno
                                                                           : 0;
  if (number != 0) {
    obstacles.mistakes.push_back("`node.data_directory` = " + directory.string() +
                                 " cannot be written: " + existing.string() + ": " +
                                 Because(number) +
                                 "; give it to the user who starts the node, or choose another");
    return false;
  }
  if (!fs::exists(directory / "LOCK", ignored)) {
    return false;  // Nobody was ever here, and it is not for a check to be the first.
  }
  const auto locked = DataDirectory::Lock(directory);
  if (!locked) {
    const bool is_running = locked.error().code() == ErrorCode::kConflict;
    (is_running ? obstacles.notes : obstacles.mistakes)
        .push_back("`node.data_directory`: " + locked.error().message());
    return is_running;
  }
  if (const auto present = CheckRequiredFiles(*locked); !present) {
    obstacles.mistakes.push_back("`node.data_directory`: " + present.error().message());
  }
  return false;
}

// Returns why the address cannot be listened on: 0, or the system's number.
int TryToBind(const std::string& text, std::uint16_t port) {
  sockaddr_storage address{};
  sockaddr_in v4{};
  sockaddr_in6 v6{};
  if (::inet_pton(AF_INET, text.c_str(), &v4.sin_addr) == 1) {
    v4.sin_family = AF_INET;
    v4.sin_port = htons(port);
    std::memcpy(&address, &v4, sizeof v4);
  } else if (::inet_pton(AF_INET6, text.c_str(), &v6.sin6_addr) == 1) {
    v6.sin6_family = AF_INET6;
    v6.sin6_port = htons(port);
    std::memcpy(&address, &v6, sizeof v6);
  } else {
    return EINVAL;
  }
  const int socket = ::socket(address.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (socket < 0) {
    return errno;
  }
  const int on = 1;
  ::setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  const bool is_bound = ::bind(socket, reinterpret_cast<const sockaddr*>(&address),
                               address.ss_family == AF_INET ? sizeof v4 : sizeof v6) == 0;
  const int number = is_bound ? 0 : errno;
  ::close(socket);
  return number;
}

void CheckAddress(std::string_view setting, const std::string& address, std::uint16_t port,
                  bool is_running, Obstacles& obstacles) {
  const int number = TryToBind(address, port);
  if (number == 0) {
    return;
  }
  const std::string where = "`" + std::string(setting) + "` = " + address + ":" +
                            std::to_string(port) + ": " + Because(number);
  if (number == EADDRINUSE && is_running) {
    obstacles.notes.push_back(where);
    return;
  }
  obstacles.mistakes.push_back(
      where + (number == EADDRINUSE
                   ? "; stop the program that listens there, or choose another port"
               : number == EACCES ? "; choose a port from 1024 on"
                                  : "; choose an address of this machine"));
}

}  // namespace

std::vector<std::string> FindMistakes(const Config& config) {
  Mistakes mistakes;
  if (config.data_directory.empty()) {
    mistakes.emplace_back(
        "a data directory is required: pass --data-dir, or set node.data_directory in the "
        "configuration");
  }
  CheckKey(config, mistakes);
  CheckTls(config, mistakes);
  CheckOperations(config, mistakes);
  CheckSizes(config, mistakes);
  return mistakes;
}

Obstacles FindObstacles(const Config& config) {
  Obstacles obstacles;
  const bool is_running = CheckDirectory(config.data_directory, obstacles);
  CheckAddress("http.listen", config.http.listen_address, config.http.port, is_running, obstacles);
  if (config.operations) {
    CheckAddress("operations.listen", config.operations->listen_address, config.operations->port,
                 is_running, obstacles);
  }
  return obstacles;
}

}  // namespace cacheindex::node
