#include "tests/api/client.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

namespace cacheindex::api::test {
namespace {

// Far beyond what any answer takes, also under sanitizers on a busy machine.
constexpr int kPatienceMilliseconds = 20'000;

bool IsReady(int fd, short events, int milliseconds) {
  pollfd watched{.fd = fd, .events = events, .revents = 0};
  return ::poll(&watched, 1, milliseconds) > 0;
}

std::string Lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

}  // namespace

Client::Client(Options options) : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  if (options.receive_buffer_bytes > 0) {
    ::setsockopt(fd_, SOL_SOCKET, SO_RCVBUF, &options.receive_buffer_bytes, sizeof(int));
  }
  const int on = 1;
  ::setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(options.port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
    ADD_FAILURE() << "connect: " << errno;
  }
}

Client::~Client() {
  if (fd_ >= 0) {
    ::close(fd_);
  }
}

bool Client::Send(std::string_view bytes) {
  return SendWithin(bytes, std::chrono::milliseconds(kPatienceMilliseconds)) == bytes.size();
}

std::size_t Client::SendWithin(std::string_view bytes, std::chrono::milliseconds patience) const {
  std::size_t sent = 0;
  while (sent < bytes.size() && IsReady(fd_, POLLOUT, static_cast<int>(patience.count()))) {
    const ssize_t count =
        ::send(fd_, bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (count <= 0) {
      break;
    }
    sent += static_cast<std::size_t>(count);
  }
  return sent;
}

void Client::FinishSending() const { ::shutdown(fd_, SHUT_WR); }

bool Client::Fill() {
  std::array<char, 65536> piece{};
  if (!IsReady(fd_, POLLIN, kPatienceMilliseconds)) {
    ADD_FAILURE() << "no answer";
    return false;
  }
  const ssize_t count = ::recv(fd_, piece.data(), piece.size(), 0);
  if (count <= 0) {
    return false;
  }
  buffer_.append(piece.data(), static_cast<std::size_t>(count));
  return true;
}

std::optional<std::string> Client::Line() {
  std::size_t end = std::string::npos;
  while ((end = buffer_.find("\r\n")) == std::string::npos) {
    if (!Fill()) {
      return std::nullopt;
    }
  }
  std::string line = buffer_.substr(0, end);
  buffer_.erase(0, end + 2);
  return line;
}

bool Client::Take(std::size_t bytes, std::string& target) {
  while (buffer_.size() < bytes) {
    if (!Fill()) {
      target += std::exchange(buffer_, {});
      return false;
    }
  }
  target.append(buffer_, 0, bytes);
  buffer_.erase(0, bytes);
  return true;
}

bool Client::TakeChunks(std::string& target) {
  while (true) {
    const auto size = Line();
    if (!size) {
      return false;
    }
    const std::size_t bytes = std::stoul(*size, nullptr, 16);
    if (!Take(bytes, target) || Line() != "") {
      return false;
    }
    if (bytes == 0) {
      return true;
    }
  }
}

Reply Client::Receive(bool is_head) {
  Reply reply;
  const auto status = Line();
  if (!status || status->size() < 12) {
    return reply;
  }
  reply.status = std::stoi(status->substr(9, 3));
  while (true) {
    const auto line = Line();
    if (!line) {
      return reply;
    }
    if (line->empty()) {
      break;
    }
    const std::size_t colon = line->find(": ");
    EXPECT_NE(colon, std::string::npos) << *line;
    reply.headers[Lower(line->substr(0, colon))] = line->substr(colon + 2);
  }
  if (is_head || reply.status == 304 || reply.status == 100) {
    reply.is_complete = true;
  } else if (reply.header("transfer-encoding") == "chunked") {
    reply.is_complete = TakeChunks(reply.body);
  } else if (const std::string length = reply.header("content-length"); !length.empty()) {
    reply.is_complete = Take(std::stoul(length), reply.body);
  } else {
    while (Fill()) {
    }
    reply.body = std::exchange(buffer_, {});
    reply.is_complete = true;
  }
  return reply;
}

std::string Spell(std::string_view method, std::string_view target, std::string_view body,
                  std::string_view headers) {
  std::string request(method);
  request += ' ';
  request += target;
  request += " HTTP/1.1\r\nHost: localhost\r\n";
  request += kKeyHeader;
  request += headers;
  if (!body.empty()) {
    request += "Content-Length: " + std::to_string(body.size()) + "\r\n";
  }
  request += "\r\n";
  request += body;
  return request;
}

Reply Client::Ask(std::string_view method, std::string_view target, std::string_view body,
                  std::string_view headers) {
  Send(Spell(method, target, body, headers));
  return Receive(method == "HEAD");
}

bool Client::IsClosedWithin(std::chrono::milliseconds patience) {
  char byte = 0;
  return buffer_.empty() && IsReady(fd_, POLLIN, static_cast<int>(patience.count())) &&
         ::recv(fd_, &byte, 1, 0) <= 0;
}

bool Client::HasBytesWithin(std::chrono::milliseconds patience) {
  char byte = 0;
  return !buffer_.empty() || (IsReady(fd_, POLLIN, static_cast<int>(patience.count())) &&
                              ::recv(fd_, &byte, 1, MSG_PEEK) > 0);
}

Fixture::Fixture(Server::Options options) {
  if (options.api_key.empty()) {
    options.api_key = kKey;
  }
  auto started = Server::Start(std::move(options), service);
  if (!started) {
    ADD_FAILURE() << started.error().message();
    return;
  }
  server = std::move(*started);
}

Reply Fixture::AskRaw(std::string_view bytes) const {
  Client client = Connect();
  client.Send(bytes);
  return client.Receive();
}

}  // namespace cacheindex::api::test
