#include "replication/postgres/catalog.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "tests/replication/shop_database.h"
#include "tests/support/result_matchers.h"

namespace cacheindex::replication {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class CatalogTest : public ::testing::Test {
 protected:
  Catalog Load(const std::string& publication = "p") {
    auto connection = PostgresConnection::Open(database_.options(), interrupt_);
    EXPECT_THAT(connection, test::Succeeds());
    Result<Catalog> catalog = LoadCatalog(**connection, publication);
    EXPECT_THAT(catalog, test::Succeeds());
    return *std::move(catalog);
  }

  static const CatalogTable& Named(const Catalog& catalog, const std::string& name) {
    for (const CatalogTable& table : catalog.tables) {
      if (table.table->name == name) {
        return table;
      }
    }
    throw std::runtime_error("no table " + name);
  }

  static std::vector<std::string> Columns(const CatalogTable& table) {
    std::vector<std::string> names;
    for (const TableColumn& column : table.table->columns) {
      names.push_back(column.name + (column.is_key ? "*" : ""));
    }
    return names;
  }

  Interrupt interrupt_;
  ShopDatabase database_;
};

TEST_F(CatalogTest, WhatMakesTextsEqualIsTold) {
  database_.Execute(R"(
    CREATE EXTENSION citext;
    CREATE DOMAIN handle AS citext;
    CREATE DOMAIN handles AS handle[];
    CREATE COLLATION loose (provider = icu, locale = 'und', deterministic = false);
    CREATE TABLE t (id int PRIMARY KEY, a citext, b handle, c handle[], d handles, e text[],
                    f text COLLATE loose, g text COLLATE "C");
    CREATE PUBLICATION p FOR ALL TABLES)");
  const Catalog catalog = Load();
  std::vector<std::string> told;
  for (const TableColumn& column : Named(catalog, "t").table->columns) {
    told.push_back(column.name + " " + std::to_string(static_cast<int>(column.folding)) + " " +
                   (column.element_type == 0 ? "one" : "many") + " " + column.loose_collation);
  }
  EXPECT_THAT(told, ElementsAre("id 0 one ", "a 2 one ", "b 2 one ", "c 2 many ", "d 2 many ",
                                "e 0 many ", "f 0 one loose", "g 0 one "));
}

TEST_F(CatalogTest, RequirementC34_KeysFollowTheReplicaIdentity) {
  database_.Execute(R"(
    CREATE TABLE by_key (b int, a int, c text, PRIMARY KEY (a, b));
    CREATE TABLE by_index (id int PRIMARY KEY, sku text NOT NULL UNIQUE);
    ALTER TABLE by_index REPLICA IDENTITY USING INDEX by_index_sku_key;
    CREATE TABLE by_all (id int PRIMARY KEY, x text);
    ALTER TABLE by_all REPLICA IDENTITY FULL;
    CREATE TABLE by_nothing (id int PRIMARY KEY);
    ALTER TABLE by_nothing REPLICA IDENTITY NOTHING;
    CREATE TABLE keyless (x text);
    CREATE PUBLICATION p FOR ALL TABLES)");
  const Catalog catalog = Load();
  EXPECT_TRUE(catalog.publishes_all_operations);
  EXPECT_THAT(Columns(Named(catalog, "by_key")), ElementsAre("b*", "a*", "c"));
  EXPECT_THAT(Named(catalog, "by_key").key_columns, ElementsAre("a", "b"));
  EXPECT_THAT(Columns(Named(catalog, "by_index")), ElementsAre("id", "sku*"));
  EXPECT_THAT(Columns(Named(catalog, "by_all")), ElementsAre("id*", "x"));
  EXPECT_EQ(Named(catalog, "by_all").table->identity, ReplicaIdentity::kFull);
  EXPECT_THAT(Named(catalog, "by_nothing").key_columns, IsEmpty());
  EXPECT_THAT(Named(catalog, "keyless").key_columns, IsEmpty());
}

TEST_F(CatalogTest, RequirementC37_ColumnListsRowFiltersAndGeneratedColumns) {
  database_.Execute(R"(
    CREATE TABLE product (id int PRIMARY KEY, secret text, price numeric(10,2),
                          doubled numeric GENERATED ALWAYS AS (price * 2) STORED, published bool);
    ALTER TABLE product REPLICA IDENTITY FULL;
    CREATE PUBLICATION p FOR TABLE product (id, price, published) WHERE (published);
    CREATE PUBLICATION whole FOR TABLE product)");
  const Catalog catalog = Load();
  EXPECT_THAT(Columns(catalog.tables.at(0)), ElementsAre("id*", "price", "published"));
  EXPECT_EQ(catalog.tables[0].table->row_filter, "published");
  EXPECT_EQ(catalog.tables[0].table->columns[1].type_modifier, ((10 << 16) | 2) + 4);
  EXPECT_THAT(Columns(Load("whole").tables.at(0)),
              ElementsAre("id*", "secret", "price", "published"));
}

TEST_F(CatalogTest, DomainsHaveABaseTypeAndForeignKeysAreFound) {
  database_.Execute(R"(
    CREATE DOMAIN cents AS int8; CREATE DOMAIN price AS cents CHECK (VALUE >= 0);
    CREATE TABLE brand (id int PRIMARY KEY);
    CREATE TABLE hidden (id int PRIMARY KEY);
    CREATE TABLE product (id int PRIMARY KEY, price price, brand_id int REFERENCES brand,
                          hidden_id int REFERENCES hidden);
    CREATE PUBLICATION p FOR TABLE brand, product)");
  const Catalog catalog = Load();
  const Table& product = *Named(catalog, "product").table;
  constexpr std::uint32_t kInt8 = 20;
  EXPECT_EQ(product.columns.at(1).base_type, kInt8);
  EXPECT_NE(product.columns[1].type, kInt8);
  ASSERT_THAT(product.foreign_keys, SizeIs(1));
  EXPECT_THAT(product.foreign_keys[0].columns, ElementsAre("brand_id"));
  EXPECT_EQ(product.foreign_keys[0].referenced_oid, Named(catalog, "brand").table->oid);
  EXPECT_THAT(product.foreign_keys[0].referenced_columns, ElementsAre("id"));
}

TEST_F(CatalogTest, RequirementC36_PartitionsAreOneTableThroughTheirRoot) {
  database_.Execute(R"(
    CREATE TABLE event (id int, day int, PRIMARY KEY (id, day)) PARTITION BY LIST (day);
    CREATE TABLE event1 PARTITION OF event FOR VALUES IN (1);
    CREATE TABLE event2 PARTITION OF event FOR VALUES IN (2);
    CREATE PUBLICATION p FOR TABLE event WITH (publish_via_partition_root = true);
    CREATE PUBLICATION leaves FOR TABLE event)");
  const Catalog before = Load();
  ASSERT_THAT(before.tables, SizeIs(1));
  EXPECT_TRUE(before.tables[0].is_partitioned);
  EXPECT_THAT(Load("leaves").tables, SizeIs(2));
  EXPECT_EQ(ReasonForNewCopy(*before.tables[0].table, Load().tables[0]), "");

  database_.Execute("ALTER TABLE event DETACH PARTITION event2");
  EXPECT_THAT(ReasonForNewCopy(*before.tables[0].table, Load().tables[0]), HasSubstr("detached"));
  const Catalog without = Load();
  database_.Execute("TRUNCATE event1");
  EXPECT_THAT(ReasonForNewCopy(*without.tables[0].table, Load().tables[0]), HasSubstr("rewritten"));
  database_.Execute("ALTER TABLE event1 REPLICA IDENTITY FULL");
  EXPECT_THAT(Load().tables[0].deviating_partitions, ElementsAre("public.event1"));
}

TEST_F(CatalogTest, RequirementB25_TheFingerprintIsThatOfThePublicationAndNotOfItsColumns) {
  database_.Execute(R"(
    CREATE TABLE a (id int PRIMARY KEY, x int); CREATE TABLE b (id int PRIMARY KEY);
    CREATE PUBLICATION p FOR TABLE a)");
  const std::uint32_t a = Load().tables.at(0).table->oid;
  const auto fingerprint = [&] { return Fingerprint(Load(), {a}); };
  const std::string before = fingerprint();
  database_.Execute("ALTER TABLE a ADD COLUMN y int; ALTER TABLE a RENAME TO c");
  EXPECT_EQ(fingerprint(), before);

  database_.Execute("ALTER PUBLICATION p ADD TABLE b");
  EXPECT_EQ(fingerprint(), before) << "it is that of the tables that are used";
  database_.Execute("ALTER PUBLICATION p DROP TABLE c");
  EXPECT_NE(fingerprint(), before);
  database_.Execute("ALTER PUBLICATION p ADD TABLE c");
  EXPECT_EQ(fingerprint(), before);
  database_.Execute("ALTER PUBLICATION p SET TABLE c (id)");
  EXPECT_NE(fingerprint(), before);
  database_.Execute("ALTER PUBLICATION p SET TABLE c WHERE (id > 1)");
  EXPECT_NE(fingerprint(), before);
  database_.Execute("DROP PUBLICATION p; CREATE PUBLICATION p FOR TABLE c");
  EXPECT_NE(fingerprint(), before) << "a publication made anew cannot be read with the slot";
}

struct SchemaChange {
  const char* name;
  const char* statement;
  const char* reason;
};

class SchemaChangeTest : public CatalogTest, public ::testing::WithParamInterface<SchemaChange> {};

// What was stored before this was noticed must not be copied again for it.
TEST_F(CatalogTest, WhatIsNotKnownOfATypeIsTakenOver) {
  database_.Execute(R"(
    CREATE TYPE mood AS ENUM ('good');
    CREATE TABLE t (id int PRIMARY KEY, mood mood);
    CREATE PUBLICATION p FOR TABLE t)");
  const Catalog catalog = Load();
  const CatalogTable& now = catalog.tables.at(0);
  Table known = *now.table;
  EXPECT_EQ(WithTypeDetails(known, now), nullptr);
  known.columns.at(1).type_details.clear();
  EXPECT_EQ(ReasonForNewCopy(known, now), "");
  const std::shared_ptr<const Table> renewed = WithTypeDetails(known, now);
  ASSERT_NE(renewed, nullptr);
  EXPECT_EQ(renewed->columns.at(1).type_details, now.table->columns.at(1).type_details);
  EXPECT_THAT(renewed->columns.at(1).type_details, SizeIs(1));
}

TEST_P(SchemaChangeTest, RequirementB22_NeedsANewCopyOnlyWhenRowsChangedUnseen) {
  database_.Execute(R"(
    CREATE TYPE mood AS ENUM ('good', 'bad');
    CREATE TYPE size AS (width int, unit mood);
    CREATE DOMAIN sizes AS size[];
    CREATE TABLE t (id int PRIMARY KEY, a int, b varchar(10), sku text NOT NULL UNIQUE,
                    mood mood, sizes sizes, at timestamp, network cidr, amount numeric(10,2));
    INSERT INTO t
    VALUES (1, 1, 'x', 's', 'good', ARRAY[ROW(1, 'bad')::size], '2024-01-02', '10.1.1.1', 1);
    CREATE PUBLICATION p FOR TABLE t)");
  const Catalog before = Load();
  database_.Execute(GetParam().statement);
  const std::string reason = ReasonForNewCopy(*before.tables.at(0).table, Load().tables.at(0));
  if (*GetParam().reason == '\0') {
    EXPECT_EQ(reason, "");
  } else {
    EXPECT_THAT(reason, HasSubstr(GetParam().reason));
  }
}

INSTANTIATE_TEST_SUITE_P(
    Statements, SchemaChangeTest,
    ::testing::Values(
        SchemaChange{"AddColumn", "ALTER TABLE t ADD COLUMN c int", ""},
        SchemaChange{"AddColumnWithDefault", "ALTER TABLE t ADD COLUMN c int DEFAULT 7",
                     "column c"},
        SchemaChange{"AddColumnWithVolatileDefault",
                     "ALTER TABLE t ADD COLUMN c uuid DEFAULT gen_random_uuid()", "rewritten"},
        SchemaChange{"DropColumn", "ALTER TABLE t DROP COLUMN a", ""},
        SchemaChange{"DropColumnAndAddAnother",
                     "ALTER TABLE t DROP COLUMN a; ALTER TABLE t ADD COLUMN a int",
                     "column a of public.t was dropped and added again"},
        SchemaChange{"RenameColumn", "ALTER TABLE t RENAME COLUMN a TO c", "renamed to c"},
        SchemaChange{"RenameKey", "ALTER TABLE t RENAME COLUMN id TO number", "renamed to number"},
        SchemaChange{"WidenType", "ALTER TABLE t ALTER COLUMN b TYPE varchar(20)", ""},
        SchemaChange{"RewriteType", "ALTER TABLE t ALTER COLUMN a TYPE text", "rewritten"},
        SchemaChange{"WidenToText", "ALTER TABLE t ALTER COLUMN b TYPE text", ""},
        SchemaChange{"WidenNumber", "ALTER TABLE t ALTER COLUMN amount TYPE numeric(12,2)", ""},
        SchemaChange{"TimeZone", "ALTER TABLE t ALTER COLUMN at TYPE timestamptz",
                     "column at of public.t has the type timestamp with time zone now"},
        SchemaChange{"SameBytesPrintedOtherwise", "ALTER TABLE t ALTER COLUMN network TYPE inet",
                     "column network of public.t has the type inet now"},
        SchemaChange{"AddLabel", "ALTER TYPE mood ADD VALUE 'fair' BEFORE 'bad'", ""},
        SchemaChange{
            "RenameLabel", "ALTER TYPE mood RENAME VALUE 'good' TO 'fine'",
            "the type public.mood of column mood of public.t was altered: the label 'good' was "
            "renamed to 'fine'"},
        SchemaChange{
            "RenameLabelBelow",
            "ALTER TABLE t DROP COLUMN mood; ALTER TYPE mood RENAME VALUE 'bad' TO 'poor'",
            "the type public.sizes of column sizes of public.t was altered: the label 'bad'"},
        SchemaChange{
            "AddAttribute", "ALTER TYPE size ADD ATTRIBUTE height int",
            "the type public.sizes of column sizes of public.t was altered: its attributes"},
        SchemaChange{"DropAttribute", "ALTER TYPE size DROP ATTRIBUTE unit", "its attributes"},
        SchemaChange{"RenameAttribute", "ALTER TYPE size RENAME ATTRIBUTE unit TO measure", ""},
        SchemaChange{"RenameTypes", "ALTER TYPE mood RENAME TO m; ALTER DOMAIN sizes RENAME TO s",
                     ""},
        SchemaChange{"CheckDomain", "ALTER DOMAIN sizes ADD CHECK (VALUE IS NOT NULL)", ""},
        SchemaChange{"Rename", "ALTER TABLE t RENAME TO u", ""},
        SchemaChange{"SetSchema", "CREATE SCHEMA s; ALTER TABLE t SET SCHEMA s", ""},
        SchemaChange{"Truncate", "TRUNCATE t", ""},
        SchemaChange{"IdentityFull", "ALTER TABLE t REPLICA IDENTITY FULL", ""},
        SchemaChange{"IdentityIndex", "ALTER TABLE t REPLICA IDENTITY USING INDEX t_sku_key",
                     "the key"}),
    [](const auto& change) { return change.param.name; });

}  // namespace
}  // namespace cacheindex::replication
