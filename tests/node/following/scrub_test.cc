#include <gtest/gtest.h>

#include <string>

#include "tests/node/following/items_fixture.h"
#include "tests/node/stored_bytes.h"

// What becomes of a source's store whose bytes change while it is served.

namespace cacheindex::test {
namespace {

class ScrubbedSourceTest : public ItemsTest {};

TEST_F(ScrubbedSourceTest, ADamagedStoreIsCopiedAgainBesideTheOldOne) {
  Begin();
  node_ = std::make_unique<FollowingNode>(
      *cluster_,
      std::string(kItems) + "[scrub]\ninterval_ms = 1000\nmegabytes_per_second = 100000\n");
  ASSERT_TRUE(node_->WaitForState("live")) << node_->Source().dump(2) << node_->output();
  const auto logged = [&](const std::string& part) {
    return node_->output().find(part) != std::string::npos;
  };
  ASSERT_TRUE(FollowingNode::WaitUntil([&] { return logged("event=scrubbed store=shop"); }));
  EXPECT_FALSE(logged("event=damage")) << node_->output();
  const std::string before = Item(177).body;

  // The document, and the row that it was made from.
  StoredBytes store(node_->data() / "stores" / "shop" / "generation-1" / "data.mdb");
  ASSERT_GT(store.Flip("item number 177", 3), 0);
  ASSERT_TRUE(FollowingNode::WaitUntil([&] { return node_->Source().value("generation", 0) == 2; }))
      << node_->Source().dump(2) << node_->output();
  EXPECT_TRUE(logged("level=error event=damage store=shop collection=items place=documents"))
      << node_->output();
  EXPECT_EQ(Item(177).body, before);
  EXPECT_EQ(Found("q=*"), kRows);
  sql_->Execute("UPDATE item SET amount = 11");
  EXPECT_EQ(Amount(177, Now()), 11);
  ASSERT_TRUE(FollowingNode::WaitUntil([&] {
    return node_->Ask("GET", "/readyz").body.find("damage") == std::string::npos;
  })) << node_->output();
  EXPECT_EQ(node_->Source().value("generation", 0), 2);
}

}  // namespace
}  // namespace cacheindex::test
