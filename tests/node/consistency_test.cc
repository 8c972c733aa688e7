// Writers at full speed while readers search and page. Every writer has documents of its own, so it
// knows exactly what must be found of them once its writes are acknowledged; readers check what
// must hold of any answer whatever is being written.

#include <gmock/gmock.h>

#include <atomic>
#include <chrono>
#include <iostream>
#include <map>
#include <random>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "node/stores/served_store.h"
#include "tests/node/running_node.h"

namespace cacheindex::test {
namespace {

using std::chrono::steady_clock;

constexpr std::chrono::seconds kDuration{7};
constexpr std::size_t kIdsPerWriter = 400;
constexpr std::size_t kPrices = 100;
constexpr const char* kColors[] = {"red", "green", "blue", "black"};

const Json& SchemaBody() {
  static const Json kSchema = Json::parse(R"({"name":"things","fields":[
    {"name":"title","type":"string"},{"name":"price","type":"int32","facet":true},
    {"name":"color","type":"string","facet":true},{"name":"writer","type":"string","facet":true},
    {"name":"shade","type":"string","facet":true,"optional":true}]})");
  return kSchema;
}

// The title depends on the id alone, so that whatever finds it by text may check it.
std::string WordOf(std::size_t number) { return "word" + std::to_string(number % 7); }

// What one writer wrote and was told to be written.
class Writer {
 public:
  Writer(std::size_t number, std::uint64_t seed)
      : name_("w" + std::to_string(number)), random_(seed) {}

  struct Batch {
    /// JSON lines to upsert.
    std::vector<std::string> upserts;
    std::vector<std::string> deletions;
  };

  /// Returns the next thing to write, as if it were written already.
  Batch Next() {
    Batch batch;
    if (random_() % 4 == 0) {
      for (std::size_t i = 0; i < 5 && !prices_.empty(); ++i) {
        const auto place =
            std::next(prices_.begin(), static_cast<std::ptrdiff_t>(random_() % prices_.size()));
        batch.deletions.push_back(IdOf(place->first));
        prices_.erase(place);
      }
      return batch;
    }
    for (std::size_t i = 1 + random_() % 60; i > 0; --i) {
      const std::size_t number = random_() % kIdsPerWriter;
      const std::size_t price = random_() % kPrices;
      prices_[number] = price;
      batch.upserts.push_back(DumpJson({{"id", IdOf(number)},
                                        {"title", "common " + WordOf(number)},
                                        {"price", price},
                                        {"color", kColors[price % 4]},
                                        {"shade", kColors[number % 4]},
                                        {"writer", name_}}));
    }
    return batch;
  }

  /// A range of prices, and how many documents it must find.
  struct Question {
    std::string filter_by;
    std::string word;
    std::size_t found = 0;
  };
  Question Ask() {
    const std::size_t low = random_() % kPrices;
    const std::size_t high = low + random_() % 40;
    const bool has_word = random_() % 2 == 0;
    const std::size_t number = random_() % kIdsPerWriter;
    Question question{.filter_by = "writer:=" + name_ + " && price:[" + std::to_string(low) + ".." +
                                   std::to_string(high) + "]",
                      .word = has_word ? WordOf(number) : "common"};
    for (const auto& [own, price] : prices_) {
      const bool has_it = !has_word || WordOf(own) == question.word;
      question.found += has_it && price >= low && price <= high ? 1 : 0;
    }
    return question;
  }

 private:
  std::string IdOf(std::size_t number) const { return name_ + "-" + std::to_string(number); }

  std::string name_;
  std::mt19937_64 random_;
  std::map<std::size_t, std::size_t> prices_;
};

// A random search by a reader.
struct Looked {
  std::string query = "*";
  std::size_t low = 0;
  std::size_t high = kPrices;
  std::string filter_by;
};

Looked RandomLook(std::mt19937_64& random) {
  Looked look;
  look.query = random() % 2 == 0 ? "*" : (random() % 2 == 0 ? "common" : WordOf(random()));
  look.low = random() % kPrices;
  look.high = look.low + random() % 60;
  look.filter_by =
      "price:>=" + std::to_string(look.low) + " && price:<=" + std::to_string(look.high);
  return look;
}

// What must hold of one document of an answer.
void CheckHit(const Json& document, const Looked& look, std::set<std::string>& ids) {
  const auto price = document.at("price").get<std::size_t>();
  EXPECT_TRUE(price >= look.low && price <= look.high) << document << look.filter_by;
  EXPECT_EQ(document.at("color"), kColors[price % 4]) << document;
  if (look.query != "*") {
    EXPECT_THAT(document.at("title").get<std::string>(), testing::HasSubstr(look.query));
  }
  EXPECT_TRUE(ids.insert(document.at("id").get<std::string>()).second)
      << "twice in one answer: " << document;
}

// Facets of fields that every document has once add up to what was found.
template <class Facets>
void CheckFacets(const Facets& counts_of_color, const Facets& counts_of_price,
                 std::uint64_t found) {
  std::uint64_t colors = 0;
  std::map<std::string, std::uint64_t> colors_by_price;
  for (const auto& [price, count] : counts_of_price) {
    colors_by_price[kColors[std::stoul(price) % 4]] += count;
  }
  for (const auto& [color, count] : counts_of_color) {
    colors += count;
    EXPECT_EQ(colors_by_price[color], count) << color;
  }
  EXPECT_EQ(colors, found);
}

class Counter {
 public:
  bool IsTime() const { return steady_clock::now() < end_ && !testing::Test::HasFailure(); }
  std::atomic<std::uint64_t> written{0};
  std::atomic<std::uint64_t> searched{0};
  std::atomic<std::uint64_t> hits{0};

  void Print() const {
    std::cout << written << " documents written, " << searched << " searches with " << hits
              << " hits\n";
  }

 private:
  steady_clock::time_point end_ = steady_clock::now() + kDuration;
};

// ---- In one process: pages of one snapshot ----

class SnapshotReader {
 public:
  SnapshotReader(node::ServedStore& native, Counter& counter, std::uint64_t seed)
      : native_(&native), counter_(&counter), random_(seed) {}

  void Run() {
    while (counter_->IsTime()) {
      auto snapshot = native_->store().OpenSnapshot();
      ASSERT_TRUE(snapshot.has_value()) << snapshot.error().message();
      auto collection = snapshot->FindCollection("things");
      ASSERT_TRUE(collection.has_value()) << collection.error().message();
      ASSERT_TRUE(collection->has_value());
      Page(*snapshot, **collection);
    }
  }

 private:
  void Page(const cache::Snapshot& snapshot, const cache::Collection& collection) {
    const Looked look = RandomLook(random_);
    SearchRequest request;
    request.query = look.query;
    request.query_by = {"title"};
    request.filter_by = look.filter_by;
    request.facet_by = "color,price";
    request.max_facet_values = 200;
    request.sort_by = random_() % 2 == 0 ? "price:asc" : "";
    request.per_page = static_cast<std::uint32_t>(1 + random_() % 100);
    std::set<std::string> ids;
    std::uint64_t found = 0;
    // Texts follow the snapshot and may change between two pages; documents and columns may not.
    const bool has_text = look.query != "*";
    for (request.page = 1; counter_->IsTime(); ++request.page) {
      const auto page = native_->index().Search(snapshot, collection, request);
      if (!page && page.error().code() == ErrorCode::kConflict) {
        return;  // Overtaken; a newer snapshot is needed, as the service takes one.
      }
      ASSERT_TRUE(page.has_value()) << page.error().message();
      ++counter_->searched;
      counter_->hits += page->hits.size();
      EXPECT_TRUE(has_text || request.page == 1 || page->found == found);
      found = page->found;
      for (const SearchHit& hit : page->hits) {
        CheckHit(Json::parse(hit.document), look, ids);
      }
      CheckFacets(Counts(page->facet_counts.at(0)), Counts(page->facet_counts.at(1)), found);
      if (has_text || page->hits.empty()) {
        break;
      }
    }
    if (!has_text && counter_->IsTime()) {
      EXPECT_EQ(ids.size(), found);
    }
  }

  static std::map<std::string, std::uint64_t> Counts(const FacetCounts& facet) {
    std::map<std::string, std::uint64_t> counts;
    for (const FacetValue& value : facet.counts) {
      counts[value.value] = value.count;
    }
    return counts;
  }

  node::ServedStore* native_;
  Counter* counter_;
  std::mt19937_64 random_;
};

void WriteInProcess(node::ServedStore& native, cache::CollectionNumber collection, Writer& writer,
                    Counter& counter) {
  while (counter.IsTime()) {
    const Writer::Batch batch = writer.Next();
    const auto written = native.Write([&](cache::WriteTransaction& transaction) -> Result<void> {
      for (const std::string& line : batch.upserts) {
        index::DocumentWrite write{.text = line, .id = {}, .parsed = {}};
        auto one = native.index().Write(transaction, collection, write,
                                        {.action = WriteAction::kUpsert, .dirty_values = {}});
        if (!one) {
          return std::move(one).error();
        }
      }
      for (const std::string& id : batch.deletions) {
        if (auto deleted = transaction.Delete(collection, id); !deleted) {
          return std::move(deleted).error();
        }
      }
      return {};
    });
    ASSERT_TRUE(written.has_value()) << written.error().message();
    counter.written += batch.upserts.size() + batch.deletions.size();
    const Writer::Question question = writer.Ask();
    for (int attempt = 0;; ++attempt) {
      auto snapshot = native.store().OpenSnapshot();
      ASSERT_TRUE(snapshot.has_value()) << snapshot.error().message();
      auto resolved = snapshot->FindCollection("things");
      ASSERT_TRUE(resolved.has_value() && resolved->has_value());
      SearchRequest request;
      request.query = question.word;
      request.query_by = {"title"};
      request.filter_by = question.filter_by;
      const auto page = native.index().Search(*snapshot, **resolved, request);
      if (!page && page.error().code() == ErrorCode::kConflict && attempt < 10) {
        continue;
      }
      ASSERT_TRUE(page.has_value()) << page.error().message();
      EXPECT_EQ(page->found, question.found) << question.word << " " << question.filter_by;
      break;
    }
  }
}

TEST(ConsistencyTest, PagesOfOneSnapshotAgreeWhileWritersWrite) {
  TempDirectory directory;
  node::Config config;
  auto native = node::ServedStore::Open(directory.path() / "store", config);
  ASSERT_TRUE(native.has_value()) << native.error().message();
  cache::CollectionNumber collection{};
  const auto created = (*native)->Write([&](cache::WriteTransaction& transaction) -> Result<void> {
    auto number = (*native)->index().CreateCollection(transaction, SchemaBody(), 0);
    if (!number) {
      return std::move(number).error();
    }
    collection = *number;
    return {};
  });
  ASSERT_TRUE(created.has_value()) << created.error().message();
  std::vector<Writer> writers = {{0, 10}, {1, 11}};
  Counter counter;
  std::vector<SnapshotReader> readers = {{**native, counter, 1}, {**native, counter, 2}};
  {
    std::vector<std::jthread> threads;
    for (Writer& writer : writers) {
      threads.emplace_back([&] { WriteInProcess(**native, collection, writer, counter); });
    }
    for (SnapshotReader& reader : readers) {
      threads.emplace_back([&] { reader.Run(); });
    }
  }
  counter.Print();
  EXPECT_GT(counter.written, 100U);
  EXPECT_GT(counter.hits, 100U);
}

// ---- Over HTTP ----

std::map<std::string, std::uint64_t> CountsOf(const Json& facet) {
  std::map<std::string, std::uint64_t> counts;
  for (const Json& value : facet.at("counts")) {
    counts[value.at("value")] = value.at("count");
  }
  return counts;
}

Json SearchOver(HttpClient& client, const std::string& query, const std::string& filter_by,
                const std::string& rest) {
  const HttpReply reply = client.Ask(
      "GET", "/collections/things/documents/search?query_by=title&q=" + PercentEncoded(query) +
                 "&filter_by=" + PercentEncoded(filter_by) + rest);
  EXPECT_EQ(reply.status, 200) << reply.body;
  return Json::parse(reply.body, nullptr, /*allow_exceptions=*/false);
}

void ReadOverHttp(std::uint16_t port, Counter& counter, std::uint64_t seed) {
  HttpClient client(port, RunningNode::kKey);
  std::mt19937_64 random(seed);
  while (counter.IsTime()) {
    const Looked look = RandomLook(random);
    const std::size_t per_page = 1 + random() % 100;
    const std::size_t page = 1 + random() % 4;
    const Json answer = SearchOver(client, look.query, look.filter_by,
                                   "&facet_by=color,price&max_facet_values=200&per_page=" +
                                       std::to_string(per_page) + "&page=" + std::to_string(page));
    if (!answer.is_object() || !answer.contains("found")) {
      return;
    }
    const auto found = answer.at("found").get<std::size_t>();
    const std::size_t begin = std::min(found, (page - 1) * per_page);
    EXPECT_EQ(answer.at("hits").size(), std::min(found - begin, per_page)) << look.filter_by;
    std::set<std::string> ids;
    for (const Json& hit : answer.at("hits")) {
      CheckHit(hit.at("document"), look, ids);
    }
    CheckFacets(CountsOf(answer.at("facet_counts").at(0)),
                CountsOf(answer.at("facet_counts").at(1)), found);
    ++counter.searched;
    counter.hits += answer.at("hits").size();
  }
}

void WriteOverHttp(std::uint16_t port, Writer& writer, Counter& counter) {
  HttpClient client(port, RunningNode::kKey);
  while (counter.IsTime()) {
    const Writer::Batch batch = writer.Next();
    std::string body;
    for (const std::string& line : batch.upserts) {
      body += line + "\n";
    }
    if (!body.empty()) {
      const HttpReply reply =
          client.Ask("POST", "/collections/things/documents/import?action=upsert", body);
      EXPECT_THAT(LinesOf(reply.body), testing::Each(R"({"success":true})"));
      EXPECT_EQ(LinesOf(reply.body).size(), batch.upserts.size());
    }
    for (const std::string& id : batch.deletions) {
      EXPECT_EQ(client.Ask("DELETE", "/collections/things/documents/" + id).status, 200) << id;
    }
    counter.written += batch.upserts.size() + batch.deletions.size();
    const Writer::Question question = writer.Ask();
    const Json answer = SearchOver(client, question.word, question.filter_by, "");
    if (!answer.is_object() || !answer.contains("found")) {
      return;
    }
    EXPECT_EQ(answer.at("found"), question.found) << question.word << " " << question.filter_by;
  }
}

TEST(ConsistencyTest, EveryAnswerAgreesWithItselfWhileClientsWrite) {
  RunningNode node;
  node.Get("POST", "/collections", DumpJson(SchemaBody()));
  std::vector<Writer> writers = {{0, 20}, {1, 21}};
  Counter counter;
  {
    std::vector<std::jthread> threads;
    for (Writer& writer : writers) {
      threads.emplace_back([&] { WriteOverHttp(node.port(), writer, counter); });
    }
    for (const std::uint64_t seed : {1U, 2U, 3U}) {
      threads.emplace_back([&, seed] { ReadOverHttp(node.port(), counter, seed); });
    }
  }
  counter.Print();
  EXPECT_GT(counter.written, 100U);
  EXPECT_GT(counter.hits, 100U);
}

}  // namespace
}  // namespace cacheindex::test
