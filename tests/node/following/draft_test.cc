#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <string>
#include <utility>

#include "tests/support/following_node.h"

// What `cacheindex draft` prints must run, as it is: it is checked, followed and read.

namespace cacheindex::test {
namespace {

using ::testing::HasSubstr;

class DraftTest : public ::testing::Test {
 protected:
  DraftTest() { WriteConfig({}); }

  std::string connection() const { return cluster_.Connection(); }

  void WriteConfig(const std::string& collections) {
    std::ofstream(config_) << "[source.shop]\nkind = \"postgres\"\nconnection = \"" << connection()
                           << "\"\npublication = \"cacheindex\"\n"
                           << collections;
  }

  static std::pair<int, std::string> Run(std::vector<std::string> arguments) {
    NodeProcess process(CACHEINDEX_BINARY, std::move(arguments));
    const int code = process.Wait();
    return {code, process.output()};
  }
  /// What is printed, notes too: before "[[source" there are no others than comments.
  std::pair<int, std::string> Draft(const std::vector<std::string>& more = {}) {
    std::vector<std::string> arguments = {"draft", "--config", config_.string(), "--source",
                                          "shop"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return Run(std::move(arguments));
  }

  /// Drafts, does what the notes say, checks and follows; returns the node.
  std::unique_ptr<FollowingNode> Follow(const std::vector<std::string>& more = {}) {
    const auto [code, printed] = Draft(more);
    EXPECT_EQ(code, 0) << printed;
    const std::size_t begin = printed.find("[[source");
    const std::size_t end = printed.rfind("\n]\n");
    EXPECT_NE(begin, std::string::npos) << printed;
    EXPECT_NE(end, std::string::npos) << printed;
    draft_ = printed.substr(begin, end + 3 - begin);
    for (std::size_t at = 0; (at = printed.find("run at the server: ", at)) != std::string::npos;) {
      at += std::string_view("run at the server: ").size();
      sql_->Execute(printed.substr(at, printed.find('\n', at) - at));
    }
    WriteConfig(draft_);
    const auto checked =
        Run({"check", "--config", config_.string(), "--data-dir", directory_.path() / "data",
             "--api-key", "a-key-of-a-test", "--listen", "127.0.0.1:0"});
    EXPECT_EQ(checked.first, 0) << checked.second << draft_;
    auto node = std::make_unique<FollowingNode>(connection(), draft_);
    EXPECT_TRUE(node->WaitForState("live")) << node->Source().dump(2) << draft_;
    return node;
  }

  TempDirectory directory_;
  const std::filesystem::path config_ = directory_.path() / "draft.toml";
  PostgresCluster cluster_;
  std::unique_ptr<PostgresSession> sql_ = std::make_unique<PostgresSession>(connection());
  std::string draft_;
};

TEST_F(DraftTest, ARentalShopWithBookkeepingInItsJoinTables) {
  sql_->Execute(R"(
    CREATE TABLE language (id int PRIMARY KEY, name char(20) NOT NULL);
    CREATE TABLE category (id int PRIMARY KEY, name text NOT NULL);
    CREATE TABLE film (id int PRIMARY KEY, title text NOT NULL, code char(8),
                       language_id int NOT NULL REFERENCES language,
                       last_update timestamptz NOT NULL DEFAULT now());
    CREATE TABLE film_category (
      film_id int REFERENCES film, category_id int REFERENCES category,
      last_update timestamptz NOT NULL DEFAULT now(), PRIMARY KEY (film_id, category_id));
    INSERT INTO language VALUES (1, 'English');
    INSERT INTO category VALUES (1, 'Drama'), (2, 'Family');
    INSERT INTO film VALUES (1, 'Academy Dinosaur', 'AD-1', 1);
    INSERT INTO film_category VALUES (1, 1), (1, 2);
    CREATE PUBLICATION cacheindex FOR ALL TABLES)");
  const auto node = Follow();
  const Json document = node->Export("film").at("1");
  EXPECT_EQ(document.value("language", ""), "English") << draft_;
  EXPECT_EQ(document.value("code", ""), "AD-1") << draft_;
  EXPECT_EQ(document.value("category", Json()), Json({"Drama", "Family"})) << draft_;
}

TEST_F(DraftTest, AShopWithPivotsJoinsAndOffers) {
  sql_->Execute(R"(
    CREATE TABLE brand (id int PRIMARY KEY, name text NOT NULL);
    CREATE TABLE tag (id int PRIMARY KEY, name text);
    CREATE TABLE product (
      id int PRIMARY KEY, title text NOT NULL, "order" int, published boolean NOT NULL,
      popularity int NOT NULL, brand_id int REFERENCES brand, created_at timestamptz,
      api_token text, picture bytea,
      loud text GENERATED ALWAYS AS (upper(title)) STORED);
    CREATE TABLE product_tag (
      product_id int REFERENCES product, tag_id int REFERENCES tag,
      PRIMARY KEY (product_id, tag_id));
    CREATE TABLE sku (
      id int PRIMARY KEY, product_id int REFERENCES product, code text, price numeric(10, 2),
      stock int, deleted_at timestamptz);
    CREATE TABLE attribute (id int PRIMARY KEY, name text);
    CREATE TABLE product_attribute (
      product_id int REFERENCES product, attribute_id int REFERENCES attribute, value text,
      PRIMARY KEY (product_id, attribute_id));
    CREATE TABLE keyless (product_id int REFERENCES product, x int);
    CREATE TABLE cart_item (id int PRIMARY KEY, product_id int REFERENCES product);
    INSERT INTO brand VALUES (1, 'Acme');
    INSERT INTO tag VALUES (1, 'new'), (2, 'sale');
    INSERT INTO product VALUES (1, 'Chair', 5, true, 7, 1, '2020-01-01 00:00+00', 'x', '\x00'),
                               (2, 'Desk', 6, false, 8, 1, NULL, 'x', NULL);
    INSERT INTO product_tag VALUES (1, 1), (1, 2);
    INSERT INTO sku VALUES (1, 1, 'C1', 12.50, 3, NULL), (2, 1, 'C2', 11.00, 4, NULL),
                           (3, 1, 'C3', 1.00, 9, now());
    INSERT INTO attribute VALUES (1, 'colour'), (2, 'size');
    INSERT INTO product_attribute VALUES (1, 1, 'red'), (1, 2, 'L');)");
  const auto node = Follow();
  EXPECT_THAT(draft_, HasSubstr("api_token is left out"));
  EXPECT_THAT(draft_, HasSubstr("loud is left out: it is generated"));
  EXPECT_THAT(draft_, HasSubstr("default_sorting_field = \"popularity\""));
  const auto documents = node->Export("product");
  ASSERT_EQ(documents.size(), 1U) << "what is not published is no document";
  const Json& chair = documents.at("1");
  EXPECT_EQ(chair.at("title"), "Chair") << draft_;
  EXPECT_EQ(chair.at("order"), 5);
  EXPECT_EQ(chair.at("popularity"), 7);
  EXPECT_EQ(chair.at("brand"), "Acme");
  EXPECT_EQ(chair.at("created_at"), 1'577'836'800);
  EXPECT_EQ(chair.at("tag"), Json({"new", "sale"}));
  EXPECT_EQ(chair.at("price"), 11.0);
  EXPECT_EQ(chair.at("stock"), 7);
  EXPECT_EQ(chair.at("sku").size(), 2U);
  EXPECT_EQ(chair.at("product_attribute").at("colour"), "red") << chair.dump(2);
  EXPECT_FALSE(chair.contains("api_token"));
}

// Django's way: names of the application before those of tables, translations beside, trees.
TEST_F(DraftTest, AShopWithTranslationsAndATreeOfCategories) {
  sql_->Execute(R"(
    CREATE TABLE catalog_category (
      id serial PRIMARY KEY, name varchar(100), slug varchar(100),
      parent_id int REFERENCES catalog_category);
    CREATE TABLE catalog_product (
      id serial PRIMARY KEY, slug varchar(100) UNIQUE, is_active boolean NOT NULL,
      category_id int REFERENCES catalog_category, weight double precision, metadata jsonb);
    CREATE TABLE catalog_product_translation (
      id serial PRIMARY KEY, language_code varchar(10), name varchar(100), description text,
      product_id int REFERENCES catalog_product);
    CREATE TABLE catalog_image (
      id serial PRIMARY KEY, url text, position int, product_id int REFERENCES catalog_product);
    CREATE TABLE auth_user (id serial PRIMARY KEY, name text, password text);
    INSERT INTO catalog_category VALUES (1, 'Home', 'home', NULL), (2, 'Beds', 'beds', 1);
    INSERT INTO catalog_product VALUES (1, 'bed', true, 2, 1.5, '{"a": 1}');
    INSERT INTO catalog_product_translation VALUES
      (1, 'de', 'Bett', 'Gut', 1), (2, 'en', 'Bed', 'Good', 1);
    INSERT INTO catalog_image VALUES (1, 'a.png', 1, 1);)");
  const auto node = Follow({"--root", "catalog_product"});
  EXPECT_THAT(draft_, HasSubstr("filter = \"is_active = true\""));
  const Json bed = node->Export("catalog_product").at("1");
  EXPECT_EQ(bed.at("slug"), "bed");
  EXPECT_EQ(bed.at("name"), "Bed");
  EXPECT_EQ(bed.at("description"), "Good");
  EXPECT_EQ(bed.at("category").at("lvl1"), "Home > Beds");
  EXPECT_EQ(bed.at("catalog_image"), Json::parse(R"([{"id": 1, "url": "a.png"}])"));
  EXPECT_EQ(node->Get("/collections/catalog_product/documents/search?q=good&query_by=description")
                .at("found"),
            1);
}

// Medusa's way: text ids, rows that are marked as deleted, amounts of money behind two tables.
TEST_F(DraftTest, AShopWithTextIdsAndAmountsOfMoney) {
  sql_->Execute(R"(
    CREATE TYPE product_status AS ENUM ('draft', 'published');
    CREATE TABLE product_collection (id text PRIMARY KEY, title text, handle text);
    CREATE TABLE product (
      id text PRIMARY KEY, title text NOT NULL, handle text UNIQUE, status product_status NOT NULL,
      collection_id text REFERENCES product_collection, metadata jsonb,
      created_at timestamptz NOT NULL, deleted_at timestamptz);
    CREATE TABLE product_variant (
      id text PRIMARY KEY, title text, sku text, product_id text REFERENCES product,
      inventory_quantity int, deleted_at timestamptz);
    CREATE TABLE money_amount (
      id text PRIMARY KEY, variant_id text REFERENCES product_variant, currency_code text,
      amount numeric);
    CREATE TABLE "Odd Options" (
      id text PRIMARY KEY, "Product Id" text REFERENCES product, "Max Width" int);
    CREATE TABLE "order" (id text PRIMARY KEY, product_id text REFERENCES product);
    CREATE PUBLICATION cacheindex FOR TABLE product;
    INSERT INTO product_collection VALUES ('c1', 'Summer', 'summer');
    INSERT INTO product VALUES
      ('p1', 'Shirt', 'shirt', 'published', 'c1', NULL, '2020-01-01 00:00+00', NULL),
      ('p2', 'Gone', 'gone', 'draft', NULL, NULL, '2020-01-01 00:00+00', '2021-01-01');
    INSERT INTO product_variant VALUES ('v1', 'S', 's-1', 'p1', 5, NULL);
    INSERT INTO money_amount VALUES ('m1', 'v1', 'eur', 19.5), ('m2', 'v1', 'usd', 21);
    INSERT INTO "Odd Options" VALUES ('o1', 'p1', 3);)");
  const auto node = Follow();
  EXPECT_THAT(draft_, HasSubstr("public.order is left out"));
  const auto documents = node->Export("product");
  ASSERT_EQ(documents.size(), 1U);
  const Json& shirt = documents.at("p1");
  EXPECT_EQ(shirt.at("title"), "Shirt") << draft_;
  EXPECT_EQ(shirt.at("status"), "published");
  EXPECT_EQ(shirt.at("collection"), "Summer");
  EXPECT_EQ(shirt.at("price"), 19.5) << draft_;
  EXPECT_EQ(shirt.at("stock"), 5);
  EXPECT_EQ(shirt.at("product_variant").at(0).at("sku"), "s-1");
  EXPECT_EQ(shirt.at("Odd Options").at(0).at("Max Width"), 3) << draft_;
}

TEST_F(DraftTest, RootsAreProposedAndMistakesNamed) {
  sql_->Execute(
      "CREATE TABLE product (id int PRIMARY KEY, title text); CREATE TABLE brand (id int PRIMARY "
      "KEY, name text); CREATE TABLE keyless (x int)");
  const auto proposed = Draft();
  EXPECT_EQ(proposed.first, 0) << proposed.second;
  EXPECT_THAT(proposed.second, HasSubstr("* public.product: "));
  EXPECT_THAT(proposed.second, HasSubstr("public.brand: "));
  EXPECT_THAT(proposed.second, HasSubstr("CREATE PUBLICATION \"cacheindex\" FOR TABLE "
                                         "\"public\".\"product\""));
  const auto unknown = Draft({"--root", "prodcut"});
  EXPECT_EQ(unknown.first, 1);
  EXPECT_THAT(unknown.second, HasSubstr("did you mean \"product\"?"));
  EXPECT_EQ(Draft({"--root", "keyless"}).first, 1);
  const auto source = Run({"draft", "--config", config_.string(), "--source", "shpo"});
  EXPECT_EQ(source.first, 1);
  EXPECT_THAT(source.second, HasSubstr("did you mean `shop`?"));
}

TEST_F(DraftTest, CheckSaysEveryMistakeAndEndsWithOne) {
  sql_->Execute(
      "CREATE TABLE product (id int PRIMARY KEY, title text, price int);"
      "CREATE PUBLICATION cacheindex FOR TABLE product");
  const auto check = [&](const std::string& fields) {
    WriteConfig("[[source.shop.collection]]\nname = \"products\"\nroot = \"product\"\nfields = [" +
                fields + "]\n");
    return Run({"check", "--config", config_.string(), "--data-dir", directory_.path() / "data",
                "--api-key", "a-key-of-a-test", "--listen", "127.0.0.1:0"});
  };
  EXPECT_EQ(check("{ name = \"title\" }").first, 0);
  const auto [code, printed] =
      check("{ name = \"titel\" }, { name = \"price\", type = \"int23\" }, { name = \"pirce\" }");
  EXPECT_EQ(code, 1);
  EXPECT_THAT(printed, HasSubstr("did you mean \"title\"?"));
  EXPECT_THAT(printed, HasSubstr("did you mean \"price\"?"));
  EXPECT_THAT(printed, HasSubstr("int23"));
  std::ofstream(config_) << "[source.shop]\nkind = \"postgres\"\nconnection = \"host=127.0.0.1 "
                            "port=1\"\npublication = \"p\"\n[[source.shop.collection]]\nname = "
                            "\"a\"\nroot = \"a\"\nfields = [{ name = \"b\", type = \"int23\" }]\n";
  const auto away =
      Run({"check", "--config", config_.string(), "--data-dir", directory_.path() / "data",
           "--api-key", "a-key-of-a-test", "--listen", "127.0.0.1:0"});
  EXPECT_EQ(away.first, 1);
  EXPECT_THAT(away.second, HasSubstr("the server cannot be asked"));
  EXPECT_THAT(away.second, HasSubstr("int23"));
}

}  // namespace
}  // namespace cacheindex::test
