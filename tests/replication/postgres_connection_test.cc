#include "replication/postgres/postgres_connection.h"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <string>
#include <string_view>
#include <thread>

#include "replication/postgres/interrupt.h"
#include "tests/support/result_matchers.h"

namespace cacheindex::replication {
namespace {

using namespace std::string_view_literals;
using test::FailsWith;

// Answers one connection with some bytes and ends it.
class OneAnswer {
 public:
  explicit OneAnswer(std::string_view answer) : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = ::htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof(address);
    // NOLINTBEGIN(cppcoreguidelines-pro-type-reinterpret-cast): the sockets' own interface.
    EXPECT_EQ(::bind(socket_, reinterpret_cast<sockaddr*>(&address), size), 0);
    EXPECT_EQ(::listen(socket_, 1), 0);
    EXPECT_EQ(::getsockname(socket_, reinterpret_cast<sockaddr*>(&address), &size), 0);
    // NOLINTEND(cppcoreguidelines-pro-type-reinterpret-cast)
    port_ = ::ntohs(address.sin_port);
    thread_ = std::jthread([this, answer] {
      const int client = ::accept4(socket_, nullptr, nullptr, SOCK_CLOEXEC);
      std::array<char, 8'192> startup{};
      EXPECT_GT(::recv(client, startup.data(), startup.size(), 0), 0);
      EXPECT_EQ(::send(client, answer.data(), answer.size(), MSG_NOSIGNAL),
                static_cast<ssize_t>(answer.size()));
      ::close(client);
    });
  }
  OneAnswer(const OneAnswer&) = delete;
  OneAnswer& operator=(const OneAnswer&) = delete;
  ~OneAnswer() {
    thread_.join();
    ::close(socket_);
  }

  int port() const { return port_; }

 private:
  int socket_;
  int port_ = 0;
  std::jthread thread_;
};

TEST(PostgresConnectionTest, NothingIsPrintedOfAServerThatShutsDownWhileWeConnect) {
  // "Authentication is complete", then a notice of 42 bytes.
  const OneAnswer server(
      "R\0\0\0\x08\0\0\0\0"
      "N\0\0\0\x2aSWARNING\0C57P02\0Mterminating by test\0\0"sv);
  const Interrupt interrupt;
  testing::internal::CaptureStderr();
  const auto opened = PostgresConnection::Open(
      {.connection = "host=127.0.0.1 sslmode=disable gssencmode=disable user=nobody port=" +
                     std::to_string(server.port()),
       .application_name = "test"},
      interrupt);
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
  EXPECT_THAT(opened, FailsWith(ErrorCode::kUnavailable));
}

}  // namespace
}  // namespace cacheindex::replication
