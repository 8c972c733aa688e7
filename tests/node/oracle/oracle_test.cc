// Random collections, writes and queries, answered by the product and by a naive evaluation over
// the same documents. When they differ, the message names the seed of the one collection:
//
//   CACHEINDEX_ORACLE_SEED=<seed> oracle_test --gtest_filter='*/0'
//
// repeats it first. CACHEINDEX_ORACLE_QUERIES says how many queries each shard asks.

#include <gmock/gmock.h>

#include <cstdlib>
#include <iostream>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "tests/node/oracle/difference.h"
#include "tests/node/oracle/naive_search.h"
#include "tests/node/oracle/product.h"
#include "tests/node/oracle/query.h"
#include "tests/node/oracle/replicas.h"
#include "tests/node/oracle/shape.h"

namespace cacheindex::test {
namespace {

constexpr std::uint64_t kShards = 8;
constexpr std::uint64_t kQueriesPerShard = 2'600;
// Far more collections than one shard needs.
constexpr std::uint64_t kSeedsPerShard = 1'000'000;

std::optional<std::uint64_t> NumberFromEnvironment(const char* name) {
  // NOLINTNEXTLINE(concurrency-mt-unsafe): no thread changes the environment.
  const char* text = std::getenv(name);
  return text == nullptr ? std::nullopt : std::optional<std::uint64_t>(std::stoull(text));
}

// One random collection from its creation to its end.
class Collection {
 public:
  explicit Collection(std::uint64_t seed)
      : random_(seed),
        shape_(RandomShape(random_)),
        model_(shape_),
        maker_(shape_, random_),
        product_(shape_),
        replicas_(shape_, random_) {}

  /// Writes and queries in turn. Returns how many queries were asked; stops at the first
  /// difference.
  std::uint64_t Run() {
    static const std::vector<std::size_t> kSizes = {20, 40, 60, 100, 150, 250, 400};
    const std::size_t size = random_.Pick(kSizes);
    ids_max_ = size + size / 4;
    WriteMany(size);
    const std::size_t rounds = 3 + random_.Below(3);
    std::uint64_t asked = 0;
    for (std::size_t round = 0; round < rounds && !HasFailed(); ++round) {
      if (random_.Chance(20)) {
        product_.Reopen();
      }
      // What a source declares nobody changes.
      if (!shape_.orders_by_id && random_.Chance(30)) {
        ChangeSchema();
      }
      if (!shape_.orders_by_id && random_.Chance(30)) {
        DropDiscovered();
      }
      const std::size_t queries = 20 + random_.Below(40);
      product_.TakeSnapshot();
      if (shape_.orders_by_id) {
        replicas_.TakeSnapshots(model_);
      }
      for (std::size_t i = 0; i < queries && !HasFailed(); ++i, ++asked) {
        Ask();
      }
      replicas_.ReleaseSnapshots();
      product_.ReleaseSnapshot();
      WriteMany(1 + random_.Below(60));
    }
    CheckNumbers();
    EXPECT_THAT(product_.Findings(), testing::IsEmpty());
    return asked;
  }

  std::string Schema() const { return "schema: " + DumpJson(shape_.schema); }
  /// Queries that showed something.
  std::uint64_t hits() const { return hits_; }
  /// Answers that other nodes gave too.
  std::uint64_t compared() const { return replicas_.compared(); }

 private:
  static bool HasFailed() { return testing::Test::HasFailure(); }

  void WriteMany(std::size_t count) {
    while (count > 0 && !HasFailed()) {
      std::vector<WriteOperation> operations;
      for (std::size_t i = std::min(count, 1 + random_.Below(60)); i > 0; --i, --count) {
        operations.push_back(Operation());
      }
      const auto outcomes = product_.Write(operations);
      replicas_.Write(operations);
      for (std::size_t i = 0; i < operations.size(); ++i) {
        const auto expected = Apply(operations[i]);
        ASSERT_EQ(outcomes[i].has_value(), expected.has_value())
            << DumpJson(operations[i].document) << " action "
            << static_cast<int>(operations[i].action) << " got "
            << (outcomes[i] ? Name(*outcomes[i]) : "accepted");
        ASSERT_TRUE(outcomes[i] == expected) << Name(*outcomes[i]) << ", not " << Name(*expected);
      }
    }
  }

  // Adds a field, drops one, or replaces one by a field of other abilities.
  void ChangeSchema() {
    const Property& property = random_.Pick(shape_.properties);
    const std::string& name = property.name;
    if (!property.members.empty() || model_.IsDiscovered(name) ||
        name == model_.default_sorting_field()) {
      return;
    }
    Json changes = Json::array();
    const bool exists = model_.Find(name) != nullptr;
    if (exists) {
      model_.DropField(name);
      changes.push_back({{"name", name}, {"drop", true}});
    }
    if (!exists || random_.Chance(60)) {
      const bool is_text = property.kind == ValueKind::kString;
      const ModelField field{.name = name,
                             .kind = property.kind,
                             .is_array = property.is_array,
                             .facet = random_.Chance(60),
                             .sort = !property.is_array && (!is_text || random_.Chance(60))};
      model_.AddField(field);
      changes.push_back(test::Describe(field, /*is_required=*/false));
    }
    const auto changed = product_.ChangeSchema({{"fields", changes}});
    ASSERT_TRUE(changed.has_value()) << changed.error().message() << DumpJson(changes);
    if (random_.Chance(50)) {
      EXPECT_THAT(product_.Findings(), testing::IsEmpty()) << DumpJson(changes);
    }
  }

  // Drops a field that the next document with such a value brings back, for all documents.
  void DropDiscovered() {
    const ModelField field = random_.Pick(model_.fields());
    if (!model_.IsDiscovered(field.name) || field.name == model_.default_sorting_field()) {
      return;
    }
    model_.DropField(field.name);
    const Json drop = {{"fields", {{{"name", field.name}, {"drop", true}}}}};
    ASSERT_TRUE(product_.ChangeSchema(drop).has_value()) << DumpJson(drop);
    WriteMany(1 + random_.Below(5));
    EXPECT_THAT(product_.Findings(), testing::IsEmpty()) << DumpJson(drop);
  }

  WriteOperation Operation() {
    const std::string id = test::IdOf(shape_, random_.Below(ids_max_));
    const std::size_t choice = random_.Below(100);
    if (choice < 8) {
      return {.is_deletion = true, .id = id, .document = nullptr};
    }
    if (choice < 20) {
      const auto action = random_.Chance(50) ? WriteAction::kUpdate : WriteAction::kEmplace;
      return {.action = action, .id = id, .document = maker_.Partial(random_, id)};
    }
    const auto action = random_.Chance(70)   ? WriteAction::kUpsert
                        : random_.Chance(50) ? WriteAction::kCreate
                                             : WriteAction::kEmplace;
    return {.action = action, .id = id, .document = maker_.Whole(random_, id)};
  }

  std::optional<ErrorCode> Apply(const WriteOperation& operation) {
    if (operation.is_deletion) {
      return model_.Delete(operation.id) ? std::nullopt : std::optional(ErrorCode::kNotFound);
    }
    return model_.Write(operation.action, operation.document);
  }

  void Ask() {
    const Query query = RandomQuery(random_, model_);
    Ask(query);
    if (random_.Chance(15) && !HasFailed()) {
      Ask(RandomVariant(random_, model_, query));
    }
    if (query.filter && query.request.validate_field_names && random_.Chance(15)) {
      AskFilter(query);
    }
    if (shape_.orders_by_id && random_.Chance(10) && !HasFailed()) {
      AskByChance(query);
    }
  }

  // An order that nobody can foretell must be the same everywhere all the same.
  void AskByChance(const Query& query) {
    SearchRequest request = query.request;
    request.sort_by = "_rand(" + std::to_string(random_.Below(1000)) + "):asc";
    const auto actual = product_.Search(request);
    ASSERT_TRUE(actual.has_value()) << actual.error().message();
    CompareReplicas(request, *actual);
  }

  void CompareReplicas(const SearchRequest& request, const SearchPage& actual) {
    ASSERT_EQ(replicas_.Difference(request, actual), "") << "query: " << Show(request) << "\n"
                                                         << Schema();
  }

  void Ask(const Query& query) {
    const auto actual = product_.Search(query.request);
    ASSERT_TRUE(actual.has_value())
        << actual.error().message() << "\nquery: " << Show(query.request) << "\n"
        << Schema();
    const NaivePage expected = SearchNaively(query, model_);
    ASSERT_EQ(FirstDifference(query, model_, *actual, expected), "")
        << "query: " << Show(query.request) << "\n"
        << Schema();
    CompareReplicas(query.request, *actual);
    hits_ += expected.hits.empty() ? 0U : 1U;
  }

  // What updates and deletes by filter select.
  void AskFilter(const Query& query) {
    const auto actual = product_.Filter(query.request.filter_by);
    ASSERT_TRUE(actual.has_value()) << actual.error().message();
    std::vector<DocumentNumber> expected;
    for (const auto& [id, document] : model_.documents()) {
      if (Holds(*query.filter, document.fields)) {
        expected.push_back(document.number);
      }
    }
    EXPECT_THAT(*actual, testing::UnorderedElementsAreArray(expected)) << query.request.filter_by;
  }

  void CheckNumbers() {
    product_.TakeSnapshot();
    for (const auto& [id, document] : model_.documents()) {
      ASSERT_EQ(product_.NumberOf(id), document.number) << id;
    }
    product_.ReleaseSnapshot();
  }

  Random random_;
  Shape shape_;
  Model model_;
  DocumentMaker maker_;
  Product product_;
  Replicas replicas_;
  std::size_t ids_max_ = 1;
  std::uint64_t hits_ = 0;
};

class OracleTest : public testing::TestWithParam<std::uint64_t> {};

TEST_P(OracleTest, SearchesAnswerWhatANaiveEvaluationAnswers) {
  const std::uint64_t base = NumberFromEnvironment("CACHEINDEX_ORACLE_SEED").value_or(1);
  const std::uint64_t queries =
      NumberFromEnvironment("CACHEINDEX_ORACLE_QUERIES").value_or(kQueriesPerShard);
  std::uint64_t asked = 0;
  std::uint64_t hits = 0;
  std::uint64_t compared = 0;
  std::uint64_t seed = base + GetParam() * kSeedsPerShard;
  for (; asked < queries && !HasFailure(); ++seed) {
    SCOPED_TRACE("repeat with CACHEINDEX_ORACLE_SEED=" + std::to_string(seed) +
                 " CACHEINDEX_ORACLE_QUERIES=1 --gtest_filter='*/0'");
    Collection collection(seed);
    asked += collection.Run();
    hits += collection.hits();
    compared += collection.compared();
  }
  EXPECT_GT(hits, asked / 3) << "most queries find nothing: they prove little";
  EXPECT_GT(compared, asked / 4) << "few answers are compared with those of other nodes";
  std::cout << asked << " queries, " << hits << " with hits, " << compared
            << " answers compared with those of other nodes, from seed "
            << base + GetParam() * kSeedsPerShard << " to " << seed - 1 << '\n';
}

INSTANTIATE_TEST_SUITE_P(Shards, OracleTest, testing::Range(std::uint64_t{0}, kShards));

}  // namespace
}  // namespace cacheindex::test
