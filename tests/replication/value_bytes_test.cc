#include <gmock/gmock.h>

#include <memory>
#include <string>
#include <vector>

#include "replication/postgres/receiver.h"
#include "replication/postgres/slot.h"
#include "replication/postgres/snapshot_session.h"
#include "tests/replication/shop_database.h"
#include "tests/support/result_matchers.h"
#include "tests/support/temp_directory.h"

// Values are the same bytes whether they were copied or came through the stream, and whatever the
// role's own settings are.

namespace cacheindex::replication {
namespace {

using test::Succeeds;
using ::testing::SizeIs;

// One column for each kind of value that prints in a way of its own.
constexpr const char* kTypes = R"(
  CREATE TYPE color AS ENUM ('red', 'bl''ue');
  CREATE DOMAIN cents AS numeric(12,2);
  CREATE TYPE pair AS (a int, b text);
  CREATE TABLE t (id int PRIMARY KEY, n numeric, m numeric(12,4), d date, ts timestamp,
    tz timestamptz, ti time, iv interval, f float8, r real, b bytea, a text[], ia int[][], j json,
    jb jsonb, e color, dom cents, p pair, mo money, u uuid, bo bool, c char(5), v varchar(9),
    x text, i8 int8, inet inet, rng int4range, bits bit varying(9)))";

// `key` makes the rows of one round.
std::string Rows(const std::string& key) {
  return "INSERT INTO t VALUES (" + key + R"(1, 'NaN', 1.5, 'infinity', '-infinity', 'infinity',
      '00:00', '1 year 2 mons -3 days 04:05:06.7', 'NaN', 'Infinity', '\x00ff',
      '{"a b",NULL,"q\"uo\\te",""}', '[0:1][1:2]={{1,2},{3,4}}', '{"a":1,  "a":2}',
      '{"b": 1e40, "a": "\u00e9\n"}', 'red', 0.1, '(1,"x,y")', 12.3,
      'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', true, 'ab', '', E'tab\tline\nback\\\\ \u20ac',
      9223372036854775807, '::1/64', '[1,5)', '0101'), ()" +
         key + R"(2, 12345678901234567890.123456789, -0.0001, '0044-03-15 BC',
      '0044-03-15 04:05:06 BC', '2024-02-03 13:05:06.123456+09', '23:59:59.999999', '-1 day', 0.1,
      1e-30, '', '{}', NULL, 'null', 'null', 'bl''ue', NULL, '(,)', -0.01, NULL, false, '', '\N',
      '', -1, '10.0.0.1', 'empty', ''), ()" +
         key + R"(3, 0, 0, '2024-02-29', '2024-02-29', '1999-12-31 23:59:60+00', '12:00', '0',
      1.7976931348623157e308, -1e38, 'abc', '{NULL}', '{}', '[]', '[]', NULL, 1, NULL, 0, NULL,
      NULL, NULL, 'x', NULL, 0, NULL, NULL, NULL))";
}

// Without the key, so that rounds can be compared.
std::vector<std::string> Print(const Row& row) {
  std::vector<std::string> printed;
  for (std::size_t i = 1; i < row.size(); ++i) {
    printed.push_back(row[i].state == Value::State::kText ? row[i].text : "NULL");
  }
  return printed;
}

class ValueBytesTest : public ::testing::Test {
 protected:
  using Printed = std::vector<std::vector<std::string>>;

  ValueBytesTest() {
    database_.Execute(std::string(kTypes) + "; CREATE PUBLICATION p FOR TABLE t");
    database_.Execute(Rows("1"));
  }

  // What the server prints under the settings that sessions are to have.
  Printed Queried() {
    for (const char* setting :
         {"datestyle = ISO", "intervalstyle = postgres", "extra_float_digits = 3",
          "bytea_output = hex", "timezone = UTC", "lc_monetary = 'C'"}) {
      database_.Execute(std::string("SET ") + setting);
    }
    Printed rows;
    for (const auto& row : database_.Execute("SELECT * FROM t WHERE id < 20 ORDER BY id")) {
      std::vector<std::string>& printed = rows.emplace_back();
      for (std::size_t i = 1; i < row.size(); ++i) {
        printed.push_back(row[i].value_or("NULL"));
      }
    }
    return rows;
  }

  Printed Copied(const PostgresConnection::Options& options) {
    auto connection = PostgresConnection::Open(options, interrupt_);
    EXPECT_THAT(connection, Succeeds());
    const Result<Catalog> catalog = LoadCatalog(**connection, "p");
    EXPECT_THAT(catalog, Succeeds());
    table_ = catalog->tables.at(0).table;
    auto session = SnapshotSession::Open(options, database_.name(), LogPosition{}, interrupt_);
    EXPECT_THAT(session, Succeeds());
    EXPECT_THAT((*session)->Lock("p", *catalog, {table_->oid}), Succeeds());
    EXPECT_THAT((*session)->StartRead(catalog->tables[0], {}), Succeeds());
    Printed rows;
    while (true) {
      Result<std::optional<Row>> row = (*session)->NextRow();
      EXPECT_THAT(row, Succeeds());
      if (!row || !*row) {
        return rows;
      }
      rows.push_back(Print(**row));
    }
  }

  Printed Streamed(PostgresConnection::Options options) {
    options.is_replication = true;
    auto connection = PostgresConnection::Open(options, interrupt_);
    EXPECT_THAT(connection, Succeeds());
    Result<LogPosition> start = CreateSlot(**connection, database_.name());
    EXPECT_THAT(start, Succeeds());
    database_.Execute(Rows("2"));
    Receiver::Options receiver_options;
    receiver_options.slot = database_.name();
    receiver_options.publication = "p";
    receiver_options.start = *start;
    receiver_options.spool_directory = directory_.path();
    receiver_options.transaction_bytes_max = 1 << 20;
    receiver_options.status_interval = std::chrono::milliseconds(100);
    receiver_options.queue = {1 << 20, 1 << 20};
    auto receiver = Receiver::Start(receiver_options, *connection);
    EXPECT_THAT(receiver, Succeeds());
    const auto deadline = ChangeQueue::Clock::now() + std::chrono::seconds(30);
    ChangeQueue::Batch batch;
    while (batch.transactions.empty() && ChangeQueue::Clock::now() < deadline) {
      batch = (*receiver)->queue().Pop({1, 1 << 20}, deadline);
    }
    TableMap tables;
    tables[table_->oid] = table_;
    ReceivedTransaction& transaction = *batch.transactions.at(0);
    EXPECT_THAT(transaction.relations(), SizeIs(1));
    EXPECT_TRUE(IsDescribedBy(*table_, transaction.relations()[0]))
        << "the catalog and the stream describe the same table";
    transaction.SetTables(std::make_shared<const TableMap>(tables), {{table_, false}});
    Printed rows;
    while (true) {
      Result<std::optional<Change>> change = transaction.Next();
      EXPECT_THAT(change, Succeeds());
      if (!change || !*change) {
        return rows;
      }
      rows.push_back(Print((*change)->row));
    }
  }

  Interrupt interrupt_;
  test::TempDirectory directory_;
  ShopDatabase database_;
  std::shared_ptr<const Table> table_;
};

TEST_F(ValueBytesTest, RequirementC32_EveryTypeIsTheSameCopiedStreamedAndQueried) {
  const Printed expected = Queried();
  ASSERT_THAT(expected, SizeIs(3));
  EXPECT_EQ(Copied(database_.options()), expected);
  EXPECT_EQ(Streamed(database_.options()), expected);
}

TEST_F(ValueBytesTest, RequirementC31_SettingsOfTheRoleAndTheDatabaseChangeNothing) {
  const std::string role = "values_" + database_.name();
  database_.Execute("CREATE ROLE " + role + " SUPERUSER LOGIN");
  for (const std::string& owner : {"ROLE " + role, "DATABASE " + database_.name()}) {
    for (const char* setting :
         {"datestyle = 'German'", "intervalstyle = 'iso_8601'", "extra_float_digits = 0",
          "bytea_output = 'escape'", "timezone = 'Asia/Tokyo'", "statement_timeout = '1ms'",
          "search_path = 'nowhere'", "standard_conforming_strings = off"}) {
      database_.Execute("ALTER " + owner + " SET " + setting);
    }
  }
  const Printed expected = Queried();
  PostgresConnection::Options options = database_.options();
  options.connection = database_.connection(role);
  EXPECT_EQ(Copied(options), expected);
  EXPECT_EQ(Streamed(options), expected);
}

}  // namespace
}  // namespace cacheindex::replication
