#include <gmock/gmock.h>

#include <atomic>
#include <cstdlib>
#include <iostream>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "tests/replication/followed_shop.h"

// Tables without a key, whose rows are told apart by all of their values.

namespace cacheindex::replication {
namespace {

using ::testing::HasSubstr;
using State = SourceStatus::State;

constexpr const char* kShop = R"(
  CREATE TABLE item (id int PRIMARY KEY, name text);
  INSERT INTO item SELECT i, 'item ' || i FROM generate_series(1, 30) i;
  CREATE TABLE label (item_id int REFERENCES item ON UPDATE CASCADE ON DELETE CASCADE, note text);
  ALTER TABLE label REPLICA IDENTITY FULL;
  ALTER TABLE label ALTER COLUMN note SET STORAGE EXTERNAL;
  CREATE PUBLICATION p FOR TABLE item, label)";

class SourceKeylessTest : public ::testing::Test {
 protected:
  SourceKeylessTest() {
    CollectionDeclaration items = Mirror("item", {"name"});
    const auto add = [&items](const char* name, const char* from, const char* type) {
      FieldDeclaration field;
      field.name = name;
      field.from = from;
      field.schema = Json{{"type", type}, {"optional", true}, {"index", false}};
      items.fields.push_back(std::move(field));
    };
    add("number", "count(label)", "int64");
    add("notes", "join(label[order by note].note, ',')", "string");
    shop_.options.collections = {std::move(items)};
  }

  void ExpectEqual() {
    EXPECT_EQ(shop_.Documents("item"),
              shop_.ExpectedOf("SELECT json_build_object('name', name, 'number', count(l.item_id), "
                               "'notes', string_agg(l.note, ',' ORDER BY l.note)) FROM item i "
                               "LEFT JOIN label l ON l.item_id = i.id GROUP BY i.id, name"));
  }

  FollowedShop shop_{kShop};
};

TEST_F(SourceKeylessTest, EqualRowsAreCounted) {
  shop_.Execute("INSERT INTO label VALUES (1, 'a'), (1, 'a'), (1, 'b'), (2, NULL), (NULL, 'a')");
  shop_.Start();
  ASSERT_TRUE(shop_.BecomesState(State::kLive));
  ASSERT_TRUE(shop_.CatchesUp());
  ExpectEqual();
  for (const char* statement :
       {"DELETE FROM label WHERE ctid = (SELECT min(ctid) FROM label WHERE note = 'a')",
        "INSERT INTO label SELECT 1, 'a' FROM generate_series(1, 5)",
        "UPDATE label SET note = 'b' WHERE ctid = (SELECT min(ctid) FROM label WHERE note = 'a')",
        "UPDATE label SET note = note", "UPDATE item SET id = 100 WHERE id = 1",
        "UPDATE label SET note = repeat('x', 10000) WHERE item_id = 2",
        "UPDATE label SET item_id = 3 WHERE item_id = 2",
        // Neither a new column nor its name changes which row is which.
        "ALTER TABLE label ADD COLUMN rank int",
        "DELETE FROM label WHERE ctid = (SELECT min(ctid) FROM label WHERE note = 'b')",
        "UPDATE label SET rank = 1 WHERE note = 'b'", "DELETE FROM label WHERE item_id = 100",
        "TRUNCATE label", "INSERT INTO label VALUES (4, 'last'), (4, 'last')"}) {
    shop_.Execute(statement);
    ASSERT_TRUE(shop_.CatchesUp()) << statement;
    ExpectEqual();
  }
  EXPECT_EQ(shop_.source().Status().rebuilds, 0U) << shop_.source().Status().rebuild_reason;
  shop_.Stop();
  shop_.Execute("ALTER TABLE label DROP COLUMN rank; INSERT INTO label VALUES (4, 'last')");
  shop_.Restart();
  ASSERT_TRUE(Eventually([&] { return shop_.source().Status().rebuilds == 1; }));
  EXPECT_THAT(shop_.source().Status().rebuild_reason, HasSubstr("label"));
  ASSERT_TRUE(shop_.BecomesState(State::kLive));
  ASSERT_TRUE(shop_.CatchesUp());
  ExpectEqual();
}

TEST_F(SourceKeylessTest, ATableWithoutAKeyIsNoRoot) {
  shop_.options.collections[0].root = "label";
  shop_.options.collections[0].fields.resize(1);
  shop_.options.collections[0].fields[0].from = "note";
  shop_.Start();
  ASSERT_TRUE(shop_.BecomesState(State::kRefused));
  EXPECT_THAT(shop_.source().Status().reason, HasSubstr("has no key"));
}

// Writers during copy and stream, a source that is ended anywhere, and few different rows.
TEST_F(SourceKeylessTest, RequirementA3_CopyAndStreamAgreeOnHowManyThereAre) {
  const char* const given = std::getenv("CACHEINDEX_REPLICATION_SEED");  // NOLINT
  const unsigned seed = given == nullptr ? std::random_device{}()
                                         : static_cast<unsigned>(std::strtoul(given, nullptr, 10));
  std::cout << "seed " << seed << std::endl;
  std::mt19937 random(seed);
  shop_.Execute(
      "INSERT INTO label SELECT 1 + i % 30, 'n' || i % 7 FROM generate_series(1, 12000) i");
  std::atomic<bool> is_done = false;
  std::vector<std::thread> writers;
  for (int i = 0; i < 3; ++i) {
    writers.emplace_back([&is_done, connection = shop_.database().connection(),
                          writer_seed = static_cast<unsigned>(random())] {
      std::mt19937 numbers(writer_seed);
      test::PostgresSession session(connection);
      session.Execute("SET deadlock_timeout = 10");
      while (!is_done) {
        const std::string item = std::to_string(1 + numbers() % 32);
        const std::string note = "'n" + std::to_string(numbers() % 7) + "'";
        const std::string one =
            " WHERE ctid = ANY (ARRAY(SELECT ctid FROM label WHERE item_id = " + item +
            " AND note = " + note + " LIMIT 1 FOR UPDATE SKIP LOCKED))";
        const char* const end = numbers() % 8 == 0 ? "; ROLLBACK" : "; COMMIT";
        try {
          switch (numbers() % 6) {
            case 0:
            case 1:
              session.Execute("BEGIN; INSERT INTO label SELECT id, " + note +
                              " FROM item, generate_series(1, 2) WHERE id = " + item + end);
              break;
            case 2:
              session.Execute("BEGIN; DELETE FROM label" + one + end);
              break;
            case 3:
              session.Execute("BEGIN; UPDATE label SET note = 'n' || (" +
                              std::to_string(numbers() % 7) + ")" + one + end);
              break;
            case 4:
              session.Execute("BEGIN; DELETE FROM label" + one + "; INSERT INTO label SELECT id, " +
                              note + " FROM item WHERE id = " + item + end);
              break;
            default:
              session.Execute("DELETE FROM label WHERE item_id = " + item + " AND note = " + note +
                              "; INSERT INTO label SELECT id, " + note +
                              " FROM item WHERE id = " + item);
          }
        } catch (const std::runtime_error&) {
          session.Execute("ROLLBACK");
        }
      }
    });
  }
  shop_.options.transaction_bytes_max = 20'000;
  shop_.options.group_transactions_max = 7;
  shop_.Start();
  for (int restart = 0; restart < 8; ++restart) {
    shop_.Execute("SELECT pg_sleep(0." + std::to_string(random() % 4) + ")");
    shop_.Restart();
  }
  ASSERT_TRUE(shop_.BecomesState(State::kLive));
  is_done = true;
  for (std::thread& writer : writers) {
    writer.join();
  }
  ASSERT_TRUE(shop_.CatchesUp());
  ASSERT_TRUE(shop_.CatchesUp(true));
  ExpectEqual();
  EXPECT_EQ(shop_.source().Status().rebuilds, 0U) << shop_.source().Status().rebuild_reason;
}

}  // namespace
}  // namespace cacheindex::replication
