#include "node/scrub/scrub_report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>

#include "node/scrub/pace.h"

namespace cacheindex::node {
namespace {

TEST(ScrubReportTest, WhatIsSaidIsUnderstood) {
  const auto reads = DecodeScrubLine(Encode(ScrubReads{.collection = cache::CollectionNumber{7},
                                                       .name = "a \"name\"\nin two lines",
                                                       .bytes = std::uint64_t{1} << 40}));
  ASSERT_TRUE(reads && std::holds_alternative<ScrubReads>(*reads));
  EXPECT_EQ(std::get<ScrubReads>(*reads).collection, cache::CollectionNumber{7});
  EXPECT_EQ(std::get<ScrubReads>(*reads).name, "a \"name\"\nin two lines");
  EXPECT_EQ(std::get<ScrubReads>(*reads).bytes, std::uint64_t{1} << 40);

  const std::string line = Encode(ScrubFinding{.place = ScrubPlace::kSchema,
                                               .collection = cache::CollectionNumber{3},
                                               .name = "things",
                                               .what = "damaged \xff\n bytes"});
  EXPECT_EQ(line.find('\n'), std::string::npos);
  const auto finding = DecodeScrubLine(line);
  ASSERT_TRUE(finding && std::holds_alternative<ScrubFinding>(*finding));
  EXPECT_EQ(std::get<ScrubFinding>(*finding).place, ScrubPlace::kSchema);
  EXPECT_EQ(std::get<ScrubFinding>(*finding).name, "things");

  const auto done = DecodeScrubLine(Encode(ScrubDone{
      .bytes = 1, .items = 2, .findings = 3, .longest_view = std::chrono::microseconds(4)}));
  ASSERT_TRUE(done && std::holds_alternative<ScrubDone>(*done));
  EXPECT_EQ(std::get<ScrubDone>(*done).findings, 3U);
  EXPECT_EQ(std::get<ScrubDone>(*done).longest_view, std::chrono::microseconds(4));
}

TEST(ScrubReportTest, AnythingElseIsNoLine) {
  for (const char* const text : {"", "AddressSanitizer: SEGV", "[1]", "{}", R"({"line":"other"})",
                                 R"({"line":"reads","number":"x"})",
                                 R"({"line":"finding","place":"elsewhere"})", R"({"line":1})"}) {
    EXPECT_FALSE(DecodeScrubLine(text)) << text;
  }
}

TEST(PaceTest, ItKeepsToItsRateAndNeverCatchesUpInABurst) {
  using std::chrono::seconds;
  const Pace::Clock::time_point begin{};
  Pace pace(1'000, begin);
  EXPECT_EQ(pace.After(2'000, begin), begin + seconds(2));
  // The reading itself took a second of these.
  EXPECT_EQ(pace.After(3'000, begin + seconds(3)), begin + seconds(5));
  // Long ago.
  const auto later = begin + seconds(1'000);
  EXPECT_EQ(pace.After(5'000, later), later + seconds(4));
}

}  // namespace
}  // namespace cacheindex::node
