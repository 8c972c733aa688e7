#include <gmock/gmock.h>

#include <algorithm>
#include <iostream>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "replication/rows/value_reading.h"
#include "tests/replication/followed_shop.h"

// Rows that refer to each other as no foreign key of the catalog says, or across types, and what
// SQL finds along the same ways.

namespace cacheindex::replication {
namespace {

using State = SourceStatus::State;
using testing::HasSubstr;

constexpr const char* kSchema = R"(
CREATE EXTENSION citext;
CREATE EXTENSION ltree;
CREATE DOMAIN handle AS citext;
CREATE TYPE color AS ENUM ('red', 'green', 'blue');
CREATE TABLE category (id int PRIMARY KEY, name text, path ltree, tree int, lft int, rgt int);
CREATE TABLE closure (ancestor_id int REFERENCES category ON DELETE CASCADE,
                      descendant_id int REFERENCES category ON DELETE CASCADE,
                      PRIMARY KEY (ancestor_id, descendant_id));
CREATE TABLE brand (code citext PRIMARY KEY, name text);
CREATE TABLE vendor (id bigint PRIMARY KEY, code varchar(20) UNIQUE, name text);
CREATE TABLE depot (id numeric PRIMARY KEY, name text);
CREATE TABLE thing (id uuid PRIMARY KEY, name text);
CREATE TABLE swatch (color color PRIMARY KEY, name text);
CREATE TABLE gauge (id double precision PRIMARY KEY, name text);
CREATE TABLE product (
  id int PRIMARY KEY, title text,
  brand handle REFERENCES brand (code) ON DELETE SET NULL ON UPDATE CASCADE,
  vendor_no numeric, vendor_code char(20) REFERENCES vendor (code) ON DELETE SET NULL,
  depot bigint REFERENCES depot (id) ON DELETE SET NULL,
  size real REFERENCES gauge (id) ON DELETE SET NULL,
  category_id int REFERENCES category ON DELETE SET NULL,
  things text[], colors color[], trail text, place int, path ltree);
CREATE TABLE item (id int PRIMARY KEY, brand text, product_no varchar(9), note text);

CREATE FUNCTION try_int(t text) RETURNS int LANGUAGE plpgsql AS
  $$ BEGIN RETURN t::int; EXCEPTION WHEN OTHERS THEN RETURN NULL; END $$;
CREATE FUNCTION try_uuid(t text) RETURNS uuid LANGUAGE plpgsql AS
  $$ BEGIN RETURN t::uuid; EXCEPTION WHEN OTHERS THEN RETURN NULL; END $$;
CREATE FUNCTION one_of(VARIADIC t text[]) RETURNS text LANGUAGE sql VOLATILE AS
  $$ SELECT t[1 + floor(random() * array_length(t, 1))::int] $$;
CREATE FUNCTION pick(n int) RETURNS int LANGUAGE sql VOLATILE AS
  $$ SELECT 1 + floor(random() * n)::int $$;
CREATE FUNCTION a_path() RETURNS ltree LANGUAGE sql VOLATILE AS
  $$ SELECT one_of('a', 'a.b', 'a.b.c', 'a.bb', 'b', 'b.a', '', NULL)::ltree $$;
CREATE FUNCTION some_things() RETURNS text[] LANGUAGE sql VOLATILE AS
  $$ SELECT array_agg(one_of('A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11',
                             '{b0eebc99-9c0b4ef8-bb6d6bb9bd380a11}',
                             'b0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11',
                             'c0eebc999c0b4ef8bb6d6bb9bd380a11', 'none', '', NULL))
     FROM generate_series(1, pick(4)) $$;

CREATE PROCEDURE step() LANGUAGE plpgsql AS $$
DECLARE word text := 'w' || pick(50); low int := pick(15);
BEGIN
  CASE pick(17)
    WHEN 1, 2 THEN
      INSERT INTO category VALUES (pick(9), word, a_path(), pick(2), low, low + pick(9) - 2)
      ON CONFLICT (id) DO UPDATE SET name = excluded.name, path = excluded.path,
        tree = excluded.tree, lft = excluded.lft, rgt = excluded.rgt;
    WHEN 3 THEN UPDATE category SET id = pick(9), lft = lft + 1, rgt = rgt + 1 WHERE id = pick(9);
    WHEN 4 THEN INSERT INTO closure SELECT a.id, d.id FROM category a, category d WHERE pick(20) = 1
                ON CONFLICT DO NOTHING;
    WHEN 5 THEN DELETE FROM closure WHERE ancestor_id = pick(9);
    WHEN 6 THEN INSERT INTO brand VALUES (one_of('ÄB', 'äb', 'x', 'X', 'ẞ'), word);
    WHEN 7 THEN UPDATE brand SET code = one_of('ÄB', 'äb', 'x', 'X', 'ẞ', 'ß'), name = word
                WHERE code = one_of('äB', 'x');
    WHEN 8 THEN INSERT INTO vendor VALUES (pick(4), one_of('v', 'V', 'v ', 'w', 'x'), word)
                ON CONFLICT (id) DO UPDATE SET name = excluded.name;
                INSERT INTO depot VALUES (one_of('1', '1.0', '2.000', '2.5', '3')::numeric, word)
                ON CONFLICT (id) DO UPDATE SET name = excluded.name;
    WHEN 9 THEN DELETE FROM vendor WHERE id = pick(4); DELETE FROM depot WHERE id = pick(3);
    WHEN 10 THEN INSERT INTO thing VALUES (
                   try_uuid(one_of('a', 'b', 'c') || '0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'), word)
                 ON CONFLICT (id) DO UPDATE SET name = excluded.name;
                 INSERT INTO swatch VALUES (one_of('red', 'green', 'blue')::color, word)
                 ON CONFLICT (color) DO UPDATE SET name = excluded.name;
                 INSERT INTO gauge VALUES (one_of('0.5', '-0', '0')::float8, word),
                                          (0.1::real::float8, word)
                 ON CONFLICT (id) DO NOTHING;
    WHEN 11 THEN DELETE FROM thing WHERE pick(3) = 1;
                 DELETE FROM gauge WHERE id = 0 OR pick(4) = 1;
                 DELETE FROM category WHERE id = pick(9);
    WHEN 12 THEN INSERT INTO item VALUES (pick(20), one_of('äb', 'ÄB', 'X', 'ẞ', NULL),
                   one_of('1', ' 2', '03', '+4', '5.0', 'six'), word)
                 ON CONFLICT (id) DO UPDATE SET brand = excluded.brand,
                   product_no = excluded.product_no, note = excluded.note;
    WHEN 13 THEN DELETE FROM product WHERE id = pick(8);
                 UPDATE product SET id = pick(8) WHERE id = pick(8);
    WHEN 14, 15 THEN
      UPDATE product SET
        brand = (SELECT one_of(upper(code::text), lower(code::text)) FROM brand
                 ORDER BY random() LIMIT 1)::citext,
        vendor_code = (SELECT code FROM vendor WHERE code = rtrim(code) ORDER BY random() LIMIT 1),
        depot = (SELECT id FROM depot WHERE id = trunc(id) ORDER BY random() LIMIT 1)::bigint,
        size = (SELECT id FROM gauge ORDER BY random() LIMIT 1)::real,
        category_id = (SELECT id FROM category ORDER BY random() LIMIT 1)
      WHERE pick(3) = 1;
    ELSE
      INSERT INTO product (id, title, vendor_no, things, colors, trail, place, path)
      VALUES (pick(8), word, one_of('1', '2.00', '3.5', NULL)::numeric, some_things(),
              ARRAY[one_of('red', 'blue', NULL), one_of('green', 'red')]::color[],
              one_of('/1/2/3/', '4/ 5/4/x', '', NULL, '9'), pick(16), a_path())
      ON CONFLICT (id) DO UPDATE SET title = excluded.title, vendor_no = excluded.vendor_no,
        things = excluded.things, colors = excluded.colors, trail = excluded.trail,
        place = excluded.place, path = excluded.path;
  END CASE;
EXCEPTION WHEN unique_violation OR foreign_key_violation THEN NULL;
END $$;
CREATE PUBLICATION p FOR ALL TABLES)";

const std::vector<std::string> kReferences = {
    "product.vendor_no -> vendor.id",
    "product.things[] -> thing.id",
    "product.colors[] -> swatch.color",
    "product.split(trail, '/') -> category.id",
    "product.place -> category.between(lft, rgt)",
    "product.prefixes(path, '.') -> category.path",
    "category.prefixes(path, '.') -> category.path",
    "category.(tree, lft) -> category.(tree, between(lft, rgt))",
    "item.(product_no, brand) -> product.(id, brand)"};

/// A field and the SQL that means the same, about a row `r` of the root.
struct Field {
  std::string name;
  std::string from;
  std::string sql;
};

// The texts in the order of `order`, from rows that `rest` finds.
std::string Texts(const std::string& value, const std::string& rest, const std::string& order) {
  return "(SELECT coalesce(json_agg(" + value + " ORDER BY " + order + ") FILTER (WHERE " + value +
         " IS NOT NULL), '[]') FROM " + rest + ")";
}
// Each of the values once, where it is first.
std::string Each(const std::string& values, const std::string& reading) {
  return "(SELECT " + reading + " AS v, min(n) AS n FROM unnest(" + values +
         ") WITH ORDINALITY AS u(x, n) GROUP BY 1) e";
}

const std::map<std::string, std::vector<Field>> kCollections = {
    {"product",
     {{"row", "id", "r.id"},
      {"brand", "brand.name", "(SELECT name FROM brand b WHERE b.code = r.brand)"},
      {"vendor", "vendor_no.name", "(SELECT name FROM vendor v WHERE v.id = r.vendor_no)"},
      {"by_code", "vendor_code.name",
       "(SELECT name FROM vendor v WHERE v.code = r.vendor_code::varchar)"},
      {"depot", "depot.name", "(SELECT name FROM depot d WHERE d.id = r.depot)"},
      {"size", "gauge.name", "(SELECT name FROM gauge g WHERE g.id = r.size)"},
      {"things", "things.name",
       Texts("t.name", Each("r.things", "try_uuid(x)") + " JOIN thing t ON t.id = e.v", "e.n")},
      {"colors", "swatch.name",
       Texts("s.name", Each("r.colors", "x") + " JOIN swatch s ON s.color = e.v", "e.n")},
      {"trail", "trail.name",
       Texts("c.name",
             Each("string_to_array(r.trail, '/')", "try_int(x)") + " JOIN category c ON c.id = e.v",
             "e.n")},
      {"around", "place.id",
       Texts("c.id", "category c WHERE r.place BETWEEN c.lft AND c.rgt",
             "c.lft, c.rgt DESC, c.id")},
      {"path", "path.name",
       Texts("c.name", "category c WHERE c.path @> r.path AND c.path <> ''",
             "nlevel(c.path), c.id")},
      {"items", "item.note",
       Texts("i.note", "item i WHERE i.brand::citext = r.brand AND try_int(i.product_no) = r.id",
             "i.id")},
      {"closure", "category_id.closure[via descendant_id].ancestor_id.name",
       Texts("a.name",
             "closure l JOIN category a ON a.id = l.ancestor_id WHERE l.descendant_id = "
             "r.category_id",
             "l.ancestor_id")}}},
    {"category",
     {{"row", "id", "r.id"},
      {"enclosing", "lft.name",
       Texts("c.name", "category c WHERE c.tree = r.tree AND r.lft BETWEEN c.lft AND c.rgt",
             "c.lft, c.rgt DESC, c.id")},
      {"enclosed", "category[via lft].id",
       Texts("c.id", "category c WHERE c.tree = r.tree AND c.lft BETWEEN r.lft AND r.rgt",
             "c.lft, c.id")},
      {"below", "category[via path].name",
       Texts("c.name", "category c WHERE c.path <@ r.path AND r.path <> ''", "c.id")},
      {"trails", "product[via trail].title",
       Texts("p.title",
             "product p WHERE r.id IN (SELECT try_int(x) FROM "
             "unnest(string_to_array(p.trail, '/')) u(x))",
             "p.id")},
      {"placed", "product[via place].title",
       Texts("p.title", "product p WHERE p.place BETWEEN r.lft AND r.rgt", "p.place, p.id")},
      {"path_products", "product[via path].title",
       Texts("p.title", "product p WHERE p.path <@ r.path AND r.path <> ''", "p.id")}}},
    {"brand",
     {{"row", "code", "r.code"},
      {"products", "product.id", Texts("p.id", "product p WHERE p.brand = r.code", "p.id")}}},
    {"thing",
     {{"row", "id", "r.id"},
      {"products", "product.id",
       Texts("p.id", "product p WHERE r.id IN (SELECT try_uuid(x) FROM unnest(p.things) u(x))",
             "p.id")}}},
    {"gauge",
     {{"row", "text(id)", "r.id::text"},
      {"products", "product.id", Texts("p.id", "product p WHERE p.size = r.id", "p.id")}}},
    {"vendor",
     {{"row", "id", "r.id"},
      {"products", "product[via vendor_no].id",
       Texts("p.id", "product p WHERE p.vendor_no = r.id", "p.id")},
      {"coded", "product[via vendor_code].id",
       Texts("p.id", "product p WHERE p.vendor_code::varchar = r.code", "p.id")}}}};

class SourceReferencesTest : public testing::Test {
 protected:
  SourceReferencesTest() {
    for (const auto& [root, fields] : kCollections) {
      Json declared = Json::array();
      for (const Field& field : fields) {
        declared.push_back({{"name", field.name}, {"from", field.from}});
      }
      const auto parsed = ParseCollectionDeclaration(
          {{"name", root}, {"root", root}, {"references", kReferences}, {"fields", declared}});
      EXPECT_THAT(parsed, test::Succeeds());
      shop_.options.collections.push_back(*parsed);
    }
  }

  void ExpectEqual(const std::string& when) {
    for (const auto& [root, fields] : kCollections) {
      std::string sql = "SELECT json_strip_nulls(json_build_object(";
      for (const Field& field : fields) {
        sql += (field.name == "row" ? "'" : ", '") + field.name + "', " + field.sql;
      }
      std::vector<std::string> expected;
      for (const auto& row : shop_.Execute(sql + ")) FROM " + root + " r")) {
        expected.push_back(Json::parse(row[0].value_or("null")).dump());
      }
      std::sort(expected.begin(), expected.end());
      EXPECT_EQ(shop_.Documents(root), expected) << root << ' ' << when;
    }
  }

  void Steps(int count) {
    for (int i = 0; i < count; ++i) {
      shop_.Execute("CALL step()");
    }
  }

  FollowedShop shop_{kSchema};
};

TEST_F(SourceReferencesTest, DocumentsAreWhatSqlFindsAlongTheSameWays) {
  const std::string seed = std::to_string(std::random_device()() % 1'000'000);
  std::cout << "setseed(" << seed << " / 1000000)\n";
  shop_.Execute("SELECT setseed(" + seed + " / 1000000.0)");
  Steps(150);
  shop_.Start();
  ASSERT_TRUE(shop_.BecomesState(State::kLive));
  ASSERT_TRUE(shop_.CatchesUp());
  ExpectEqual("after the copy");
  for (int round = 0; round < 12 && !HasFailure(); ++round) {
    Steps(40);
    if (round == 6) {
      shop_.Restart();
    }
    ASSERT_TRUE(shop_.CatchesUp());
    ExpectEqual("in round " + std::to_string(round));
  }
  EXPECT_EQ(shop_.source().Status().rebuilds, 0U);
}

TEST_F(SourceReferencesTest, LettersAreFoldedAsTheServerFoldsThem) {
  const auto rows = shop_.Execute(
      "SELECT chr(i), lower(chr(i)) FROM generate_series(1, 1114111) i "
      "WHERE i NOT BETWEEN 55296 AND 57343 AND lower(chr(i)) <> chr(i)");
  EXPECT_GT(rows.size(), 1'000U);
  std::size_t different = 0;
  for (const auto& row : rows) {
    different += Fold(CaseFolding::kSimple, *row[0]) == *row[1] ? 0U : 1U;
  }
  EXPECT_EQ(different, 0U);
}

TEST(SourceCollationTest, AColumnByWhichDifferentTextsAreEqualIsRefusedByName) {
  FollowedShop shop(R"(
    CREATE COLLATION ci (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
    CREATE TABLE brand (code text COLLATE ci PRIMARY KEY, name text);
    CREATE TABLE product (id int PRIMARY KEY, brand text COLLATE ci REFERENCES brand);
    CREATE PUBLICATION p FOR ALL TABLES)");
  const auto parsed =
      ParseCollectionDeclaration({{"name", "product"},
                                  {"root", "product"},
                                  {"fields", {{{"name", "brand"}, {"from", "brand.name"}}}}});
  ASSERT_THAT(parsed, test::Succeeds());
  shop.options.collections.push_back(*parsed);
  shop.Start();
  ASSERT_TRUE(shop.BecomesState(State::kRefused));
  EXPECT_THAT(shop.source().Status().reason,
              HasSubstr("the foreign key from table public.product to table public.brand: column "
                        "\"brand\" has the collation \"ci\", which is not deterministic"));
}

}  // namespace
}  // namespace cacheindex::replication
