#include "node/keys/key_ring.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

#include "api/key_cryptography.h"
#include "tests/support/result_matchers.h"
#include "tests/support/temp_directory.h"

namespace cacheindex::node {
namespace {

using cacheindex::test::FailsWith;
using cacheindex::test::Succeeds;
using testing::HasSubstr;
using testing::Not;
using testing::SizeIs;

class KeyRingTest : public testing::Test {
 protected:
  KeyRingTest() { Reopen(); }

  void Reopen() {
    ring_.reset();
    settings_.reset();
    auto opened = cache::Settings::Open(directory_.path() / "settings");
    ASSERT_THAT(opened, Succeeds());
    settings_ = *std::move(opened);
    ring_ = std::make_unique<KeyRing>(*settings_);
    ASSERT_THAT(ring_->Load(), Succeeds());
  }
  Json Create(const char* body) { return *ring_->Create(Json::parse(body)); }
  std::string FileBytes() const {
    std::ifstream file(directory_.path() / "settings" / "data.mdb", std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }

  cacheindex::test::TempDirectory directory_;
  std::unique_ptr<cache::Settings> settings_;
  std::unique_ptr<KeyRing> ring_;
};

TEST_F(KeyRingTest, KeysOutliveARestart) {
  const Json key = Create(R"({"actions":["*"],"collections":["a.*"],"description":"d"})");
  Reopen();
  const auto found = ring_->Find(api::KeyDigest(key["value"].get<std::string>()));
  ASSERT_NE(found, nullptr);
  ASSERT_THAT(found->collections, SizeIs(1));
  EXPECT_TRUE(found->collections[0]("abc"));
  EXPECT_FALSE(found->collections[0]("xabc"));
  EXPECT_EQ((*ring_->Get(key["id"].get<std::uint32_t>()))["description"], "d");
}

TEST_F(KeyRingTest, KeepsTheValueOnlyOfKeysThatScopedOnesAreMadeFrom) {
  Create(R"({"actions":["*"],"collections":["*"],"value":"admin-key-value"})");
  Create(R"({"actions":["documents:search"],"collections":["*"],"value":"search-key-value"})");
  EXPECT_THAT(FileBytes(), Not(HasSubstr("admin-key-value")));
  EXPECT_THAT(FileBytes(), HasSubstr("search-key-value")) << "else the test above shows nothing";
  EXPECT_THAT(ring_->FindParents("admi"), SizeIs(0));
  EXPECT_THAT(ring_->FindParents("sear"), SizeIs(1));
}

TEST_F(KeyRingTest, AMisspeltLimitIsRefusedAndNotLeftOut) {
  const auto misspelt = ring_->Create(
      Json::parse(R"({"actions":["*"],"collections":["*"],"expire_at":1,"note":"of a client"})"));
  ASSERT_THAT(misspelt, FailsWith(ErrorCode::kInvalidArgument));
  EXPECT_THAT(misspelt.error().message(), HasSubstr("`expire_at`; did you mean `expires_at`?"));
  EXPECT_THAT(ring_->Create(Json::parse(
                  R"({"actions":["*"],"collections":["*"],"note":"of a client","id":7})")),
              Succeeds());
}

TEST_F(KeyRingTest, OnlyTheOwnerReadsTheFile) {
  const auto permissions =
      std::filesystem::status(directory_.path() / "settings" / "data.mdb").permissions();
  EXPECT_EQ(permissions, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
}

TEST_F(KeyRingTest, ShowsTheValueOnce) {
  const Json created = Create(R"({"actions":["*"],"collections":["*"]})");
  const auto value = created["value"].get<std::string>();
  const std::string shown = DumpJson(*ring_->List());
  EXPECT_THAT(shown, Not(HasSubstr(value)));
  EXPECT_THAT(shown, Not(HasSubstr(api::KeyDigest(value))));
  EXPECT_THAT(shown, HasSubstr("\"value_prefix\":\"" + value.substr(0, 4) + "\""));
}

TEST_F(KeyRingTest, DeletedKeysAreGoneAndTheirIdsToo) {
  const Json first = Create(R"({"actions":["*"],"collections":["*"],"value":"first-value"})");
  EXPECT_THAT(ring_->Delete(first["id"].get<std::uint32_t>()), Succeeds());
  EXPECT_EQ(ring_->Find(api::KeyDigest("first-value")), nullptr);
  EXPECT_THAT(ring_->Delete(first["id"].get<std::uint32_t>()), FailsWith(ErrorCode::kNotFound));
  EXPECT_NE(Create(R"({"actions":["*"],"collections":["*"]})")["id"], first["id"]);
}

TEST_F(KeyRingTest, SpentKeysDeleteThemselvesWhenTheyAreMeantTo) {
  Create(R"({"actions":["*"],"collections":["*"],"expires_at":1000,"autodelete":true})");
  Create(R"({"actions":["*"],"collections":["*"],"expires_at":1000})");
  EXPECT_THAT(*ring_->List(), SizeIs(1));
}

TEST_F(KeyRingTest, RefusesWhatIsNoKey) {
  for (const char* body :
       {"[]", R"({"actions":["*"]})", R"({"actions":[],"collections":["*"]})",
        R"({"actions":["*"],"collections":["("]})", R"({"actions":["*"],"collections":[7]})",
        R"({"actions":["*"],"collections":["*"],"value":"abc"})",
        R"({"actions":["*"],"collections":["*"],"value":"with blank"})",
        R"({"actions":["*"],"collections":["*"],"expires_at":"soon"})",
        R"({"actions":["*"],"collections":["*"],"autodelete":1})"}) {
    EXPECT_THAT(ring_->Create(Json::parse(body)), FailsWith(ErrorCode::kInvalidArgument)) << body;
  }
  Create(R"({"actions":["*"],"collections":["*"],"value":"taken"})");
  EXPECT_THAT(ring_->Create(Json::parse(R"({"actions":["*"],"collections":["*"],
                                            "value":"taken"})")),
              FailsWith(ErrorCode::kConflict));
}

}  // namespace
}  // namespace cacheindex::node
