#include "api/access.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "api/key_cryptography.h"
#include "tests/api/client.h"

namespace cacheindex::api::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::SizeIs;

constexpr std::int64_t kFar = 64'723'363'199;
constexpr std::string_view kParent = "RN23GFr1s6jQ9kgSNg2O7fYcAUXU7127";
constexpr std::string_view kSearch = "/collections/products/documents/search?q=*";

// Made from the parent by another implementation.
constexpr std::string_view kCompanyKey =
    "SC9sT0hncHFwTHNFc3U3d3psRDZBUGNXQUViQUdDNmRHSmJFQnNnczJ4VT1STjIzeyJmaWx0ZXJfYnkiOiJjb21wYW55"
    "X2lkOjEyNCJ9";

// From the same parent, with {"limit_multi_searches":2} and 60.
constexpr std::string_view kTwoSearchesKey =
    "a1ZIbmIwUW9ycHVDOTJkSEJvRGU4ZU5tTjVCUFozendJYWRxNytKaER5VT1STjIzeyJsaW1pdF9tdWx0aV9zZWFyY2"
    "hlcyI6Mn0=";
constexpr std::string_view kSixtySearchesKey =
    "SzRieEJ4b2lMZmJqL29OYXV6TDZCMnJiZ1NiOWJpcG90MTFpWlFtbFA2TT1STjIzeyJsaW1pdF9tdWx0aV9zZWFyY2"
    "hlcyI6NjB9";

std::shared_ptr<const StoredKey> MakeStored(std::vector<std::string> actions,
                                            const std::vector<std::string>& names,
                                            std::string value = {}) {
  StoredKey key;
  key.actions = std::move(actions);
  key.expires_at = kFar;
  key.value = std::move(value);
  for (const std::string& name : names) {
    key.covers_all_collections |= name == "*";
    key.collections.emplace_back([name](std::string_view asked) { return asked == name; });
  }
  return std::make_shared<const StoredKey>(std::move(key));
}

class AccessTest : public testing::Test {
 protected:
  void Keep(std::string_view value, std::shared_ptr<const StoredKey> key) {
    fixture_.service.state.keys[KeyDigest(value)] = std::move(key);
  }
  int StatusOf(std::string_view method, std::string_view target, std::string_view key,
               std::string_view body = {}) {
    const std::string head = std::string(method) + " " + std::string(target) +
                             " HTTP/1.1\r\nHost: x\r\nX-TYPESENSE-API-KEY: " + std::string(key) +
                             "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n";
    const Reply reply = fixture_.AskRaw(head + std::string(body));
    last_body_ = reply.body;
    return reply.status;
  }
  const std::vector<SearchRequest>& searches() const { return fixture_.service.state.searches; }

  Fixture fixture_;
  std::string last_body_;
};

TEST_F(AccessTest, AKeyAllowsItsActionsInItsCollections) {
  Keep("search-key", MakeStored({"documents:search"}, {"products"}));
  EXPECT_EQ(StatusOf("GET", kSearch, "search-key"), 200);
  EXPECT_EQ(StatusOf("GET", "/collections/secrets/documents/search?q=*", "search-key"), 401);
  EXPECT_EQ(StatusOf("GET", "/collections/products/documents/export", "search-key"), 401);
  EXPECT_EQ(StatusOf("GET", "/collections/products", "search-key"), 401);
  EXPECT_EQ(StatusOf("GET", "/keys", "search-key"), 401);
  EXPECT_EQ(last_body_, Json({{"message", kForbiddenMessage}}).dump());
}

TEST_F(AccessTest, AResourcesWildcardCoversItsVerbsAndNoOtherResource) {
  Keep("documents", MakeStored({"documents:*"}, {"*"}));
  EXPECT_EQ(StatusOf("GET", kSearch, "documents"), 200);
  EXPECT_EQ(StatusOf("POST", "/collections/products/documents", "documents", "{}"), 201);
  EXPECT_EQ(StatusOf("GET", "/collections/products", "documents"), 401);
  Keep("doc", MakeStored({"doc:*", "documents", "document*"}, {"*"}));
  EXPECT_EQ(StatusOf("GET", kSearch, "doc"), 401);
}

TEST_F(AccessTest, WritingOverNeedsMoreThanCreating) {
  Keep("create", MakeStored({"documents:create"}, {"*"}));
  EXPECT_EQ(StatusOf("POST", "/collections/a/documents", "create", "{}"), 201);
  for (const std::string_view action : {"upsert", "update", "emplace"}) {
    EXPECT_EQ(
        StatusOf("POST", "/collections/a/documents?action=" + std::string(action), "create", "{}"),
        401)
        << action;
  }
  Keep("upsert", MakeStored({"documents:upsert"}, {"*"}));
  EXPECT_EQ(StatusOf("POST", "/collections/a/documents?action=upsert", "upsert", "{}"), 201);
  EXPECT_EQ(StatusOf("POST", "/collections/a/documents", "upsert", "{}"), 401);
}

TEST_F(AccessTest, EverythingInSomeCollectionsIsNotEverything) {
  Keep("tenant", MakeStored({"*"}, {"products"}));
  EXPECT_EQ(StatusOf("GET", "/collections/products", "tenant"), 200);
  EXPECT_EQ(StatusOf("GET", "/collections/other", "tenant"), 401);
  for (const std::string_view target : {"/keys", "/aliases", "/presets", "/metrics.json"}) {
    EXPECT_EQ(StatusOf("GET", target, "tenant"), 401) << target;
  }
  EXPECT_EQ(StatusOf("POST", "/keys", "tenant", "{}"), 401);
  Keep("aliases", MakeStored({"aliases:list"}, {"products"}));
  EXPECT_EQ(StatusOf("GET", "/aliases", "aliases"), 200) << "asked for by name";
}

TEST_F(AccessTest, CollectionsAreMadeAndListedWithinAKeysReach) {
  Keep("tenant", MakeStored({"collections:*"}, {"mine"}));
  EXPECT_EQ(StatusOf("POST", "/collections", "tenant", R"({"name":"mine"})"), 201);
  EXPECT_EQ(StatusOf("POST", "/collections", "tenant", R"({"name":"yours"})"), 401);
  EXPECT_EQ(StatusOf("POST", "/collections?src_name=yours", "tenant", R"({"name":"mine"})"), 401)
      << "a clone reads its source";
  EXPECT_EQ(StatusOf("POST", "/collections?src_name=mine&copy_documents=true", "tenant",
                     R"({"name":"mine"})"),
            401)
      << "copies documents, which the key may not export";
  EXPECT_EQ(StatusOf("GET", "/collections", "tenant"), 200);
  EXPECT_EQ(last_body_, "[]") << "does not show the others";
}

TEST_F(AccessTest, AnExpiredKeyIsNoKey) {
  auto key = *MakeStored({"*"}, {"*"});
  key.expires_at = 1'000'000'000;
  Keep("old-key", std::make_shared<const StoredKey>(key));
  EXPECT_EQ(StatusOf("GET", kSearch, "old-key"), 401);
}

TEST_F(AccessTest, KnowsTheScopedKeysOfOtherImplementations) {
  const auto scoped = DecodeScopedKey(kCompanyKey);
  ASSERT_TRUE(scoped);
  EXPECT_EQ(scoped->parent_prefix, "RN23");
  EXPECT_EQ(scoped->parameters, R"({"filter_by":"company_id:124"})");
  EXPECT_TRUE(IsSignedBy(*scoped, kParent));
  EXPECT_FALSE(IsSignedBy(*scoped, "RN23GFr1s6jQ9kgSNg2O7fYcAUXU7128"));
}

TEST_F(AccessTest, AScopedKeysFilterStaysBesideTheRequests) {
  Keep(kParent, MakeStored({"documents:search"}, {"products"}, std::string(kParent)));
  const std::string escape = "&filter_by=a:1)%20||%20(b:2";
  EXPECT_EQ(StatusOf("GET", std::string(kSearch) + escape, kCompanyKey), 200);
  ASSERT_THAT(searches(), SizeIs(1));
  EXPECT_EQ(searches()[0].filter_by, "a:1) || (b:2") << "an expression of its own, and malformed";
  EXPECT_THAT(searches()[0].further_filters, ElementsAre(FurtherFilter{"company_id:124", false}));
}

TEST_F(AccessTest, AScopedKeySearchesOnlyAndOnlyWhereItsParentMay) {
  Keep(kParent, MakeStored({"documents:search"}, {"products"}, std::string(kParent)));
  EXPECT_EQ(StatusOf("GET", "/collections/other/documents/search?q=*", kCompanyKey), 401);
  EXPECT_EQ(StatusOf("GET", "/collections/products/documents/1", kCompanyKey), 401);
  EXPECT_EQ(StatusOf("GET", "/collections/products/documents/export", kCompanyKey), 401);
  EXPECT_EQ(StatusOf("GET", "/health", kCompanyKey), 200);
  std::string forged(kCompanyKey);
  forged[forged.size() - 4] = forged[forged.size() - 4] == 'i' ? 'j' : 'i';
  EXPECT_EQ(StatusOf("GET", kSearch, forged), 401);
  EXPECT_EQ(StatusOf("GET", kSearch, kCompanyKey.substr(0, 100)), 401);
}

TEST_F(AccessTest, OnlyASearchKeyCanBeAParent) {
  // The node keeps no value of other keys; here one has, and still nothing may come of it.
  Keep(kParent, MakeStored({"documents:get"}, {"*"}, std::string(kParent)));
  EXPECT_EQ(StatusOf("GET", kSearch, kCompanyKey), 401);
}

TEST_F(AccessTest, ManySearchesAreEachHeldToTheirKey) {
  Keep(kParent, MakeStored({"documents:search"}, {"products"}, std::string(kParent)));
  Keep("other-key", MakeStored({"documents:search"}, {"other"}));
  const std::string body =
      R"({"searches":[{"collection":"products","q":"*","filter_by":"x:1"},
                      {"collection":"other","q":"*"},
                      {"collection":"other","q":"*","x-typesense-api-key":"other-key"},
                      {"collection":"products","q":"*","x-typesense-api-key":"other-key"},
                      {"collection":"products","q":"*","x-typesense-api-key":7}]})";
  EXPECT_EQ(StatusOf("POST", "/multi_search", kCompanyKey, body), 200);
  const Json results = Json::parse(last_body_)["results"];
  ASSERT_THAT(results, SizeIs(5));
  EXPECT_TRUE(results[0].contains("hits"));
  EXPECT_EQ(results[1]["code"], 401);
  EXPECT_TRUE(results[2].contains("hits"));
  EXPECT_EQ(results[3]["code"], 401);
  EXPECT_EQ(results[4]["code"], 401);
  ASSERT_THAT(searches(), SizeIs(2));
  EXPECT_THAT(searches()[0].further_filters, ElementsAre(FurtherFilter{"company_id:124", false}));
  EXPECT_THAT(searches()[1].further_filters, SizeIs(0)) << "made with the other key";
}

TEST_F(AccessTest, AScopedKeySaysHowManySearchesThereMayBeAtOnce) {
  Keep(kParent, MakeStored({"documents:search"}, {"products"}, std::string(kParent)));
  const auto status_of = [&](int searches, std::string_view key, std::string_view asked) {
    Json body = {{"searches", Json::array()}};
    for (int i = 0; i < searches; ++i) {
      body["searches"].push_back({{"collection", "products"}, {"q", "*"}});
    }
    return StatusOf("POST", "/multi_search" + std::string(asked), key, body.dump());
  };
  EXPECT_EQ(status_of(2, kTwoSearchesKey, "?limit_multi_searches=50"), 200);
  EXPECT_EQ(status_of(3, kTwoSearchesKey, "?limit_multi_searches=50"), 400);
  EXPECT_EQ(status_of(60, kSixtySearchesKey, "?limit_multi_searches=1"), 200);
  EXPECT_EQ(status_of(61, kSixtySearchesKey, ""), 400);
  EXPECT_EQ(status_of(51, kParent, "?limit_multi_searches=60"), 400) << "more than the node's 50";
}

TEST_F(AccessTest, NoAnswerShowsAKey) {
  Keep("search-key", MakeStored({"documents:search"}, {"products"}));
  for (const std::string_view key : {"search-key", "no-such-key"}) {
    StatusOf("GET", "/keys", key);
    EXPECT_THAT(last_body_, Not(HasSubstr(key)));
  }
}

TEST(KeyCryptographyTest, DigestsAreSha256) {
  EXPECT_EQ(KeyDigest("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST(KeyCryptographyTest, MadeKeysAreLongAndNeverTheSame) {
  const std::string first = MakeKeyValue();
  EXPECT_THAT(first, SizeIs(32));
  EXPECT_NE(first, MakeKeyValue());
  EXPECT_TRUE(std::all_of(first.begin(), first.end(), [](unsigned char c) { return isalnum(c); }));
}

TEST(KeyCryptographyTest, WhatIsNoScopedKeyIsRefused) {
  for (const std::string_view text : {"", "a", "====", "abc=", "not base64!", "QUJD", "QQ=Q"}) {
    EXPECT_FALSE(DecodeScopedKey(text)) << text;
  }
}

}  // namespace
}  // namespace cacheindex::api::test
