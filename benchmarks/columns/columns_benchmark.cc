// Filters, facets and sorting over the columns of one million products in a real store. Columns are
// written directly, without documents, so that the figures are those of the columns alone.

#include <benchmark/benchmark.h>

#include <array>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <memory>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "cache/store.h"
#include "index/columns/search_context.h"
#include "index/columns/value_dictionary.h"
#include "index/columns/word_dictionary.h"
#include "index/encoding/column_value.h"
#include "index/facet/facets.h"
#include "index/filter/filter.h"
#include "index/schema/schema_definition.h"
#include "index/schema/schema_storage.h"
#include "index/sort/sort_order.h"
#include "index/words/whole_form.h"
#include "tests/support/temp_directory.h"

namespace cacheindex::index {
namespace {

constexpr DocumentNumber kProducts = 1'000'000;
constexpr DocumentNumber kProductsPerTransaction = 100'000;
// Different values of the facets, as shops have them: brands, categories, colours, sizes, SKUs.
constexpr std::array<std::pair<const char*, std::uint32_t>, 5> kFacets = {
    {{"brand", 2000}, {"category", 300}, {"color", 12}, {"size", 40}, {"series", 50000}}};
constexpr std::uint32_t kWords = 20'000;
constexpr std::size_t kTitleWords = 6;

template <class T>
T Require(Result<T> result) {
  if (!result) {
    std::fprintf(stderr, "%s\n", result.error().message().c_str());
    std::abort();
  }
  return *std::move(result);
}

// The documents of this benchmark are columns only; the store still counts numbers by documents.
class NoColumns : public cache::DocumentListener {
 public:
  class NoSession : public Session {
   public:
    Result<bool> Written(const cache::DocumentChange&) override { return false; }
    Result<void> BeforeCommit() override { return {}; }
  };
  std::unique_ptr<Session> Begin(cache::WriteTransaction&) override {
    return std::make_unique<NoSession>();
  }
};

class Shop {
 public:
  static Shop& Get() {
    static Shop shop;
    return shop;
  }

  SearchContext Open() const { return {*snapshot_, *collection_, schema_}; }

  // Every `step`th document, scattered.
  DocumentSet Sample(SearchContext& context, std::uint32_t step) const {
    std::mt19937 random(step);
    DocumentSet set = context.EmptySet();
    for (DocumentNumber number = 1; number <= kProducts; ++number) {
      if (random() % step == 0) {
        set.Add(number);
      }
    }
    return set;
  }

  const Schema& schema() const { return schema_; }

 private:
  Shop() {
    store_ = Require(cache::Store::Open(
        {.directory = directory_.path(), .map_size_bytes = std::uint64_t{8} << 30}, &listener_));
    CreateSchema();
    for (DocumentNumber first = 1; first <= kProducts; first += kProductsPerTransaction) {
      Fill(first, first + kProductsPerTransaction - 1);
    }
    snapshot_ = std::make_unique<cache::Snapshot>(Require(store_->OpenSnapshot()));
    collection_ = std::make_unique<cache::Collection>(*Require(snapshot_->FindCollection("shop")));
    collection_->number_max = kProducts;
  }

  void CreateSchema() {
    Json fields = Json::parse(R"([{"name": "title", "type": "string"},
        {"name": "price", "type": "float", "facet": true},
        {"name": "stock", "type": "int32", "facet": true},
        {"name": "tags", "type": "string[]", "facet": true}])");
    for (const auto& [name, count] : kFacets) {
      fields.push_back({{"name", name}, {"type", "string"}, {"facet", true}});
    }
    const auto parsed = Require(ParseSchema({{"name", "shop"}, {"fields", fields}}));
    Require(store_->Write([&](cache::WriteTransaction& transaction) -> Result<void> {
      schema_ = parsed;
      if (auto created = CreateCollection(transaction, schema_, TieOrder::kByCreation); !created) {
        return created;
      }
      for (const auto& [name, count] : kFacets) {
        AddValues(transaction, name, count);
      }
      AddValues(transaction, "tags", 100);
      for (std::uint32_t i = 0; i < kWords; ++i) {
        Require(WordDictionary::FindOrAdd(transaction, schema_.words_column,
                                          "word" + std::to_string(i)));
      }
      return {};
    }));
  }

  void AddValues(cache::WriteTransaction& transaction, const std::string& name,
                 std::uint32_t count) {
    for (std::uint32_t i = 0; i < count; ++i) {
      Require(ValueDictionary::FindOrAdd(transaction, schema_.Find(name)->storage.values,
                                         name + std::to_string(i)));
    }
  }

  void Fill(DocumentNumber first, DocumentNumber last) {
    Require(store_->Write([&](cache::WriteTransaction& transaction) -> Result<void> {
      std::mt19937 random(first);
      for (DocumentNumber number = first; number <= last; ++number) {
        FillDocument(transaction, number, random);
      }
      return {};
    }));
  }

  void FillDocument(cache::WriteTransaction& transaction, DocumentNumber number,
                    std::mt19937& random) {
    // Frequent values first, roughly as Zipf has it.
    const auto skewed = [&](std::uint32_t bound) {
      const double unit = std::uniform_real_distribution<double>(0, 1)(random);
      return static_cast<std::int64_t>(unit * unit * unit * bound);
    };
    const auto set = [&](cache::ColumnNumber column, std::vector<std::int64_t> values) {
      transaction.SetColumn(column, number, values);
    };
    const auto values_of = [&](const char* name) { return schema_.Find(name)->storage.values; };
    set(schema_.documents_column, {0});
    for (const auto& [name, count] : kFacets) {
      set(values_of(name), {skewed(count)});
    }
    set(values_of("tags"), {skewed(100), skewed(100), skewed(100)});
    set(values_of("price"), {EncodeFloat(static_cast<double>(random() % 1'000'000) / 100)});
    set(values_of("stock"), {static_cast<std::int64_t>(random() % 1000)});
    std::vector<std::int64_t> words;
    std::string title;
    for (std::size_t i = 0; i < kTitleWords; ++i) {
      words.push_back(skewed(kWords) + 1);
      title += (i == 0 ? "word" : " word") + std::to_string(words.back() - 1);
    }
    set(schema_.Find("title")->storage.words, words);
    set(values_of("title"), {HashOfWholeForm(title)});
  }

  cacheindex::test::TempDirectory directory_;
  NoColumns listener_;
  std::unique_ptr<cache::Store> store_;
  Schema schema_;
  std::unique_ptr<cache::Snapshot> snapshot_;
  std::unique_ptr<cache::Collection> collection_;
};

void BM_Filter(benchmark::State& state, const char* text) {
  Shop& shop = Shop::Get();
  SearchContext context = shop.Open();
  const auto filter = Require(Filter::Parse(text, shop.schema(), {}));
  const DocumentSet all = Require(context.AllDocuments());
  std::uint64_t found = 0;
  for ([[maybe_unused]] auto _ : state) {
    found = Require(filter.Evaluate(context, all)).Count();
  }
  state.counters["found"] = static_cast<double>(found);
}

void BM_Facets(benchmark::State& state, const char* facet_by) {
  Shop& shop = Shop::Get();
  SearchContext context = shop.Open();
  SearchRequest request;
  request.facet_by = facet_by;
  const auto plan = Require(FacetPlan::Parse(request, shop.schema()));
  const DocumentSet found = shop.Sample(context, static_cast<std::uint32_t>(state.range(0)));
  std::size_t fields = 0;
  for ([[maybe_unused]] auto _ : state) {
    fields = Require(plan.Count(context, found)).size();
  }
  const auto counted = static_cast<double>(found.Count()) * static_cast<double>(fields);
  state.counters["per_document_and_facet"] = benchmark::Counter(
      counted, benchmark::Counter::kIsIterationInvariantRate | benchmark::Counter::kInvert);
}

void BM_Sort(benchmark::State& state, const char* sort_by) {
  Shop& shop = Shop::Get();
  SearchContext context = shop.Open();
  const auto order = Require(SortOrder::Parse(sort_by, shop.schema(), false));
  const DocumentSet found = shop.Sample(context, static_cast<std::uint32_t>(state.range(0)));
  for ([[maybe_unused]] auto _ : state) {
    benchmark::DoNotOptimize(Require(order.Top(context, found, nullptr, 20)));
  }
}

void BM_AllDocuments(benchmark::State& state) {
  SearchContext context = Shop::Get().Open();
  for ([[maybe_unused]] auto _ : state) {
    benchmark::DoNotOptimize(Require(context.AllDocuments()));
  }
}

constexpr const char* kFiveFacets = "brand,category,color,size,series";

BENCHMARK_CAPTURE(BM_Filter, price_range, "price:=[1000..2000]")->Unit(benchmark::kMicrosecond);
BENCHMARK_CAPTURE(BM_Filter, facet_string, "brand:=brand7")->Unit(benchmark::kMicrosecond);
BENCHMARK_CAPTURE(BM_Filter, facet_list, "brand:=[brand1,brand7,brand70,brand700,brand9,brand99]")
    ->Unit(benchmark::kMicrosecond);
BENCHMARK_CAPTURE(BM_Filter, two_filters, "brand:=[brand1,brand7] && price:<500")
    ->Unit(benchmark::kMicrosecond);
BENCHMARK_CAPTURE(BM_Filter, tags, "tags:=tags5")->Unit(benchmark::kMicrosecond);
BENCHMARK_CAPTURE(BM_Filter, one_word, "title:word100")->Unit(benchmark::kMicrosecond);
BENCHMARK_CAPTURE(BM_Filter, whole_value, "title:=word3 word10 word0 word1 word2 word5")
    ->Unit(benchmark::kMicrosecond);
BENCHMARK_CAPTURE(BM_Filter, two_words, "title:word3 word10")->Unit(benchmark::kMicrosecond);
BENCHMARK_CAPTURE(BM_Facets, five, kFiveFacets)
    ->Arg(1)
    ->Arg(10)
    ->Arg(100)
    ->Unit(benchmark::kMicrosecond);
BENCHMARK_CAPTURE(BM_Facets, small, "color")->Arg(1)->Arg(10)->Unit(benchmark::kMicrosecond);
BENCHMARK_CAPTURE(BM_Facets, medium, "brand")->Arg(1)->Arg(10)->Unit(benchmark::kMicrosecond);
BENCHMARK_CAPTURE(BM_Facets, large, "series")->Arg(1)->Arg(10)->Unit(benchmark::kMicrosecond);
BENCHMARK_CAPTURE(BM_Facets, array, "tags")->Arg(1)->Arg(10)->Unit(benchmark::kMicrosecond);
BENCHMARK_CAPTURE(BM_Facets, price, "price")->Arg(1)->Arg(10)->Unit(benchmark::kMicrosecond);
BENCHMARK_CAPTURE(BM_Facets, stock, "stock")->Arg(1)->Arg(10)->Unit(benchmark::kMicrosecond);
BENCHMARK_CAPTURE(BM_Sort, price, "price:asc")
    ->Arg(1)
    ->Arg(10)
    ->Arg(100)
    ->Unit(benchmark::kMicrosecond);
BENCHMARK_CAPTURE(BM_Sort, stock_then_price, "stock:desc,price:asc")
    ->Arg(10)
    ->Unit(benchmark::kMicrosecond);
BENCHMARK_CAPTURE(BM_Sort, newest, "")->Arg(1)->Unit(benchmark::kMicrosecond);
BENCHMARK(BM_AllDocuments)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace cacheindex::index

BENCHMARK_MAIN();
