#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <sstream>
#include <vector>

#include "tests/api/allocated_bytes.h"
#include "tests/api/client.h"
#include "tests/support/temp_directory.h"

namespace cacheindex::api::test {
namespace {

using std::chrono::milliseconds;
using testing::ElementsAre;

constexpr std::string_view kImport = "/collections/a/documents/import";

std::string Chunked(std::string_view target = kImport) {
  return "POST " + std::string(target) + " HTTP/1.1\r\nHost: h\r\n" + std::string(kKeyHeader) +
         "Transfer-Encoding: chunked\r\n\r\n";
}

std::string Chunk(std::string_view bytes) {
  std::ostringstream size;
  size << std::hex << bytes.size();
  return size.str() + "\r\n" + std::string(bytes) + "\r\n";
}

TEST(ImportTest, AnswersOneLineForEachInItsOrder) {
  Fixture fixture;
  fixture.service.state.import_line = [](std::string_view line) -> WriteOutcome {
    if (line.find("bad") != std::string_view::npos) {
      return {.error = Error(ErrorCode::kConflict, "A document with id 0 already exists."),
              .id = {},
              .document = {}};
    }
    return {.error = {}, .id = "7", .document = R"({"id":"7"})"};
  };
  const std::string body = "{\"a\":1}\n\n{\"bad\": \"x\\\"y\"}\r\n   \n{\"b\":2}";
  const Reply plain = fixture.Ask("POST", kImport, body);
  EXPECT_EQ(plain.status, 200);
  EXPECT_EQ(plain.body,
            "{\"success\":true}\n"
            "{\"code\":409,\"error\":\"A document with id 0 already exists.\",\"success\":false}\n"
            "{\"success\":true}");
  EXPECT_EQ(plain.header("content-length"), std::to_string(plain.body.size()));
  const Reply full = fixture.Ask(
      "POST", std::string(kImport) + "?return_id=true&return_doc=true&action=upsert", body);
  EXPECT_EQ(
      full.body,
      "{\"document\":{\"id\":\"7\"},\"id\":\"7\",\"success\":true}\n"
      "{\"code\":409,\"document\":\"{\\\"bad\\\": \\\"x\\\\\\\"y\\\"}\",\"error\":\"A document "
      "with id 0 already exists.\",\"success\":false}\n"
      "{\"document\":{\"id\":\"7\"},\"id\":\"7\",\"success\":true}");
  EXPECT_EQ(fixture.service.state.write_options.action, WriteAction::kUpsert);
  EXPECT_TRUE(fixture.service.state.write_options.return_document);
  EXPECT_THAT(fixture.service.calls(), ElementsAre("Finish", "Finish"))
      << "nothing is acknowledged before it is finished";
}

TEST(ImportTest, LinesMayBeCutAnywhere) {
  Fixture fixture;
  std::string body;
  for (int i = 0; i < 40; ++i) {
    body += "{\"id\":\"" + std::to_string(i) + "\"}\n";
  }
  Client client = fixture.Connect();
  client.Send(Chunked());
  for (std::size_t i = 0; i < body.size(); i += 3) {
    for (const char byte : Chunk(std::string_view(body).substr(i, 3))) {
      ASSERT_TRUE(client.Send({&byte, 1}));
    }
  }
  client.Send("0\r\n\r\n");
  const Reply reply = client.Receive();
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(std::count(reply.body.begin(), reply.body.end(), '\n'), 39);
  EXPECT_EQ(fixture.service.state.imported.size(), 40U);
  EXPECT_EQ(fixture.service.state.imported.at(39), "{\"id\":\"39\"}");
  EXPECT_EQ(client.Ask("GET", "/health").status, 200) << "the connection came back";
  EXPECT_EQ(client.Ask("POST", kImport, "{}").body, "{\"success\":true}");
}

TEST(ImportTest, AnEmptyBodyIsAnEmptyAnswer) {
  Fixture fixture;
  Client client = fixture.Connect();
  client.Send("POST " + std::string(kImport) + " HTTP/1.1\r\nHost: h\r\n" +
              std::string(kKeyHeader) + "Content-Length: 0\r\n\r\n");
  const Reply reply = client.Receive();
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.body, "");
  EXPECT_EQ(client.Ask("GET", "/health").status, 200);
  EXPECT_EQ(fixture.Ask("POST", kImport).status, 411) << "without a length nobody knows";
}

TEST(ImportTest, ALongLineIsRefusedAndTheOthersGoOn) {
  Fixture fixture({.limits = {.import_line_bytes_max = 1000}});
  const Reply reply = fixture.Ask(
      "POST", kImport, "{}\n" + std::string(5000, 'x') + "\n{}\n" + std::string(1000, 'y'));
  EXPECT_EQ(reply.body,
            "{\"success\":true}\n"
            "{\"code\":413,\"error\":\"The line is longer than 1000 bytes.\",\"success\":false}\n"
            "{\"success\":true}\n{\"success\":true}");
  EXPECT_EQ(fixture.service.state.imported.size(), 3U);
}

TEST(ImportTest, RefusesOptionsItDoesNotKnow) {
  Fixture fixture;
  for (const auto& [parameters, message] :
       {std::pair("return_id=1", "Parameter `return_id` must be a true|false."),
        std::pair("return_doc=yes", "Parameter `return_doc` must be a true|false."),
        std::pair("batch_size=0", "Parameter `batch_size` must be a positive integer."),
        std::pair("action=x",
                  "Parameter `action` must be one of: create, upsert, update, emplace.")}) {
    const Reply reply = fixture.Ask("POST", std::string(kImport) + "?" + parameters, "{}\n");
    EXPECT_EQ(reply.status, 400);
    EXPECT_EQ(Json::parse(reply.body)["message"], message);
  }
}

TEST(ImportTest, ARefusedImportIsAnsweredAfterItsBody) {
  Fixture fixture;
  fixture.service.state.failure = Error(ErrorCode::kNotFound, "Collection not found");
  Client client = fixture.Connect();
  const Reply reply = client.Ask("POST", kImport, std::string(10 << 20, 'x'));
  EXPECT_EQ(reply.status, 404);
  EXPECT_EQ(reply.body, R"({"message":"Collection not found"})");
  EXPECT_EQ(client.Ask("GET", "/health").status, 200) << "and the connection is in step";
}

TEST(ImportTest, AFailureInTheMiddleFailsTheImport) {
  Fixture fixture;
  fixture.service.state.import_failure = Error(ErrorCode::kExhausted, "the map is full");
  const Reply reply = fixture.Ask("POST", kImport, std::string("{}\n") + std::string(1 << 20, 'x'));
  EXPECT_EQ(reply.status, 507);
  EXPECT_EQ(reply.body, R"({"message":"the map is full"})");
  EXPECT_TRUE(fixture.service.calls().empty()) << "not finished";
}

TEST(ImportTest, BrokenChunksEndIt) {
  Fixture fixture;
  Client client = fixture.Connect();
  client.Send(Chunked() + Chunk("{}\n") + "zz\r\n");
  EXPECT_EQ(client.Receive().status, 400);
  EXPECT_TRUE(client.IsClosedWithin(milliseconds(5000)));
  EXPECT_TRUE(fixture.service.calls().empty());
}

TEST(ImportTest, AClientThatStallsIsCut) {
  Fixture fixture({.limits = {.body_timeout = milliseconds(200)}});
  Client client = fixture.Connect();
  client.Send(Chunked() + Chunk("{}\n"));
  EXPECT_EQ(client.Receive().status, 408);
  EXPECT_TRUE(client.IsClosedWithin(milliseconds(5000)));
}

TEST(ImportTest, AClientThatLeavesEndsIt) {
  Fixture fixture;
  {
    Client client = fixture.Connect();
    client.Send(Chunked() + Chunk("{}\n"));
  }
  EXPECT_TRUE(Eventually([&] { return fixture.server->GetStatistics().connections == 0; }));
  EXPECT_TRUE(fixture.service.calls().empty()) << "half an import is not finished";
}

TEST(ImportTest, ContinueIsSaidOnceTheCollectionIsFound) {
  Fixture fixture;
  const std::string head = "POST " + std::string(kImport) + " HTTP/1.1\r\nHost: h\r\n" +
                           std::string(kKeyHeader) +
                           "Expect: 100-continue\r\nContent-Length: 3\r\n\r\n";
  Client client = fixture.Connect();
  client.Send(head);
  EXPECT_EQ(client.Receive().status, 100);
  client.Send("{}\n");
  EXPECT_EQ(client.Receive().status, 200);
  fixture.service.state.failure = Error(ErrorCode::kNotFound, "Collection not found");
  Client refused = fixture.Connect();
  refused.Send(head);
  EXPECT_EQ(refused.Receive().status, 404);
}

TEST(ImportTest, ALargeImportTakesNoMemoryEvenIfItsClientReadsLate) {
  const cacheindex::test::TempDirectory directory;
  Fixture fixture({.spool_directory = directory.path()});
  fixture.service.state.keeps_imported = false;
  constexpr int kPieces = 64;
  std::string piece;
  while (piece.size() < (std::size_t{1} << 20)) {
    piece += "{\"id\":\"1\",\"text\":\"" + std::string(60, 't') + "\"}\n";
  }
  const auto lines = static_cast<std::uint64_t>(std::count(piece.begin(), piece.end(), '\n'));
  Client client(Client::Options{.port = fixture.server->port(), .receive_buffer_bytes = 4096});
  client.Send("POST " + std::string(kImport) + " HTTP/1.1\r\nHost: h\r\n" +
              std::string(kKeyHeader) +
              "Content-Length: " + std::to_string(piece.size() * kPieces) + "\r\n\r\n");
  const std::size_t before = AllocatedBytes();
  std::size_t held_max = 0;
  for (int i = 0; i < kPieces; ++i) {
    ASSERT_TRUE(client.Send(piece)) << "the server must not wait for its answers to be read";
    held_max = std::max(held_max, AllocatedBytes());
  }
  EXPECT_TRUE(Eventually([&] { return fixture.service.state.import_lines == lines * kPieces; }));
  held_max = std::max(held_max, AllocatedBytes());
  EXPECT_LT(held_max, before + (std::size_t{8} << 20)) << "of 64 MiB in and 11 MiB out";
  const Reply reply = client.Receive();
  EXPECT_TRUE(reply.is_complete);
  EXPECT_EQ(static_cast<std::uint64_t>(std::count(reply.body.begin(), reply.body.end(), '\n')) + 1,
            lines * kPieces);
  EXPECT_TRUE(std::filesystem::is_empty(directory.path()));
}

TEST(ImportTest, TooManyAtOnceAreShed) {
  constexpr int kOpenMax = 8;  // For each that may work.
  Fixture fixture({.bulk_threads = 1,
                   .limits = {.queued_transfers_max = 1, .linger_timeout = milliseconds(300)}});
  std::vector<Client> running;
  for (int i = 0; i < kOpenMax; ++i) {
    running.push_back(fixture.Connect());
    running.back().Send(Chunked() + Chunk("{}\n"));
    ASSERT_TRUE(Eventually([&] { return fixture.service.state.imports_begun == i + 1; }));
  }
  Client second = fixture.Connect();
  second.Send(Chunked());
  Client third = fixture.Connect();
  third.Send(Chunked());
  // Whichever came last is the one that found no room.
  EXPECT_TRUE(Eventually([&] { return fixture.server->GetStatistics().requests_shed == 1; }));
  Client& shed = third.HasBytesWithin(milliseconds(1000)) ? third : second;
  Client& queued = &shed == &third ? second : third;
  const Reply reply = shed.Receive();
  EXPECT_EQ(reply.status, 503);
  EXPECT_EQ(reply.header("retry-after"), "1");
  for (Client& client : running) {
    client.Send("0\r\n\r\n");
    EXPECT_EQ(client.Receive().status, 200);
  }
  queued.Send("0\r\n\r\n");
  EXPECT_EQ(queued.Receive().status, 200);
}

}  // namespace
}  // namespace cacheindex::api::test
