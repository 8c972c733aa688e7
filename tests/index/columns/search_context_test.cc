#include "index/columns/search_context.h"

#include <gtest/gtest.h>

#include "node/core/long_work.h"
#include "tests/index/columns/test_collection.h"

namespace cacheindex::index::test {
namespace {

TEST(SearchContextTest, LongSearchesAreAnnouncedOnceBeforeTheyAreMade) {
  const TestCollection shop(
      Json::parse(R"({"name": "shop", "fields": [{"name": "title", "type": "string"}]})"));
  const TestCollection::Reader reader = shop.Read();
  int announced = 0;
  {
    const LongWorkListener listener([&] { ++announced; });
    reader.context->Expect(kLongSearchVisits);
    EXPECT_EQ(announced, 0);
    reader.context->Expect(1);
    EXPECT_EQ(announced, 1);
    reader.context->Expect(kLongSearchVisits);
    EXPECT_EQ(announced, 1);
  }
  // Nobody listens any more.
  shop.Read().context->Expect(2 * kLongSearchVisits);
  EXPECT_EQ(announced, 1);
}

}  // namespace
}  // namespace cacheindex::index::test
