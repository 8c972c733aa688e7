#include <gtest/gtest.h>

#include <atomic>
#include <csignal>
#include <cstdlib>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "tests/node/following/items_fixture.h"
#include "tests/support/lines.h"
#include "tests/support/schema_validator.h"

// What a node promises about the source that it follows, one test for each promise.

namespace cacheindex::test {
namespace {

class RequirementsTest : public ItemsTest {};

TEST_F(RequirementsTest, RequirementA1_AfterEveryKillTheNodeGoesOnWhereItWas) {
  Begin();
  Follow();
  std::atomic<bool> is_writing = true;
  std::int64_t written = 0;
  std::jthread writer([&] {
    PostgresSession session(cluster_->Connection());
    while (is_writing) {
      session.Execute("UPDATE item SET amount = amount + 1 WHERE id = 1");
      ++written;
    }
  });
  std::int64_t seen = 0;
  for (int kills = 0; kills < 8; ++kills) {
    const std::int64_t before = seen;
    ASSERT_TRUE(FollowingNode::WaitUntil([&] {
      const std::int64_t amount = Amount(1);
      EXPECT_GE(amount, seen) << "what was shown is gone";
      seen = std::max(seen, amount);
      return seen > before + 20;
    }));
    node_->Kill();
    node_->Start();
  }
  is_writing = false;
  writer.join();
  EXPECT_EQ(Amount(1, Now()), 10 + written);
  const Json source = node_->Source();
  EXPECT_EQ(source.at("rebuilds"), 0) << "the server was told more than was durable (A 2)";
  EXPECT_EQ(source.at("generation"), 1);
}

TEST_F(RequirementsTest, RequirementA2_TheServerIsNeverToldMoreThanTheDataDirectoryHolds) {
  Begin();
  Follow();
  for (int round = 0; round < 6; ++round) {
    sql_->Execute("UPDATE item SET title = title || ' again', amount = amount + 1");
    node_->Kill();
    const std::string told = sql_->Value("SELECT confirmed_flush_lsn FROM pg_replication_slots");
    node_->Start();
    const std::string shown = Item(1).headers["x-position"];
    EXPECT_EQ(sql_->Value("SELECT '" + told + "'::pg_lsn <= '" + shown + "'::pg_lsn"), "t")
        << told << " " << shown;
  }
  EXPECT_EQ(Amount(1, Now()), 16);
}

TEST_F(RequirementsTest, RequirementA4_AKilledCopyGoesOnInTheMiddle) {
  Begin({}, 150'000);
  node_ = std::make_unique<FollowingNode>(*cluster_, kItems);
  std::int64_t copied = 0;
  ASSERT_TRUE(FollowingNode::WaitUntil([&] {
    copied = node_->Source().at("rows_copied").get<std::int64_t>();
    return copied >= 20'000;
  }));
  node_->Kill();
  sql_->Execute("UPDATE item SET amount = 11 WHERE id % 1000 = 0");
  sql_->Execute("DELETE FROM item WHERE id IN (1, 149999)");
  node_->Start();
  ASSERT_TRUE(FollowingNode::WaitUntil([&] {
    const Json source = node_->Source();
    return source.at("state") != "connecting" &&
           source.at("rows_copied").get<std::int64_t>() >= copied;
  })) << node_->Source().dump(2);
  ASSERT_TRUE(node_->WaitForState("live")) << node_->Source().dump(2);
  EXPECT_EQ(Found("q=*", Now()), 149'998);
  EXPECT_EQ(Found("q=*&filter_by=amount:11"), 150);
}

TEST_F(RequirementsTest, RequirementA5_WhatWasDeletedWhileTheSlotWasGoneStaysDeleted) {
  Begin();
  Follow();
  EXPECT_EQ(node_->Stop(), 0);
  sql_->Execute("SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots");
  sql_->Execute("DELETE FROM item WHERE id <= 50; INSERT INTO item VALUES (999, 'new', 'k', 1)");
  node_->Start();
  ASSERT_TRUE(FollowingNode::WaitUntil([&] { return node_->Source().at("generation") == 2; }))
      << node_->Source().dump(2);
  EXPECT_EQ(Item(50, Now()).status, 404);
  EXPECT_EQ(Found("q=*"), kRows - 50 + 1);
  EXPECT_EQ(Found("q=number&query_by=title"), kRows - 50);
  EXPECT_EQ(node_->Source().at("rebuilds"), 1);
  EXPECT_TRUE(FollowingNode::WaitUntil([&] {
    return !std::filesystem::exists(node_->data() / "stores" / "shop" / "generation-1");
  }));
}

TEST_F(RequirementsTest, RequirementA8_NobodySeesHalfATransaction) {
  Begin();
  Follow();
  std::atomic<bool> is_writing = true;
  std::jthread writer([&] {
    PostgresSession session(cluster_->Connection());
    for (int i = 0; i < 1'500; ++i) {
      const std::string id = std::to_string(1 + i * 7 % kRows);
      session.Execute("BEGIN; UPDATE item SET amount = amount - 1 WHERE id = " + id +
                      "; UPDATE mirror SET amount = amount + 1 WHERE id = " + id + "; COMMIT");
    }
    is_writing = false;
  });
  int sums = 0;
  // A slow machine may be done with writing before it has read often enough.
  while (is_writing || sums <= 10) {
    const HttpReply reply = node_->Ask("POST", "/multi_search", R"({"searches": [
      {"collection": "items", "q": "*", "facet_by": "amount"},
      {"collection": "mirrors", "q": "*", "facet_by": "amount"}]})");
    ASSERT_EQ(reply.status, 200) << reply.body;
    double sum = 0;
    const Json answer = Json::parse(reply.body);
    for (const Json& page : answer.at("results")) {
      sum += page.at("facet_counts").at(0).at("stats").at("sum").get<double>();
    }
    ASSERT_EQ(sum, 20 * kRows);
    ++sums;
  }
  EXPECT_GT(sums, 10);
  std::cout << sums << " sums\n";
}

TEST_F(RequirementsTest, RequirementA11_ALostSlotMeansOneRebuildWhileTheOldGenerationServes) {
  Begin({"max_slot_wal_keep_size=1MB", "max_wal_size=4MB", "min_wal_size=2MB"});
  Follow();
  EXPECT_EQ(node_->Stop(), 0);
  sql_->Execute("UPDATE item SET amount = 11");
  for (int i = 0; i < 12; ++i) {
    sql_->Execute(
        "SELECT pg_logical_emit_message(false, 'fill', repeat('x', 1000000));"
        "CHECKPOINT");
  }
  ASSERT_EQ(sql_->Value("SELECT wal_status FROM pg_replication_slots"), "lost");
  node_->Start();
  // From the first moment on, old or new, and never nothing.
  const auto is_new = [&] {
    const std::int64_t amount = Amount(3);
    EXPECT_TRUE(amount == 10 || amount == 11) << amount;
    return amount == 11;
  };
  ASSERT_TRUE(FollowingNode::WaitUntil(is_new)) << node_->Source().dump(2);
  EXPECT_EQ(node_->Source().at("rebuilds"), 1);
  EXPECT_EQ(sql_->Value("SELECT count(*) FROM pg_replication_slots"), "1");
}

TEST_F(RequirementsTest, RequirementB16_ATransactionLargerThanTheQueueIsApplied) {
  Begin({}, 60'000);
  const std::string small = "queue_bytes_max = 1048576\ntransaction_bytes_max = 65536\n";
  node_ = std::make_unique<FollowingNode>(*cluster_, small + kItems);
  ASSERT_TRUE(node_->WaitForState("live")) << node_->Source().dump(2);
  sql_->Execute("UPDATE item SET amount = 12, title = title || repeat(' long', 50)");
  // With sanitizers all documents may take longer than a request may wait.
  const std::string now = Now();
  const std::string search = "/collections/items/documents/search?q=*&per_page=0";
  ASSERT_TRUE(FollowingNode::WaitUntil([&] {
    return node_->Ask("GET", search, {}, now).status == 200;
  })) << node_->Source().dump(2);
  EXPECT_EQ(Found("q=*&filter_by=amount:12", now), 60'000);
  EXPECT_EQ(node_->Source().at("spool_bytes"), 0);
}

TEST_F(RequirementsTest, RequirementB22_ANewColumnOrTableDoesNotDisturb) {
  Begin();
  Follow();
  sql_->Execute("ALTER TABLE item ADD COLUMN colour text DEFAULT 'red'");
  sql_->Execute("UPDATE item SET amount = 20 WHERE id = 1");
  EXPECT_EQ(Amount(1, Now()), 20);
  sql_->Execute("CREATE TABLE other (id bigint PRIMARY KEY); INSERT INTO other VALUES (1)");
  sql_->Execute("UPDATE item SET amount = 21 WHERE id = 1");
  EXPECT_EQ(Amount(1, Now()), 21);
  sql_->Execute("ALTER TABLE item DROP COLUMN colour; UPDATE item SET amount = 22 WHERE id = 1");
  EXPECT_EQ(Amount(1, Now()), 22);
  sql_->Execute("ALTER TABLE item ALTER COLUMN amount TYPE numeric USING amount * 2");
  sql_->Execute("UPDATE item SET title = 'changed' WHERE id = 2");
  EXPECT_TRUE(FollowingNode::WaitUntil([&] { return Amount(1) == 44; })) << node_->Source().dump(2);
}

TEST_F(RequirementsTest, RequirementB30_AnExportHoldsNoSnapshotBetweenItsPieces) {
  Begin({}, 20'000);
  Follow();
  const std::string before = node_->Ask("GET", "/metrics").body;
  EXPECT_EQ(node_->Export("items").size(), 20'000U);
  sql_->Execute("UPDATE item SET amount = amount + 1");
  EXPECT_EQ(Amount(5, Now()), 11);
  EXPECT_NE(node_->Ask("GET", "/metrics").body.find("cacheindex_store_snapshots 0"),
            std::string::npos);
}

TEST_F(RequirementsTest, RequirementC33_WhoWritesReadsWhatHeWrote) {
  Begin();
  Follow();
  for (int i = 0; i < 100; ++i) {
    sql_->Execute("UPDATE item SET amount = " + std::to_string(100 + i) + ", title = 'word" +
                  std::to_string(i) + "' WHERE id = 7");
    const std::string now = Now();
    ASSERT_EQ(Amount(7, now), 100 + i);
    ASSERT_EQ(Found("q=word" + std::to_string(i) + "&query_by=title&num_typos=0&prefix=false", now),
              1);
  }
  const HttpReply late = Item(7, "X-Min-Position: FFFF/0\r\nX-Max-Wait-Ms: 100\r\n");
  EXPECT_EQ(late.status, 503);
  EXPECT_EQ(late.body, R"({"message":"Not Ready or Lagging"})");
  EXPECT_EQ(Item(7, "X-Min-Position: 17\r\n").status, 400);
}

TEST_F(RequirementsTest, RequirementC33_ListsAndExportsReadWhatWasWrittenToo) {
  Begin();
  Follow();
  for (int round = 1; round <= 20; ++round) {
    const int id = 1000 + round;
    sql_->Execute("INSERT INTO item VALUES (" + std::to_string(id) + ", 'new', 'k', 1)");
    const std::string now = Now();
    const HttpReply exported =
        node_->Ask("GET", "/collections/items/documents/export?filter_by=amount:1", {}, now);
    EXPECT_EQ(LinesOf(exported.body).size(), static_cast<std::size_t>(round));
    EXPECT_NE(exported.headers.at("x-position").find('/'), std::string::npos);
    sql_->Execute("UPDATE item SET title = 'newer' WHERE id = " + std::to_string(id));
    const HttpReply newer =
        node_->Ask("GET", "/collections/items/documents/export?filter_by=title:newer", {}, Now());
    EXPECT_EQ(LinesOf(newer.body).size(), static_cast<std::size_t>(round));
    EXPECT_EQ(node_->Get("/collections/items", now).at("num_documents"), kRows + round);
    EXPECT_NE(node_->Ask("GET", "/collections", {}, now)
                  .body.find(R"("num_documents":)" + std::to_string(kRows + round)),
              std::string::npos);
  }
  EXPECT_EQ(node_
                ->Ask("GET", "/collections/items/documents/export", {},
                      "X-Min-Position: FF/0\r\nX-Max-Wait-Ms: 20\r\n")
                .status,
            503);
  EXPECT_EQ(
      node_->Ask("GET", "/collections", {}, "X-Min-Position: FF/0\r\nX-Max-Wait-Ms: 20\r\n").status,
      503);
}

TEST_F(RequirementsTest, RequirementC40_ReadersSeeTheOldOrTheNewGenerationAndNeverAMixture) {
  Begin();
  Follow();
  ASSERT_EQ(node_->Ask("POST", "/sources/shop/rebuild").status, 202);
  int reads = 0;
  ASSERT_TRUE(FollowingNode::WaitUntil([&] {
    const Json page =
        node_->Get("/collections/items/documents/search?q=*&facet_by=kind&per_page=250");
    EXPECT_EQ(page.at("found"), kRows);
    EXPECT_EQ(page.at("hits").size(), static_cast<std::size_t>(kRows));
    std::int64_t counted = 0;
    for (const Json& value : page.at("facet_counts").at(0).at("counts")) {
      counted += value.at("count").get<std::int64_t>();
    }
    EXPECT_EQ(counted, kRows);
    EXPECT_EQ(Found("q=number&query_by=title"), kRows) << "the text index was not there yet";
    ++reads;
    return node_->Source().at("generation") == 2;
  })) << node_->Source().dump(2);
  EXPECT_GT(reads, 1);
  EXPECT_EQ(Found("q=*", Now()), kRows);
}

TEST_F(RequirementsTest, RequirementE51_AFrozenServerShowsInTheReadinessAndNotOnlyADeadOne) {
  Begin({"wal_sender_timeout=60s"});
  Follow();
  EXPECT_EQ(node_->Ask("GET", "/readyz").status, 200);
  const pid_t sender = std::stoi(sql_->Value("SELECT active_pid FROM pg_replication_slots"));
  ASSERT_EQ(::kill(sender, SIGSTOP), 0);
  EXPECT_TRUE(FollowingNode::WaitUntil([&] { return node_->Ask("GET", "/readyz").status == 503; }));
  const Json why = Json::parse(node_->Ask("GET", "/readyz").body);
  EXPECT_NE(why.at("reason").get<std::string>().find("sign of life"), std::string::npos) << why;
  EXPECT_EQ(Item(1).status, 200) << "what is there serves on";
  ::kill(sender, SIGCONT);
  EXPECT_TRUE(FollowingNode::WaitUntil([&] { return node_->Ask("GET", "/readyz").status == 200; }));
}

TEST_F(RequirementsTest, RequirementE53_StatusAndMetricsTellEverythingAndOnlyGrow) {
  Begin();
  Follow();
  const auto metric = [&](const std::string& name) {
    const std::string body = node_->Ask("GET", "/metrics").body;
    const std::string line = "\ncacheindex_source_" + name + "{source=\"shop\"} ";
    const std::size_t place = body.find(line);
    EXPECT_NE(place, std::string::npos) << name;
    return place == std::string::npos ? -1.0
                                      : std::strtod(body.c_str() + place + line.size(), nullptr);
  };
  for (const char* name : {"ready",
                           "generation",
                           "received_position",
                           "applied_position",
                           "indexed_position",
                           "searchable_position",
                           "acknowledged_position",
                           "server_position",
                           "lag_bytes",
                           "heartbeat_age_seconds",
                           "retained_bytes",
                           "queue_bytes",
                           "spool_bytes",
                           "reconnects",
                           "rebuilds",
                           "rows_copied",
                           "tables_failed",
                           "transactions",
                           "changes",
                           "changes_without_effect",
                           "documents_written",
                           "documents_waiting",
                           "holes",
                           "rows"}) {
    EXPECT_GE(metric(name), 0) << name;
  }
  const double transactions = metric("transactions");
  double position = metric("applied_position");
  for (int i = 0; i < 5; ++i) {
    sql_->Execute("UPDATE item SET amount = amount + 1 WHERE id = 1");
    EXPECT_EQ(Amount(1, Now()), 11 + i);
    const double now = metric("applied_position");
    EXPECT_GT(now, position);
    position = now;
  }
  EXPECT_EQ(metric("transactions"), transactions + 5);
  EXPECT_EQ(node_->Get("/sources").size(), 1U);
  EXPECT_EQ(node_->Ask("GET", "/sources/none").status, 404);
  const Json description = node_->Get("/openapi.json");
  const SchemaValidator validator(description);
  EXPECT_EQ(validator.CheckNamed("SourceList", node_->Get("/sources")), "");
  EXPECT_EQ(validator.CheckNamed("Source", node_->Get("/sources/shop")), "");
  EXPECT_EQ(validator.CheckNamed("Status", node_->Get("/status")), "");
  EXPECT_EQ(validator.CheckNamed("Readiness", node_->Get("/readyz")), "");
}

TEST_F(RequirementsTest, ManagedAndNativeCollectionsLiveSideBySide) {
  Begin();
  Follow();
  const std::string managed = "managed by the source `shop`";
  const auto refused = [&](const char* method, const std::string& target, const char* body) {
    const HttpReply reply = node_->Ask(method, target, body);
    EXPECT_EQ(reply.status / 100, 4) << method << target << reply.body;
    EXPECT_NE(reply.body.find(managed), std::string::npos) << method << target << reply.body;
  };
  refused("POST", "/collections/items/documents", R"({"id":"1"})");
  refused("PATCH", "/collections/items/documents/1", R"({"amount":1})");
  refused("DELETE", "/collections/items/documents/1", "");
  refused("PATCH", "/collections/items/documents?filter_by=amount:1", R"({"amount":1})");
  refused("DELETE", "/collections/items/documents?filter_by=amount:1", "");
  refused("DELETE", "/collections/items/documents?truncate=true", "");
  refused("POST", "/collections/items/documents/import", R"({"id":"1"})");
  refused("PATCH", "/collections/items", R"({"fields":[{"name":"x","type":"string"}]})");
  refused("DELETE", "/collections/items", "");
  refused("POST", "/collections", R"({"name":"items","fields":[{"name":"x","type":"string"}]})");
  EXPECT_EQ(node_->Ask("PUT", "/aliases/items", R"({"collection_name":"own"})").status, 409);

  ASSERT_EQ(node_
                ->Ask("POST", "/collections",
                      R"({"name":"own","fields":[{"name":"title","type":"string"}]})")
                .status,
            201);
  ASSERT_EQ(node_->Ask("POST", "/collections/own/documents", R"({"id":"1","title":"mine"})").status,
            201);
  ASSERT_EQ(node_->Ask("PUT", "/aliases/shop", R"({"collection_name":"items"})").status, 200);
  EXPECT_EQ(Json::parse(Item(1).body), node_->Get("/collections/shop/documents/1"));
  refused("DELETE", "/collections/shop/documents/1", "");
  const HttpReply both = node_->Ask("POST", "/multi_search", R"({"searches": [
    {"collection": "own", "q": "mine", "query_by": "title"}, {"collection": "shop", "q": "*"}]})");
  const Json answer = Json::parse(both.body);
  const Json& results = answer.at("results");
  EXPECT_EQ(results.at(0).at("found"), 1);
  EXPECT_EQ(results.at(1).at("found"), kRows);
  EXPECT_EQ(node_->Get("/collections").size(), 3U);
  EXPECT_EQ(node_->Get("/collections/shop").at("name"), "items");
}

TEST_F(RequirementsTest, ACollectionThatIsNotBuiltYetSaysSo) {
  Begin();
  sql_->Execute("BEGIN; INSERT INTO item VALUES (1000, 'open', 'k', 1)");
  // A slot waits for every transaction that is open, so nothing can be copied yet.
  node_ = std::make_unique<FollowingNode>(*cluster_, kItems);
  const HttpReply reply = Item(1);
  EXPECT_EQ(reply.status, 503);
  EXPECT_NE(reply.body.find("Not Ready or Lagging: the source `shop` is "), std::string::npos)
      << reply.body;
  EXPECT_EQ(node_->Ask("GET", "/readyz").status, 503);
  EXPECT_EQ(node_->Ask("GET", "/health").status, 200);
  sql_->Execute("COMMIT");
  ASSERT_TRUE(node_->WaitForState("live")) << node_->Source().dump(2);
  EXPECT_EQ(Item(1000, Now()).status, 200);
}

TEST_F(RequirementsTest, CommandsCheckRebuildVerifyBackUpAndRestore) {
  Begin();
  Follow();
  const std::string config = node_->config_file().string();
  const std::string data = node_->data().string();
  EXPECT_EQ(node_
                ->Run({"check", "--config", config, "--data-dir", data, "--api-key",
                       FollowingNode::kKey, "--listen", "127.0.0.1:0"})
                .first,
            0);
  EXPECT_EQ(node_->Stop(), 0);
  const auto verified = node_->Run({"verify", "--data-dir", data});
  EXPECT_EQ(verified.first, 0) << verified.second;
  EXPECT_NE(verified.second.find("shop: verified 400 documents"), std::string::npos)
      << verified.second;
  const std::string backup = data + "-backup";
  EXPECT_EQ(node_->Run({"backup", "--data-dir", data, "--to", backup}).first, 0);
  EXPECT_EQ(node_->Run({"restore", "--data-dir", data + "-restored", "--from", backup}).first, 0);
  const auto restored = node_->Run({"verify", "--data-dir", data + "-restored"});
  EXPECT_EQ(restored.first, 0) << restored.second;
  EXPECT_NE(restored.second.find("shop: verified 400 documents"), std::string::npos);
  const auto ordered =
      node_->Run({"rebuild", "--config", config, "--data-dir", data, "--source", "shop"});
  EXPECT_EQ(ordered.first, 0) << ordered.second;
  node_->Start();
  EXPECT_TRUE(FollowingNode::WaitUntil([&] { return node_->Source().at("generation") == 2; }));
  sql_->Execute("DROP PUBLICATION cacheindex");
  const auto broken = node_->Run({"check", "--config", config, "--data-dir", data, "--api-key",
                                  FollowingNode::kKey, "--listen", "127.0.0.1:0"});
  EXPECT_EQ(broken.first, 1) << broken.second;
  EXPECT_NE(broken.second.find("CREATE PUBLICATION"), std::string::npos) << broken.second;
}

}  // namespace
}  // namespace cacheindex::test
