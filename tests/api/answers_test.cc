// Keys, origins, conditional reads, encodings, positions.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <zlib.h>
#include <zstd.h>

#include "tests/api/client.h"

namespace cacheindex::api::test {
namespace {

constexpr std::string_view kDocument = "/collections/a/documents/1";
constexpr std::string_view kForbidden =
    R"({"message":"Forbidden - a valid `x-typesense-api-key` header must be sent."})";

std::string Bare(std::string_view target, std::string_view headers = {}) {
  return "GET " + std::string(target) + " HTTP/1.1\r\nHost: h\r\n" + std::string(headers) + "\r\n";
}

class AnswersTest : public testing::Test {
 protected:
  AnswersTest() { fixture_.service.state.documents["1"] = R"({"id":"1"})"; }
  Fixture fixture_;
};

TEST_F(AnswersTest, NeedAKeyInTheHeaderOrElseInTheQuery) {
  EXPECT_EQ(fixture_.AskRaw(Bare(kDocument)).status, 401);
  EXPECT_EQ(fixture_.AskRaw(Bare(kDocument)).body, kForbidden);
  EXPECT_EQ(fixture_.AskRaw(Bare(kDocument, "X-TYPESENSE-API-KEY: a-kez\r\n")).status, 401);
  EXPECT_EQ(fixture_.AskRaw(Bare(kDocument, "X-TYPESENSE-API-KEY: a-key2\r\n")).status, 401);
  EXPECT_EQ(fixture_.AskRaw(Bare(kDocument, "X-TYPESENSE-API-KEY: a-k\r\n")).status, 401);
  EXPECT_EQ(fixture_.AskRaw(Bare(kDocument, "X-TYPESENSE-API-KEY: \r\n")).status, 401);
  EXPECT_EQ(fixture_.AskRaw(Bare(kDocument, "x-typesense-api-key: a-key\r\n")).status, 200);
  const std::string with_key = std::string(kDocument) + "?x-typesense-api-key=";
  EXPECT_EQ(fixture_.AskRaw(Bare(with_key + "a-key")).status, 200);
  EXPECT_EQ(fixture_.AskRaw(Bare(with_key + "wrong")).status, 401);
  EXPECT_EQ(fixture_.AskRaw(Bare(with_key + "a-key", "X-TYPESENSE-API-KEY: wrong\r\n")).status, 401)
      << "the header comes first";
}

TEST_F(AnswersTest, HealthReadinessAndPreflightNeedNoKey) {
  EXPECT_EQ(fixture_.AskRaw(Bare("/health")).status, 200);
  EXPECT_EQ(fixture_.AskRaw(Bare("/readyz")).status, 200);
  EXPECT_EQ(fixture_.AskRaw(Bare("/metrics")).status, 401);
  EXPECT_EQ(fixture_.AskRaw(Bare("/debug")).status, 401);
}

TEST_F(AnswersTest, PreflightEchoesTheAskedHeaders) {
  const Reply reply = fixture_.AskRaw(
      "OPTIONS /multi_search HTTP/1.1\r\nHost: h\r\nOrigin: https://shop\r\n"
      "Access-Control-Request-Headers: x-typesense-api-key, x-other\r\n\r\n");
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.body, "");
  EXPECT_EQ(reply.header("access-control-allow-origin"), "*");
  EXPECT_EQ(reply.header("access-control-allow-headers"), "x-typesense-api-key, x-other");
  EXPECT_THAT(reply.header("access-control-allow-methods"), testing::HasSubstr("PATCH"));
}

TEST_F(AnswersTest, EveryAnswerNamesTheAllowedOrigin) {
  for (const std::string& request :
       {Bare(kDocument), Bare("/nowhere"), std::string("NONSENSE\r\n\r\n"), Bare("/health")}) {
    EXPECT_EQ(fixture_.AskRaw(request).header("access-control-allow-origin"), "*") << request;
  }
  EXPECT_EQ(fixture_.Ask("GET", "/collections/a").header("access-control-allow-origin"), "*");
}

TEST(OriginTest, OnlyListedOriginsAreAllowed) {
  Fixture fixture({.cors = {.enabled = true, .allowed_origins = {"https://shop"}}});
  const Reply good = fixture.AskRaw(Bare("/health", "Origin: https://shop\r\n"));
  EXPECT_EQ(good.header("access-control-allow-origin"), "https://shop");
  EXPECT_EQ(good.header("vary"), "Origin");
  const Reply bad = fixture.AskRaw(Bare("/health", "Origin: https://evil\r\n"));
  EXPECT_EQ(bad.header("access-control-allow-origin"), "");
  EXPECT_EQ(bad.status, 200);
}

TEST(OriginTest, CorsCanBeOff) {
  Fixture fixture({.cors = {.enabled = false, .allowed_origins = {}}});
  EXPECT_EQ(fixture.AskRaw(Bare("/health", "Origin: https://shop\r\n"))
                .header("access-control-allow-origin"),
            "");
}

TEST_F(AnswersTest, SayWhatTheyAre) {
  EXPECT_EQ(fixture_.Ask("GET", kDocument).header("content-type"),
            "application/json; charset=utf-8");
  EXPECT_EQ(fixture_.Ask("GET", "/collections/a").header("content-type"),
            "application/json; charset=utf-8");
  EXPECT_EQ(fixture_.Ask("GET", "/metrics").header("content-type"),
            "text/plain; version=0.0.4; charset=utf-8");
  EXPECT_EQ(fixture_.Ask("POST", "/collections/a/documents/import", "{}").header("content-type"),
            "text/plain; charset=utf-8");
}

TEST_F(AnswersTest, ReadsCarryPositionsAndATag) {
  const Reply reply = fixture_.Ask("GET", kDocument);
  EXPECT_EQ(reply.header("x-position"), "7");
  EXPECT_EQ(reply.header("x-search-position"), "6");
  EXPECT_EQ(reply.header("etag"), "\"abc\"");
  EXPECT_EQ(fixture_.Ask("GET", "/collections/a/documents/batch?ids=1").header("x-position"), "7");
  EXPECT_EQ(fixture_.Ask("GET", "/collections/a/documents/search?q=*").header("x-position"), "7");
}

TEST_F(AnswersTest, KnownTagsAreNotSentAgain) {
  for (const std::string_view tag :
       {"\"abc\"", "W/\"abc\"", "\"x\", \"abc\"", "*", "\"abc-gzip\"", "\"abc-zstd\""}) {
    Client client = fixture_.Connect();
    const Reply reply =
        client.Ask("GET", kDocument, {}, "If-None-Match: " + std::string(tag) + "\r\n");
    EXPECT_EQ(reply.status, 304) << tag;
    EXPECT_EQ(reply.header("etag"), "\"abc\"");
    EXPECT_EQ(client.Ask("GET", kDocument).status, 200) << "and no body was sent";
  }
  EXPECT_EQ(fixture_.Ask("GET", kDocument, {}, "If-None-Match: \"other\"\r\n").status, 200);
}

TEST_F(AnswersTest, HeadIsGetWithoutTheBody) {
  Client client = fixture_.Connect();
  for (const std::string_view target :
       {kDocument, std::string_view("/collections/a"), std::string_view("/health")}) {
    const Reply get = client.Ask("GET", target);
    const Reply head = client.Ask("HEAD", target);
    EXPECT_EQ(head.status, 200) << target;
    EXPECT_EQ(head.header("content-length"), get.header("content-length")) << target;
    EXPECT_EQ(client.Ask("GET", target).body, get.body) << "the connection is still in step";
  }
}

std::string Gunzip(const std::string& encoded) {
  z_stream stream{};
  inflateInit2(&stream, 15 + 16);
  std::string decoded(std::size_t{1} << 20, '\0');
  std::string input = encoded;
  stream.next_in = reinterpret_cast<Bytef*>(input.data());
  stream.avail_in = static_cast<uInt>(input.size());
  stream.next_out = reinterpret_cast<Bytef*>(decoded.data());
  stream.avail_out = static_cast<uInt>(decoded.size());
  EXPECT_EQ(inflate(&stream, Z_FINISH), Z_STREAM_END);
  decoded.resize(stream.total_out);
  inflateEnd(&stream);
  return decoded;
}

TEST_F(AnswersTest, LargeDocumentsAreEncodedAsAsked) {
  const std::string document = R"({"text":")" + std::string(10'000, 'a') + R"("})";
  fixture_.service.state.documents["1"] = document;
  const Reply gzip = fixture_.Ask("GET", kDocument, {}, "Accept-Encoding: gzip, deflate, br\r\n");
  EXPECT_EQ(gzip.header("content-encoding"), "gzip");
  EXPECT_EQ(gzip.header("etag"), "\"abc-gzip\"");
  EXPECT_EQ(gzip.header("vary"), "Accept-Encoding");
  EXPECT_LT(gzip.body.size(), 1000U);
  EXPECT_EQ(Gunzip(gzip.body), document);
  const Reply zstd = fixture_.Ask("GET", kDocument, {}, "Accept-Encoding: gzip, zstd\r\n");
  EXPECT_EQ(zstd.header("content-encoding"), "zstd");
  std::string decoded(document.size(), '\0');
  ASSERT_EQ(ZSTD_decompress(decoded.data(), decoded.size(), zstd.body.data(), zstd.body.size()),
            document.size());
  EXPECT_EQ(decoded, document);
  for (const std::string_view none : {"identity", "gzip;q=0", "br"}) {
    const Reply plain =
        fixture_.Ask("GET", kDocument, {}, "Accept-Encoding: " + std::string(none) + "\r\n");
    EXPECT_EQ(plain.header("content-encoding"), "") << none;
    EXPECT_EQ(plain.body, document);
  }
}

TEST_F(AnswersTest, SmallDocumentsStayPlain) {
  EXPECT_EQ(
      fixture_.Ask("GET", kDocument, {}, "Accept-Encoding: gzip\r\n").header("content-encoding"),
      "");
}

TEST_F(AnswersTest, ReadYourWritesIsPassedOn) {
  fixture_.Ask("GET", kDocument, {}, "X-Min-Position: 0/1E528C0\r\nX-Max-Wait-Ms: 250\r\n");
  EXPECT_EQ(fixture_.service.state.freshness.position_min, "0/1E528C0");
  EXPECT_EQ(fixture_.service.state.freshness.wait_max.count(), 250);
  fixture_.Ask("GET", "/collections/a/documents/search?q=*&min_position=9");
  EXPECT_EQ(fixture_.service.state.freshness.position_min, "9");
  EXPECT_EQ(fixture_.service.state.freshness.wait_max.count(), 1000);
  EXPECT_EQ(fixture_.Ask("GET", kDocument, {}, "X-Max-Wait-Ms: soon\r\n").status, 400);
}

TEST_F(AnswersTest, NotReadyAsksToComeBack) {
  fixture_.service.state.failure = Error(ErrorCode::kUnavailable, "Not Ready or Lagging");
  const Reply reply = fixture_.Ask("GET", kDocument);
  EXPECT_EQ(reply.status, 503);
  EXPECT_EQ(reply.body, R"({"message":"Not Ready or Lagging"})");
  EXPECT_EQ(reply.header("retry-after"), "1");
}

TEST_F(AnswersTest, ExceptionsStayInside) {
  fixture_.service.state.throws = true;
  for (const std::string_view target : {kDocument, std::string_view("/metrics")}) {
    Client client = fixture_.Connect();
    const Reply reply = client.Ask("GET", target);
    EXPECT_EQ(reply.status, 500);
    EXPECT_EQ(reply.body, R"({"message":"Internal error"})");
    EXPECT_EQ(reply.header("access-control-allow-origin"), "*");
    for (const auto& [name, value] : reply.headers) {
      EXPECT_EQ(value.find("secret"), std::string::npos) << name;
    }
    EXPECT_EQ(client.Ask("GET", "/health").status, 200) << "the connection goes on";
  }
}

}  // namespace
}  // namespace cacheindex::api::test
