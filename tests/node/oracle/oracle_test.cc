// Random collections, writes and queries, answered by the product and by a naive evaluation over
// the same documents. When they differ, the message names the seed of the one collection:
//
//   CACHEINDEX_ORACLE_SEED=<seed> oracle_test --gtest_filter='*/0'
//
// repeats it first. CACHEINDEX_ORACLE_QUERIES says how many queries each shard asks.

#include <gmock/gmock.h>

#include <cmath>
#include <cstdlib>
#include <iostream>
#include <optional>
#include <string>
#include <utility>
#include <vector>

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

std::string Ids(const std::vector<Candidate>& candidates) {
  Json ids = Json::array();
  for (const Candidate& candidate : candidates) {
    ids.push_back(*candidate.id);
  }
  return DumpJson(ids);
}

std::string IdOf(const SearchHit& hit) {
  return Json::parse(hit.document).at("id").get<std::string>();
}

bool AreClose(double a, double b, double scale) { return std::fabs(a - b) <= 1e-9 * scale; }

// The first difference between what the product answered and what it should have, if any.
class Difference {
 public:
  Difference(const Query& query, const Model& model, const SearchPage& actual,
             const NaivePage& expected)
      : query_(&query), model_(&model), actual_(&actual), expected_(&expected) {}

  std::string FirstDifference() const {
    const bool is_grouped = !query_->group_fields.empty();
    const std::uint64_t found = is_grouped ? actual_->found_documents.value_or(0) : actual_->found;
    if (found != expected_->found.size()) {
      return "found: " + std::to_string(found) + " instead of " +
             std::to_string(expected_->found.size()) + ", which are " + Ids(expected_->found) +
             MissingOrExtra();
    }
    if (is_grouped && actual_->found != expected_->groups.size()) {
      return "groups: " + std::to_string(actual_->found) + " instead of " +
             std::to_string(expected_->groups.size());
    }
    if (actual_->out_of != model_->documents().size()) {
      return "out_of: " + std::to_string(actual_->out_of);
    }
    std::string difference =
        is_grouped ? CompareGroups() : CompareHits(actual_->hits, expected_->hits);
    return difference.empty() ? CompareFacets() : difference;
  }

 private:
  std::string MissingOrExtra() const {
    for (const SearchHit& hit : actual_->hits) {
      const bool is_expected =
          std::any_of(expected_->found.begin(), expected_->found.end(),
                      [&](const Candidate& candidate) { return *candidate.id == IdOf(hit); });
      if (!is_expected) {
        return "\n  should not be found: " + hit.document;
      }
    }
    for (const Candidate& candidate : expected_->found) {
      const bool is_there =
          std::any_of(actual_->hits.begin(), actual_->hits.end(),
                      [&](const SearchHit& hit) { return IdOf(hit) == *candidate.id; });
      if (!is_there) {
        return "\n  perhaps missing: " + DumpJson(candidate.document->fields);
      }
    }
    return {};
  }

  std::string CompareGroups() const {
    const SearchRequest& request = query_->request;
    const auto& groups = expected_->groups;
    const std::size_t skip = std::min<std::size_t>(
        request.offset.value_or((std::max(request.page, 1U) - 1) * request.per_page),
        groups.size());
    const std::size_t count = std::min<std::size_t>(request.per_page, groups.size() - skip);
    if (actual_->groups.size() != count || !actual_->hits.empty()) {
      return "groups shown: " + std::to_string(actual_->groups.size()) + " instead of " +
             std::to_string(count);
    }
    for (std::size_t i = 0; i < count; ++i) {
      const SearchGroup& actual = actual_->groups[i];
      const NaiveGroup& expected = groups[skip + i];
      const std::string place = "group " + std::to_string(i) + " " + actual.key + ": ";
      if (Json::parse(actual.key) != expected.key || actual.found != expected.members.size()) {
        return place + std::to_string(actual.found) + " instead of " + DumpJson(expected.key) +
               ": " + std::to_string(expected.members.size());
      }
      std::vector<Candidate> members;
      for (const std::size_t member : expected.members) {
        if (members.size() < request.group_limit) {
          members.push_back(expected_->found[member]);
        }
      }
      if (std::string difference = CompareHits(actual.hits, members); !difference.empty()) {
        return place + difference;
      }
    }
    return {};
  }

  static std::string CompareHits(const std::vector<SearchHit>& actual,
                                 const std::vector<Candidate>& expected) {
    if (actual.size() != expected.size()) {
      return "hits: " + std::to_string(actual.size()) + " instead of " +
             std::to_string(expected.size());
    }
    for (std::size_t i = 0; i < actual.size(); ++i) {
      const SearchHit& hit = actual[i];
      const Candidate& candidate = expected[i];
      const std::string place = "hit " + std::to_string(i) + ": ";
      const std::string document = DumpJson(candidate.document->fields);
      if (hit.document != document) {
        return place + hit.document + "\n  instead of " + document + Scores(hit, candidate);
      }
      if (hit.text_match.has_value() != candidate.match.has_value() ||
          (hit.text_match && hit.text_match->score != candidate.match->score)) {
        return place + document + Scores(hit, candidate);
      }
      if (std::string difference =
              CompareHighlight(hit.highlights.tree, candidate.document->fields);
          !difference.empty()) {
        return place + document + difference;
      }
    }
    return {};
  }

  // Whoever reads highlights by name and place must find what the document has there.
  static std::string CompareHighlight(const HighlightTree& tree, const Json& value) {
    if (tree.kind == HighlightTree::Kind::kText) {
      const std::string plain = value.is_string() ? value.get<std::string>() : "";
      const std::string shown = WithoutTags(tree.text.snippet);
      const bool is_right = tree.text.matched_tokens.empty()
                                ? shown == plain
                                : plain.find(shown) != std::string::npos;
      return is_right ? "" : "\n  highlighted: " + tree.text.snippet + " of " + DumpJson(value);
    }
    const bool is_array = tree.kind == HighlightTree::Kind::kArray;
    if (is_array && (!value.is_array() || value.size() != tree.parts.size())) {
      return "\n  highlighted: " + std::to_string(tree.parts.size()) + " elements of " +
             DumpJson(value);
    }
    for (const HighlightTree::Part& part : tree.parts) {
      if (!is_array && !(value.is_object() && value.contains(part.name))) {
        return "\n  highlighted: " + part.name + " of " + DumpJson(value);
      }
      const Json& child = is_array ? value[part.place] : value[part.name];
      if (std::string difference = CompareHighlight(part.tree, child); !difference.empty()) {
        return difference;
      }
    }
    return {};
  }

  static std::string Scores(const SearchHit& hit, const Candidate& candidate) {
    const auto show = [](const std::optional<TextMatch>& match) {
      return match ? std::to_string(match->score) : std::string("none");
    };
    return "\n  text_match " + show(hit.text_match) + " instead of " + show(candidate.match);
  }

  std::string CompareFacets() const {
    if (actual_->facet_counts.size() != expected_->facet_counts.size()) {
      return "facets: " + std::to_string(actual_->facet_counts.size()) + " instead of " +
             std::to_string(expected_->facet_counts.size());
    }
    for (std::size_t i = 0; i < actual_->facet_counts.size(); ++i) {
      const std::string actual = ShowFacet(actual_->facet_counts[i]);
      const std::string expected = ShowFacet(expected_->facet_counts[i]);
      if (actual != expected) {
        return "facet " + actual + "\n  instead of " + expected;
      }
      for (const FacetValue& value : actual_->facet_counts[i].counts) {
        if (WithoutTags(value.highlighted) != value.value) {
          return "highlighted: " + value.highlighted + " of " + value.value;
        }
      }
      if (std::string difference =
              CompareStatistics(actual_->facet_counts[i], expected_->facet_counts[i]);
          !difference.empty()) {
        return difference;
      }
    }
    return {};
  }

  static std::string WithoutTags(std::string text) {
    for (const std::string tag : {"<mark>", "</mark>"}) {
      for (auto place = text.find(tag); place != std::string::npos; place = text.find(tag)) {
        text.erase(place, tag.size());
      }
    }
    return text;
  }

  static std::string ShowFacet(const FacetCounts& facet) {
    Json counts = Json::array();
    for (const FacetValue& value : facet.counts) {
      counts.push_back({value.value, value.count});
    }
    return DumpJson({facet.field_name, facet.total_values, facet.statistics.has_value(), counts});
  }

  std::string CompareStatistics(const FacetCounts& actual, const FacetCounts& expected) const {
    if (!actual.statistics) {
      return {};
    }
    const FacetStatistics& a = *actual.statistics;
    const FacetStatistics& b = *expected.statistics;
    // Sums depend on the order of adding as far as large numbers swallow small ones.
    double scale = 1;
    for (const Candidate& candidate : expected_->found) {
      for (const Json& value : ValuesAt(candidate.document->fields, actual.field_name)) {
        scale += std::fabs(value.get<double>());
      }
    }
    if (a.minimum == b.minimum && a.maximum == b.maximum && AreClose(a.sum, b.sum, scale) &&
        AreClose(a.average, b.average, scale)) {
      return {};
    }
    const auto show = [](const FacetStatistics& s) {
      return DumpJson({s.minimum, s.maximum, s.sum, s.average});
    };
    return "stats of " + actual.field_name + ": " + show(a) + " instead of " + show(b);
  }

  const Query* query_;
  const Model* model_;
  const SearchPage* actual_;
  const NaivePage* expected_;
};

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
      if (!shape_.orders_by_id && random_.Chance(30)) {
        ChangeSchema();
      }
      if (random_.Chance(30)) {
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
    const Json changes = Json::array({{{"name", field.name}, {"drop", true}}});
    const auto changed = product_.ChangeSchema({{"fields", changes}});
    ASSERT_TRUE(changed.has_value()) << changed.error().message() << DumpJson(changes);
    WriteMany(1 + random_.Below(5));
    EXPECT_THAT(product_.Findings(), testing::IsEmpty()) << DumpJson(changes);
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
    ASSERT_EQ(Difference(query, model_, *actual, expected).FirstDifference(), "")
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
  std::uint64_t seed = base + GetParam() * kSeedsPerShard;
  for (; asked < queries && !HasFailure(); ++seed) {
    SCOPED_TRACE("repeat with CACHEINDEX_ORACLE_SEED=" + std::to_string(seed) +
                 " CACHEINDEX_ORACLE_QUERIES=1 --gtest_filter='*/0'");
    Collection collection(seed);
    asked += collection.Run();
    hits += collection.hits();
  }
  EXPECT_GT(hits, asked / 3) << "most queries find nothing: they prove little";
  std::cout << asked << " queries, " << hits << " with hits, from seed "
            << base + GetParam() * kSeedsPerShard << " to " << seed - 1 << '\n';
}

INSTANTIATE_TEST_SUITE_P(Shards, OracleTest, testing::Range(std::uint64_t{0}, kShards));

}  // namespace
}  // namespace cacheindex::test
