// Imports and exports whose clients do not send, do not read, or do it very slowly.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

#include "tests/api/client.h"

namespace cacheindex::api::test {
namespace {

using std::chrono::milliseconds;
using testing::HasSubstr;

constexpr const char* kImport = "/collections/a/documents/import";
constexpr const char* kExport = "/collections/a/documents/export";
constexpr const char* kImportCounted = "POST /collections/:c/documents/import 200";

std::string BeginImport() {
  return "POST " + std::string(kImport) + " HTTP/1.1\r\nHost: h\r\n" + std::string(kKeyHeader) +
         "Transfer-Encoding: chunked\r\n\r\n3\r\n{}\n\r\n";
}

Result<std::optional<std::string>> EndlessPiece() {
  return std::optional<std::string>(std::string(1 << 20, 'x') + "\n");
}

TEST(SlowTransferTest, StalledImportsDoNotHoldUpAnother) {
  Fixture fixture({.bulk_threads = 4});
  std::vector<Client> stalled;
  for (int i = 0; i < 4; ++i) {
    stalled.push_back(fixture.Connect());
    stalled.back().Send(BeginImport());
  }
  ASSERT_TRUE(Eventually([&] { return fixture.service.state.imports_begun == 4; }));
  // Long before the stalled ones are cut.
  Client fifth = fixture.Connect();
  fifth.Send(Spell("POST", kImport, "{}"));
  ASSERT_TRUE(fifth.HasBytesWithin(milliseconds(5'000)));
  EXPECT_EQ(fifth.Receive().status, 200);
  for (Client& client : stalled) {
    client.Send("0\r\n\r\n");
    EXPECT_EQ(client.Receive().status, 200) << "whoever stalled for a moment goes on";
  }
  EXPECT_EQ(fixture.service.observed(kImportCounted), 5);
}

TEST(SlowTransferTest, ExportsThatNobodyReadsDoNotHoldUpAnother) {
  Fixture fixture({.bulk_threads = 4});
  fixture.service.state.export_piece = EndlessPiece;
  std::vector<Client> stalled;
  for (int i = 0; i < 4; ++i) {
    stalled.emplace_back(
        Client::Options{.port = fixture.server->port(), .receive_buffer_bytes = 4096});
    stalled.back().Send(Spell("GET", kExport));
    ASSERT_TRUE(stalled.back().HasBytesWithin(milliseconds(5'000)));
  }
  Client fifth = fixture.Connect();
  fifth.Send(Spell("POST", kImport, "{}"));
  ASSERT_TRUE(fifth.HasBytesWithin(milliseconds(5'000)));
  EXPECT_EQ(fifth.Receive().status, 200);
}

// A client that sends just enough, again and again, not to be cut for having stalled.
std::optional<Reply> ReplyToTrickle(Client& client) {
  const std::string piece = "4000\r\n" + std::string(0x3fff, ' ') + "\n\r\n";
  for (int i = 0; i < 500; ++i) {
    client.Send(piece);
    if (client.HasBytesWithin(milliseconds(10))) {
      return client.Receive();
    }
  }
  return std::nullopt;
}

TEST(SlowTransferTest, AnImportHasAMinimumRate) {
  Fixture fixture({.limits = {.transfer_bytes_per_second_min = std::uint64_t{1} << 30,
                              .transfer_window = milliseconds(100)}});
  Client client = fixture.Connect();
  client.Send(BeginImport());
  const auto reply = ReplyToTrickle(client);
  ASSERT_TRUE(reply) << "it trickled for seconds";
  EXPECT_EQ(reply->status, 408);
  EXPECT_THAT(reply->body, HasSubstr("slower than 1073741824 bytes per second"));
}

TEST(SlowTransferTest, AnImportThatKeepsTheRateIsNotCut) {
  Fixture fixture(
      {.limits = {.transfer_bytes_per_second_min = 1'000, .transfer_window = milliseconds(100)}});
  Client client = fixture.Connect();
  client.Send(BeginImport());
  const std::string piece = "400\r\n" + std::string(0x3ff, ' ') + "\n\r\n";
  for (int i = 0; i < 50; ++i) {
    client.Send(piece);
    ASSERT_FALSE(client.HasBytesWithin(milliseconds(10)));
  }
  client.Send("0\r\n\r\n");
  EXPECT_EQ(client.Receive().status, 200);
}

TEST(SlowTransferTest, AnExportHasAMinimumRate) {
  Fixture fixture({.limits = {.transfer_bytes_per_second_min = std::uint64_t{1} << 40,
                              .transfer_window = milliseconds(100)}});
  fixture.service.state.export_piece = EndlessPiece;
  Client client(Client::Options{.port = fixture.server->port(), .receive_buffer_bytes = 4096});
  client.Send(Spell("GET", kExport));
  EXPECT_FALSE(client.Receive().is_complete) << "cut, however fast it is read";
}

}  // namespace
}  // namespace cacheindex::api::test
