#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace cacheindex::test {

/// One answer; what had come of it when the connection broke, if it did.
struct HttpReply {
  /// 0 when not even the status line came.
  int status = 0;
  /// Names in lower case.
  std::map<std::string, std::string, std::less<>> headers;
  std::string body;
  /// False when the connection ended before the answer did.
  bool is_complete = false;
};

/// A blocking HTTP client for 127.0.0.1 over one connection, which it opens when it needs one. It
/// never retries: a test wants to know.
///
/// Threads: one at a time.
class HttpClient {
 public:
  /// An answer that takes longer than this ends the connection.
  static constexpr timeval kPatience{.tv_sec = 120, .tv_usec = 0};

  HttpClient(std::uint16_t port, std::string api_key) : port_(port), api_key_(std::move(api_key)) {}
  ~HttpClient() { Close(); }
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;

  /// `headers` are whole lines, each with its end.
  HttpReply Ask(std::string_view method, std::string_view target, std::string_view body = {},
                std::string_view headers = {}) {
    HttpReply reply;
    std::string head = std::string(method) + " " + std::string(target) +
                       " HTTP/1.1\r\nHost: localhost\r\nX-TYPESENSE-API-KEY: " + api_key_ + "\r\n" +
                       std::string(headers) + "Content-Length: " + std::to_string(body.size()) +
                       "\r\n\r\n";
    // The answer to a refused body may come before the body is gone.
    if (Connect()) {
      if (Send(head)) {
        Send(body);
      }
      Receive(reply);
    }
    if (!reply.is_complete || reply.headers["connection"] == "close") {
      Close();
    }
    return reply;
  }

 private:
  bool Connect() {
    if (socket_ >= 0) {
      return true;
    }
    received_.clear();
    socket_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port_);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &kPatience, sizeof(kPatience));
    ::setsockopt(socket_, SOL_SOCKET, SO_SNDTIMEO, &kPatience, sizeof(kPatience));
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): the sockets' own way.
    return ::connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0;
  }

  void Close() {
    if (socket_ >= 0) {
      ::close(socket_);
    }
    socket_ = -1;
  }

  bool Send(std::string_view bytes) const {
    while (!bytes.empty()) {
      const auto sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) {
        return false;
      }
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
  }

  bool Fill() {
    char buffer[65'536];
    const auto size = ::recv(socket_, buffer, sizeof(buffer), 0);
    if (size > 0) {
      received_.append(buffer, static_cast<std::size_t>(size));
    }
    return size > 0;
  }

  std::optional<std::string> Line() {
    std::size_t end = received_.find("\r\n");
    for (; end == std::string::npos; end = received_.find("\r\n")) {
      if (!Fill()) {
        return std::nullopt;
      }
    }
    std::string line = received_.substr(0, end);
    received_.erase(0, end + 2);
    return line;
  }

  /// Moves `size` bytes to `target`; what there is of them when the connection breaks.
  bool Take(std::size_t size, std::string& target) {
    while (size > 0) {
      if (received_.empty() && !Fill()) {
        return false;
      }
      const std::size_t taken = std::min(size, received_.size());
      target.append(received_, 0, taken);
      received_.erase(0, taken);
      size -= taken;
    }
    return true;
  }

  bool ReceiveHead(HttpReply& reply) {
    const auto status = Line();
    if (!status || status->size() < 12) {
      return false;
    }
    reply.status = std::stoi(status->substr(9, 3));
    for (auto line = Line(); line; line = Line()) {
      if (line->empty()) {
        return true;
      }
      const std::size_t colon = line->find(':');
      std::string name = line->substr(0, colon);
      std::transform(name.begin(), name.end(), name.begin(),
                     [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
      const std::size_t value = line->find_first_not_of(' ', colon + 1);
      reply.headers[name] = value == std::string::npos ? "" : line->substr(value);
    }
    return false;
  }

  bool ReceiveChunks(HttpReply& reply) {
    while (true) {
      const auto line = Line();
      if (!line) {
        return false;
      }
      const std::size_t size = std::stoul(*line, nullptr, 16);
      std::string end;
      if (!Take(size, reply.body) || !Take(2, end)) {
        return false;
      }
      if (size == 0) {
        return true;
      }
    }
  }

  void Receive(HttpReply& reply) {
    do {
      reply.headers.clear();
      if (!ReceiveHead(reply)) {
        return;
      }
    } while (reply.status == 100);
    if (reply.headers["transfer-encoding"] == "chunked") {
      reply.is_complete = ReceiveChunks(reply);
    } else if (const auto length = reply.headers.find("content-length");
               length != reply.headers.end()) {
      reply.is_complete = Take(std::stoul(length->second), reply.body);
    } else {
      reply.is_complete = true;
    }
  }

  std::uint16_t port_;
  std::string api_key_;
  int socket_ = -1;
  std::string received_;
};

/// Returns `text` with every byte that is not a letter, a digit or one of `-_.~` percent-encoded.
inline std::string PercentEncoded(std::string_view text) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  constexpr std::string_view kPlain =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.~";
  std::string encoded;
  for (const char byte : text) {
    if (kPlain.find(byte) != std::string_view::npos) {
      encoded += byte;
    } else {
      encoded += '%';
      encoded += kDigits[static_cast<unsigned char>(byte) >> 4U];
      encoded += kDigits[static_cast<unsigned char>(byte) & 15U];
    }
  }
  return encoded;
}

}  // namespace cacheindex::test
