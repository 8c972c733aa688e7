#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "api/server.h"
#include "tests/api/fake_service.h"
#include "tests/support/eventually.h"

namespace cacheindex::api::test {

using cacheindex::test::Eventually;

inline constexpr std::string_view kKey = "a-key";
inline constexpr std::string_view kKeyHeader = "X-TYPESENSE-API-KEY: a-key\r\n";

/// One answer, taken apart.
struct Reply {
  int status = 0;
  /// Names in lower case.
  std::map<std::string, std::string, std::less<>> headers;
  std::string body;
  /// False when the connection ended before the answer did.
  bool is_complete = false;

  std::string header(std::string_view name) const {
    const auto found = headers.find(name);
    return found == headers.end() ? std::string() : found->second;
  }
};

/// A socket to 127.0.0.1 that sends and shows raw bytes. Every wait is bounded.
class Client {
 public:
  struct Options {
    std::uint16_t port = 0;
    /// 0 leaves the system's.
    int receive_buffer_bytes = 0;
  };
  explicit Client(Options options);
  explicit Client(std::uint16_t port) : Client(Options{.port = port}) {}
  Client(Client&& other) noexcept : fd_(other.fd_), buffer_(std::move(other.buffer_)) {
    other.fd_ = -1;
  }
  Client& operator=(Client&&) = delete;
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;
  ~Client();

  /// Returns false when the peer closed first.
  bool Send(std::string_view bytes);
  /// Sends as much as the peer takes within `patience`; returns how much.
  std::size_t SendWithin(std::string_view bytes, std::chrono::milliseconds patience) const;
  void FinishSending() const;

  /// Reads one answer; `is_head` says that it has no body whatever its headers say.
  Reply Receive(bool is_head = false);
  /// Sends a request with the key and reads its answer.
  Reply Ask(std::string_view method, std::string_view target, std::string_view body = {},
            std::string_view headers = {});
  /// True when the peer closes within `patience` without another byte.
  bool IsClosedWithin(std::chrono::milliseconds patience);
  /// True when bytes are there or come within `patience`.
  bool HasBytesWithin(std::chrono::milliseconds patience);
  int fd() const { return fd_; }

 private:
  bool Fill();
  std::optional<std::string> Line();
  bool Take(std::size_t bytes, std::string& target);
  bool TakeChunks(std::string& target);

  int fd_ = -1;
  std::string buffer_;
};

/// Spells a request with the key.
std::string Spell(std::string_view method, std::string_view target, std::string_view body = {},
                  std::string_view headers = {});

/// A running front before a fake service.
class Fixture {
 public:
  explicit Fixture(Server::Options options = {});

  Client Connect() const { return Client(server->port()); }
  Reply Ask(std::string_view method, std::string_view target, std::string_view body = {},
            std::string_view headers = {}) const {
    return Connect().Ask(method, target, body, headers);
  }
  /// Sends raw bytes on a new connection and reads one answer.
  Reply AskRaw(std::string_view bytes) const;

  FakeService service;
  std::unique_ptr<Server> server;
};

}  // namespace cacheindex::api::test
