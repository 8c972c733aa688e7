// Backs the cost claims in cache/'s headers.
//
// BM_Read is a whole read in one process: snapshot, find, verify, decompress. Its counters p50_ns
// and p99_ns are of single reads, the time itself is the mean.

#include <benchmark/benchmark.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <random>
#include <span>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "cache/store.h"

namespace cacheindex::cache {
namespace {

constexpr int kDocuments = 200'000;
constexpr DocumentNumber kColumnDocuments = 1'000'000;

// About 1 KB of JSON, with the repetition and the noise that products have.
Document MakeProduct(int number) {
  static constexpr std::array<const char*, 24> kWords{
      "waterproof", "hiking",    "jacket",  "leather",   "organic",  "running",
      "cotton",     "shoes",     "battery", "display",   "wireless", "keyboard",
      "garden",     "furniture", "kitchen", "stainless", "steel",    "ceramic",
      "bottle",     "camera",    "lens",    "backpack",  "travel",   "charger"};
  std::mt19937_64 random(static_cast<std::uint64_t>(number));
  const auto words = [&](int count) {
    std::string text;
    for (int i = 0; i < count; ++i) {
      text += kWords[random() % kWords.size()];
      text += ' ';
    }
    return text;
  };
  Json fields{{"id", std::to_string(number)},
              {"title", words(6)},
              {"description", words(70)},
              {"brand", "Brand " + std::to_string(random() % 500)},
              {"categories", {"Home", words(1), words(2)}},
              {"price", static_cast<double>(random() % 100'000) / 100},
              {"stock", random() % 1000},
              {"rating", static_cast<double>(random() % 50) / 10},
              {"released_at", 1'600'000'000 + random() % 100'000'000},
              {"attributes", {{"color", words(1)}, {"material", words(1)}, {"weight", random()}}}};
  std::string json = DumpJson(fields);
  return {.id = std::to_string(number), .fields = std::move(fields), .json = std::move(json)};
}

/// A store in a directory of its own, removed at the end.
class Fixture {
 public:
  Fixture() {
    std::string pattern = std::filesystem::temp_directory_path() / "cacheindex-benchmark-XXXXXX";
    directory_ = ::mkdtemp(pattern.data());
    store_ = *Store::Open({.directory = directory_}, nullptr);
    Write([&](WriteTransaction& transaction) -> Result<void> {
      collection_ = *transaction.CreateCollection("products", "{}");
      return {};
    });
  }
  ~Fixture() {
    store_.reset();
    std::error_code ignored;
    std::filesystem::remove_all(directory_, ignored);
  }
  Fixture(const Fixture&) = delete;
  Fixture& operator=(const Fixture&) = delete;

  void Write(const Store::Job& job) {
    if (!store_->Write(job)) {
      std::abort();
    }
  }

  Store& store() { return *store_; }
  CollectionNumber collection() const { return collection_; }

 private:
  std::filesystem::path directory_;
  std::unique_ptr<Store> store_;
  CollectionNumber collection_{};
};

// Filled once and shared by the benchmarks that only read.
Fixture& FilledStore() {
  static Fixture fixture;
  static const bool kIsFilled = [] {
    for (int first = 0; first < kDocuments; first += 1000) {
      fixture.Write([&](WriteTransaction& transaction) -> Result<void> {
        for (int i = first; i < first + 1000; ++i) {
          if (!transaction.Put(fixture.collection(), MakeProduct(i))) {
            std::abort();
          }
        }
        return {};
      });
    }
    return true;
  }();
  static_cast<void>(kIsFilled);
  return fixture;
}

void BM_OpenSnapshot(benchmark::State& state) {
  Store& store = FilledStore().store();
  for ([[maybe_unused]] auto _ : state) {
    benchmark::DoNotOptimize(store.OpenSnapshot());
  }
}
BENCHMARK(BM_OpenSnapshot);

void BM_Read(benchmark::State& state) {
  Fixture& fixture = FilledStore();
  std::mt19937 random(1);
  std::vector<std::string> ids;
  ids.reserve(1 << 16);
  for (int i = 0; i < 1 << 16; ++i) {
    ids.push_back(std::to_string(random() % static_cast<unsigned>(state.range(0))));
  }
  std::vector<std::int64_t> times;
  times.reserve(1 << 22);
  std::size_t next = 0;
  std::size_t bytes = 0;
  for ([[maybe_unused]] auto _ : state) {
    const auto started = std::chrono::steady_clock::now();
    const auto snapshot = fixture.store().OpenSnapshot();
    const auto document = snapshot->Find(fixture.collection(), ids[next++ % ids.size()]);
    bytes += (*document)->json.size();
    times.push_back((std::chrono::steady_clock::now() - started).count());
  }
  std::sort(times.begin(), times.end());
  state.counters["p50_ns"] = static_cast<double>(times[times.size() / 2]);
  state.counters["p99_ns"] = static_cast<double>(times[times.size() * 99 / 100]);
  state.counters["json_bytes"] = static_cast<double>(bytes) / static_cast<double>(times.size());
}
// Of how many documents: those that a shop shows all the time, and all.
BENCHMARK(BM_Read)->Arg(1'000)->Arg(kDocuments);

void BM_ReadFiftyInOneSnapshot(benchmark::State& state) {
  Fixture& fixture = FilledStore();
  std::mt19937 random(1);
  for ([[maybe_unused]] auto _ : state) {
    const auto snapshot = fixture.store().OpenSnapshot();
    for (int i = 0; i < 50; ++i) {
      benchmark::DoNotOptimize(
          snapshot->Find(fixture.collection(), std::to_string(random() % kDocuments)));
    }
  }
  state.SetItemsProcessed(state.iterations() * 50);
}
BENCHMARK(BM_ReadFiftyInOneSnapshot);

// One column of a million documents with values below `cardinality`.
struct Column {
  explicit Column(std::int64_t cardinality) {
    fixture.Write([&](WriteTransaction& transaction) -> Result<void> {
      number = *transaction.AllocateColumn(PageShape::kWide);
      std::mt19937_64 random(1);
      for (DocumentNumber document = 0; document < kColumnDocuments; ++document) {
        const auto value =
            static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(cardinality));
        transaction.SetColumn(number, document, std::span(&value, 1));
      }
      return {};
    });
  }

  Fixture fixture;
  ColumnNumber number{};
};

// What a facet does: ordinals counted in an array. `range(0)` values, `range(1)` % selected.
void BM_CountColumn(benchmark::State& state) {
  Column column(state.range(0));
  const Snapshot snapshot = *column.fixture.store().OpenSnapshot();
  const ColumnPages pages = *snapshot.Pages(column.number);
  constexpr std::size_t kWords = kWidePageDocuments / 64;
  std::vector<std::uint64_t> selection(pages.page_count() * kWords);
  std::mt19937_64 random(2);
  std::uint64_t selected = 0;
  for (DocumentNumber document = 0; document < kColumnDocuments; ++document) {
    if (random() % 100 < static_cast<std::uint64_t>(state.range(1))) {
      selection[document / 64] |= std::uint64_t{1} << (document % 64);
      ++selected;
    }
  }
  // Four counters a value, in turn: incrementing one right after itself would wait for the store.
  std::vector<std::uint32_t> counts(static_cast<std::size_t>(state.range(0)) * 4);
  for ([[maybe_unused]] auto _ : state) {
    std::uint32_t* const counters = counts.data();
    for (std::uint32_t page = 0; page < pages.page_count(); ++page) {
      pages.Find(page)->ForEachValue(
          &selection[page * kWords],
          [&](std::uint32_t offset, std::int64_t value) { ++counters[value * 4 + offset % 4]; });
    }
    benchmark::ClobberMemory();
  }
  state.counters["ns_per_document"] = benchmark::Counter(
      static_cast<double>(selected) * static_cast<double>(state.iterations()) / 1e9,
      benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}
BENCHMARK(BM_CountColumn)->ArgsProduct({{8, 200, 2'000, 100'000}, {100, 10, 1}});

void BM_SelectRange(benchmark::State& state) {
  Column column(state.range(0));
  const Snapshot snapshot = *column.fixture.store().OpenSnapshot();
  const ColumnPages pages = *snapshot.Pages(column.number);
  std::array<std::uint64_t, kWidePageDocuments / 64> everything{};
  everything.fill(~std::uint64_t{0});
  std::array<std::uint64_t, kWidePageDocuments / 64> matches{};
  for ([[maybe_unused]] auto _ : state) {
    for (std::uint32_t page = 0; page < pages.page_count(); ++page) {
      pages.Find(page)->SelectRange(state.range(0) / 4, state.range(0) / 2, everything.data(),
                                    matches.data());
    }
    benchmark::ClobberMemory();
  }
  state.SetItemsProcessed(state.iterations() * kColumnDocuments);
}
BENCHMARK(BM_SelectRange)->Arg(200)->Arg(2'000)->Arg(100'000);

// Items are pages: all of a column in order, as filters and facets do.
void BM_ScanPages(benchmark::State& state) {
  Column column(2'000);
  const Snapshot snapshot = *column.fixture.store().OpenSnapshot();
  std::uint32_t count = 0;
  for ([[maybe_unused]] auto _ : state) {
    const auto pages = snapshot.Pages(column.number);
    count = pages->page_count();
    for (std::uint32_t page = 0; page < count; ++page) {
      benchmark::DoNotOptimize(pages->Find(page));
    }
  }
  state.SetItemsProcessed(state.iterations() * count);
}
BENCHMARK(BM_ScanPages);

// Items are pages: some of a column, as ranking does.
void BM_FindPage(benchmark::State& state) {
  constexpr std::uint32_t kStep = 17;
  Column column(2'000);
  const Snapshot snapshot = *column.fixture.store().OpenSnapshot();
  std::int64_t found = 0;
  for ([[maybe_unused]] auto _ : state) {
    const auto pages = snapshot.Pages(column.number);
    for (std::uint32_t page = 0; page < pages->page_count(); page += kStep) {
      benchmark::DoNotOptimize(pages->Find(page));
      ++found;
    }
  }
  state.SetItemsProcessed(found);
}
BENCHMARK(BM_FindPage);

// Replaces random documents of a filled store and one column value of each; `range(0)` a commit.
void BM_Write(benchmark::State& state) {
  Fixture& fixture = FilledStore();
  ColumnNumber column{};
  fixture.Write([&](WriteTransaction& transaction) -> Result<void> {
    column = *transaction.AllocateColumn(PageShape::kWide);
    for (DocumentNumber document = 0; document <= kDocuments; ++document) {
      const std::int64_t value = document % 5'000;
      transaction.SetColumn(column, document, std::span(&value, 1));
    }
    return {};
  });
  std::vector<Document> documents;
  documents.reserve(10'000);
  for (int i = 0; i < 10'000; ++i) {
    documents.push_back(MakeProduct(i * (kDocuments / 10'000)));
  }
  std::mt19937 random(3);
  for ([[maybe_unused]] auto _ : state) {
    fixture.Write([&](WriteTransaction& transaction) -> Result<void> {
      for (std::int64_t i = 0; i < state.range(0); ++i) {
        const Document& document = documents[random() % documents.size()];
        const auto put = transaction.Put(fixture.collection(), document);
        if (!put) {
          std::abort();
        }
        const auto value = static_cast<std::int64_t>(random() % 5'000);
        transaction.SetColumn(column, put->number, std::span(&value, 1));
      }
      return {};
    });
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(BM_Write)->Arg(1)->Arg(100)->Arg(1'000)->UseRealTime()->Unit(benchmark::kMicrosecond);

// Many callers with one document each, as the HTTP front has them: what group commit makes of it.
void BM_WriteTogether(benchmark::State& state) {
  Fixture& fixture = FilledStore();
  const Document document = MakeProduct(state.thread_index());
  for ([[maybe_unused]] auto _ : state) {
    fixture.Write([&](WriteTransaction& transaction) -> Result<void> {
      auto put = transaction.Put(fixture.collection(), document);
      return put ? Result<void>() : std::move(put).error();
    });
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(BM_WriteTogether)->Threads(1)->Threads(32)->UseRealTime();

}  // namespace
}  // namespace cacheindex::cache
