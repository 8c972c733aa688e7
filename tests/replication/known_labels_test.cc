#include "replication/apply/known_labels.h"

#include <gmock/gmock.h>

#include <string>
#include <vector>

#include "tests/replication/shop_database.h"
#include "tests/support/result_matchers.h"

namespace cacheindex::replication {
namespace {

using test::Succeeds;
using ::testing::SizeIs;

class KnownLabelsTest : public ::testing::Test {
 protected:
  Interrupt interrupt_;
  ShopDatabase database_;
};

// As the server prints them.
TEST_F(KnownLabelsTest, LabelsAreFoundInValuesThatAreMadeOfThem) {
  database_.Execute(R"(
    CREATE TYPE mood AS ENUM ('good', 'a "b", \(', '{NULL}', 'NULL', '', ':(');
    CREATE TYPE size AS (width int, unit mood, note text, units mood[]);
    CREATE DOMAIN moods AS mood[];
    CREATE TYPE span AS RANGE (subtype = mood, multirange_type_name = spans);
    CREATE TABLE t (id int PRIMARY KEY, one mood, many moods, size size, sizes size[],
                    range span, ranges spans);
    INSERT INTO t SELECT row_number() OVER (), l, ARRAY[l, NULL, m],
      ROW(1, l, 'x", (', ARRAY[m, l])::size, ARRAY[ROW(1, m, NULL, NULL)::size, NULL],
      CASE WHEN l < m THEN span(l, m, '[)') ELSE 'empty' END,
      CASE WHEN l < m THEN spans(span(l, m, '[)'), span(NULL, l, '()')) END
    FROM unnest(enum_range(NULL::mood)) l, unnest(enum_range(NULL::mood)) m;
    INSERT INTO t (id, many) VALUES (1000, '{}'), (1001, '[0:1]={good,NULL}'),
      (1002, ARRAY[ARRAY['good', ''], ARRAY[':(', NULL]]::mood[]), (1003, NULL);
    CREATE PUBLICATION p FOR TABLE t)");
  auto connection = PostgresConnection::Open(database_.options(), interrupt_);
  ASSERT_THAT(connection, Succeeds());
  const Result<Catalog> loaded = LoadCatalog(**connection, "p");
  ASSERT_THAT(loaded, Succeeds());
  const Catalog& catalog = *loaded;
  const Table& table = *catalog.tables.at(0).table;
  const auto read_rows = [&] {
    std::vector<Row> read;
    const auto rows = (*connection)->Execute("SELECT * FROM public.t ORDER BY id");
    EXPECT_THAT(rows, Succeeds());
    for (const auto& values : *rows) {
      Row& row = read.emplace_back();
      for (const auto& value : values) {
        row.push_back(value ? Value{Value::State::kText, *value} : Value{});
      }
    }
    return read;
  };
  KnownLabels labels(catalog);
  const std::vector<Row> all = read_rows();
  ASSERT_THAT(all, SizeIs(40));
  for (const Row& row : all) {
    EXPECT_THAT(labels.Check(table, row, catalog.next_transaction), Succeeds());
  }
  for (const std::string label : {"good", "a \"b\", \\(", "{NULL}", "NULL", "", ":("}) {
    database_.Execute("ALTER TYPE mood RENAME VALUE " + PostgresConnection::Literal(label) +
                      " TO 'renamed'");
    const std::vector<Row> renamed = read_rows();
    for (std::size_t i = 0; i < all.size(); ++i) {
      for (std::size_t column = 0; column < table.columns.size(); ++column) {
        Row row(table.columns.size());
        row[column] = renamed[i][column];
        const bool is_other = !(renamed[i][column] == all[i][column]);
        EXPECT_EQ(labels.Check(table, row, catalog.next_transaction).has_value(), !is_other)
            << label << " in " << row[column].text;
      }
    }
    database_.Execute("ALTER TYPE mood RENAME VALUE 'renamed' TO " +
                      PostgresConnection::Literal(label));
  }
}

// Numbers of transactions: of what gave labels their names, of what wrote the row, and the next.
TEST(LabelsOfATransactionTest, ARowOlderThanItsLabelMayHaveHadAnother) {
  constexpr std::uint32_t kType = 20'000;
  Table table;
  table.columns.emplace_back().type = kType;
  table.columns.back().type_details["label/1"] = "good";
  const Row row = {Value{Value::State::kText, "good"}};
  const auto is_known = [&](std::uint32_t good, std::uint32_t other, std::uint32_t written,
                            std::uint32_t next) {
    Catalog catalog;
    catalog.types[kType] = {CatalogType::Form::kEnum, {{"good", good}, {"other", other}}, {}};
    catalog.next_transaction = next;
    KnownLabels labels(catalog);
    const bool is_good = labels.Check(table, row, written).has_value();
    EXPECT_EQ(labels.unknown() == nullptr, is_good);
    return is_good;
  };
  EXPECT_TRUE(is_known(10, 10, 11, 20));
  EXPECT_TRUE(is_known(11, 11, 11, 20)) << "its own transaction made the type";
  EXPECT_TRUE(is_known(12, 10, 11, 20)) << "no other label can have had the name";
  EXPECT_TRUE(is_known(10, 12, 11, 20));
  EXPECT_FALSE(is_known(13, 12, 11, 20));
  EXPECT_TRUE(is_known(10, 10, 20, 20)) << "written after the look";
  EXPECT_TRUE(is_known(10, 10, 25, 20));
  EXPECT_TRUE(is_known(0xfffffff0, 0xfffffff0, 25, 20));
  EXPECT_FALSE(is_known(4, 3, 0xfffffff0, 20)) << "the numbers began anew in between";
  EXPECT_FALSE(is_known(4, 0xfffffff8, 0xfffffff0, 20));
  EXPECT_TRUE(is_known(0xfffffff0, 0xfffffff0, 4, 20));
  EXPECT_TRUE(is_known(0x90000000, 0x90000000, 4, 20)) << "numbers of the round before";
}

}  // namespace
}  // namespace cacheindex::replication
