#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/api/client.h"

namespace cacheindex::api::test {
namespace {

using std::chrono::milliseconds;

constexpr std::string_view kExport = "/collections/a/documents/export";

// Pieces of `bytes` bytes, `count` of them.
std::function<Result<std::optional<std::string>>()> Pieces(int count, std::size_t bytes) {
  return [=, sent = 0]() mutable -> Result<std::optional<std::string>> {
    return sent++ < count ? std::optional(std::string(bytes - 1, 'x') + "\n")
                          : std::optional<std::string>();
  };
}

TEST(ExportTest, LinesAreJoinedWithoutAnEndAfterTheLast) {
  Fixture fixture;
  fixture.service.state.export_piece = Pieces(3, 5);
  Client client = fixture.Connect();
  const Reply reply = client.Ask("GET", std::string(kExport) + "?filter_by=a:1");
  EXPECT_TRUE(reply.is_complete);
  EXPECT_EQ(reply.body, "xxxx\nxxxx\nxxxx");
  EXPECT_EQ(reply.header("transfer-encoding"), "chunked");
  EXPECT_EQ(reply.header("content-type"), "text/plain; charset=utf-8");
  EXPECT_EQ(fixture.service.state.body, "a:1");
  EXPECT_EQ(client.Ask("GET", "/health").status, 200) << "the connection came back";
}

TEST(ExportTest, NothingIsAnEmptyAnswer) {
  Fixture fixture;
  fixture.service.state.export_piece = Pieces(0, 5);
  const Reply reply = fixture.Ask("GET", kExport);
  EXPECT_TRUE(reply.is_complete);
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.body, "");
}

TEST(ExportTest, FailuresBeforeTheFirstPieceHaveTheirStatus) {
  Fixture fixture;
  EXPECT_EQ(fixture.Ask("GET", kExport).status, 500);
  fixture.service.state.failure = Error(ErrorCode::kNotFound, "Collection not found");
  const Reply reply = fixture.Ask("GET", kExport);
  EXPECT_EQ(reply.status, 404);
  EXPECT_EQ(reply.body, R"({"message":"Collection not found"})");
}

TEST(ExportTest, AFailureInTheMiddleNeverLooksComplete) {
  Fixture fixture;
  fixture.service.state.export_piece = [sent = 0]() mutable -> Result<std::optional<std::string>> {
    if (sent++ < 2) {
      return std::optional<std::string>("{}\n");
    }
    return Error(ErrorCode::kCorruption, "damaged");
  };
  const Reply reply = fixture.Ask("GET", kExport);
  EXPECT_EQ(reply.status, 200);
  EXPECT_FALSE(reply.is_complete);
  EXPECT_TRUE(Eventually(
      [&] { return fixture.service.observed("GET /collections/:c/documents/export 500") == 1; }));
}

TEST(ExportTest, OldClientsGetTheEndByTheConnection) {
  Fixture fixture;
  fixture.service.state.export_piece = Pieces(2, 4);
  const Reply reply = fixture.AskRaw("GET " + std::string(kExport) + " HTTP/1.0\r\n" +
                                     std::string(kKeyHeader) + "\r\n");
  EXPECT_EQ(reply.body, "xxx\nxxx");
  EXPECT_EQ(reply.header("transfer-encoding"), "");
}

TEST(ExportTest, IsMadeNoFasterThanItsClientReads) {
  Fixture fixture;
  fixture.service.state.export_piece = Pieces(200, 1 << 20);
  Client client(Client::Options{.port = fixture.server->port(), .receive_buffer_bytes = 4096});
  client.Send(Spell("GET", kExport));
  EXPECT_TRUE(client.HasBytesWithin(milliseconds(5000)));
  EXPECT_EQ(fixture.Ask("GET", "/health").status, 200);
  EXPECT_LT(fixture.service.state.export_pieces.load(), 20U) << "the socket's buffers and no more";
  const Reply reply = client.Receive();
  EXPECT_TRUE(reply.is_complete);
  EXPECT_EQ(reply.body.size(), (std::size_t{200} << 20) - 1);
}

TEST(ExportTest, AClientThatDoesNotReadIsCut) {
  Fixture fixture({.limits = {.write_timeout = milliseconds(200)}});
  fixture.service.state.export_piece = Pieces(200, 1 << 20);
  Client client(Client::Options{.port = fixture.server->port(), .receive_buffer_bytes = 4096});
  client.Send(Spell("GET", kExport));
  EXPECT_TRUE(Eventually(
      [&] { return fixture.service.observed("GET /collections/:c/documents/export 500") == 1; }));
  EXPECT_TRUE(Eventually([&] { return fixture.server->GetStatistics().connections == 0; }));
}

TEST(ExportTest, AsksForAPositionAndSaysWhichItHas) {
  Fixture fixture;
  fixture.service.state.export_piece = Pieces(1, 4);
  const Reply reply = fixture.Ask("GET", kExport, {}, "X-Min-Position: 5\r\nX-Max-Wait-Ms: 40\r\n");
  EXPECT_EQ(reply.header("x-position"), "7");
  EXPECT_EQ(reply.header("x-search-position"), "6");
  EXPECT_EQ(fixture.service.state.freshness.position_min, "5");
  EXPECT_EQ(fixture.service.state.freshness.wait_max, milliseconds(40));
  fixture.service.state.export_piece = Pieces(1, 4);
  fixture.Ask("GET", std::string(kExport) + "?min_position=6");
  EXPECT_EQ(fixture.service.state.freshness.position_min, "6");
  EXPECT_EQ(fixture.Ask("GET", kExport, {}, "X-Max-Wait-Ms: soon\r\n").status, 400);
}

TEST(ExportTest, NoOtherTransferWaitsForOneThatWaitsForAPosition) {
  Fixture fixture({.bulk_threads = 1});
  Gate gate;
  fixture.service.state.export_gate = &gate;
  fixture.service.state.export_piece = Pieces(1, 4);
  Client waiting = fixture.Connect();
  waiting.Send(Spell("GET", kExport, {}, "X-Min-Position: 5\r\n"));
  gate.AwaitWaiting(1);
  EXPECT_EQ(fixture.Ask("GET", kExport).body, "xxx");
  EXPECT_EQ(fixture.Ask("POST", "/collections/a/documents/import", "{}").status, 200);
  gate.Open();
  EXPECT_EQ(waiting.Receive().status, 200);
}

TEST(ExportTest, HasNoHead) {
  Fixture fixture;
  EXPECT_EQ(fixture.Ask("HEAD", kExport).status, 404);
}

}  // namespace
}  // namespace cacheindex::api::test
