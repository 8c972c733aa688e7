#pragma once

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "tests/index/text/text_shop.h"
#include "tests/support/temp_directory.h"

namespace cacheindex::index::test {

/// A shop whose products have a title each, for tests of what a query finds.
class TitlesTest : public testing::Test {
 protected:
  TitlesTest() { Require(shop_.StartText()); }

  /// Writes a product for each title, with the ids 1, 2, 3, ...
  void Write(const std::vector<std::string>& titles) {
    std::vector<Json> documents;
    for (const std::string& title : titles) {
      documents.push_back({{"id", std::to_string(documents.size() + 1)}, {"title", title}});
    }
    shop_.Write(products_, documents);
    shop_.Settle();
  }

  /// Returns the ids of those that have all words.
  std::vector<std::string> Find(std::string_view query, TextMatchOptions options = {}) {
    options.drop_tokens_threshold = 0;
    return shop_.Find(products_, query, {"title"}, options);
  }

  cacheindex::test::TempDirectory directory_;
  TextShop shop_{directory_.path()};
  cache::CollectionNumber products_ = shop_.Create(Json::parse(
      R"({"name":"products","fields":[{"name":"title","type":"string","infix":true}]})"));
};

}  // namespace cacheindex::index::test
