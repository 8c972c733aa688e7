#include "node/services/answer_cache.h"

#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <utility>

namespace cacheindex::node {
namespace {

AnswerCache::Key KeyOf(const std::string& query) {
  AnswerCache::Key key;
  key.request.query = query;
  return key;
}

SearchPage PageOf(std::size_t document_bytes) {
  SearchPage page;
  page.found = document_bytes;
  page.hits.emplace_back();
  page.hits[0].document.assign(document_bytes, 'x');
  return page;
}

TEST(AnswerCacheTest, AnAnswerHoldsUntilItsCollectionChanges) {
  AnswerCache cache(1 << 20);
  EXPECT_FALSE(cache.Find(KeyOf("a"), Position{0}));
  cache.Put(KeyOf("a"), PageOf(5), Position{7});
  const auto known = cache.Find(KeyOf("a"), Position{7});
  ASSERT_TRUE(known);
  EXPECT_EQ(known->page.found, 5U);
  EXPECT_EQ(known->position, Position{7});
  EXPECT_FALSE(cache.Find(KeyOf("a"), Position{8}));
  EXPECT_EQ(cache.statistics().answers, 0U) << "what is outdated makes room";
}

TEST(AnswerCacheTest, EveryPartOfTheKeyCounts) {
  AnswerCache cache(1 << 20);
  cache.Put(KeyOf("a"), PageOf(1), Position{1});
  AnswerCache::Key key = KeyOf("a");
  key.request.highlight_start_tag = "<b>";
  EXPECT_FALSE(cache.Find(key, Position{0}));
  key = KeyOf("a");
  key.settings_revision = 1;
  EXPECT_FALSE(cache.Find(key, Position{0}));
  key = KeyOf("a");
  key.version = 1;
  EXPECT_FALSE(cache.Find(key, Position{0}));
  key = KeyOf("a");
  key.index = 1;
  EXPECT_FALSE(cache.Find(key, Position{0}));
  EXPECT_TRUE(cache.Find(KeyOf("a"), Position{0}));
}

TEST(AnswerCacheTest, EverythingThatARequestHoldsTakesRoom) {
  const std::string large(100'000, 'x');
  const auto bytes_with = [](const auto& change) {
    AnswerCache cache(1 << 20);
    AnswerCache::Key key = KeyOf("a");
    change(key.request);
    cache.Put(std::move(key), PageOf(1), Position{1});
    EXPECT_EQ(cache.statistics().answers, 1U);
    return cache.statistics().bytes;
  };
  const std::size_t plain = bytes_with([](SearchRequest&) {});
  for (auto member : {&SearchRequest::query, &SearchRequest::filter_by, &SearchRequest::sort_by,
                      &SearchRequest::facet_by, &SearchRequest::facet_query,
                      &SearchRequest::highlight_start_tag, &SearchRequest::highlight_end_tag}) {
    EXPECT_GE(bytes_with([&](SearchRequest& request) { request.*member = large; }),
              plain - 100 + large.size());
  }
  for (auto member :
       {&SearchRequest::query_by, &SearchRequest::synonym_sets, &SearchRequest::hidden_hits,
        &SearchRequest::curation_tags, &SearchRequest::curation_sets,
        &SearchRequest::facet_return_parent, &SearchRequest::group_by,
        &SearchRequest::include_fields, &SearchRequest::exclude_fields,
        &SearchRequest::highlight_fields, &SearchRequest::highlight_full_fields}) {
    EXPECT_GE(bytes_with([&](SearchRequest& request) { (request.*member).push_back(large); }),
              plain + large.size());
  }
  EXPECT_GE(bytes_with([&](SearchRequest& request) {
              request.pinned_hits = {{large, 1}};
            }),
            plain + large.size());
  EXPECT_GE(bytes_with([&](SearchRequest& request) { request.further_filters = {{large}}; }),
            plain + large.size());
  for (auto member : {&KeyScope::include_fields, &KeyScope::exclude_fields}) {
    EXPECT_GE(bytes_with([&](SearchRequest& request) { request.scope.*member = {large}; }),
              plain + large.size());
  }
}

// Ten thousand customers, each with a key of its own, ask for the same front page.
TEST(AnswerCacheTest, ManyKeysCostNoMoreThanManyQueries) {
  constexpr int kKeys = 10'000;
  const auto seconds_with = [](const auto& change) {
    AnswerCache cache(std::size_t{1} << 30);
    const auto begin = std::chrono::steady_clock::now();
    for (int i = 0; i < kKeys; ++i) {
      AnswerCache::Key key = KeyOf("a");
      change(key.request, std::to_string(i));
      EXPECT_FALSE(cache.Find(key, Position{0}));
      cache.Put(std::move(key), PageOf(1), Position{1});
    }
    EXPECT_EQ(cache.statistics().answers, static_cast<std::size_t>(kKeys));
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  };
  const double queries = seconds_with(
      [](SearchRequest& request, const std::string& number) { request.query = number; });
  const double filters = seconds_with([](SearchRequest& request, const std::string& number) {
    request.further_filters = {{"customer:=" + number, false}};
  });
  EXPECT_LT(filters, 10 * queries);
  const double scopes = seconds_with([](SearchRequest& request, const std::string& number) {
    request.scope.exclude_fields = {"price_" + number};
  });
  EXPECT_LT(scopes, 10 * queries);
}

TEST(AnswerCacheTest, TheLeastRecentlyUsedGivesWay) {
  AnswerCache cache(64 << 10);
  cache.Put(KeyOf("a"), PageOf(20'000), Position{1});
  cache.Put(KeyOf("b"), PageOf(20'000), Position{1});
  ASSERT_TRUE(cache.Find(KeyOf("a"), Position{0}));
  cache.Put(KeyOf("c"), PageOf(20'000), Position{1});
  EXPECT_TRUE(cache.Find(KeyOf("a"), Position{0}));
  EXPECT_FALSE(cache.Find(KeyOf("b"), Position{0}));
  EXPECT_TRUE(cache.Find(KeyOf("c"), Position{0}));
  EXPECT_LE(cache.statistics().bytes, std::size_t{64} << 10);
  cache.Put(KeyOf("d"), PageOf(100'000), Position{1});
  EXPECT_FALSE(cache.Find(KeyOf("d"), Position{0})) << "larger than everything together";
  EXPECT_TRUE(cache.Find(KeyOf("c"), Position{0}));
}

TEST(AnswerCacheTest, TimeAndClearingEndAnswers) {
  AnswerCache cache(1 << 20);
  AnswerCache::Key key = KeyOf("a");
  key.request.cache_ttl_s = 0;
  cache.Put(key, PageOf(1), Position{1});
  EXPECT_FALSE(cache.Find(key, Position{0}));
  cache.Put(KeyOf("b"), PageOf(1), Position{1});
  cache.Clear();
  EXPECT_FALSE(cache.Find(KeyOf("b"), Position{0}));
  EXPECT_EQ(cache.statistics().bytes, 0U);
}

}  // namespace
}  // namespace cacheindex::node
