// From rows to documents without a server and without an index: copy, building, and changes of
// prices and stock as a stream brings them, on one thread.
//
//   applier_benchmark [products] [directory]
//
// Documents are stored, compressed and durable; columns and text are not in these figures.

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <memory>
#include <optional>
#include <random>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "cache/store.h"
#include "node/core/json_members.h"
#include "replication/apply/applier.h"

namespace cacheindex::replication {
namespace {

constexpr std::uint32_t kBoolean = 16;
constexpr std::uint32_t kInteger = 23;
constexpr std::uint32_t kText = 25;
constexpr std::uint32_t kSkusPerProduct = 2;
constexpr std::uint32_t kAttributesPerProduct = 10;
constexpr std::uint32_t kBrands = 500;

struct ColumnSpec {
  const char* name;
  std::uint32_t type;
  bool is_key;
};

std::shared_ptr<const Table> MakeTable(std::uint32_t oid, const char* name,
                                       const std::vector<ColumnSpec>& columns,
                                       std::vector<Table::ForeignKey> keys) {
  auto table = std::make_shared<Table>();
  table->oid = oid;
  table->schema = "public";
  table->name = name;
  for (const ColumnSpec& column : columns) {
    TableColumn& added = table->columns.emplace_back();
    added.name = column.name;
    added.type = column.type;
    added.base_type = column.type;
    added.is_key = column.is_key;
  }
  table->foreign_keys = std::move(keys);
  return table;
}

Table::ForeignKey Key(const char* column, std::uint32_t table) {
  return {.columns = {column}, .referenced_oid = table, .referenced_columns = {"id"}};
}

Value Text(std::string text) { return {.state = Value::State::kText, .text = std::move(text)}; }

class StoringSink : public DocumentSink {
 public:
  Result<cache::CollectionNumber> EnsureCollection(cache::WriteTransaction& transaction,
                                                   const Json& schema) override {
    return transaction.CreateCollection(schema["name"].get<std::string>(), "{}");
  }
  Result<void> Put(cache::WriteTransaction& transaction, cache::CollectionNumber collection,
                   std::string_view id, Json document) override {
    auto put = transaction.Put(collection, {std::string(id), document, DumpJson(document)});
    return put ? Result<void>() : std::move(put).error();
  }
  Result<bool> ReplaceMembers(cache::WriteTransaction& transaction,
                              cache::CollectionNumber collection, std::string_view id,
                              const std::vector<std::string>& names, Json members) override {
    return transaction.Edit(
        collection, id, [&](std::string_view before) -> Result<std::optional<Document>> {
          std::vector<JsonMember> stored;
          SplitMembers(before, stored);
          std::string json = cacheindex::ReplaceMembers(stored, names, members);
          return Document{
              .id = std::string(id), .fields = std::move(members), .json = std::move(json)};
        });
  }
  Result<void> Delete(cache::WriteTransaction& transaction, cache::CollectionNumber collection,
                      std::string_view id) override {
    auto deleted = transaction.Delete(collection, id);
    return deleted ? Result<void>() : std::move(deleted).error();
  }
};

class OneTransaction : public ChangeTransaction {
 public:
  explicit OneTransaction(std::uint64_t at) {
    commit = LogPosition{at};
    end = LogPosition{at + 1};
  }
  void Add(Change change) {
    changes_.push_back(std::move(change));
    change_count = changes_.size();
  }
  Result<std::optional<Change>> Next() override {
    return next_ < changes_.size() ? Result<std::optional<Change>>(changes_[next_++])
                                   : std::nullopt;
  }
  Result<void> Rewind() override {
    next_ = 0;
    return {};
  }

 private:
  std::vector<Change> changes_;
  std::size_t next_ = 0;
};

// Elapsed time, and the time of all processors that this process used: on a busy machine only the
// second says what the work costs.
class Stopwatch {
 public:
  struct Times {
    double elapsed = 0;
    double processor = 0;
    Times& operator+=(const Times& other) {
      elapsed += other.elapsed;
      processor += other.processor;
      return *this;
    }
  };
  Times Read() const {
    return {std::chrono::duration<double>(std::chrono::steady_clock::now() - begin_).count(),
            static_cast<double>(std::clock() - processor_begin_) / CLOCKS_PER_SEC};
  }

 private:
  std::chrono::steady_clock::time_point begin_ = std::chrono::steady_clock::now();
  std::clock_t processor_begin_ = std::clock();
};

void Require(const Result<void>& result) {
  if (!result) {
    throw std::runtime_error(result.error().message());
  }
}

class Benchmark {
 public:
  Benchmark(std::uint32_t products, const std::filesystem::path& directory) : products_(products) {
    brand_ = MakeTable(1, "brand", {{"id", kInteger, true}, {"name", kText, false}}, {});
    product_ = MakeTable(2, "product",
                         {{"id", kInteger, true},
                          {"brand_id", kInteger, false},
                          {"title", kText, false},
                          {"description", kText, false},
                          {"published", kBoolean, false}},
                         {Key("brand_id", 1)});
    sku_ = MakeTable(3, "sku",
                     {{"id", kInteger, true},
                      {"product_id", kInteger, false},
                      {"code", kText, false},
                      {"price_cents", kInteger, false}},
                     {Key("product_id", 2)});
    stock_ = MakeTable(4, "stock",
                       {{"sku_id", kInteger, true},
                        {"warehouse_id", kInteger, true},
                        {"quantity", kInteger, false}},
                       {Key("sku_id", 3)});
    attribute_ = MakeTable(5, "attribute", {{"id", kInteger, true}, {"name", kText, false}}, {});
    product_attribute_ = MakeTable(
        6, "product_attribute",
        {{"product_id", kInteger, true}, {"attribute_id", kInteger, true}, {"value", kText, false}},
        {Key("product_id", 2), Key("attribute_id", 5)});
    const Json declaration = {
        {"name", "products"},
        {"root", "product"},
        {"filter", "published"},
        {"fields", Json::array({{{"name", "title"}},
                                {{"name", "description"}},
                                {{"name", "brand"}, {"from", "brand.name"}},
                                {{"name", "skus"}, {"from", "sku{code, price: price_cents / 100}"}},
                                {{"name", "price"}, {"from", "min(sku.price_cents) / 100"}},
                                {{"name", "in_stock"}, {"from", "sum(sku.stock.quantity) > 0"}},
                                {{"name", "attr_*"},
                                 {"from", "pivot(product_attribute, attribute.name, value)"}}})}};
    auto parsed = ParseCollectionDeclaration(declaration);
    auto store = cache::Store::Open({.directory = directory}, nullptr);
    if (!parsed || !store) {
      throw std::runtime_error("cannot open the store");
    }
    store_ = *std::move(store);
    auto applier = Applier::Open(*store_, sink_, {*std::move(parsed)});
    applier_ = *std::move(applier);
    Require(applier_->SetTables({brand_, product_, sku_, stock_, attribute_, product_attribute_}));
    Require(applier_->Begin({}, LogPosition{1}));
  }

  void CopyAll() {
    const Stopwatch watch;
    std::uint64_t rows = 0;
    rows += Copy(brand_, kBrands, [](std::uint32_t i) {
      return Row{Text(std::to_string(i)), Text("Brand " + std::to_string(i))};
    });
    rows += Copy(attribute_, 100, [](std::uint32_t i) {
      return Row{Text(std::to_string(i)), Text("attribute_" + std::to_string(i))};
    });
    rows += Copy(product_, products_, [](std::uint32_t i) {
      std::string description;
      for (std::uint32_t j = 0; j < 40; ++j) {
        description += "word" + std::to_string(i * 7 + j * j) + ' ';
      }
      return Row{Text(std::to_string(i)), Text(std::to_string(i * 7 % kBrands)),
                 Text("Product number " + std::to_string(i)), Text(std::move(description)),
                 Text("t")};
    });
    rows += Copy(sku_, products_ * kSkusPerProduct, [](std::uint32_t i) {
      return Row{Text(std::to_string(i)), Text(std::to_string(i / kSkusPerProduct)),
                 Text("SKU-" + std::to_string(i)), Text(std::to_string(100 + i % 9'000))};
    });
    rows += Copy(stock_, products_ * kSkusPerProduct * 2, [](std::uint32_t i) {
      return Row{Text(std::to_string(i / 2)), Text(std::to_string(i % 2)),
                 Text(std::to_string(i % 5))};
    });
    rows += Copy(product_attribute_, products_ * kAttributesPerProduct, [](std::uint32_t i) {
      return Row{
          Text(std::to_string(i / kAttributesPerProduct)),
          Text(std::to_string(i * 13 % kAttributesPerProduct + i / kAttributesPerProduct % 90)),
          Text("value " + std::to_string(i % 37))};
    });
    Print("copied rows", rows, watch.Read());
  }

  void BuildAll() {
    const Stopwatch watch;
    while (applier_->phase() == Phase::kBuilding) {
      if (const auto left = applier_->BuildDocuments(); !left) {
        Require(left.error());
      }
    }
    Print("built documents", applier_->statistics().documents_written, watch.Read());
  }

  // Prices and stock in turn, `per_transaction` changes in each transaction.
  void Follow(const char* what, std::uint32_t changes, std::uint32_t per_transaction) {
    constexpr std::uint32_t kGroup = 512;
    std::mt19937_64 random(1);
    Stopwatch::Times times;
    for (std::uint32_t done = 0; done < changes;) {
      std::vector<std::unique_ptr<OneTransaction>> transactions;
      std::vector<ChangeTransaction*> group;
      for (std::uint32_t i = 0; i < kGroup && done < changes; ++i) {
        transactions.push_back(std::make_unique<OneTransaction>(position_ += 2));
        for (std::uint32_t j = 0; j < per_transaction; ++j, ++done) {
          transactions.back()->Add(RandomChange(random));
        }
        group.push_back(transactions.back().get());
      }
      const Stopwatch watch;
      Require(applier_->Apply(group));
      times += watch.Read();
    }
    Print(what, changes, times);
  }

  void RenameBrand() {
    OneTransaction transaction(position_ += 2);
    transaction.Add({.kind = Change::Kind::kUpdate,
                     .table = brand_,
                     .old_row = std::nullopt,
                     .row = {Text("7"), Text("Another name")}});
    ChangeTransaction* const only[] = {&transaction};
    const Stopwatch watch;
    Require(applier_->Apply(only));
    std::printf("brand renamed in %.1f ms, %llu documents wait\n", watch.Read().elapsed * 1'000,
                static_cast<unsigned long long>(applier_->statistics().documents_waiting));
  }

 private:
  template <class MakeRow>
  std::uint64_t Copy(const std::shared_ptr<const Table>& table, std::uint32_t count,
                     MakeRow make_row) {
    std::vector<Row> rows;
    for (std::uint32_t i = 0; i < count; ++i) {
      rows.push_back(make_row(i));
      if (rows.size() == Applier::kChunkRowsMax || i + 1 == count) {
        Require(applier_->CopyRows(*table, rows, SnapshotPosition::At(LogPosition{1}),
                                   {.table_oid = table->oid,
                                    .is_complete = i + 1 == count,
                                    .last_key = {std::to_string(i)},
                                    .rows = i}));
        rows.clear();
      }
    }
    return count;
  }

  Change RandomChange(std::mt19937_64& random) const {
    const auto sku =
        static_cast<std::uint32_t>(random() % (std::size_t{products_} * kSkusPerProduct));
    Change change{.kind = Change::Kind::kUpdate, .table = sku_, .old_row = std::nullopt, .row = {}};
    if (random() % 2 == 0) {
      change.row = {Text(std::to_string(sku)), Text(std::to_string(sku / kSkusPerProduct)),
                    Text("SKU-" + std::to_string(sku)), Text(std::to_string(random() % 9'000))};
    } else {
      change.table = stock_;
      change.row = {Text(std::to_string(sku)), Text(std::to_string(random() % 2)),
                    Text(std::to_string(random() % 100))};
    }
    return change;
  }

  static void Print(const char* what, std::uint64_t count, const Stopwatch::Times& times) {
    const auto number = static_cast<double>(count);
    std::printf("%-44s %9llu in %6.2f s %8.0f/s, %8.0f for each second of processor\n", what,
                static_cast<unsigned long long>(count), times.elapsed, number / times.elapsed,
                number / times.processor);
  }

  std::uint32_t products_;
  std::uint64_t position_ = 1;
  StoringSink sink_;
  std::shared_ptr<const Table> brand_;
  std::shared_ptr<const Table> product_;
  std::shared_ptr<const Table> sku_;
  std::shared_ptr<const Table> stock_;
  std::shared_ptr<const Table> attribute_;
  std::shared_ptr<const Table> product_attribute_;
  std::unique_ptr<cache::Store> store_;
  std::unique_ptr<Applier> applier_;
};

}  // namespace
}  // namespace cacheindex::replication

int main(int argc, char** argv) {
  const auto products = static_cast<std::uint32_t>(argc > 1 ? std::stoul(argv[1]) : 100'000);
  const std::filesystem::path directory =
      argc > 2 ? argv[2] : std::filesystem::temp_directory_path() / "applier_benchmark";
  std::filesystem::remove_all(directory);
  {
    cacheindex::replication::Benchmark benchmark(products, directory);
    benchmark.CopyAll();
    benchmark.BuildAll();
    benchmark.Follow("prices and stock, 1 change a transaction", 100'000, 1);
    benchmark.Follow("prices and stock, 10 changes a transaction", 200'000, 10);
    benchmark.RenameBrand();
  }
  std::filesystem::remove_all(directory);
  return 0;
}
