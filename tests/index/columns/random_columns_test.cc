// Random collections, changed and deleted from, against plain code over the same documents.

#include <gmock/gmock.h>

#include <algorithm>
#include <iostream>
#include <limits>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "index/facet/facets.h"
#include "index/filter/filter.h"
#include "index/sort/sort_order.h"
#include "tests/index/columns/random_shop.h"
#include "tests/index/columns/test_collection.h"
#include "tests/support/result_matchers.h"

namespace cacheindex::index::test {
namespace {

using cacheindex::test::Succeeds;

// A document and its number, which says how new it is.
struct ModelDocument {
  DocumentNumber number = 0;
  Json fields;
};
using Model = std::map<std::string, ModelDocument>;

class RandomColumnsTest : public testing::TestWithParam<int> {
 protected:
  RandomColumnsTest() : random_(Seed()), collection_(RandomShop::Schema()) {
    // From one page with holes to several.
    const std::size_t documents = GetParam() % 2 == 0 ? 120 : 2200;
    for (int round = 0; round < 3; ++round) {
      std::vector<Json> written;
      for (std::size_t i = 0; i < documents / 2; ++i) {
        const std::string id = std::to_string(random_.Below(documents));
        written.push_back(random_.Document(id));
        ModelDocument& document = model_[id];
        document.number = document.number == 0 ? next_number_++ : document.number;
        document.fields = written.back();
      }
      collection_.Write(written);
      ReplaceMembersOfSome();
      for (std::size_t i = 0; i < documents / 20; ++i) {
        const std::string id = std::to_string(random_.Below(documents));
        collection_.Delete(id);
        model_.erase(id);
      }
    }
  }

  std::uint64_t Seed() {
    std::random_device device;
    const std::uint64_t seed = device();
    std::cout << "seed " << seed << '\n';
    return seed;
  }

  // Some members of a document become those of another: changed, added, removed or left.
  void ReplaceMembersOfSome() {
    std::vector<TestCollection::Replacement> replacements;
    for (auto& [id, document] : model_) {
      if (!random_.Chance(4)) {
        continue;
      }
      const Json other = random_.Document(id);
      std::set<std::string> names;
      for (const Json& source : {document.fields, other}) {
        for (const auto& [name, value] : source.items()) {
          if (name != "id" && random_.Chance(2)) {
            names.insert(name);
          }
        }
      }
      Json members = Json::object();
      for (const std::string& name : names) {
        document.fields.erase(name);
        if (other.contains(name)) {
          members[name] = other[name];
        }
      }
      document.fields.update(members);
      replacements.push_back({id, {names.begin(), names.end()}, std::move(members)});
    }
    EXPECT_THAT(collection_.Replace(replacements), Succeeds());
  }

  std::vector<const ModelDocument*> Matching(const RandomFilter& filter) const {
    std::vector<const ModelDocument*> matching;
    for (const auto& [id, document] : model_) {
      if (filter.holds(document.fields)) {
        matching.push_back(&document);
      }
    }
    return matching;
  }

  RandomShop random_;
  TestCollection collection_;
  Model model_;
  DocumentNumber next_number_ = 1;
};

TEST_P(RandomColumnsTest, DocumentsAreWhatWasWritten) {
  const auto reader = collection_.Read();
  for (const auto& [id, document] : model_) {
    const auto stored = reader.snapshot->Find(reader.collection->number, id);
    ASSERT_THAT(stored, Succeeds());
    ASSERT_TRUE(stored->has_value()) << id;
    ASSERT_EQ((*stored)->json, DumpJson(document.fields));
  }
}

TEST_P(RandomColumnsTest, FiltersAgreeWithPlainCode) {
  const auto reader = collection_.Read();
  const auto all = reader.context->AllDocuments();
  ASSERT_THAT(all, Succeeds());
  ASSERT_EQ(all->Count(), model_.size());
  for (int i = 0; i < 400; ++i) {
    const RandomFilter random = random_.Filter(3);
    const auto filter = Filter::Parse(random.text, *reader.schema, {});
    ASSERT_THAT(filter, Succeeds()) << random.text;
    const auto found = filter->Evaluate(*reader.context, *all);
    ASSERT_THAT(found, Succeeds()) << random.text;
    DocumentSet expected = reader.context->EmptySet();
    for (const ModelDocument* document : Matching(random)) {
      expected.Add(document->number);
    }
    ASSERT_EQ(IdsOf(reader, *found), IdsOf(reader, expected)) << random.text;
  }
}

// What one key says of two documents: less than 0 when the first comes first.
int Compare(const std::string& field, bool is_descending, const std::string& missing,
            const Json& left, const Json& right) {
  const bool has_left = left.contains(field);
  const bool has_right = right.contains(field);
  if (!has_left || !has_right) {
    bool first = missing == "first";
    if (missing.empty()) {
      first = is_descending && (field == "text" || field == "facet");
    }
    if (has_left == has_right) {
      return 0;
    }
    return has_left == first ? 1 : -1;
  }
  int order = 0;
  if (left[field].is_string()) {
    const auto left_words = WordsOf(left[field].get<std::string>());
    const auto right_words = WordsOf(right[field].get<std::string>());
    order = left_words < right_words ? -1 : left_words == right_words ? 0 : 1;
  } else if (left[field].is_boolean()) {
    order = static_cast<int>(left[field].get<bool>()) - static_cast<int>(right[field].get<bool>());
  } else {
    const double a = left[field].get<double>();
    const double b = right[field].get<double>();
    order = a < b ? -1 : a == b ? 0 : 1;
  }
  return is_descending ? -order : order;
}

TEST_P(RandomColumnsTest, OrdersAgreeWithPlainCode) {
  const auto reader = collection_.Read();
  const auto all = reader.context->AllDocuments();
  ASSERT_THAT(all, Succeeds());
  const std::vector<std::string> fields = {"number", "wide", "float", "flag", "text", "facet"};
  const std::vector<std::string> missing = {"", "", "first", "last"};
  for (int i = 0; i < 100; ++i) {
    struct Key {
      std::string field;
      bool is_descending;
      std::string missing;
    };
    std::vector<Key> keys;
    std::string text;
    for (std::size_t count = random_.Below(4); count > 0; --count) {
      const Key key{fields[random_.Below(fields.size())], random_.Chance(2),
                    missing[random_.Below(missing.size())]};
      text += (text.empty() ? "" : ",") + key.field +
              (key.missing.empty() ? "" : "(missing_values: " + key.missing + ")") +
              (key.is_descending ? ":desc" : ":asc");
      keys.push_back(key);
    }
    const auto filter = random_.Filter(1);
    auto matching = Matching(filter);
    std::sort(matching.begin(), matching.end(), [&](const auto* left, const auto* right) {
      for (const Key& key : keys) {
        const int order =
            Compare(key.field, key.is_descending, key.missing, left->fields, right->fields);
        if (order != 0) {
          return order < 0;
        }
      }
      return left->number > right->number;
    });
    const std::size_t count = random_.Chance(3) ? 1'000'000 : random_.Below(40);
    std::vector<DocumentNumber> expected;
    DocumentSet found = reader.context->EmptySet();
    for (const ModelDocument* document : matching) {
      found.Add(document->number);
      if (expected.size() < count) {
        expected.push_back(document->number);
      }
    }
    const auto order = SortOrder::Parse(text, *reader.schema, false);
    ASSERT_THAT(order, Succeeds()) << text;
    const auto top = order->Top(*reader.context, found, nullptr, count);
    ASSERT_THAT(top, Succeeds()) << text;
    ASSERT_EQ(*top, expected) << text << " of " << filter.text;
  }
}

std::string TextOf(const Json& value) {
  if (value.is_string()) {
    return value.get<std::string>();
  }
  std::string text = DumpJson(value);
  return text.ends_with(".0") ? text.substr(0, text.size() - 2) : text;
}

TEST_P(RandomColumnsTest, FacetsAgreeWithPlainCode) {
  const auto reader = collection_.Read();
  const std::vector<std::string> fields = {"facet", "facets", "number", "numbers",
                                           "wide",  "float",  "flag"};
  SearchRequest request;
  request.facet_by = "facet,facets,number,numbers,wide,float,flag";
  for (int i = 0; i < 60; ++i) {
    request.max_facet_values =
        static_cast<std::uint32_t>(random_.Chance(2) ? 1000 : random_.Below(8));
    const auto plan = FacetPlan::Parse(request, *reader.schema);
    ASSERT_THAT(plan, Succeeds());
    const auto filter = random_.Filter(1);
    DocumentSet found = reader.context->EmptySet();
    std::vector<const ModelDocument*> matching = Matching(filter);
    std::sort(matching.begin(), matching.end(),
              [](const auto* left, const auto* right) { return left->number < right->number; });
    for (const ModelDocument* document : matching) {
      found.Add(document->number);
    }
    const auto counted = plan->Count(*reader.context, found);
    ASSERT_THAT(counted, Succeeds());
    for (std::size_t f = 0; f < fields.size(); ++f) {
      std::map<std::string, std::uint64_t> counts;
      double sum = 0;
      double lowest = std::numeric_limits<double>::max();
      std::size_t values = 0;
      for (const ModelDocument* document : matching) {
        std::set<std::string> different;
        for (const Json& value : ValuesOf(document->fields, fields[f])) {
          different.insert(TextOf(value));
          if (value.is_number()) {
            sum += value.get<double>();
            lowest = std::min(lowest, value.get<double>());
            ++values;
          }
        }
        for (const std::string& text : different) {
          ++counts[text];
        }
      }
      std::vector<std::pair<std::string, std::uint64_t>> sorted(counts.begin(), counts.end());
      std::sort(sorted.begin(), sorted.end(), [](const auto& left, const auto& right) {
        if (left.second != right.second) {
          return left.second > right.second;
        }
        return left.first.size() != right.first.size() ? left.first.size() < right.first.size()
                                                       : left.first > right.first;
      });
      sorted.resize(std::min<std::size_t>(sorted.size(), request.max_facet_values));
      FacetCounts expected;
      for (const auto& [text, count] : sorted) {
        expected.counts.push_back({text, text, count, ""});
      }
      ASSERT_EQ(Show((*counted)[f]), Show(expected)) << fields[f] << " of " << filter.text;
      ASSERT_EQ((*counted)[f].total_values, counts.size()) << fields[f];
      ASSERT_EQ((*counted)[f].statistics.has_value(), values > 0) << fields[f];
      if (values > 0) {
        ASSERT_EQ((*counted)[f].statistics->sum, sum) << fields[f];
        ASSERT_EQ((*counted)[f].statistics->minimum, lowest) << fields[f];
        ASSERT_EQ((*counted)[f].statistics->average, sum / static_cast<double>(values));
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Collections, RandomColumnsTest, testing::Range(0, 4));

}  // namespace
}  // namespace cacheindex::index::test
