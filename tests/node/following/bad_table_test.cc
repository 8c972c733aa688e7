#include <gtest/gtest.h>

#include <string>

#include "tests/node/following/items_fixture.h"

// What readers get when one of the source's tables cannot be followed.

namespace cacheindex::test {
namespace {

class BadTableTest : public ItemsTest {};

TEST_F(BadTableTest, RequirementB26_OneBadTableTakesOnlyItsOwnCollectionsAway) {
  Begin();
  sql_->Execute(
      "INSERT INTO mirror VALUES (0, 10); DROP PUBLICATION cacheindex;"
      "CREATE PUBLICATION cacheindex FOR TABLE item, TABLE mirror WHERE (10 / id >= 0)");
  Follow();
  EXPECT_EQ(Found("q=*", Now()), kRows);
  EXPECT_EQ(node_->Ask("GET", "/readyz").status, 200);
  for (const char* path : {"/collections/mirrors/documents/1", "/collections/mirrors",
                           "/collections/mirrors/documents/search?q=*"}) {
    const HttpReply reply = node_->Ask("GET", path);
    EXPECT_EQ(reply.status, 503) << path;
    for (const char* part : {"`mirrors`", "public.mirror", "division by zero", "/rebuild"}) {
      EXPECT_NE(reply.body.find(part), std::string::npos) << reply.body;
    }
  }
  const Json set_aside = node_->Source().at("set_aside");
  ASSERT_EQ(set_aside.size(), 1U);
  EXPECT_EQ(set_aside[0].at("collection"), "mirrors");
  EXPECT_EQ(set_aside[0].at("table"), "public.mirror");
  EXPECT_NE(node_->Ask("GET", "/metrics")
                .body.find("cacheindex_source_collections_set_aside{source=\"shop\"} 1"),
            std::string::npos);

  sql_->Execute("DELETE FROM mirror WHERE id = 0");
  EXPECT_EQ(node_->Ask("POST", "/sources/shop/rebuild").status, 202);
  ASSERT_TRUE(FollowingNode::WaitUntil([&] {
    return node_->Ask("GET", "/collections/mirrors/documents/1").status == 200;
  })) << node_->Source().dump(2);
  EXPECT_FALSE(node_->Source().contains("set_aside"));
  EXPECT_EQ(Found("q=*", Now()), kRows);
}

TEST_F(BadTableTest, RequirementB26_WhatIsServedOfABadTableStaysAndSaysHowOldItIs) {
  Begin();
  sql_->Execute(
      "DROP PUBLICATION cacheindex;"
      "CREATE PUBLICATION cacheindex FOR TABLE item, TABLE mirror WHERE (10 / id >= 0)");
  Follow();
  const auto mirror = [&](const std::string& headers = {}) {
    return node_->Ask("GET", "/collections/mirrors/documents/1", {}, headers);
  };
  sql_->Execute("UPDATE mirror SET amount = 11");
  const std::string shown = sql_->Value("SELECT pg_current_wal_insert_lsn()");
  ASSERT_EQ(mirror("X-Min-Position: " + shown + "\r\n").status, 200);
  sql_->Execute("INSERT INTO mirror VALUES (0, 10)");
  ASSERT_TRUE(FollowingNode::WaitUntil([&] { return node_->Source().contains("set_aside"); }))
      << node_->Source().dump(2);
  ASSERT_TRUE(node_->WaitForState("live")) << node_->Source().dump(2);
  sql_->Execute("UPDATE item SET amount = 12; UPDATE mirror SET amount = 12 WHERE id > 0");
  EXPECT_EQ(Amount(1, Now()), 12);
  EXPECT_EQ(node_->Ask("GET", "/readyz").status, 200);

  const HttpReply kept = mirror();
  EXPECT_EQ(kept.status, 200);
  EXPECT_NE(kept.body.find(R"("amount":11)"), std::string::npos) << kept.body;
  const std::string position = kept.headers.at("x-position");
  EXPECT_EQ(node_->Source().at("set_aside")[0].at("kept_at"), position);
  EXPECT_EQ(sql_->Value("SELECT '" + position + "'::pg_lsn >= '" + shown + "'"), "t");
  EXPECT_EQ(
      sql_->Value("SELECT '" + position + "'::pg_lsn < '" + Item(1).headers.at("x-position") + "'"),
      "t");
  EXPECT_EQ(node_->Get("/collections/mirrors/documents/search?q=*&filter_by=amount:11").at("found"),
            200);
  for (const char* path :
       {"/collections/mirrors/documents/1", "/collections/mirrors/documents/search?q=*"}) {
    EXPECT_EQ(node_->Ask("GET", path, {}, "X-Min-Position: " + position + "\r\n").status, 200);
    const HttpReply refused = node_->Ask("GET", path, {}, Now());
    EXPECT_EQ(refused.status, 503) << path;
    EXPECT_NE(refused.body.find("up to " + position), std::string::npos) << refused.body;
  }
}

}  // namespace
}  // namespace cacheindex::test
