#include "tests/node/following/model_shop.h"

#include <memory>
#include <stdexcept>

namespace cacheindex::test {
namespace {

constexpr std::int64_t kBrands = 6;
constexpr std::int64_t kCategories = 8;
constexpr std::int64_t kProducts = 40;
constexpr std::int64_t kSkus = 80;
constexpr std::int64_t kTags = 6;
constexpr std::int64_t kAccounts = 10;
// Stored outside of the row, so that updates of other columns do not send it.
constexpr std::size_t kLargeBytes = 6'000;
// More than the node applies in one store transaction.
constexpr const char* kVeryManyRows = "12000";

constexpr const char* kTables = R"(
  CREATE TABLE brand (id bigint PRIMARY KEY, name text NOT NULL, country text);
  CREATE TABLE category (id bigint PRIMARY KEY, name text NOT NULL,
    parent_id bigint REFERENCES category ON UPDATE CASCADE ON DELETE SET NULL);
  CREATE TABLE product (id bigint PRIMARY KEY, title text NOT NULL, description text,
    brand_id bigint REFERENCES brand ON UPDATE CASCADE ON DELETE SET NULL,
    category_id bigint REFERENCES category ON UPDATE CASCADE ON DELETE SET NULL,
    is_published boolean NOT NULL, unseen integer);
  ALTER TABLE product ALTER description SET STORAGE EXTERNAL;
  CREATE TABLE sku (id bigint PRIMARY KEY, code text NOT NULL, price_cents integer, stock integer,
    product_id bigint NOT NULL REFERENCES product ON UPDATE CASCADE ON DELETE CASCADE
      DEFERRABLE INITIALLY DEFERRED);
  CREATE TABLE tag (id bigint PRIMARY KEY, name text NOT NULL);
  CREATE TABLE product_tag (
    product_id bigint REFERENCES product ON UPDATE CASCADE ON DELETE CASCADE,
    tag_id bigint REFERENCES tag ON UPDATE CASCADE ON DELETE CASCADE,
    PRIMARY KEY (product_id, tag_id));
  CREATE TABLE attribute (
    product_id bigint REFERENCES product ON UPDATE CASCADE ON DELETE CASCADE,
    name text, value text,
    PRIMARY KEY (product_id, name));
  ALTER TABLE attribute ALTER value SET STORAGE EXTERNAL;
  CREATE TABLE left_account (id bigint PRIMARY KEY, amount bigint NOT NULL);
  CREATE TABLE right_account (id bigint PRIMARY KEY, amount bigint NOT NULL);
  CREATE PUBLICATION cacheindex FOR ALL TABLES;
)";

// The node leaves out a field that has no value; so does jsonb_strip_nulls.
constexpr const char* kProductsBySql = R"(
  SELECT id::text, jsonb_strip_nulls(jsonb_build_object(
    'id', id::text, 'title', title, 'description', description,
    'brand', (SELECT jsonb_build_object('name', name, 'country', country)
              FROM brand WHERE brand.id = brand_id),
    'path', (
      WITH RECURSIVE up AS (
        SELECT parent_id, ARRAY[name] AS names FROM category c WHERE c.id = category_id
        UNION ALL
        SELECT category.parent_id, category.name || names
        FROM category, up WHERE category.id = up.parent_id)
      SELECT jsonb_object_agg('lvl' || (n - 1), array_to_string(names[1:n], ' > '))
      FROM up, generate_series(1, array_length(names, 1)) AS n WHERE up.parent_id IS NULL),
    'tags', coalesce((SELECT jsonb_agg(name ORDER BY tag_id) FROM product_tag
                      JOIN tag ON tag.id = tag_id WHERE product_id = product.id), '[]'),
    'skus', coalesce((SELECT jsonb_agg(jsonb_build_object('code', code, 'price_cents', price_cents,
                                                 'stock', stock) ORDER BY id)
             FROM sku WHERE product_id = product.id), '[]'),
    'sku_count', (SELECT count(*) FROM sku WHERE product_id = product.id),
    'lowest_price_cents', (SELECT min(price_cents) FROM sku WHERE product_id = product.id),
    'in_stock', coalesce((SELECT bool_or(stock > 0) FROM sku WHERE product_id = product.id),
                         false),
    'attributes', (SELECT jsonb_object_agg(name, value) FROM attribute
                   WHERE product_id = product.id AND value IS NOT NULL)))
  FROM product WHERE is_published)";

}  // namespace

const char* const kModelShopConfiguration = R"toml(
backoff_max_ms = 500
queue_bytes_max = 1048576
transaction_bytes_max = 65536

[[source.shop.collection]]
name = "products"
root = "product"
filter = "is_published = true"
enable_nested_fields = true
fields = [
  { name = "title" },
  { name = "description" },
  { name = "brand.name", from = "brand.name", facet = true },
  { name = "brand.country", from = "brand.country" },
  { name = "path", from = "levels(category, name, ' > ')", type = "object" },
  { name = "tags", from = "product_tag.tag.name", facet = true },
  { name = "skus", from = "sku{code, price_cents, stock}", type = "object[]" },
  { name = "sku_count", from = "count(sku)" },
  { name = "lowest_price_cents", from = "min(sku.price_cents)" },
  { name = "in_stock", from = "exists(sku[where stock > 0])", facet = true },
  { name = "attributes", from = "pivot(attribute, name, value)", type = "object" },
]

[[source.shop.collection]]
name = "left"
root = "left_account"
fields = [{ name = "amount", facet = true }]

[[source.shop.collection]]
name = "right"
root = "right_account"
fields = [{ name = "amount", facet = true }]
)toml";

void CreateModelShop(PostgresSession& session, std::uint64_t seed) {
  session.Execute(kTables);
  const auto fill = [&](const std::string& statement, std::int64_t rows) {
    session.Execute(statement + " FROM generate_series(1, " + std::to_string(rows) + ") AS i");
  };
  session.Execute("SELECT setseed(" + std::to_string(static_cast<double>(seed % 1000) / 1000) +
                  ")");
  fill("INSERT INTO brand SELECT i, 'brand ' || i, 'country'", kBrands);
  fill("INSERT INTO category SELECT i, 'category ' || i, nullif(i / 2, 0)", kCategories);
  fill("INSERT INTO tag SELECT i, 'tag ' || i", kTags);
  fill(
      "INSERT INTO product SELECT i, 'product ' || i, repeat(md5(random()::text), 100), "
      "1 + i % " +
          std::to_string(kBrands) + ", 1 + i % " + std::to_string(kCategories) + ", i % 5 <> 0, 0",
      kProducts);
  fill("INSERT INTO sku SELECT i, 'sku ' || i, i * 10, i % 3, 1 + i % " + std::to_string(kProducts),
       kSkus);
  fill("INSERT INTO product_tag SELECT 1 + i % " + std::to_string(kProducts) + ", 1 + i % " +
           std::to_string(kTags),
       kProducts);
  fill("INSERT INTO attribute SELECT 1 + i % " + std::to_string(kProducts) +
           ", 'name_' || (i % 7), 'value ' || i",
       kProducts);
  fill("INSERT INTO left_account SELECT i, 100", kAccounts);
  fill("INSERT INTO right_account SELECT i, 100", kAccounts);
}

std::map<std::string, Json> ModelShopProducts(PostgresSession& session) {
  std::map<std::string, Json> products;
  for (const auto& row : session.Execute(kProductsBySql)) {
    products.emplace(row.at(0).value(), Json::parse(row.at(1).value()));
  }
  return products;
}

std::string ModelShopWriter::Text(std::size_t bytes) {
  std::string text(bytes, ' ');
  for (char& letter : text) {
    letter = static_cast<char>('a' + Below(26));
  }
  return text;
}

std::string ModelShopWriter::ChangeProduct() {
  const std::string id = Id(kProducts);
  switch (Below(11)) {
    case 0:
    case 9:
    case 10:
      return "INSERT INTO product VALUES (" + id + ", 'new " + Text(5) + "', '" +
             Text(kLargeBytes) + "', " + Id(kBrands) + ", " + Id(kCategories) +
             ", true, 0) ON CONFLICT DO NOTHING";
    case 1:
      return "DELETE FROM product WHERE id = " + id;
    case 2:
      return "UPDATE product SET id = " + Id(kProducts) + " WHERE id = " + id;
    case 3:
      return "UPDATE product SET description = '" + Text(kLargeBytes) + "' WHERE id = " + id;
    case 4:
      return "UPDATE product SET brand_id = " + (Below(4) == 0 ? "NULL" : Id(kBrands)) +
             " WHERE id = " + id;
    case 5:
      return "UPDATE product SET category_id = " + Id(kCategories) + " WHERE id = " + id;
    case 6:
      return "UPDATE product SET is_published = NOT is_published WHERE id = " + id;
    case 7:
      return "UPDATE product SET unseen = unseen + 1 WHERE id = " + id;
    default:
      return "UPDATE product SET title = '" + Text(8) + "' WHERE id = " + id;
  }
}

std::string ModelShopWriter::ChangeChildren() {
  const std::string product = Id(kProducts);
  switch (Below(11)) {
    case 0:
      return "INSERT INTO sku VALUES (" + Id(kSkus) + ", '" + Text(4) + "', " + Id(10'000) +
             ", 1, " + product + ") ON CONFLICT DO NOTHING";
    case 1:
      return "UPDATE sku SET product_id = " + product + " WHERE id = " + Id(kSkus);
    case 2:
      return "UPDATE sku SET stock = " + std::to_string(Below(3)) + " WHERE id = " + Id(kSkus);
    case 3:
      return "UPDATE sku SET price_cents = " + Id(10'000) + " WHERE product_id = " + product;
    case 4:
      return "DELETE FROM sku WHERE id = " + Id(kSkus);
    case 5:
      return "INSERT INTO product_tag VALUES (" + product + ", " + Id(kTags) +
             ") ON CONFLICT DO NOTHING";
    case 6:
      return "DELETE FROM product_tag WHERE product_id = " + product;
    case 7:
      return "INSERT INTO attribute VALUES (" + product + ", 'name_" + Id(7) + "', '" +
             Text(Below(4) == 0 ? kLargeBytes : 10) +
             "') ON CONFLICT (product_id, name) DO UPDATE SET value = excluded.value";
    case 8:
      return "DELETE FROM attribute WHERE product_id = " + product;
    case 9:
      return "UPDATE attribute SET product_id = " + product +
             " WHERE product_id = " + Id(kProducts) + " AND name = 'name_" + Id(7) + "'";
    default:
      return Below(6) != 0   ? "UPDATE sku SET code = '" + Text(4) + "' WHERE id = " + Id(kSkus)
             : Below(2) == 0 ? "TRUNCATE product_tag"
                             : "TRUNCATE attribute";
  }
}

std::string ModelShopWriter::ChangeParents() {
  switch (Below(11)) {
    case 0:
      return "UPDATE brand SET name = 'brand " + Text(5) + "' WHERE id = " + Id(kBrands);
    case 1:
      return "DELETE FROM brand WHERE id = " + Id(kBrands);
    case 2:
      return "INSERT INTO brand VALUES (" + Id(kBrands) + ", 'again', NULL) ON CONFLICT DO NOTHING";
    case 3:
      return "UPDATE category SET name = 'category " + Text(3) + "' WHERE id = " + Id(kCategories);
    case 4: {
      // Always to a smaller number, so that the tree stays a tree.
      const std::int64_t id = 2 + Below(kCategories - 1);
      return "UPDATE category SET parent_id = " + std::to_string(1 + Below(id - 1)) +
             " WHERE id = " + std::to_string(id);
    }
    case 5:
      return "UPDATE tag SET name = 'tag " + Text(4) + "' WHERE id = " + Id(kTags);
    case 6:
      return "UPDATE brand SET id = " + Id(kBrands) + " WHERE id = " + Id(kBrands);
    case 7:
      return "UPDATE tag SET id = " + Id(kTags) + " WHERE id = " + Id(kTags);
    case 8:
      return "DELETE FROM category WHERE id = " + Id(kCategories);
    case 9: {
      const std::int64_t id = 2 + Below(kCategories - 1);
      return "INSERT INTO category SELECT " + std::to_string(id) +
             ", 'category again', (SELECT min(id) FROM category WHERE id < " + std::to_string(id) +
             ") ON CONFLICT DO NOTHING";
    }
    default:
      return "UPDATE brand SET country = '" + Text(2) + "', name = name WHERE id = " + Id(kBrands);
  }
}

// Rare, and each touches very much at once.
std::string ModelShopWriter::ChangeEverything() {
  switch (Below(8)) {
    case 0:
      return "TRUNCATE product CASCADE";
    case 1:
      return "TRUNCATE sku, product_tag RESTART IDENTITY";
    case 2:
      return "UPDATE product SET description = repeat(title, 700), title = title || ' again'"
             " WHERE length(title) < 40";
    case 3:
      return "INSERT INTO sku SELECT 1000 + i, 'one of many', i, i % 2, product.id FROM"
             " generate_series(1, " +
             std::string(kVeryManyRows) +
             ") AS i JOIN product ON product.id = i % 40 ON CONFLICT DO NOTHING";
    case 4:
      return "UPDATE sku SET stock = stock + 1";
    case 5:
    case 6:
      return "DELETE FROM sku WHERE id > 1000";
    default:
      return "UPDATE product SET brand_id = " + Id(kBrands) + ", is_published = true";
  }
}

std::string ModelShopWriter::MoveMoney() {
  const std::string amount = Id(20);
  return "UPDATE left_account SET amount = amount - " + amount + " WHERE id = " + Id(kAccounts) +
         "; UPDATE right_account SET amount = amount + " + amount + " WHERE id = " + Id(kAccounts);
}

std::string ModelShopWriter::Statement() {
  if (Below(150) == 0) {
    return ChangeEverything();
  }
  const std::int64_t kind = Below(10);
  return kind < 4 ? ChangeProduct() : kind < 8 ? ChangeChildren() : ChangeParents();
}

void ModelShopWriter::EndTransaction(PostgresSession& session) {
  const std::int64_t ending = Below(48);
  if (ending < 4) {
    session.Execute("ROLLBACK");
    return;
  }
  if (ending > 12) {
    session.Execute("COMMIT");
  } else {
    const std::string name = "'prepared_" + std::to_string(random_()) + "'";
    session.Execute("PREPARE TRANSACTION " + name);
    if (ending > 4) {  // Else somebody else ends it, maybe after a restart.
      session.Execute((ending % 2 == 0 ? "COMMIT PREPARED " : "ROLLBACK PREPARED ") + name);
    }
  }
  ++committed_;
}

// One that was left prepared locks rows, and others wait for them.
void ModelShopWriter::EndOnePrepared(PostgresSession& session) {
  const auto prepared = session.Execute(
      "SELECT gid FROM pg_prepared_xacts WHERE prepared < now() - interval '100 ms' LIMIT 1");
  if (!prepared.empty()) {
    session.Execute((Below(2) == 0 ? "COMMIT PREPARED '" : "ROLLBACK PREPARED '") +
                    prepared.at(0).at(0).value() + "'");
  }
}

void ModelShopWriter::Write() {
  try {
    if (session_ == nullptr) {
      session_ = std::make_unique<PostgresSession>(connection_);
      session_->Execute("SET lock_timeout = '500ms'");
    }
    if (Below(6) == 0) {
      EndOnePrepared(*session_);
    }
    session_->Execute("BEGIN");
    if (Below(3) == 0) {
      session_->Execute(MoveMoney());
    }
    for (std::int64_t left = Below(6); left > 0; --left) {
      if (Below(5) == 0) {
        session_->Execute("SAVEPOINT here; " + Statement() + "; ROLLBACK TO here");
      } else {
        session_->Execute(Statement());
      }
    }
    EndTransaction(*session_);
  } catch (const std::runtime_error&) {
    // A deadlock, a conflict of keys, a server that was stopped: the next transaction starts anew.
    try {
      if (session_ != nullptr) {
        session_->Execute("ROLLBACK");
      }
    } catch (const std::runtime_error&) {
      session_.reset();
    }
  }
}

void EndPreparedTransactions(PostgresSession& session) {
  for (const auto& row : session.Execute("SELECT gid FROM pg_prepared_xacts")) {
    session.Execute("ROLLBACK PREPARED '" + row.at(0).value() + "'");
  }
}

}  // namespace cacheindex::test
