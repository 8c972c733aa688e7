#include "node/merchandising/resources.h"

#include <gmock/gmock.h>

#include "tests/support/result_matchers.h"
#include "tests/support/temp_directory.h"

namespace cacheindex::node {
namespace {

using api::ResourceKind;
using cacheindex::test::Succeeds;

TEST(ResourcesTest, WhatWasKeptBeforeAMemberWasShownIsShownWithIt) {
  const cacheindex::test::TempDirectory directory;
  auto settings = cache::Settings::Open(directory.path());
  ASSERT_THAT(settings, Succeeds());
  ASSERT_THAT((*settings)->Put("synonym_set", "s", R"({"items":[{"id":"1","synonyms":["a"]}]})"),
              Succeeds());
  constexpr const char* kRules = R"({"items":[{"id":"1","rule":{"tags":["t"]},"sort_by":"x:asc",
      "filter_curated_hits":false,"remove_matched_tokens":false,"stop_processing":true}]})";
  ASSERT_THAT((*settings)->Put("curation_set", "c", kRules), Succeeds());
  Resources resources(**settings);
  ASSERT_THAT(resources.Load(), Succeeds());
  const auto synonym = resources.GetItem({.kind = ResourceKind::kSynonymSet, .name = "s"}, "1");
  ASSERT_THAT(synonym, Succeeds());
  EXPECT_EQ(*synonym, Json::parse(R"({"id":"1","root":"","synonyms":["a"]})"));
  const auto rule = resources.GetItem({.kind = ResourceKind::kCurationSet, .name = "c"}, "1");
  ASSERT_THAT(rule, Succeeds());
  EXPECT_EQ((*rule)["includes"], Json::array());
  EXPECT_EQ((*rule)["excludes"], Json::array());
}

}  // namespace
}  // namespace cacheindex::node
