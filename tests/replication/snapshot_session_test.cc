#include "replication/postgres/snapshot_session.h"

#include <gmock/gmock.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "replication/postgres/slot.h"
#include "tests/replication/shop_database.h"
#include "tests/support/result_matchers.h"

namespace cacheindex::replication {
namespace {

using test::FailsWith;
using test::Succeeds;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

std::string Print(const Row& row) {
  std::string printed;
  for (std::size_t i = 0; i < row.size(); ++i) {
    printed += (i == 0 ? "" : "|") + (row[i].state == Value::State::kNull ? "NULL" : row[i].text);
  }
  return printed;
}

class SnapshotSessionTest : public ::testing::Test {
 protected:
  void LoadTables() {
    auto connection = PostgresConnection::Open(database_.options(), interrupt_);
    ASSERT_THAT(connection, Succeeds());
    Result<Catalog> catalog = LoadCatalog(**connection, "p");
    ASSERT_THAT(catalog, Succeeds());
    catalog_ = *std::move(catalog);
    tables_.clear();
    for (const CatalogTable& table : catalog_.tables) {
      tables_.push_back(table.table->oid);
    }
  }

  std::unique_ptr<SnapshotSession> Open() {
    auto session =
        SnapshotSession::Open(database_.options(), database_.name(), LogPosition{}, interrupt_);
    EXPECT_THAT(session, Succeeds());
    return *std::move(session);
  }

  static std::vector<std::string> Read(SnapshotSession& session, const CatalogTable& table,
                                       const SnapshotSession::Query& query = {}) {
    EXPECT_THAT(session.StartRead(table, query), Succeeds());
    std::vector<std::string> rows;
    while (true) {
      Result<std::optional<Row>> row = session.NextRow();
      EXPECT_THAT(row, Succeeds());
      if (!row || !*row) {
        return rows;
      }
      rows.push_back(Print(**row));
    }
  }

  Interrupt interrupt_;
  ShopDatabase database_;
  Catalog catalog_;
  std::vector<std::uint32_t> tables_;
};

TEST_F(SnapshotSessionTest, SeesOnePositionAndGoesOnBehindAKey) {
  database_.Execute(R"(
    CREATE TABLE t (b text, a int, c text, PRIMARY KEY (a, b));
    INSERT INTO t VALUES ('x', 1, NULL), ('a''\', 2, E'tab\tnewline\nback\\'), ('b', 2, '\N'),
                         ('', 3, '');
    CREATE PUBLICATION p FOR TABLE t)");
  LoadTables();
  const std::unique_ptr<SnapshotSession> session = Open();
  ASSERT_THAT(session->Lock("p", catalog_, tables_), Succeeds());
  database_.Execute("INSERT INTO t VALUES ('later', 0, '')");
  const CatalogTable& table = catalog_.tables[0];
  EXPECT_THAT(Read(*session, table),
              ElementsAre("x|1|NULL", "a'\\|2|tab\tnewline\nback\\", "b|2|\\N", "|3|"));
  EXPECT_THAT(Read(*session, table, {.after_key = {"2", "a'\\"}, .keys = {}, .rows_max = 1}),
              ElementsAre("b|2|\\N"));
  EXPECT_THAT(Read(*session, table,
                   {.after_key = {}, .keys = {{"", "3"}, {"x", "1"}, {"x", "9"}}, .rows_max = 0}),
              ElementsAre("x|1|NULL", "|3|"));
  const std::string now = database_.Value("SELECT pg_current_wal_lsn()");
  EXPECT_LT(session->position().to, *ParseLogPosition(now));
}

TEST_F(SnapshotSessionTest, RequirementC37_FilteredRowsAndColumnsAreNotCopied) {
  database_.Execute(R"(
    CREATE TABLE t (id int PRIMARY KEY, secret text, shown bool);
    ALTER TABLE t REPLICA IDENTITY FULL;
    INSERT INTO t VALUES (1, 'x', true), (2, 'y', false);
    CREATE PUBLICATION p FOR TABLE t (id, shown) WHERE (shown))");
  LoadTables();
  const std::unique_ptr<SnapshotSession> session = Open();
  ASSERT_THAT(session->Lock("p", catalog_, tables_), Succeeds());
  EXPECT_THAT(Read(*session, catalog_.tables[0]), ElementsAre("1|t"));
}

TEST_F(SnapshotSessionTest, RequirementC36_PartitionsAreReadThroughTheRootAndChildrenAreNot) {
  database_.Execute(R"(
    CREATE TABLE event (id int, day int, PRIMARY KEY (id, day)) PARTITION BY LIST (day);
    CREATE TABLE event1 PARTITION OF event FOR VALUES IN (1);
    INSERT INTO event VALUES (7, 1);
    CREATE TABLE parent (id int PRIMARY KEY); CREATE TABLE child () INHERITS (parent);
    INSERT INTO parent VALUES (1); INSERT INTO child VALUES (2);
    CREATE PUBLICATION p FOR TABLE event, ONLY parent WITH (publish_via_partition_root = true))");
  LoadTables();
  ASSERT_THAT(tables_, SizeIs(2));
  const std::unique_ptr<SnapshotSession> session = Open();
  ASSERT_THAT(session->Lock("p", catalog_, tables_), Succeeds());
  EXPECT_THAT(Read(*session, catalog_.tables[0]), ElementsAre("7|1"));
  EXPECT_THAT(Read(*session, catalog_.tables[1]), ElementsAre("1"));
}

TEST_F(SnapshotSessionTest, RequirementB23_ARewriteAfterTheSnapshotIsNoticed) {
  database_.Execute(R"(
    CREATE TABLE t (id int PRIMARY KEY, a int);
    CREATE TABLE event (id int, day int, PRIMARY KEY (id, day)) PARTITION BY LIST (day);
    CREATE TABLE event1 PARTITION OF event FOR VALUES IN (1);
    INSERT INTO t VALUES (1, 1); INSERT INTO event VALUES (1, 1);
    CREATE PUBLICATION p FOR TABLE t, event WITH (publish_via_partition_root = true))");
  LoadTables();
  for (const char* statement : {"ALTER TABLE t ALTER COLUMN a TYPE bigint", "TRUNCATE t",
                                "TRUNCATE event1", "ALTER TABLE event DETACH PARTITION event1"}) {
    const std::unique_ptr<SnapshotSession> session = Open();
    database_.Execute(statement);
    EXPECT_THAT(session->Lock("p", catalog_, tables_), FailsWith(ErrorCode::kUnavailable))
        << statement;
    LoadTables();
  }
  database_.Execute("ALTER TABLE t ADD COLUMN b int");
  EXPECT_THAT(Open()->Lock("p", catalog_, tables_), FailsWith(ErrorCode::kConflict));
  LoadTables();
  EXPECT_THAT(Open()->Lock("p", catalog_, tables_), Succeeds());
}

TEST_F(SnapshotSessionTest, RequirementB23_ALockedTableIsNotTruncated) {
  database_.Execute(R"(
    CREATE TABLE t (id int PRIMARY KEY); INSERT INTO t VALUES (1);
    CREATE PUBLICATION p FOR TABLE t)");
  LoadTables();
  const std::unique_ptr<SnapshotSession> session = Open();
  ASSERT_THAT(session->Lock("p", catalog_, tables_), Succeeds());
  EXPECT_THROW(database_.Execute("SET lock_timeout = 50; TRUNCATE t"), std::runtime_error);
  EXPECT_THAT(Read(*session, catalog_.tables[0]), ElementsAre("1"));
}

TEST_F(SnapshotSessionTest, RequirementB24_BesideALongTransactionTheSnapshotIsKnownWithinBounds) {
  database_.Execute(
      "CREATE TABLE t (id int PRIMARY KEY); INSERT INTO t VALUES (1); CREATE PUBLICATION p FOR "
      "TABLE t");
  LoadTables();
  const LogPosition followed = *ParseLogPosition(database_.Value("SELECT pg_current_wal_lsn()"));
  test::PostgresSession writer(database_.connection());
  writer.Execute("BEGIN; INSERT INTO t VALUES (2)");
  database_.Execute("INSERT INTO t VALUES (3)");
  const LogPosition before =
      *ParseLogPosition(database_.Value("SELECT pg_current_wal_insert_lsn()"));
  PostgresConnection::Options options = database_.options();
  options.lock_timeout = std::chrono::milliseconds(100);
  auto session = SnapshotSession::Open(options, database_.name(), followed, interrupt_);
  ASSERT_THAT(session, Succeeds());
  database_.Execute("INSERT INTO t VALUES (4)");
  writer.Execute("COMMIT");
  const LogPosition after =
      *ParseLogPosition(database_.Value("SELECT pg_current_wal_insert_lsn()"));
  EXPECT_EQ((*session)->position().from, followed);
  EXPECT_GE((*session)->position().to, before);
  EXPECT_LT((*session)->position().to, after);
  ASSERT_THAT((*session)->Lock("p", catalog_, tables_), Succeeds());
  EXPECT_THAT(Read(**session, catalog_.tables[0]), ElementsAre("1", "3"));
}

TEST_F(SnapshotSessionTest, RequirementB24_WhereCommitsWaitForStandbysALongTransactionIsWaitedFor) {
  test::PostgresCluster cluster({"synchronous_standby_names=nobody", "synchronous_commit=local"});
  ShopDatabase database(cluster);
  database.Execute("CREATE TABLE t (id int PRIMARY KEY)");
  test::PostgresSession writer(database.connection());
  writer.Execute("BEGIN; INSERT INTO t VALUES (1)");
  PostgresConnection::Options options = database.options();
  options.lock_timeout = std::chrono::milliseconds(100);
  const auto session = SnapshotSession::Open(options, database.name(), LogPosition{}, interrupt_);
  ASSERT_THAT(session, FailsWith(ErrorCode::kUnavailable));
  EXPECT_THAT(session.error().message(), HasSubstr("synchronous standbys"));
}

TEST_F(SnapshotSessionTest, RequirementB24_ALongTransactionEndsTheCreationAndLeavesNoSlot) {
  database_.Execute("CREATE TABLE t (id int PRIMARY KEY); CREATE PUBLICATION p FOR TABLE t");
  test::PostgresSession writer(database_.connection());
  writer.Execute("BEGIN; INSERT INTO t VALUES (1)");
  PostgresConnection::Options options = database_.options();
  options.lock_timeout = std::chrono::milliseconds(100);
  PostgresConnection::Options replication = options;
  replication.is_replication = true;
  auto connection = PostgresConnection::Open(replication, interrupt_);
  ASSERT_THAT(connection, Succeeds());
  EXPECT_THAT(CreateSlot(**connection, database_.name()), FailsWith(ErrorCode::kUnavailable));
  EXPECT_EQ((*connection)->sqlstate(), "55P03");
  EXPECT_THAT(database_.Execute("SELECT 1 FROM pg_replication_slots WHERE database = "
                                "current_database() AND NOT active"),
              IsEmpty());
  writer.Execute("COMMIT");
  EXPECT_THAT(CreateSlot(**connection, database_.name()), Succeeds());
}

TEST_F(SnapshotSessionTest, AnInterruptEndsTheWait) {
  database_.Execute("CREATE TABLE t (id int PRIMARY KEY); CREATE PUBLICATION p FOR TABLE t");
  test::PostgresSession writer(database_.connection());
  writer.Execute("BEGIN; INSERT INTO t VALUES (1)");
  interrupt_.Trigger();
  EXPECT_THAT(
      SnapshotSession::Open(database_.options(), database_.name(), LogPosition{}, interrupt_),
      FailsWith(ErrorCode::kUnavailable));
}

}  // namespace
}  // namespace cacheindex::replication
