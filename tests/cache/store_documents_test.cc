#include "cache/verify.h"
#include "tests/cache/store_fixture.h"

namespace cacheindex::cache {
namespace {

using testing::IsEmpty;

TEST_F(StoreTest, DocumentsComeBackByteForByteAndSurviveReopening) {
  Open();
  const CollectionNumber products = Create("products");
  const Document document = MakeDocument("a", std::string(5000, 'x') + "\xE4\xB8\xAD\xE6\x96\x87");
  EXPECT_TRUE(Put(products, document).is_new);
  EXPECT_EQ(Read(products, "a"), document.json);
  Open();
  EXPECT_EQ(Read(products, "a"), document.json);
  EXPECT_EQ(Read(products, "b"), "");
}

TEST_F(StoreTest, ReplacedDocumentKeepsItsNumberAndItsHeaderChanges) {
  Open();
  const CollectionNumber products = Create("products");
  const PutOutcome first = Put(products, MakeDocument("a", "one"));
  const auto before = *OpenSnapshot().FindHeader(products, "a");
  const PutOutcome second = Put(products, MakeDocument("a", "two"));
  const auto after = *OpenSnapshot().FindHeader(products, "a");
  EXPECT_FALSE(second.is_new);
  EXPECT_EQ(first.number, second.number);
  EXPECT_NE(before->hash, after->hash);
  EXPECT_LT(before->position, after->position);
}

TEST_F(StoreTest, NumbersAreNeverReused) {
  Open();
  const CollectionNumber products = Create("products");
  const DocumentNumber first = Put(products, MakeDocument("a", "one")).number;
  EXPECT_EQ(first, 1U);
  EXPECT_TRUE(Delete(products, "a").has_value());
  EXPECT_EQ(*OpenSnapshot().FindId(products, first), std::nullopt);
  Open();
  EXPECT_EQ(Put(products, MakeDocument("a", "one")).number, first + 1);
  EXPECT_EQ(*OpenSnapshot().FindId(products, first + 1), "a");
}

TEST_F(StoreTest, DeletingReturnsWhatWasThereOrNothing) {
  Open();
  const CollectionNumber products = Create("products");
  const Document document = MakeDocument("a", "one");
  Put(products, document);
  EXPECT_EQ(Delete(products, "a"), document.json);
  EXPECT_EQ(Delete(products, "a"), std::nullopt);
  EXPECT_EQ((*OpenSnapshot().FindCollection("products"))->documents, 0U);
}

TEST_F(StoreTest, IdsMayHoldAnyBytesUpToTheirLimit) {
  Open();
  const CollectionNumber products = Create("products");
  const std::string longest(kDocumentIdBytesMax, 'i');
  for (const std::string& id : {std::string("a/b c?"), std::string("nul\0nul", 7), longest}) {
    Document document = MakeDocument("x", "one");
    document.id = id;
    EXPECT_TRUE(Put(products, document).is_new);
    EXPECT_EQ(Read(products, id), document.json);
  }
}

TEST_F(StoreTest, BadDocumentsAreRefusedWithTheirReasonAndLeaveTheTransactionGood) {
  Open();
  const CollectionNumber products = Create("products");
  Write([&](WriteTransaction& transaction) -> Result<void> {
    Document document = MakeDocument("good", "one");
    document.id = std::string(kDocumentIdBytesMax + 1, 'i');
    EXPECT_THAT(transaction.Put(products, document), FailsWith(ErrorCode::kInvalidArgument));
    document.id.clear();
    EXPECT_THAT(transaction.Put(products, document), FailsWith(ErrorCode::kInvalidArgument));
    document.id = "large";
    document.json.resize(kDocumentBytesMax + 1);
    EXPECT_THAT(transaction.Put(products, document), FailsWith(ErrorCode::kTooLarge));
    EXPECT_THAT(transaction.Put(CollectionNumber{99}, MakeDocument("a", "b")),
                FailsWith(ErrorCode::kNotFound));
    return transaction.Put(products, MakeDocument("good", "one"))
               ? Result<void>()
               : Error(ErrorCode::kIo, "the good one was refused");
  });
  EXPECT_NE(Read(products, "good"), "");
  EXPECT_EQ((*OpenSnapshot().FindCollection("products"))->documents, 1U);
}

TEST_F(StoreTest, SnapshotKeepsItsStateWhileTheStoreMovesOn) {
  Open();
  const CollectionNumber products = Create("products");
  Put(products, MakeDocument("a", "one"));
  const Snapshot before = OpenSnapshot();
  Put(products, MakeDocument("a", "two"));
  Put(products, MakeDocument("b", "new"));
  const Snapshot after = OpenSnapshot();
  EXPECT_EQ((*before.Find(products, "a"))->json, MakeDocument("a", "one").json);
  EXPECT_EQ(*before.FindHeader(products, "b"), std::nullopt);
  EXPECT_EQ((*after.Find(products, "a"))->json, MakeDocument("a", "two").json);
  EXPECT_LT(before.position(), after.position());
}

TEST_F(StoreTest, ScanVisitsEveryDocumentOfOneCollectionInOrder) {
  Open();
  const CollectionNumber other = Create("other");
  const CollectionNumber products = Create("products");
  const CollectionNumber third = Create("third");
  Put(other, MakeDocument("zzz", "not this"));
  Put(third, MakeDocument("aaa", "not this"));
  for (const char* id : {"d", "a", "c", "b", "ab"}) {
    Put(products, MakeDocument(id, id));
  }
  const Snapshot snapshot = OpenSnapshot();
  std::vector<std::string> ids;
  std::optional<std::string> after;
  while (true) {
    const auto piece = snapshot.Scan(products, after, 2);
    ASSERT_THAT(piece, Succeeds());
    if (piece->empty()) {
      break;
    }
    EXPECT_LE(piece->size(), 2U);
    for (const auto& item : *piece) {
      ids.push_back(item.id);
      EXPECT_EQ(item.document.json, MakeDocument(item.id, item.id).json);
    }
    after = ids.back();
  }
  EXPECT_THAT(ids, testing::ElementsAre("a", "ab", "b", "c", "d"));
}

TEST_F(StoreTest, CollectionsAreFoundByNameAndNumberWithTheirCounts) {
  Open();
  const CollectionNumber products = Create("products", "definition one");
  Create("others", "");
  Put(products, MakeDocument("a", "one"));
  const auto collection = *OpenSnapshot().FindCollection("products");
  ASSERT_TRUE(collection);
  EXPECT_EQ(collection->number, products);
  EXPECT_EQ(collection->definition, "definition one");
  EXPECT_EQ(collection->documents, 1U);
  EXPECT_EQ(collection->number_max, 1U);
  const Snapshot snapshot = OpenSnapshot();
  EXPECT_EQ((*snapshot.FindCollection(products))->name, "products");
  EXPECT_EQ(snapshot.Collections()->size(), 2U);
  EXPECT_EQ(snapshot.Collections()->front().name, "products");
  EXPECT_EQ(*snapshot.FindCollection("nothing"), std::nullopt);
  EXPECT_EQ((*snapshot.FindCollectionHead("products"))->version, collection->version);
}

TEST_F(StoreTest, DefinitionsAndTouchesChangeTheVersion) {
  Open();
  const CollectionNumber products = Create("products", "one");
  const std::uint64_t first = (*OpenSnapshot().FindCollection(products))->version;
  Write([&](WriteTransaction& transaction) { return transaction.SetDefinition(products, "two"); });
  const std::uint64_t second = (*OpenSnapshot().FindCollection(products))->version;
  EXPECT_EQ((*OpenSnapshot().FindCollection(products))->definition, "two");
  Write([&](WriteTransaction& transaction) { return transaction.TouchCollection(products); });
  const std::uint64_t third = (*OpenSnapshot().FindCollectionHead("products"))->version;
  EXPECT_LT(first, second);
  EXPECT_LT(second, third);
}

TEST_F(StoreTest, NameOfACollectionIsTakenOnce) {
  Open();
  Create("products");
  EXPECT_THAT(store->Write([](WriteTransaction& transaction) -> Result<void> {
    auto created = transaction.CreateCollection("products", "");
    return created ? Result<void>() : std::move(created).error();
  }),
              FailsWith(ErrorCode::kConflict));
}

TEST_F(StoreTest, AutomaticIdsCountUpAcrossTransactions) {
  Open();
  const CollectionNumber products = Create("products");
  std::vector<std::uint64_t> ids;
  for (int i = 0; i < 2; ++i) {
    Write([&](WriteTransaction& transaction) -> Result<void> {
      ids.push_back(*transaction.TakeAutomaticId(products));
      ids.push_back(*transaction.TakeAutomaticId(products));
      return {};
    });
    Open();
  }
  EXPECT_THAT(ids, testing::ElementsAre(0, 1, 2, 3));
}

TEST_F(StoreTest, DroppedCollectionDisappearsAtOnceAndIsWorkedOff) {
  Open();
  const CollectionNumber products = Create("products");
  const CollectionNumber others = Create("others");
  Put(others, MakeDocument("kept", "kept"));
  Write([&](WriteTransaction& transaction) -> Result<void> {
    for (int i = 0; i < 5000; ++i) {
      if (auto put = transaction.Put(products, MakeDocument(std::to_string(i), "text")); !put) {
        return std::move(put).error();
      }
    }
    return {};
  });
  const Snapshot before = OpenSnapshot();
  Write([&](WriteTransaction& transaction) {
    auto dropped = transaction.DropCollection(products);
    EXPECT_EQ(*transaction.FindHeader(products, "1"), std::nullopt);
    return dropped;
  });
  {
    const Snapshot after = OpenSnapshot();
    EXPECT_EQ(*after.FindCollection("products"), std::nullopt);
    EXPECT_EQ(*after.FindCollection(products), std::nullopt);
    EXPECT_EQ(*after.FindHeader(products, "4999"), std::nullopt);
    EXPECT_EQ(*after.FindId(products, 5000), std::nullopt);
    EXPECT_THAT(*after.Scan(products, std::nullopt, 10), IsEmpty());
    EXPECT_THAT(Verify(after).findings, IsEmpty());
  }
  // The name is free again, and the rest goes without anybody writing.
  const CollectionNumber again = Create("products");
  EXPECT_NE(again, products);
  EXPECT_TRUE(Eventually([&] { return store->statistics().drops_pending == 0; }));
  EXPECT_EQ((*before.Find(products, "4999"))->json, MakeDocument("4999", "text").json);
  EXPECT_NE(Read(others, "kept"), "");
  EXPECT_THAT(Verify(OpenSnapshot()).findings, IsEmpty());
}

TEST_F(StoreTest, DropsGoOnAfterReopening) {
  Open();
  const CollectionNumber products = Create("products");
  Write([&](WriteTransaction& transaction) -> Result<void> {
    for (int i = 0; i < 9000; ++i) {
      if (auto put = transaction.Put(products, MakeDocument(std::to_string(i), "text")); !put) {
        return std::move(put).error();
      }
    }
    return {};
  });
  Write([&](WriteTransaction& transaction) { return transaction.DropCollection(products); });
  Open();
  EXPECT_TRUE(Eventually([&] { return store->statistics().drops_pending == 0; }));
  Open();
  EXPECT_EQ(store->statistics().drops_pending, 0U);
  EXPECT_THAT(Verify(OpenSnapshot()).findings, IsEmpty());
}

}  // namespace
}  // namespace cacheindex::cache
