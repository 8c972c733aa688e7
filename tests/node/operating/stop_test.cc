// How a real node stops, and what answers meanwhile.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <string>
#include <string_view>
#include <vector>

#include "tests/node/operating/operated_node.h"

namespace cacheindex::test {
namespace {

using testing::HasSubstr;
using Clock = std::chrono::steady_clock;

// An import whose client stops in the middle: the drain waits for it.
class StalledImport {
 public:
  explicit StalledImport(std::uint16_t port) : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const std::string bytes =
        "POST /collections/things/documents/import HTTP/1.1\r\nHost: h\r\nX-TYPESENSE-API-KEY: " +
        std::string(OperatedNode::kKey) + "\r\nExpect: 100-continue\r\nContent-Length: 100\r\n\r\n";
    EXPECT_EQ(::connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
    EXPECT_EQ(::send(socket_, bytes.data(), bytes.size(), 0), static_cast<ssize_t>(bytes.size()));
    char answer[64];
    EXPECT_GT(::recv(socket_, answer, sizeof answer, 0), 0) << "it was told to continue";
  }
  StalledImport(const StalledImport&) = delete;
  StalledImport& operator=(const StalledImport&) = delete;
  ~StalledImport() { ::close(socket_); }

 private:
  int socket_;
};

constexpr const char* kPatient =
    "[node]\nstop_delay_ms = 60000\nstop_timeout_ms = 60000\n[http]\nbody_timeout_ms = 60000\n"
    "[operations]\nlisten = \"0\"\n";
constexpr const char* kDrains =
    "[node]\nstop_delay_ms = 0\nstop_timeout_ms = 60000\n[http]\nbody_timeout_ms = 60000\n"
    "[operations]\nlisten = \"127.0.0.1:0\"\n";

TEST(StopTest, ReadinessSaysItAtOnceAndServingGoesOnForTheDelay) {
  OperatedNode node(kPatient);
  node.MakeCollection();
  ASSERT_EQ(node.Ask("GET", "/readyz").status, 200);
  node.Signal(SIGTERM);
  ASSERT_TRUE(node.HasLine({"event=stopping", "delay_ms=60000"}));
  HttpReply ready;
  ASSERT_TRUE(Eventually([&] {
    ready = node.Ask("GET", "/readyz");
    return ready.status == 503;
  }));
  EXPECT_THAT(ready.body, HasSubstr(R"("reason":"stopping")"));
  EXPECT_EQ(ready.headers["connection"], "close");
  EXPECT_EQ(node.Ask("GET", "/health").status, 200) << "it works, and should get no more requests";
  EXPECT_EQ(node.Ask("GET", "/collections/things/documents/1").status, 200);
  EXPECT_EQ(node.Ask("POST", "/collections/things/documents", R"({"id":"2","title":"x"})").status,
            201);
  const auto start = Clock::now();
  node.Signal(SIGTERM);
  EXPECT_EQ(node.Wait(), 0);
  EXPECT_LT(Clock::now() - start, std::chrono::seconds(30)) << "a second signal ends the delay";
  EXPECT_FALSE(node.Line("event=hurrying").empty());
  EXPECT_FALSE(node.Line("event=stopped").empty());
}

TEST(StopTest, BothPortsAnswerWhileItDrainsAndASecondSignalEndsThat) {
  OperatedNode node(kDrains);
  node.MakeCollection();
  const StalledImport stalled(node.port());
  node.Signal(SIGTERM);
  ASSERT_TRUE(node.HasLine({"event=stopping"}));
  ASSERT_TRUE(Eventually([&] { return node.AskAnew("/readyz", node.port()).status == 503; }));
  for (int i = 0; i < 10; ++i) {
    for (const std::uint16_t port : {node.port(), node.operations_port()}) {
      const HttpReply ready = node.AskAnew("/readyz", port);
      EXPECT_EQ(ready.status, 503);
      EXPECT_THAT(ready.body, HasSubstr(R"("reason":"stopping")"));
    }
    EXPECT_EQ(node.AskAnew("/collections/things/documents/1", node.port()).status, 200)
        << "who comes is served";
    EXPECT_EQ(node.AskAnew("/metrics", node.operations_port()).status, 200);
  }
  EXPECT_TRUE(node.Line("event=stopped").empty()) << "the import holds it back";
  const auto start = Clock::now();
  node.Signal(SIGTERM);
  EXPECT_EQ(node.Wait(), 0);
  EXPECT_LT(Clock::now() - start, std::chrono::seconds(30));
}

TEST(StopTest, ConnectionsThatNeverAskedDoNotHoldItBack) {
  OperatedNode node(kDrains);
  node.MakeCollection();
  const auto open = [&] {
    const int socket = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(node.port());
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(::connect(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
    return socket;
  };
  std::vector<int> silent;
  for (int i = 0; i < 200; ++i) {
    silent.push_back(open());
  }
  const int asks_late = open();
  node.Signal(SIGTERM);
  ASSERT_TRUE(node.HasLine({"event=stopping"}));
  const std::string request = "GET /health HTTP/1.1\r\nHost: h\r\n\r\n";
  ASSERT_EQ(::send(asks_late, request.data(), request.size(), MSG_NOSIGNAL),
            static_cast<ssize_t>(request.size()));
  char answer[12] = {};
  EXPECT_EQ(::recv(asks_late, answer, sizeof answer, MSG_WAITALL), ssize_t{sizeof answer});
  EXPECT_EQ(std::string_view(answer, sizeof answer), "HTTP/1.1 200");
  const auto start = Clock::now();
  EXPECT_EQ(node.Wait(), 0);
  EXPECT_LT(Clock::now() - start, std::chrono::seconds(5));
  for (const int socket : silent) {
    ::close(socket);
  }
  ::close(asks_late);
}

}  // namespace
}  // namespace cacheindex::test
