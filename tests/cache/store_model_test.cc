#include <map>
#include <random>

#include "cache/verify.h"
#include "tests/cache/store_fixture.h"

namespace cacheindex::cache {
namespace {

/// What the store should hold, kept in the simplest way.
struct Model {
  std::map<std::string, std::string> documents;
  std::map<std::string, DocumentNumber> numbers;
  std::map<std::uint32_t, std::vector<std::int64_t>> wide;
  std::map<std::uint32_t, std::vector<std::int64_t>> narrow;
  std::map<std::string, std::string> entries;
};

std::map<std::uint32_t, std::vector<std::int64_t>> ReadColumn(const View& view,
                                                              ColumnNumber column) {
  std::map<std::uint32_t, std::vector<std::int64_t>> content;
  const auto pages = view.Pages(column);
  EXPECT_THAT(pages, Succeeds());
  const std::uint32_t documents = DocumentsPerPage(ShapeOf(column));
  const std::vector<std::uint64_t> everything(kWidePageDocuments / 64, ~std::uint64_t{0});
  for (std::uint32_t number = 0; number < pages->page_count(); ++number) {
    if (const ColumnPage* const page = pages->Find(number)) {
      page->ForEachValue(everything.data(), [&](std::uint32_t offset, std::int64_t value) {
        content[number * documents + offset].push_back(value);
      });
    }
  }
  return content;
}

class StoreModelTest : public StoreTest {
 protected:
  void Prepare() {
    collection_ = Create("products");
    Write([&](WriteTransaction& transaction) -> Result<void> {
      wide_ = *transaction.AllocateColumn(PageShape::kWide);
      narrow_ = *transaction.AllocateColumn(PageShape::kNarrow);
      return {};
    });
    EXPECT_EQ(ShapeOf(wide_), PageShape::kWide);
    EXPECT_EQ(ShapeOf(narrow_), PageShape::kNarrow);
  }

  // One random change to transaction and model alike.
  void Change(WriteTransaction& transaction, Model& model) {
    const std::string id = "id" + std::to_string(random_() % 700);
    const auto number = static_cast<std::uint32_t>(random_() % 4000);
    std::vector<std::int64_t> values(random_() % 4);
    for (std::int64_t& value : values) {
      value = static_cast<std::int64_t>(random_() >> (random_() % 64));
    }
    switch (random_() % 8) {
      case 0:
      case 1:
      case 2: {
        const Document document = MakeDocument(id, std::string(random_() % 300, 'a') + id);
        const auto put = transaction.Put(collection_, document);
        ASSERT_THAT(put, Succeeds());
        EXPECT_EQ(put->is_new, !model.documents.contains(id));
        model.documents[id] = document.json;
        model.numbers[id] = put->number;
        break;
      }
      case 3: {
        const auto deleted = transaction.Delete(collection_, id);
        ASSERT_THAT(deleted, Succeeds());
        EXPECT_EQ(deleted->has_value(), model.documents.erase(id) > 0);
        model.numbers.erase(id);
        break;
      }
      case 4:
      case 5: {
        const bool is_wide = random_() % 2 == 0;
        transaction.SetColumn(is_wide ? wide_ : narrow_, number, values);
        auto& content = is_wide ? model.wide : model.narrow;
        content.erase(number);
        if (!values.empty()) {
          content[number] = values;
        }
        break;
      }
      case 6:
        ASSERT_THAT(transaction.PutEntry(wide_, id, std::to_string(number)), Succeeds());
        model.entries[id] = std::to_string(number);
        break;
      default:
        ASSERT_THAT(transaction.DeleteEntry(wide_, id), Succeeds());
        model.entries.erase(id);
        break;
    }
  }

  void ExpectEqual(const View& view, const Model& model) {
    const auto collection = view.FindCollection("products");
    ASSERT_THAT(collection, Succeeds());
    EXPECT_EQ((*collection)->documents, model.documents.size());
    std::map<std::string, std::string> documents;
    const auto scanned = view.Scan(collection_, std::nullopt, 100'000);
    ASSERT_THAT(scanned, Succeeds());
    for (const auto& item : *scanned) {
      documents[item.id] = item.document.json;
      EXPECT_EQ(item.document.header.number, model.numbers.at(item.id));
      EXPECT_EQ(*view.FindId(collection_, item.document.header.number), item.id);
    }
    EXPECT_EQ(documents, model.documents);
    EXPECT_EQ(ReadColumn(view, wide_), model.wide);
    EXPECT_EQ(ReadColumn(view, narrow_), model.narrow);
    std::map<std::string, std::string> entries;
    ASSERT_THAT(view.ScanEntries(wide_, "",
                                 [&](std::string_view key, std::string_view value) {
                                   entries.emplace(key, value);
                                   return true;
                                 }),
                Succeeds());
    EXPECT_EQ(entries, model.entries);
  }

  std::mt19937_64 random_;
  CollectionNumber collection_{};
  ColumnNumber wide_{};
  ColumnNumber narrow_{};
};

TEST_F(StoreModelTest, AnyHistoryEndsAsTheModelDoes) {
  const auto seed = std::random_device()();
  SCOPED_TRACE("seed " + std::to_string(seed));
  random_.seed(seed);
  TextListener listener;
  Open(&listener);
  Prepare();
  Model model;
  for (int round = 0; round < 60 && !HasFailure(); ++round) {
    Model next = model;
    const bool gives_up = random_() % 5 == 0;
    const auto result = store->Write([&](WriteTransaction& transaction) -> Result<void> {
      for (std::uint64_t i = random_() % 200 + 1; i > 0; --i) {
        Change(transaction, next);
      }
      return gives_up ? Result<void>(Error(ErrorCode::kConflict, "changed my mind"))
                      : Result<void>();
    });
    if (gives_up) {
      EXPECT_THAT(result, FailsWith(ErrorCode::kConflict));
    } else {
      EXPECT_THAT(result, Succeeds());
      model = std::move(next);
    }
    if (random_() % 6 == 0) {
      Open(&listener);
    }
    ExpectEqual(OpenSnapshot(), model);
  }
  const VerifyReport report = Verify(OpenSnapshot());
  EXPECT_THAT(report.findings, testing::IsEmpty());
  EXPECT_EQ(report.documents, model.documents.size());
}

}  // namespace
}  // namespace cacheindex::cache
