#include "node/services/rate_limits.h"

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
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

class RateLimitsTest : public testing::Test {
 protected:
  RateLimitsTest() { Reopen(); }

  void Reopen() {
    limits_.reset();
    settings_.reset();
    auto opened = cache::Settings::Open(directory_.path() / "settings");
    ASSERT_THAT(opened, Succeeds());
    settings_ = *std::move(opened);
    limits_ = std::make_unique<RateLimits>(*settings_, [this] { return now_; });
    ASSERT_THAT(limits_->Load(), Succeeds());
  }
  std::uint32_t Add(const char* body) {
    auto added = limits_->Create(Json::parse(body));
    EXPECT_THAT(added, Succeeds());
    return added ? (*added)["rule"]["id"].get<std::uint32_t>() : 0;
  }
  // Whether a request with the key from the address is served.
  bool Serves(const std::string& key, std::string_view address = "10.0.0.1") {
    api::RateLimits::Caller caller{.keys = {}, .address = address};
    if (!key.empty()) {
      caller.keys.push_back({.digest = api::KeyDigest(key), .prefix = key.substr(0, 4)});
    }
    wait_ = limits_->Count(caller);
    return !wait_;
  }
  std::string FileBytes() const {
    std::ifstream file(directory_.path() / "settings" / "data.mdb", std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }

  RateLimits::Clock::time_point now_ = RateLimits::Clock::now();
  std::optional<seconds> wait_;
  cacheindex::test::TempDirectory directory_;
  std::unique_ptr<cache::Settings> settings_;
  std::unique_ptr<RateLimits> limits_;
};

TEST_F(RateLimitsTest, WithoutARuleEverybodyIsServed) {
  EXPECT_TRUE(limits_->empty());
  EXPECT_TRUE(Serves("search-key"));
  EXPECT_EQ(limits_->List(), Json::array());
}

TEST_F(RateLimitsTest, AThrottledKeyMayAskSoOftenInAMinute) {
  Add(R"({"action":"throttle","api_keys":["search-key"],"max_requests_1m":3})");
  EXPECT_FALSE(limits_->empty());
  for (int i = 0; i < 3; ++i) {
    EXPECT_TRUE(Serves("search-key"));
  }
  now_ += seconds(20);
  EXPECT_FALSE(Serves("search-key"));
  EXPECT_EQ(wait_, seconds(40));
  EXPECT_TRUE(Serves("other-key"));
  // The minute slides: what was asked in the last one counts for the part that is not over.
  now_ += seconds(40);
  EXPECT_FALSE(Serves("search-key"));
  now_ += seconds(30);
  EXPECT_TRUE(Serves("search-key"));
  EXPECT_FALSE(Serves("search-key"));
  now_ += minutes(3);
  EXPECT_TRUE(Serves("search-key"));
}

TEST_F(RateLimitsTest, AnHourIsCountedBesideTheMinute) {
  Add(R"({"action":"throttle","ip_addresses":["10.0.0.1"],"max_requests":
          {"minute_threshold":-1,"hour_threshold":2}})");
  EXPECT_TRUE(Serves(""));
  EXPECT_TRUE(Serves("any-key"));
  now_ += minutes(10);
  EXPECT_FALSE(Serves(""));
  EXPECT_EQ(wait_, minutes(50));
  EXPECT_TRUE(Serves("", "10.0.0.2"));
}

TEST_F(RateLimitsTest, EveryNameOfARuleIsCountedOnItsOwnAndAllTogetherUnlessSaidSo) {
  Add(R"({"action":"throttle","api_keys":["key-a","key-b"],"max_requests_1m":1})");
  EXPECT_TRUE(Serves("key-a"));
  EXPECT_TRUE(Serves("key-b"));
  EXPECT_FALSE(Serves("key-a"));
  const auto all = Add(R"({"action":"throttle","ip_addresses":[".*"],"max_requests_1m":2})");
  EXPECT_TRUE(Serves("", "10.0.0.1"));
  EXPECT_TRUE(Serves("", "10.0.0.2"));
  EXPECT_FALSE(Serves("", "10.0.0.3"));
  ASSERT_THAT(limits_->Update(all, Json::parse(R"({"action":"throttle","ip_addresses":[".*"],
                                                   "max_requests_1m":2,
                                                   "apply_limit_per_entity":true})")),
              Succeeds());
  for (const char* const address : {"10.0.0.1", "10.0.0.2", "::1"}) {
    EXPECT_TRUE(Serves("", address));
    EXPECT_TRUE(Serves("", address));
    EXPECT_FALSE(Serves("", address));
  }
}

TEST_F(RateLimitsTest, KeyAndAddressOfARuleMustBothFit) {
  Add(R"({"action":"block","api_keys":["search-key"],"ip_addresses":["10.0.0.1"]})");
  EXPECT_FALSE(Serves("search-key", "10.0.0.1"));
  EXPECT_EQ(wait_, seconds(0)) << "waiting does not help";
  EXPECT_TRUE(Serves("search-key", "10.0.0.2"));
  EXPECT_TRUE(Serves("other-key", "10.0.0.1"));
  EXPECT_TRUE(Serves("", "10.0.0.1"));
}

TEST_F(RateLimitsTest, TheHighestPriorityDecidesThenTheOldest) {
  Add(R"({"action":"block","api_keys":[".*"]})");
  Add(R"({"action":"allow","api_keys":["search-key"]})");
  EXPECT_FALSE(Serves("search-key"));
  Add(R"({"action":"allow","api_keys":["search-key"],"priority":5})");
  EXPECT_TRUE(Serves("search-key"));
  EXPECT_FALSE(Serves("other-key"));
}

TEST_F(RateLimitsTest, WhoExceedsItInTooManyMinutesIsRefusedForHours) {
  Add(R"({"action":"throttle","api_keys":["search-key"],"max_requests_1m":1,
          "auto_ban_1m_threshold":1,"auto_ban_1m_duration_hours":2})");
  EXPECT_TRUE(Serves("search-key"));
  EXPECT_FALSE(Serves("search-key"));
  EXPECT_FALSE(Serves("search-key")) << "the same minute";
  EXPECT_THAT(limits_->ListActive(), IsEmpty());
  ASSERT_THAT(limits_->ListExceeded(), SizeIs(1));
  EXPECT_EQ(limits_->ListExceeded()[0]["request_count"], 2);
  now_ += minutes(5);
  EXPECT_TRUE(Serves("search-key"));
  EXPECT_FALSE(Serves("search-key"));
  EXPECT_EQ(wait_, hours(2));
  now_ += minutes(5);
  EXPECT_FALSE(Serves("search-key"));
  const Json active = limits_->ListActive();
  ASSERT_THAT(active, SizeIs(1));
  EXPECT_EQ(active[0]["api_key"], "sear");
  EXPECT_EQ(active[0]["throttling_to"].get<std::int64_t>() -
                active[0]["throttling_from"].get<std::int64_t>(),
            7200);
  const auto id = active[0]["status_id"].get<std::uint32_t>();
  EXPECT_EQ(*limits_->DeleteActive(id), (Json{{"id", id}}));
  EXPECT_THAT(limits_->DeleteActive(id), FailsWith(ErrorCode::kNotFound));
  EXPECT_TRUE(Serves("search-key"));
  EXPECT_THAT(limits_->DeleteExceeded(id), Succeeds());
  EXPECT_THAT(limits_->ListExceeded(), IsEmpty());
  EXPECT_THAT(limits_->DeleteExceeded(id), FailsWith(ErrorCode::kNotFound));
}

TEST_F(RateLimitsTest, RulesOutliveARestartAndKeysAreNotKept) {
  const auto kept = Add(R"({"action":"block","api_keys":["a-secret-key"]})");
  const auto gone = Add(R"({"action":"block","api_keys":["another-key"]})");
  EXPECT_THAT(limits_->Delete(gone), Succeeds());
  Reopen();
  EXPECT_FALSE(Serves("a-secret-key"));
  EXPECT_TRUE(Serves("another-key"));
  EXPECT_THAT(FileBytes(), Not(HasSubstr("a-secret-key")));
  EXPECT_EQ(limits_->List(), Json::array({*limits_->Get(kept)}));
  EXPECT_EQ(*limits_->Get(kept), Json::parse(R"({"action":"block","api_keys":["a-se"],
    "apply_limit_per_entity":false,"auto_ban_1m_duration_hours":-1,"auto_ban_1m_threshold":-1,
    "id":1,"max_requests":{"hour_threshold":-1,"minute_threshold":-1},"priority":0})"));
  EXPECT_THAT(limits_->Get(gone), FailsWith(ErrorCode::kNotFound));
  EXPECT_THAT(limits_->Delete(gone), FailsWith(ErrorCode::kNotFound));
}

TEST_F(RateLimitsTest, WhatNoRuleMaySayIsRefusedByName) {
  const auto message_of = [this](const char* body) {
    const auto refused = limits_->Create(Json::parse(body));
    EXPECT_THAT(refused, FailsWith(ErrorCode::kInvalidArgument)) << body;
    return refused ? std::string() : refused.error().message();
  };
  EXPECT_THAT(message_of(R"([])"), HasSubstr("`action`"));
  EXPECT_THAT(message_of(R"({"action":"drop","api_keys":["k"]})"), HasSubstr("`action`"));
  EXPECT_THAT(message_of(R"({"action":"block"})"), HasSubstr("`api_keys`"));
  EXPECT_THAT(message_of(R"({"action":"block","api_keys":[]})"), HasSubstr("`api_keys`"));
  EXPECT_THAT(message_of(R"({"action":"block","api_keys":[7]})"), HasSubstr("`api_keys`"));
  EXPECT_THAT(message_of(R"({"action":"block","ip_addresses":["example.org"]})"),
              HasSubstr("`ip_addresses`"));
  EXPECT_THAT(message_of(R"({"action":"throttle","api_keys":["k"]})"),
              HasSubstr("`max_requests_1m`"));
  EXPECT_THAT(message_of(R"({"action":"block","api_keys":["k"],"max_requests_1m":5})"),
              HasSubstr("`max_requests_1m`"));
  EXPECT_THAT(message_of(R"({"action":"throttle","api_keys":["k"],"max_requests_1m":-2})"),
              HasSubstr("`max_requests_1m`"));
  EXPECT_THAT(message_of(R"({"action":"throttle","api_keys":["k"],"max_requests_1m":1,
                             "auto_ban_1m_threshold":1})"),
              HasSubstr("`auto_ban_1m_duration_hours`"));
  EXPECT_THAT(message_of(R"({"action":"block","api_keys":["k"],"max_request_1m":5})"),
              HasSubstr("`max_requests_1m`"));
  EXPECT_THAT(message_of(R"({"action":"block","api_keys":["k"],"priority":"high"})"),
              HasSubstr("`priority`"));
  EXPECT_TRUE(limits_->empty());
}

}  // namespace
}  // namespace cacheindex::node
