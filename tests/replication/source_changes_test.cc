#include <gmock/gmock.h>

#include <chrono>
#include <string>

#include "tests/replication/followed_shop.h"

// What is done to a table and its types changes rows of which no change tells.

namespace cacheindex::replication {
namespace {

using ::testing::HasSubstr;
using State = SourceStatus::State;

constexpr const char* kShop = R"(
  CREATE TYPE mood AS ENUM ('good', 'bad');
  CREATE TYPE size AS (width int, unit mood);
  CREATE TABLE product (id int, mood mood, size size, at timestamp, PRIMARY KEY (mood, id));
  INSERT INTO product SELECT i, (ARRAY['good', 'bad'])[1 + i % 2]::mood,
    ROW(i, 'good'::mood)::size, '2024-01-02'
    FROM generate_series(1, 20) i;
  CREATE PUBLICATION p FOR TABLE product)";

class SourceChangesTest : public ::testing::Test {
 protected:
  SourceChangesTest() {
    shop_.MirrorTable("product", {"id", "mood", "size", "at"});
    shop_.options.catalog_interval = std::chrono::milliseconds(10);
  }
  void ExpectRebuiltOnce(const std::string& reason) {
    const auto rebuilds = rebuilds_ + 1;
    ASSERT_TRUE(Eventually([&] {
      const SourceStatus status = shop_.source().Status();
      return status.rebuilds == rebuilds && status.state == State::kLive;
    })) << shop_.source().Status().reason;
    ASSERT_TRUE(shop_.CatchesUp());
    shop_.ExpectEqual();
    EXPECT_EQ(shop_.source().Status().rebuilds, rebuilds);
    EXPECT_THAT(shop_.source().Status().rebuild_reason, HasSubstr(reason));
    rebuilds_ = rebuilds;
  }

  FollowedShop shop_{kShop};
  std::uint64_t rebuilds_ = 0;
};

TEST_F(SourceChangesTest, RequirementB22_LabelsAndAttributesAreLookedAtWhileTheSourceIsIdle) {
  shop_.Start();
  ASSERT_TRUE(shop_.BecomesState(State::kLive));
  shop_.Execute("ALTER TYPE mood RENAME VALUE 'good' TO 'fine'");
  ExpectRebuiltOnce(
      "type public.mood of column mood of public.product was altered: the label 'good'");
  shop_.Execute("ALTER TYPE size ADD ATTRIBUTE height int");
  ExpectRebuiltOnce(
      "type public.size of column size of public.product was altered: its attributes");
  shop_.Execute("ALTER TABLE product ALTER COLUMN at TYPE timestamptz");
  ExpectRebuiltOnce("column at of public.product has the type timestamp with time zone now");
}

TEST_F(SourceChangesTest, RequirementB22_LabelsAreComparedAfterARestart) {
  shop_.Start();
  ASSERT_TRUE(shop_.BecomesState(State::kLive));
  shop_.Stop();
  shop_.Execute("ALTER TYPE mood RENAME VALUE 'good' TO 'fine'");
  shop_.Restart();
  ExpectRebuiltOnce("the label 'good' was renamed to 'fine'");
}

TEST_F(SourceChangesTest, RequirementB22_AddedLabelsCostNothingAndAreKnownThen) {
  shop_.Start();
  ASSERT_TRUE(shop_.BecomesState(State::kLive));
  shop_.Execute("ALTER TYPE mood ADD VALUE 'fair'");
  shop_.Execute("UPDATE product SET mood = 'fair' WHERE id < 5");
  ASSERT_TRUE(shop_.CatchesUp());
  shop_.ExpectEqual();
  // Long enough for a look at the catalog.
  const auto shown = [&] {
    for (const auto& table : shop_.generations().live()->applier()->tables()) {
      for (const auto& [detail, text] : table->columns.at(1).type_details) {
        if (text == "fair") {
          return true;
        }
      }
    }
    return false;
  };
  ASSERT_TRUE(Eventually(shown));
  EXPECT_EQ(shop_.source().Status().rebuilds, 0U);
  EXPECT_EQ(shop_.source().Status().reconnects, 0U);
  shop_.Execute("ALTER TYPE mood RENAME VALUE 'fair' TO 'so so'");
  ExpectRebuiltOnce("the label 'fair' was renamed to 'so so'");
}

// Between two looks at the catalog, alone and inside of other values.
TEST_F(SourceChangesTest, RequirementB22_LabelsThatAreAddedAndRenamedAtOnceAreNoticed) {
  shop_.options.catalog_interval = std::chrono::hours(1);
  shop_.Start();
  ASSERT_TRUE(shop_.BecomesState(State::kLive));
  shop_.Execute("ALTER TYPE mood ADD VALUE 'fair'");
  shop_.Execute("ALTER TYPE mood ADD VALUE 'dull'");
  shop_.Execute("UPDATE product SET mood = 'fair' WHERE id < 5");
  shop_.Execute("UPDATE product SET mood = 'dull' WHERE id = 5");
  ASSERT_TRUE(shop_.CatchesUp());
  shop_.ExpectEqual();
  EXPECT_EQ(shop_.source().Status().rebuilds, 0U);
  EXPECT_EQ(shop_.source().Status().reconnects, 0U);
  // Each is a statement of its own: a label cannot be used where it was added.
  const auto add_and_rename = [&](const std::string& label, const std::string& use,
                                  bool is_added_again = false) {
    shop_.Stop();
    shop_.Execute("ALTER TYPE mood ADD VALUE '" + label + "'");
    shop_.Execute(use);
    shop_.Execute("ALTER TYPE mood RENAME VALUE '" + label + "' TO '" + label + " then'");
    if (is_added_again) {
      shop_.Execute("ALTER TYPE mood ADD VALUE '" + label + "'");
    }
    shop_.Restart();
    rebuilds_ = 0;
    ExpectRebuiltOnce("the label '" + label + "' in column ");
  };
  add_and_rename("poor", "UPDATE product SET mood = 'poor' WHERE id > 15");
  add_and_rename("odd, \"(", "UPDATE product SET size = ROW(3, 'odd, \"(')::size WHERE id = 9");
  add_and_rename("sad", "UPDATE product SET mood = 'sad' WHERE id > 15", true);
  add_and_rename("low", "UPDATE product SET size = ROW(3, 'low')::size WHERE id = 9", true);
}

}  // namespace
}  // namespace cacheindex::replication
