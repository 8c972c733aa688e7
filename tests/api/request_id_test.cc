// What a request is called, and what is told of it when it is answered.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>

#include "api/key_cryptography.h"
#include "api/request.h"
#include "tests/api/client.h"

namespace cacheindex::api::test {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

std::string IdOfAnswer(const Fixture& fixture, const std::string& sent) {
  return fixture.Ask("GET", "/health", {}, "X-Request-Id: " + sent + "\r\n").header("x-request-id");
}

TEST(RequestIdTest, IsTheClientsWhenItCanBeOne) {
  Fixture fixture;
  for (const std::string& id : {std::string("a"), std::string("3f2c-9_a.b:c/d+e=f@g"),
                                std::string(Request::kIdBytesMax, 'x')}) {
    EXPECT_EQ(IdOfAnswer(fixture, id), id);
  }
  EXPECT_THAT(fixture.service.state.request_ids, Contains("3f2c-9_a.b:c/d+e=f@g"));
}

TEST(RequestIdTest, IsMadeOtherwise) {
  Fixture fixture;
  std::set<std::string> made;
  for (const std::string& id : {std::string(), std::string("two words"), std::string("quote\""),
                                std::string("\xff"), std::string(Request::kIdBytesMax + 1, 'x')}) {
    const std::string answered = IdOfAnswer(fixture, id);
    EXPECT_EQ(answered.size(), 16U) << id;
    made.insert(answered);
  }
  EXPECT_EQ(made.size(), 5U) << "each its own";
}

TEST(RequestIdTest, IsOnEveryKindOfAnswer) {
  Fixture fixture;
  fixture.service.state.export_piece = [] {
    return Result<std::optional<std::string>>(std::nullopt);
  };
  for (const char* target : {"/collections/a/documents/1", "/collections", "/nothing",
                             "/collections/a/documents/export", "/metrics"}) {
    EXPECT_EQ(fixture.Ask("GET", target, {}, "X-Request-Id: mine\r\n").header("x-request-id"),
              "mine")
        << target;
  }
  EXPECT_EQ(fixture.Ask("POST", "/collections/a/documents/import", "{}", "X-Request-Id: mine\r\n")
                .header("x-request-id"),
            "mine");
  EXPECT_EQ(fixture.AskRaw("GET /health HTTP/1.1\r\n\r\n").header("x-request-id").size(), 16U)
      << "a refused one too";
}

TEST(RequestIdTest, IsNotKeptForTheNextRequestOfAConnection) {
  Fixture fixture;
  Client client = fixture.Connect();
  EXPECT_EQ(client.Ask("GET", "/health", {}, "X-Request-Id: first\r\n").header("x-request-id"),
            "first");
  EXPECT_NE(client.Ask("GET", "/health").header("x-request-id"), "first");
}

TEST(ChangeRecordTest, SaysWhatWasChangedWithWhichKey) {
  Fixture fixture;
  auto key = std::make_shared<StoredKey>();
  key->id = 3;
  key->description = "the shop's";
  key->actions = {"*"};
  key->covers_all_collections = true;
  key->expires_at = std::int64_t{1} << 40;
  fixture.service.state.keys[KeyDigest("secret-of-the-shop")] = key;
  const std::string with_key = "X-TYPESENSE-API-KEY: secret-of-the-shop\r\n";
  EXPECT_EQ(
      fixture.AskRaw("DELETE /collections/a HTTP/1.1\r\nHost: h\r\n" + with_key + "\r\n").status,
      200);
  fixture.Ask("POST", "/collections", R"({"name":"b"})");
  fixture.Ask("PUT", "/collections/a/synonyms/x", R"({"synonyms":["a","b"]})");
  fixture.Ask("POST", "/operations/snapshot?snapshot_path=/backups/1");
  fixture.Ask("PUT", "/aliases/x", R"({"collection_name":"a"})");
  EXPECT_THAT(
      fixture.service.state.changes,
      ElementsAre("collections:delete a by 3 the shop's", "collections:create b by the node's key",
                  "synonyms:upsert a/x by the node's key",
                  "operations/snapshot:create /backups/1 by the node's key",
                  "aliases:upsert x by the node's key"));
}

TEST(ChangeRecordTest, IsNotMadeOfWhatChangesNothing) {
  Fixture fixture;
  fixture.Ask("GET", "/collections");
  fixture.Ask("GET", "/collections/a/documents/search?q=*");
  fixture.Ask("POST", "/multi_search", R"({"searches":[{"collection":"a","q":"*"}]})");
  fixture.Ask("POST", "/collections/a/documents/batch", R"(["1"])");
  fixture.AskRaw("DELETE /collections/a HTTP/1.1\r\nHost: h\r\n\r\n");
  fixture.service.state.failure = Error(ErrorCode::kNotFound, "no");
  fixture.Ask("DELETE", "/collections/a");
  EXPECT_THAT(fixture.service.state.changes, IsEmpty());
}

TEST(ChangeRecordTest, TellsDocumentsThatAreWrittenTogetherFromSingleOnes) {
  Fixture fixture;
  fixture.Ask("POST", "/collections/a/documents", R"({"id":"1"})");
  fixture.Ask("POST", "/collections/a/documents/import", "{}");
  fixture.Ask("DELETE", "/collections/a/documents?filter_by=b:1");
  EXPECT_THAT(fixture.service.state.changes,
              ElementsAre("documents:create a by the node's key, one document",
                          "documents:import a by the node's key",
                          "documents:delete a by the node's key of b:1"));
}

TEST(FailureTest, OfTheNodeIsToldWithItsReasonAndOfTheClientIsNot) {
  Fixture fixture;
  fixture.service.state.failure = Error(ErrorCode::kCorruption, "document 7 is damaged");
  fixture.Ask("DELETE", "/collections/a");
  fixture.service.state.failure = Error(ErrorCode::kExhausted, "the disk is full");
  fixture.Ask("DELETE", "/collections/a");
  fixture.service.state.failure = Error(ErrorCode::kInvalidArgument, "your mistake");
  fixture.Ask("DELETE", "/collections/a");
  fixture.service.state.failure.reset();
  fixture.service.state.throws = true;
  fixture.Ask("GET", "/metrics");
  EXPECT_THAT(fixture.service.state.failures,
              ElementsAre("damage: document 7 is damaged", "the disk is full", "Internal error"));
  EXPECT_THAT(fixture.service.state.failures, Not(Contains(HasSubstr("a secret"))));
}

}  // namespace
}  // namespace cacheindex::api::test
