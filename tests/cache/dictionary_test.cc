#include <algorithm>
#include <array>
#include <random>

#include "cache/verify.h"
#include "tests/cache/store_fixture.h"

namespace cacheindex::cache {
namespace {

using testing::IsEmpty;

class DictionaryTest : public StoreTest {
 protected:
  // A product as shops have them: the same keys, words from a small vocabulary. `style` changes the
  // vocabulary.
  Document MakeProduct(int number, int style) {
    static constexpr std::array<const char*, 8> kWords{"waterproof", "hiking",  "jacket", "leather",
                                                       "organic",    "running", "cotton", "shoes"};
    std::mt19937_64 random(static_cast<std::uint64_t>(number));
    std::string description;
    for (int i = 0; i < 60; ++i) {
      const std::string word = kWords[random() % kWords.size()];
      description += style == 0 ? word : std::string(word.rbegin(), word.rend()) + "qx";
      description += ' ';
    }
    const std::string prefix = style == 0 ? "" : "attribute_of_another_kind_";
    return MakeJsonDocument("product-" + std::to_string(number),
                            Json{{prefix + "description", description},
                                 {prefix + "brand", "brand " + std::to_string(random() % 40)},
                                 {prefix + "price", random() % 100000},
                                 {prefix + "in_stock", random() % 2 == 0},
                                 {prefix + "category", {"outdoor", "clothing", "season 2024"}}});
  }

  void PutProducts(int begin, int end, int style) {
    for (int first = begin; first < end; first += 500) {
      Write([&](WriteTransaction& transaction) -> Result<void> {
        for (int i = first; i < std::min(first + 500, end); ++i) {
          if (auto put = transaction.Put(products_, MakeProduct(i, style)); !put) {
            return std::move(put).error();
          }
        }
        return {};
      });
    }
  }

  void ExpectProducts(int begin, int end, int style) {
    const Snapshot snapshot = OpenSnapshot();
    for (int i = begin; i < end; ++i) {
      const auto found = snapshot.Find(products_, "product-" + std::to_string(i));
      ASSERT_THAT(found, Succeeds());
      ASSERT_TRUE(*found);
      ASSERT_EQ((*found)->json, MakeProduct(i, style).json);
    }
  }

  std::uint64_t JsonBytes(int begin, int end, int style) {
    std::uint64_t bytes = 0;
    for (int i = begin; i < end; ++i) {
      bytes += MakeProduct(i, style).json.size();
    }
    return bytes;
  }

  CollectionNumber products_{};
};

TEST_F(DictionaryTest, DocumentsFromBeforeAndAfterTheTrainingAreRead) {
  Open();
  products_ = Create("products");
  PutProducts(0, 900, 0);
  const std::uint64_t bytes_before = store->statistics().used_bytes;
  PutProducts(900, 4900, 0);
  ExpectProducts(0, 4900, 0);
  const std::uint64_t bytes_after = store->statistics().used_bytes - bytes_before;
  // Without a dictionary, documents, keys and the tree's free room take nearly what the JSON does.
  EXPECT_LT(bytes_after, JsonBytes(900, 4900, 0) * 2 / 3);
  Open();
  ExpectProducts(0, 4900, 0);
  EXPECT_THAT(Verify(OpenSnapshot()).findings, IsEmpty());
}

TEST_F(DictionaryTest, TrainingInATransactionThatIsGivenUpLeavesNothing) {
  Open();
  products_ = Create("products");
  PutProducts(0, 900, 0);
  EXPECT_THAT(store->Write([&](WriteTransaction& transaction) -> Result<void> {
    for (int i = 900; i < 1200; ++i) {
      if (auto put = transaction.Put(products_, MakeProduct(i, 1)); !put) {
        return std::move(put).error();
      }
    }
    return Error(ErrorCode::kConflict, "changed my mind");
  }),
              FailsWith(ErrorCode::kConflict));
  PutProducts(900, 1500, 0);
  ExpectProducts(0, 1500, 0);
  Open();
  ExpectProducts(0, 1500, 0);
}

TEST_F(DictionaryTest, CollectionThatGrewAndChangedIsTrainedAgain) {
  Open();
  products_ = Create("products");
  PutProducts(0, 1'000, 0);
  EXPECT_EQ(store->statistics().dictionaries_trained, 1U);
  PutProducts(1'000, 13'000, 1);
  EXPECT_EQ(store->statistics().dictionaries_trained, 2U);
  ExpectProducts(0, 1'000, 0);
  ExpectProducts(1'000, 13'000, 1);
  Open();
  ExpectProducts(0, 1'000, 0);
  ExpectProducts(12'000, 13'000, 1);
}

TEST_F(DictionaryTest, DocumentsWithNothingInCommonAreNotTrainedForEver) {
  Open();
  products_ = Create("products");
  std::mt19937_64 random(7);
  Write([&](WriteTransaction& transaction) -> Result<void> {
    for (int i = 0; i < 1'500; ++i) {
      Document document = MakeDocument(std::to_string(i), "");
      for (char& byte : document.json.assign(100, ' ')) {
        byte = static_cast<char>(random());
      }
      if (auto put = transaction.Put(products_, document); !put) {
        return std::move(put).error();
      }
    }
    return {};
  });
  EXPECT_EQ(store->statistics().dictionaries_trained, 0U);
  EXPECT_THAT(Verify(OpenSnapshot()).findings, IsEmpty());
}

}  // namespace
}  // namespace cacheindex::cache
