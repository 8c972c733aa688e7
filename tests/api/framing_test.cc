// The request reader against bytes, without sockets: every request cut at every place.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "api/request_reader.h"

namespace cacheindex::api {
namespace {

using State = RequestReader::State;

// Feeds `bytes` in pieces of `piece` bytes and reads bodies as they come.
State Read(RequestReader& reader, std::string_view bytes, std::size_t piece) {
  while (!bytes.empty() && reader.state() != State::kComplete &&
         reader.state() != State::kRejected) {
    const std::size_t consumed = reader.Feed(bytes.substr(0, piece));
    bytes.remove_prefix(consumed);
    if (reader.state() == State::kHeadDone) {
      reader.ReadBody(1000);
    }
  }
  return reader.state();
}

TEST(RequestReaderTest, ReadsTheSameRequestWhereverItIsCut) {
  const std::string_view bytes =
      "POST /a%2Fb?x=1&y=%20z HTTP/1.1\r\nHost: h\r\nX-Blank:   v w \t\r\n"
      "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0A;ext=1\r\n0123456789\r\n0\r\nTrail: "
      "x\r\n\r\n";
  const Limits limits;
  for (std::size_t piece = 1; piece <= bytes.size(); ++piece) {
    RequestReader reader(limits);
    ASSERT_EQ(Read(reader, bytes, piece), State::kComplete) << piece;
    const Request& request = reader.request();
    EXPECT_EQ(request.path, "/a%2Fb");
    EXPECT_EQ(request.parameters.Get("y"), " z");
    EXPECT_EQ(request.FindHeader("x-blank"), "v w");
    EXPECT_EQ(request.body, "abc0123456789");
    EXPECT_TRUE(request.keeps_alive);
  }
}

TEST(RequestReaderTest, LeavesWhatFollowsTheBody) {
  const Limits limits;
  RequestReader reader(limits);
  const std::string_view bytes =
      "GET / HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabcGET /next HTTP/1.1\r\n";
  const std::size_t head = reader.Feed(bytes);
  ASSERT_EQ(reader.state(), State::kHeadDone);
  reader.ReadBody(1000);
  const std::size_t body = reader.Feed(bytes.substr(head));
  EXPECT_EQ(reader.state(), State::kComplete);
  EXPECT_EQ(bytes.substr(head + body), "GET /next HTTP/1.1\r\n");
}

TEST(RequestReaderTest, ForgivesOneEmptyLineBeforeARequest) {
  const Limits limits;
  RequestReader reader(limits);
  EXPECT_EQ(Read(reader, "\r\nGET / HTTP/1.1\r\nHost: h\r\n\r\n", 1), State::kComplete);
}

TEST(RequestReaderTest, KeepsAliveAsTheVersionAndTheHeadersSay) {
  const Limits limits;
  const auto keeps_alive = [&](std::string_view version, std::string_view connection) {
    RequestReader reader(limits);
    const std::string bytes = "GET / " + std::string(version) +
                              "\r\nHost: h\r\nConnection: " + std::string(connection) + "\r\n\r\n";
    EXPECT_EQ(Read(reader, bytes, 1000), State::kComplete);
    return reader.request().keeps_alive;
  };
  EXPECT_TRUE(keeps_alive("HTTP/1.1", "x"));
  EXPECT_FALSE(keeps_alive("HTTP/1.1", "x, Close"));
  EXPECT_FALSE(keeps_alive("HTTP/1.0", "x"));
  EXPECT_TRUE(keeps_alive("HTTP/1.0", "Keep-Alive"));
}

TEST(RequestReaderTest, SurvivesRandomDamage) {
  const unsigned seed = std::random_device()();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  const std::string good =
      "POST /collections/a/documents?action=upsert HTTP/1.1\r\nHost: h\r\n"
      "Transfer-Encoding: chunked\r\n\r\n5\r\n{\"a\":\r\n2\r\n1}\r\n0\r\n\r\n";
  const Limits limits;
  int rejected = 0;
  for (int i = 0; i < 20'000; ++i) {
    std::string bytes = good;
    for (int k = 0; k < 3; ++k) {
      bytes[random() % bytes.size()] = static_cast<char>(random());
    }
    RequestReader reader(limits);
    const State state = Read(reader, bytes, 1 + random() % 40);
    rejected += state == State::kRejected ? 1 : 0;
    if (state == State::kRejected) {
      EXPECT_GE(reader.rejection().status, 400);
      EXPECT_FALSE(reader.rejection().message.empty());
    }
  }
  EXPECT_GT(rejected, 1000);
}

struct Refusal {
  std::string name;
  std::string head;
  int status;
};

class RefusedHeadTest : public testing::TestWithParam<Refusal> {};

TEST_P(RefusedHeadTest, GetsItsStatusWhereverItIsCut) {
  Limits limits;
  limits.headers_max = 5;
  limits.request_line_bytes_max = 100;
  limits.header_bytes_max = 200;
  for (const std::size_t piece : {1U, 7U, 10'000U}) {
    RequestReader reader(limits);
    EXPECT_EQ(Read(reader, GetParam().head, piece), State::kRejected);
    EXPECT_EQ(reader.rejection().status, GetParam().status) << reader.rejection().message;
  }
}

std::string Head(const std::string& headers) {
  return "POST / HTTP/1.1\r\nHost: h\r\n" + headers + "\r\n\r\n";
}

INSTANTIATE_TEST_SUITE_P(
    All, RefusedHeadTest,
    testing::Values(
        Refusal{"BareLineFeed", "GET / HTTP/1.1\nHost: h\n\n", 400},
        Refusal{"FoldedHeader", Head("X: a\r\n b"), 400},
        Refusal{"BlankBeforeColon", Head("Content-Length : 3"), 400},
        Refusal{"NoColon", Head("nonsense"), 400}, Refusal{"EmptyName", Head(": v"), 400},
        Refusal{"NulInValue", Head(std::string("X: a\0b", 6)), 400},
        Refusal{"ControlInValue", Head("X: a\x01"), 400},
        Refusal{"ReturnInValue", Head("X: a\rb"), 400},
        Refusal{"EncodedLineEnd", Head("X: a%0D%0aSet-Cookie: b"), 400},
        Refusal{"NoHost", "GET / HTTP/1.1\r\n\r\n", 400},
        Refusal{"TwoHosts", Head("Host: other"), 400},
        Refusal{"BothLengths", Head("Content-Length: 3\r\nTransfer-Encoding: chunked"), 400},
        Refusal{"TwoLengths", Head("Content-Length: 3\r\nContent-Length: 3"), 400},
        Refusal{"ListOfLengths", Head("Content-Length: 3, 3"), 400},
        Refusal{"NegativeLength", Head("Content-Length: -1"), 400},
        Refusal{"SignedLength", Head("Content-Length: +1"), 400},
        Refusal{"EmptyLength", Head("Content-Length:"), 400},
        Refusal{"HugeLength", Head("Content-Length: 99999999999999999999"), 413},
        Refusal{"LongBody", Head("Content-Length: 1001"), 413},
        Refusal{"UnknownTransferEncoding", Head("Transfer-Encoding: gzip, chunked"), 501},
        Refusal{"TwoTransferEncodings",
                Head("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked"), 400},
        Refusal{"ChunksInOldVersion", "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", 400},
        Refusal{"EncodedBody", Head("Content-Encoding: gzip"), 415},
        Refusal{"OddExpectation", Head("Expect: wonders"), 417},
        Refusal{"OldVersion", "GET / HTTP/0.9\r\nHost: h\r\n\r\n", 505},
        Refusal{"NewVersion", "GET / HTTP/2.0\r\nHost: h\r\n\r\n", 505},
        Refusal{"NoVersion", "GET /\r\nHost: h\r\n\r\n", 400},
        Refusal{"OtherProtocol", "GET / SIP/2.0\r\nHost: h\r\n\r\n", 400},
        Refusal{"UnknownMethod", "BREW / HTTP/1.1\r\nHost: h\r\n\r\n", 501},
        Refusal{"AbsoluteTarget", "GET http://h/ HTTP/1.1\r\nHost: h\r\n\r\n", 400},
        Refusal{"BlankInTarget", "GET /a b HTTP/1.1\r\nHost: h\r\n\r\n", 400},
        Refusal{"TabInTarget", "GET /a\tb HTTP/1.1\r\nHost: h\r\n\r\n", 400},
        Refusal{"BadPercent", "GET /?a=%zz HTTP/1.1\r\nHost: h\r\n\r\n", 400},
        Refusal{"BadUtf8", "GET /?q=%ff HTTP/1.1\r\nHost: h\r\n\r\n", 400},
        Refusal{"LongRequestLine", "GET /" + std::string(100, 'a'), 414},
        Refusal{"ManyHeaders", Head("A: 1\r\nB: 1\r\nC: 1\r\nD: 1\r\nE: 1"), 431},
        Refusal{"LongHeaders", "GET / HTTP/1.1\r\nX: " + std::string(400, 'a'), 431},
        Refusal{"EmptyChunkSize", Head("Transfer-Encoding: chunked") + "\r\n", 400},
        Refusal{"NegativeChunkSize", Head("Transfer-Encoding: chunked") + "-1\r\n", 400},
        Refusal{"HexPrefix", Head("Transfer-Encoding: chunked") + "0x3\r\nabc\r\n", 400},
        Refusal{"WrappingChunkSize",
                Head("Transfer-Encoding: chunked") + "ffffffffffffffff\r\nabc\r\n", 400},
        Refusal{"BlankInChunkSize", Head("Transfer-Encoding: chunked") + "3 \r\nabc\r\n", 400},
        Refusal{"ChunkWithBareLineFeed", Head("Transfer-Encoding: chunked") + "3\nabc\n", 400},
        Refusal{"ChunkLongerThanItSays", Head("Transfer-Encoding: chunked") + "3\r\nabcd\r\n", 400},
        Refusal{"LongChunkExtension",
                Head("Transfer-Encoding: chunked") + "3;" + std::string(300, 'x') + "\r\nabc\r\n",
                400},
        Refusal{"EndlessTrailers",
                Head("Transfer-Encoding: chunked") + "0\r\n" + std::string(10'000, 'x'), 400},
        Refusal{"ChunksBeyondTheLimit",
                Head("Transfer-Encoding: chunked") + "400\r\n" + std::string(1024, 'x'), 413}),
    [](const auto& row) { return row.param.name; });

}  // namespace
}  // namespace cacheindex::api
