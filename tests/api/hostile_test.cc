// One test for each way in which a known HTTP server was fooled or worn out, over real sockets.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <zlib.h>

#include <array>

#include "tests/api/allocated_bytes.h"
#include "tests/api/client.h"

namespace cacheindex::api::test {
namespace {

using std::chrono::milliseconds;

class HostileTest : public testing::Test {
 protected:
  HostileTest() { fixture_.service.state.documents["1"] = R"({"id":"1"})"; }

  // Sends the bytes and expects one answer, a closed connection, and nothing more.
  void ExpectOneRefusal(const std::string& bytes, int status) {
    Client client = fixture_.Connect();
    client.Send(bytes);
    const Reply reply = client.Receive();
    EXPECT_EQ(reply.status, status) << bytes.substr(0, 200);
    EXPECT_EQ(reply.header("connection"), "close");
    EXPECT_TRUE(Json::parse(reply.body).contains("message"));
    EXPECT_TRUE(client.IsClosedWithin(milliseconds(5000))) << "no second answer";
  }

  static std::string Post(const std::string& headers, const std::string& rest) {
    return "POST /collections/a/documents HTTP/1.1\r\nHost: h\r\n" + std::string(kKeyHeader) +
           headers + "\r\n" + rest;
  }

  Fixture fixture_{Server::Options{.limits = {.linger_timeout = milliseconds(300)}}};
};

const std::string kSmuggled = "GET /health HTTP/1.1\r\nHost: h\r\n\r\n";

TEST_F(HostileTest, ALengthBesideChunksIsRefused) {
  ExpectOneRefusal(
      Post("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n" + kSmuggled), 400);
  ExpectOneRefusal(
      Post("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n", "0\r\n\r\n" + kSmuggled), 400);
}

TEST_F(HostileTest, TwoLengthsAreRefused) {
  ExpectOneRefusal(Post("Content-Length: 0\r\nContent-Length: 35\r\n", kSmuggled), 400);
  ExpectOneRefusal(Post("Content-Length: 0, 35\r\n", kSmuggled), 400);
}

TEST_F(HostileTest, ABodyOfAGetThatComesLaterIsNoSecondRequest) {
  Client client = fixture_.Connect();
  client.Send("GET /collections/a/documents/1 HTTP/1.1\r\nHost: h\r\n" + std::string(kKeyHeader) +
              "Content-Length: " + std::to_string(kSmuggled.size()) + "\r\n\r\n");
  EXPECT_FALSE(client.HasBytesWithin(milliseconds(100))) << "the body belongs to the request";
  client.Send(kSmuggled);
  EXPECT_EQ(client.Receive().body, R"({"id":"1"})");
  EXPECT_FALSE(client.HasBytesWithin(milliseconds(100))) << "one request, one answer";
  EXPECT_EQ(client.Ask("GET", "/health").body, R"({"ok":true})");
}

TEST_F(HostileTest, BareLineFeedsAreRefused) {
  ExpectOneRefusal("GET /health HTTP/1.1\nHost: h\n\n", 400);
  ExpectOneRefusal("GET /health HTTP/1.1\r\nHost: h\nX: y\r\n\r\n", 400);
}

TEST_F(HostileTest, FoldedHeadersAreRefused) {
  ExpectOneRefusal("GET /health HTTP/1.1\r\nHost: h\r\nX: a\r\n Content-Length: 5\r\n\r\n", 400);
}

TEST_F(HostileTest, CountlessHeadersAreRefused) {
  std::string head = "GET /health HTTP/1.1\r\nHost: h\r\n";
  for (int i = 0; i < 200'000; ++i) {
    head += "A: 1\r\n";
  }
  ExpectOneRefusal(head, 431);
}

TEST_F(HostileTest, AnEndlessLineIsCutAtItsLimitAndTakesNoMemory) {
  Client client = fixture_.Connect();
  const std::string piece(1 << 20, 'a');
  client.Send("GET /");
  const std::size_t before = AllocatedBytes();
  for (int i = 0; i < 64; ++i) {
    client.SendWithin(piece, milliseconds(50));
  }
  EXPECT_LT(AllocatedBytes(), before + (std::size_t{1} << 20));
  EXPECT_EQ(client.Receive().status, 414);
}

TEST_F(HostileTest, ChunkSizesThatWrapAreRefused) {
  for (const std::string size : {"-1", "ffffffffffffffff", "10000000000000000", "+5", "0x5", ""}) {
    ExpectOneRefusal(Post("Transfer-Encoding: chunked\r\n", size + "\r\nabcde\r\n0\r\n\r\n"), 400);
  }
}

TEST_F(HostileTest, BodiesOverTheLimitAreRefusedWhateverTheirFraming) {
  Fixture small({.limits = {.body_bytes_max = 1000,
                            .query_body_bytes_max = 500,
                            .linger_timeout = milliseconds(300)}});
  const std::string body(300'000, ' ');
  EXPECT_EQ(small.Ask("POST", "/collections", body).status, 413);
  std::string chunked = Post("Transfer-Encoding: chunked\r\n", "");
  for (int i = 0; i < 1000; ++i) {
    chunked += "64\r\n" + std::string(100, ' ') + "\r\n";
  }
  EXPECT_EQ(small.AskRaw(chunked).status, 413);
  EXPECT_EQ(small.Ask("POST", "/multi_search", std::string(501, ' ')).status, 413);
}

TEST_F(HostileTest, AnEncodedBodyIsNotInflated) {
  std::string zeros(600'000, '\0');
  std::string bomb(10'000, '\0');
  uLongf bytes = bomb.size();
  ASSERT_EQ(compress(reinterpret_cast<Bytef*>(bomb.data()), &bytes,
                     reinterpret_cast<const Bytef*>(zeros.data()), zeros.size()),
            Z_OK);
  ExpectOneRefusal(
      Post("Content-Encoding: gzip\r\nContent-Length: " + std::to_string(bytes) + "\r\n",
           bomb.substr(0, bytes)),
      415);
}

TEST_F(HostileTest, AClientCannotNameItsOwnAddress) {
  const Reply reply = fixture_.Ask("GET", "/collections/a/documents/1", {},
                                   "REMOTE_ADDR: 6.6.6.6\r\nLOCAL_PORT: 1\r\n");
  EXPECT_EQ(reply.status, 200);
  for (const auto& [name, value] : reply.headers) {
    EXPECT_EQ(value.find("6.6.6.6"), std::string::npos) << name;
  }
}

TEST_F(HostileTest, EncodedLineEndsInHeadersAreRefused) {
  ExpectOneRefusal("GET /health HTTP/1.1\r\nHost: h\r\nX: a%0d%0aInjected: 1\r\n\r\n", 400);
  const Reply page =
      fixture_.AskRaw("GET /health HTTP/1.1\r\nHost: h\r\nReferer: http://shop/?q=a%0Ab\r\n\r\n");
  EXPECT_EQ(page.status, 200) << "a page's address may hold one";
}

TEST_F(HostileTest, NothingOfARequestBecomesAHeaderOfTheAnswer) {
  const Reply reply = fixture_.Ask("GET", "/collections/a%0d%0aInjected:%201");
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.header("injected"), "");
  EXPECT_EQ(Json::parse(reply.body)["name"], "a\r\nInjected: 1");
}

TEST_F(HostileTest, RangesAreIgnored) {
  std::string ranges = "Range: bytes=0-";
  for (int i = 0; i < 1000; ++i) {
    ranges += ",0-";
  }
  const Reply reply = fixture_.Ask("GET", "/collections/a/documents/1", {}, ranges + "\r\n");
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.body, R"({"id":"1"})");
  EXPECT_EQ(fixture_.Ask("GET", "/collections/a", {}, ranges + "\r\n").body, R"({"name":"a"})");
}

TEST_F(HostileTest, AMultipartBodyIsNotParsed) {
  const Reply reply = fixture_.Ask(
      "POST", "/collections", "--x\r\n" + std::string(8000, 'a'),
      "Content-Type: multipart/form-data; boundary=" + std::string(4000, 'x') + "\r\n");
  EXPECT_EQ(reply.status, 400);
}

TEST_F(HostileTest, DeepPathsAndJsonAreRefusedNotFollowed) {
  std::string path;
  for (int i = 0; i < 4000; ++i) {
    path += "/a";
  }
  EXPECT_EQ(fixture_.Ask("GET", path).status, 404);
  EXPECT_EQ(fixture_.Ask("POST", "/collections", std::string(1'000'000, '[')).status, 400);
}

TEST_F(HostileTest, AnythingThatIsNoRequestIsRefused) {
  ExpectOneRefusal(std::string("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n", 13), 400);
  ExpectOneRefusal("\r\n\r\n\r\n", 400);
  ExpectOneRefusal("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505);
}

TEST_F(HostileTest, TheServerIsAliveAfterAllOfThat) {
  EXPECT_EQ(fixture_.Ask("GET", "/health").status, 200);
}

}  // namespace
}  // namespace cacheindex::api::test
