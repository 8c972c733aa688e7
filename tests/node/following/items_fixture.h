#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "tests/support/following_node.h"

namespace cacheindex::test {

inline constexpr const char* kItems = R"(
backoff_max_ms = 200
readiness_heartbeat_age_max_ms = 2000
[[source.shop.collection]]
name = "items"
root = "item"
fields = [{ name = "title" }, { name = "kind", facet = true }, { name = "amount", facet = true }]
[[source.shop.collection]]
name = "mirrors"
root = "mirror"
fields = [{ name = "amount", facet = true }]
)";

/// A node that follows two tables into two collections: "items" and "mirrors".
class ItemsTest : public testing::Test {
 protected:
  static constexpr int kRows = 200;

  void Begin(const std::vector<std::string>& settings = {}, int rows = kRows) {
    cluster_ = std::make_unique<PostgresCluster>(settings);
    sql_ = std::make_unique<PostgresSession>(cluster_->Connection());
    const std::string last = std::to_string(rows);
    sql_->Execute(
        "CREATE TABLE item (id bigint PRIMARY KEY, title text, kind text, amount bigint);"
        "CREATE TABLE mirror (id bigint PRIMARY KEY, amount bigint);"
        "INSERT INTO item SELECT i, 'item number ' || i, 'kind ' || i % 5, 10"
        "  FROM generate_series(1, " +
        last +
        ") AS i;"
        "INSERT INTO mirror SELECT i, 10 FROM generate_series(1, 200) AS i;"
        "CREATE PUBLICATION cacheindex FOR ALL TABLES");
  }

  void Follow() {
    node_ = std::make_unique<FollowingNode>(*cluster_, kItems);
    ASSERT_TRUE(node_->WaitForState("live")) << node_->Source().dump(2) << node_->output();
  }

  std::string Now() { return FollowingNode::AtLeast(*sql_); }

  HttpReply Item(int id, const std::string& headers = {}) {
    return node_->Ask("GET", "/collections/items/documents/" + std::to_string(id), {}, headers);
  }
  std::int64_t Amount(int id, const std::string& headers = {}) {
    const HttpReply reply = Item(id, headers);
    EXPECT_EQ(reply.status, 200) << reply.body;
    return reply.status == 200 ? Json::parse(reply.body).at("amount").get<std::int64_t>() : -1;
  }
  std::int64_t Found(const std::string& parameters, const std::string& headers = {}) {
    return node_->Get("/collections/items/documents/search?" + parameters, headers)
        .value("found", std::int64_t{-1});
  }

  std::unique_ptr<PostgresCluster> cluster_;
  std::unique_ptr<PostgresSession> sql_;
  std::unique_ptr<FollowingNode> node_;
};

}  // namespace cacheindex::test
