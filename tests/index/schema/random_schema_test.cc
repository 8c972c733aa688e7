#include <gmock/gmock.h>

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "node/core/long_number.h"
#include "tests/node/oracle/product.h"
#include "tests/node/oracle/random.h"
#include "tests/support/result_matchers.h"
#include "tests/support/test_seed.h"

// Random documents and random changes of the schema: whatever becomes of them, filters find what
// the stored documents say, what was accepted is what was sent, and `verify` is content.

namespace cacheindex::test {
namespace {

constexpr int kCollections = 12;
constexpr int kSteps = 40;
constexpr std::size_t kIds = 6;

const std::vector<std::string>& Names() {
  static const std::vector<std::string> kNames = {"a", "b", "s_a", "o", "l"};
  return kNames;
}

Json Scalar(Random& random) {
  static const std::vector<std::string> kValues = {
      "1", "2", "7", "2.0", "2.5", "-0.5", "\"x\"", "\"y\"", "\"7\"", "9007199254740993"};
  return *ParseJson(random.Pick(kValues));
}

Json RandomValue(Random& random, int depth) {
  const std::size_t choice = random.Below(10);
  if (choice < 6 || depth == 0) {
    return random.Chance(90) ? Scalar(random) : Json(nullptr);
  }
  if (choice == 6) {
    Json list = Json::array();
    for (std::size_t i = random.Below(3); i > 0; --i) {
      list.push_back(RandomValue(random, depth - 1));
    }
    return list;
  }
  Json object = Json::object();
  for (const char* name : {"x", "y"}) {
    if (random.Chance(60)) {
      object[name] = RandomValue(random, depth - 1);
    }
  }
  return choice < 9 ? object : Json::array({object});
}

Json RandomDocument(Random& random) {
  Json document = {{"id", "d" + std::to_string(random.Below(kIds))}};
  for (const std::string& name : Names()) {
    if (random.Chance(40)) {
      document[name] = RandomValue(random, 2);
    }
  }
  return document;
}

Json RandomField(Random& random) {
  static const std::vector<Json> kFields = {
      {{"name", ".*"}, {"type", "auto"}},
      {{"name", ".*"}, {"type", "string*"}},
      {{"name", "s_.*"}, {"type", "string"}, {"facet", true}},
      {{"name", "o"}, {"type", "object"}, {"optional", true}},
      {{"name", "l"}, {"type", "object[]"}, {"optional", true}},
      {{"name", "l"}, {"type", "auto"}},
      {{"name", "a"}, {"type", "float"}, {"optional", true}},
      {{"name", "a"}, {"type", "int64"}, {"optional", true}},
      {{"name", "b"}, {"type", "string"}, {"index", false}, {"optional", true}},
      {{"name", "o.x"}, {"type", "string[]"}, {"optional", true}},
  };
  return random.Pick(kFields);
}

// How a filter spells a scalar.
std::string Spelled(const Json& value) {
  if (value.is_string()) {
    return value.get<std::string>();
  }
  const auto whole = WholeNumber(value);
  return whole ? std::to_string(*whole) : DumpJson(value);
}

// The scalars of a value, through arrays and objects; a number and its text are the same.
void Flatten(const Json& value, std::multiset<std::string>& texts) {
  if (value.is_structured()) {
    for (const Json& member : value) {
      Flatten(member, texts);
    }
  } else if (!value.is_null()) {
    const std::string text = Spelled(value);
    texts.insert(SpellsNumber(text) ? Spelled(*ParseJson(text)) : text);
  }
}

std::multiset<std::string> Texts(const Json& value) {
  std::multiset<std::string> texts;
  Flatten(value, texts);
  return texts;
}

// What a document has at a path: scalars only.
void Collect(const Json& value, const std::string& path, std::vector<Json>& values) {
  if (value.is_array()) {
    for (const Json& element : value) {
      // An array in an array is no value of a field, unless objects are in it.
      if (!path.empty() || !element.is_array()) {
        Collect(element, path, values);
      }
    }
  } else if (path.empty()) {
    if (!value.is_null() && !value.is_object()) {
      values.push_back(value);
    }
  } else if (value.is_object()) {
    const std::size_t dot = path.find('.');
    if (const auto member = value.find(path.substr(0, dot)); member != value.end()) {
      Collect(*member, dot == std::string::npos ? "" : path.substr(dot + 1), values);
    }
  }
}

bool IsOfType(const std::string& type, const Json& value) {
  if (type.starts_with("string")) {
    return value.is_string();
  }
  return type.starts_with("int64") ? value.is_number_integer()
                                   : type.starts_with("float") && IsHeldByDouble(value);
}

class RandomSchema {
 public:
  explicit RandomSchema(std::uint64_t seed) : random_(seed), product_(Body(random_)) {}

  void Run() {
    for (int step = 0; step < kSteps && !testing::Test::HasFailure(); ++step) {
      if (random_.Chance(70)) {
        Write();
      } else {
        Change();
      }
      if (random_.Chance(5)) {
        product_.Reopen();
      }
      Check();
    }
  }

 private:
  static Json Body(Random& random) {
    return {{"name", "things"},
            {"enable_nested_fields", true},
            {"fields", Json::array({RandomField(random)})}};
  }

  void Write() {
    std::vector<WriteOperation> operations;
    for (std::size_t i = 1 + random_.Below(3); i > 0; --i) {
      const Json document = RandomDocument(random_);
      operations.push_back({.is_deletion = random_.Chance(10),
                            .id = document.at("id").get<std::string>(),
                            .document = document});
    }
    const auto outcomes = product_.Write(operations);
    product_.TakeSnapshot();
    const auto stored = product_.Documents();
    product_.ReleaseSnapshot();
    std::map<std::string, const WriteOperation*> last;
    for (std::size_t i = 0; i < operations.size(); ++i) {
      if (!outcomes[i]) {
        last[operations[i].id] = &operations[i];
      }
      Note(DumpJson(operations[i].document) + (outcomes[i] ? " refused" : " written"));
    }
    for (const auto& [id, operation] : last) {
      const auto document = stored.find(id);
      ASSERT_EQ(document == stored.end(), operation->is_deletion);
      if (!operation->is_deletion) {
        EXPECT_EQ(Texts(document->second), Texts(operation->document)) << history_;
      }
    }
  }

  void Change() {
    Json changes = Json::array();
    product_.TakeSnapshot();
    const Json fields = product_.Description().at("fields");
    product_.ReleaseSnapshot();
    for (const Json& field : fields) {
      if (random_.Chance(25)) {
        changes.push_back({{"name", field.at("name")}, {"drop", true}});
      }
    }
    if (random_.Chance(50) || changes.empty()) {
      changes.push_back(RandomField(random_));
    }
    const auto changed = product_.ChangeSchema({{"fields", changes}});
    Note(DumpJson(changes) + (changed ? " changed" : " refused: " + changed.error().message()));
  }

  void Check() {
    ASSERT_THAT(product_.Findings(), testing::IsEmpty()) << history_;
    product_.TakeSnapshot();
    const auto documents = product_.Documents();
    const Json description = product_.Description();
    for (const Json& field : description.at("fields")) {
      const auto type = field.at("type").get<std::string>();
      const auto name = field.at("name").get<std::string>();
      const bool is_rule =
          name.ends_with('*') || type.starts_with("object") || type == "auto" || type == "string*";
      if (!is_rule && field.at("index") == true) {
        CheckField(name, type, documents);
      }
    }
    product_.ReleaseSnapshot();
  }

  void CheckField(const std::string& name, const std::string& type,
                  const std::map<std::string, Json>& documents) {
    std::map<std::string, std::set<DocumentNumber>> holders;
    std::set<DocumentNumber> all;
    for (const auto& [id, document] : documents) {
      std::vector<Json> values;
      Collect(document, name, values);
      const DocumentNumber number = *product_.NumberOf(id);
      all.insert(number);
      for (const Json& value : values) {
        ASSERT_TRUE(IsOfType(type, value)) << name << ' ' << DumpJson(value) << history_;
        holders[Spelled(value)].insert(number);
      }
    }
    for (const auto& [text, numbers] : holders) {
      std::set<DocumentNumber> others;
      std::ranges::set_difference(all, numbers, std::inserter(others, others.end()));
      ASSERT_EQ(Found(name + ":=" + text), numbers) << name << ":=" << text << history_;
      ASSERT_EQ(Found(name + ":!=" + text), others) << name << ":!=" << text << history_;
    }
  }

  std::set<DocumentNumber> Found(const std::string& filter_by) {
    const auto numbers = product_.Filter(filter_by);
    EXPECT_THAT(numbers, Succeeds()) << filter_by << history_;
    return numbers ? std::set(numbers->begin(), numbers->end()) : std::set<DocumentNumber>();
  }

  void Note(const std::string& line) { history_ += "\n" + line; }

  Random random_;
  Product product_;
  std::string history_;
};

TEST(RandomSchemaTest, ColumnsAndDocumentsAgreeAtEveryMoment) {
  const std::uint64_t seed = TestSeed();
  SCOPED_TRACE("TEST_SEED=" + std::to_string(seed));
  for (std::uint64_t i = 0; i < kCollections && !HasFailure(); ++i) {
    RandomSchema(seed + i).Run();
  }
}

}  // namespace
}  // namespace cacheindex::test
