#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "tests/support/following_node.h"

// What happens to a source's tables, to its server and to single rows, while a node follows it.

namespace cacheindex::test {
namespace {

constexpr const char* kSource = R"(
catalog_interval_ms = 100
backoff_max_ms = 200
[[source.shop.collection]]
name = "items"
root = "item"
fields = [
  { name = "title" },
  { name = "amount", facet = true },
  { name = "brand", from = "brand.name", facet = true },
]
)";

class ChangesTest : public testing::Test {
 protected:
  static constexpr int kRows = 50;

  void Begin(int rows = kRows) {
    sql_ = std::make_unique<PostgresSession>(cluster_.Connection());
    sql_->Execute(
        "CREATE TABLE brand (id bigint PRIMARY KEY, name text);"
        "CREATE TABLE item (id text PRIMARY KEY, title text, amount bigint,"
        "  brand_id bigint REFERENCES brand);"
        "INSERT INTO brand VALUES (1, 'before');"
        "INSERT INTO item SELECT i, 'item number ' || i, 10, 1 FROM generate_series(1, " +
        std::to_string(rows) +
        ") AS i;"
        "CREATE PUBLICATION cacheindex FOR TABLE brand, item");
  }
  void Follow(const std::string& connection) {
    node_ = std::make_unique<FollowingNode>(connection, kSource);
    ASSERT_TRUE(node_->WaitForState("live")) << node_->Source().dump(2) << node_->output();
  }
  void Follow() { Follow(cluster_.Connection()); }

  std::string Now() { return FollowingNode::AtLeast(*sql_); }
  Json Item(const std::string& id, const std::string& headers = {}) {
    const HttpReply reply = node_->Ask("GET", "/collections/items/documents/" + id, {}, headers);
    return reply.status == 200 ? Json::parse(reply.body) : Json(reply.status);
  }
  std::string Reason() { return node_->Source().value("reason", ""); }
  // Waits until the source says why it does not go on.
  bool WaitForReason(const std::string& part) {
    return FollowingNode::WaitUntil([&] { return Reason().find(part) != std::string::npos; });
  }

  PostgresCluster cluster_;
  std::unique_ptr<PostgresSession> sql_;
  std::unique_ptr<FollowingNode> node_;
};

TEST_F(ChangesTest, RequirementB22_AnotherTypeReachesRowsThatNobodyChangedSince) {
  Begin();
  Follow();
  sql_->Execute("ALTER TABLE item ALTER COLUMN amount TYPE numeric USING amount * 2");
  EXPECT_TRUE(FollowingNode::WaitUntil([&] { return Item("1").at("amount") == 20; }))
      << node_->Source().dump(2);
  EXPECT_EQ(node_->Source().at("rebuilds"), 1);
}

TEST_F(ChangesTest, RequirementB22_ARenamedColumnIsRefusedByNameUntilTheDeclarationFits) {
  Begin();
  Follow();
  sql_->Execute("ALTER TABLE item RENAME COLUMN amount TO price");
  EXPECT_TRUE(WaitForReason("table public.item has no column \"amount\"")) << Reason();
  EXPECT_EQ(Item("1").at("amount"), 10) << "what is there serves on";
  EXPECT_EQ(node_->Ask("GET", "/readyz").status, 503);
  sql_->Execute("ALTER TABLE item RENAME COLUMN price TO amount; UPDATE item SET amount = 11");
  ASSERT_TRUE(node_->WaitForState("live")) << node_->Source().dump(2);
  EXPECT_EQ(Item("1", Now()).at("amount"), 11);
}

TEST_F(ChangesTest, RequirementB22_ADroppedColumnIsRefusedByNameUntilTheDeclarationFits) {
  Begin();
  Follow();
  sql_->Execute("ALTER TABLE item DROP COLUMN amount; UPDATE item SET title = 'new'");
  EXPECT_TRUE(WaitForReason("table public.item has no column \"amount\"")) << Reason();
  EXPECT_EQ(Item("1").at("amount"), 10) << "what is there serves on";
  sql_->Execute("ALTER TABLE item ADD COLUMN amount bigint DEFAULT 12");
  ASSERT_TRUE(node_->WaitForState("live")) << node_->Source().dump(2);
  EXPECT_EQ(Item("1", Now()).at("amount"), 12);
  EXPECT_EQ(Item("1").at("title"), "new");
}

TEST_F(ChangesTest, RequirementB25_APublicationThatIsMadeAnewIsCopiedAnewWhileTheOldServes) {
  Begin();
  Follow();
  sql_->Execute(
      "BEGIN; DROP PUBLICATION cacheindex;"
      "CREATE PUBLICATION cacheindex FOR TABLE brand, item; COMMIT;"
      "UPDATE item SET amount = 13");
  EXPECT_TRUE(FollowingNode::WaitUntil([&] {
    const Json item = Item("1");
    EXPECT_TRUE(item.is_object()) << item;
    return node_->Source().at("generation") == 2;
  })) << node_->Source().dump(2);
  EXPECT_EQ(Item("1", Now()).at("amount"), 13);
}

TEST_F(ChangesTest, RequirementA12_AfterAFailoverTheNewPrimaryIsFollowed) {
  Begin();
  PostgresCluster standby = PostgresCluster::StandbyOf(cluster_);
  const auto folder = [](const PostgresCluster& server) {
    const std::string text = server.Connection();
    return text.substr(text.find('=') + 1, text.find(' ') - text.find('=') - 1);
  };
  Follow("host=" + folder(cluster_) + "," + folder(standby) +
         " port=" + std::to_string(cluster_.port()) + "," + std::to_string(standby.port()) +
         " dbname=postgres user=postgres target_session_attrs=read-write");
  sql_->Execute("UPDATE item SET amount = 14 WHERE id = '1'; DELETE FROM item WHERE id = '2'");
  EXPECT_EQ(Item("1", Now()).at("amount"), 14);
  sql_.reset();
  cluster_.Stop();
  standby.Promote();
  PostgresSession session(standby.Connection());
  session.Execute("UPDATE item SET amount = 15 WHERE id = '1'; DELETE FROM item WHERE id = '3'");
  EXPECT_TRUE(FollowingNode::WaitUntil([&] {
    const Json item = Item("1");
    EXPECT_TRUE(item.is_object()) << "the old generation serves meanwhile: " << item;
    return item.at("amount") == 15;
  })) << node_->Source().dump(2);
  EXPECT_EQ(Item("3", FollowingNode::AtLeast(session)), 404);
  EXPECT_EQ(node_->Export("items").size(), kRows - 2U);
  EXPECT_EQ(node_->Source().at("rebuilds"), 1) << "the standby has no slot";
  EXPECT_EQ(node_->Stop(), 0);
  cluster_.Start();
}

TEST_F(ChangesTest, RequirementB26_ARowThatCannotBeADocumentIsNamedAndTheOthersGoOn) {
  Begin();
  sql_->Execute("INSERT INTO item VALUES (repeat('x', 181), 'too long an id', 1, 1)");
  Follow();
  const Json source = node_->Source();
  EXPECT_EQ(source.at("documents_refused"), 1);
  EXPECT_NE(source.at("refused_documents")
                .at(0)
                .get<std::string>()
                .find("of table public.item: its id has 181 bytes, and at most 180 are possible"),
            std::string::npos)
      << source;
  EXPECT_EQ(node_->Export("items").size(), std::size_t{kRows});
  sql_->Execute("INSERT INTO item VALUES (repeat('y', 500), 'too long as well', 1, 1)");
  EXPECT_EQ(Item("1", Now()).at("amount"), 10);
  EXPECT_EQ(node_->Source().at("documents_refused"), 2);
  EXPECT_EQ(node_->Stop(), 0);
  node_->Start();
  EXPECT_EQ(node_->Source().at("documents_refused"), 2) << "it is not forgotten";
  sql_->Execute(
      "UPDATE item SET id = 'short' WHERE length(id) = 181;"
      "DELETE FROM item WHERE length(id) = 500");
  EXPECT_EQ(Item("short", Now()).at("title"), "too long an id");
  EXPECT_EQ(node_->Source().at("documents_refused"), 0);
  EXPECT_FALSE(node_->Source().contains("refused_documents"));
}

TEST_F(ChangesTest, RequirementB19_HitsAndReadsShowTheSameWhileDocumentsWait) {
  constexpr int kMany = 12'000;
  Begin(kMany);
  Follow();
  for (int round = 0; round < 3; ++round) {
    const std::string name = "after " + std::to_string(round);
    sql_->Execute("UPDATE brand SET name = '" + name + "'");
    EXPECT_EQ(Item("7777", Now()).at("brand"), name);
    for (int page = 1; page <= 40; page += 13) {
      const Json found = node_->Get("/collections/items/documents/search?q=*&per_page=250&page=" +
                                    std::to_string(page));
      ASSERT_EQ(found.at("found"), kMany);
      for (const Json& hit : found.at("hits")) {
        ASSERT_EQ(hit.at("document").at("brand"), name) << hit;
      }
    }
    const Json found = node_->Get(
        "/collections/items/documents/search?q=number&query_by=title&use_cache=true&per_page=20");
    for (const Json& hit : found.at("hits")) {
      ASSERT_EQ(hit.at("document").at("brand"), name) << "an answer of before was remembered";
    }
  }
  EXPECT_TRUE(
      FollowingNode::WaitUntil([&] { return node_->Source().at("documents_waiting") == 0; }));
  EXPECT_EQ(node_->Get("/collections/items/documents/search?q=*&filter_by=brand:=after%202", Now())
                .at("found"),
            kMany);
}

TEST_F(ChangesTest, RequirementE53_TheLogTellsEachStateOnceWithItsReason) {
  Begin();
  Follow();
  const auto count = [&](const std::string& text) {
    const std::string output = node_->output();
    int found = 0;
    for (std::size_t at = output.find(text); at != std::string::npos;
         at = output.find(text, at + 1)) {
      ++found;
    }
    return found;
  };
  // The status may be a moment ahead of the log.
  const std::string live = "event=source_state source=shop state=live reason=\"\"";
  EXPECT_TRUE(FollowingNode::WaitUntil([&] { return count(live) == 1; })) << node_->output();
  for (int i = 0; i < 3; ++i) {
    sql_->Execute("UPDATE item SET amount = amount + 1");
    Item("1", Now());
  }
  EXPECT_EQ(count("event=source_state source=shop state=live"), 1);
  sql_->Execute("DROP PUBLICATION cacheindex; UPDATE item SET amount = amount + 1");
  EXPECT_TRUE(FollowingNode::WaitUntil([&] {
    return count("source=shop state=refused reason=\"the publication") > 0;
  })) << node_->output();
  EXPECT_EQ(node_->Stop(), 0);
  EXPECT_EQ(count("source=shop state=refused"), 1) << node_->output();
}

TEST_F(ChangesTest, RequirementE53_TheStatusOfTheNodeNamesItsSources) {
  Begin();
  Follow();
  const Json status = node_->Get("/status").at("sources").at("shop");
  EXPECT_EQ(status.at("state"), "live");
  EXPECT_EQ(status.at("ready"), true);
  EXPECT_EQ(status.at("documents_waiting"), 0);
  EXPECT_TRUE(status.contains("applied") && status.contains("searchable")) << status;
}

}  // namespace
}  // namespace cacheindex::test
