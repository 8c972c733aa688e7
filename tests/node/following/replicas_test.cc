#include <gtest/gtest.h>

#include <memory>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "tests/node/following/model_shop.h"
#include "tests/support/following_node.h"

// Nodes that copied the same database at different moments, and one that built itself anew, answer
// the same bytes at the same position.

namespace cacheindex::test {
namespace {

constexpr int kTransactions = 150;
constexpr int kRounds = 2;
constexpr int kSearches = 120;
// Searches of one request.
constexpr int kSearchesTogether = 30;

class ReplicasTest : public testing::Test {
 protected:
  ReplicasTest() : session_(cluster_.Connection()), writer_(cluster_.Connection(), kSeed) {
    CreateModelShop(session_, kSeed);
  }

  void Write() {
    for (int i = 0; i < kTransactions; ++i) {
      writer_.Write();
    }
    EndPreparedTransactions(session_);
  }

  FollowingNode& AddNode() {
    nodes_.push_back(std::make_unique<FollowingNode>(cluster_, kModelShopConfiguration));
    EXPECT_TRUE(nodes_.back()->WaitForState("live")) << nodes_.back()->Source().dump(2);
    return *nodes_.back();
  }

  static void Rebuild(FollowingNode& node) {
    const auto rebuilds = [&] { return node.Source().value("rebuilds", 0); };
    const int before = rebuilds();
    EXPECT_LT(node.Ask("POST", "/sources/shop/rebuild").status, 300);
    EXPECT_TRUE(FollowingNode::WaitUntil([&] { return rebuilds() > before; }));
    EXPECT_TRUE(node.WaitForState("live"));
  }

  std::string Pick(const std::vector<std::string>& choices) {
    return choices[random_() % choices.size()];
  }

  // Mostly with few different values, so that many documents are equal.
  Json RandomSearch() {
    Json search = {{"collection", "products"},
                   {"q", Pick({"*", "*", "brand", "tag", "category", "product", "pro"})},
                   {"query_by", Pick({"title,description", "title", "tags,brand.name,title"})},
                   {"per_page", 1 + random_() % 20},
                   {"page", 1 + random_() % 4}};
    const auto maybe = [&](const char* name, const std::vector<std::string>& choices) {
      const std::string value = Pick(choices);
      if (!value.empty()) {
        search[name] = value;
      }
    };
    maybe("filter_by", {"", "", "in_stock:true", "sku_count:>1",
                        "brand.name:=[`brand 1`,`brand 2`]", "lowest_price_cents:<5000"});
    maybe("sort_by", {"", "", "in_stock:desc", "sku_count:asc", "_rand(7):asc", "_seq_id:asc",
                      "_eval(in_stock:true):desc", "_text_match(buckets:2):desc"});
    maybe("facet_by", {"", "brand.name,tags", "in_stock", "tags,skus.*,attributes.*"});
    maybe("group_by", {"", "", "in_stock", "brand.name"});
    if (search.contains("facet_by") && random_() % 3 == 0) {
      search["max_facet_values"] = 2;
    }
    return search;
  }

  static Json WithoutTimes(Json answer) {
    for (Json& result : answer.at("results")) {
      result.erase("search_time_ms");
    }
    return answer;
  }

  // Asks every node at the same position, while nobody writes.
  void Compare() {
    const std::string position = FollowingNode::AtLeast(session_);
    for (int asked = 0; asked < kSearches; asked += kSearchesTogether) {
      Json searches = Json::array();
      for (int i = 0; i < kSearchesTogether; ++i) {
        searches.push_back(RandomSearch());
      }
      const std::string body = Json{{"searches", searches}}.dump();
      std::vector<Json> answers;
      for (const auto& node : nodes_) {
        const HttpReply reply = node->Ask("POST", "/multi_search", body, position);
        ASSERT_EQ(reply.status, 200) << reply.body;
        answers.push_back(WithoutTimes(Json::parse(reply.body)));
      }
      for (std::size_t i = 0; i < searches.size(); ++i) {
        const std::string expected = answers.front().at("results").at(i).dump(1);
        shown_ += answers.front().at("results").at(i).value("found", 0) > 0 ? 1 : 0;
        for (const Json& other : answers) {
          ASSERT_EQ(other.at("results").at(i).dump(1), expected) << searches[i].dump();
        }
      }
    }
  }

  static constexpr std::uint64_t kSeed = 12;

  PostgresCluster cluster_;
  PostgresSession session_;
  ModelShopWriter writer_;
  std::mt19937_64 random_{kSeed};
  std::vector<std::unique_ptr<FollowingNode>> nodes_;
  int shown_ = 0;
};

TEST_F(ReplicasTest, NodesOfDifferentMomentsAnswerTheSame) {
  AddNode();
  Write();
  FollowingNode& rebuilt = AddNode();
  for (int round = 0; round < kRounds && !HasFailure(); ++round) {
    Write();
    Compare();
    Rebuild(rebuilt);
    Compare();
  }
  EXPECT_GT(shown_, kSearches * kRounds / 2) << "most searches find nothing: they prove little";
}

TEST_F(ReplicasTest, PagesOfDifferentNodesLeaveNothingOut) {
  AddNode();
  Write();
  AddNode();
  Write();
  const std::string position = FollowingNode::AtLeast(session_);
  std::set<std::string> ids;
  std::int64_t found = 0;
  for (int page = 1; page == 1 || (page - 1) * 7 < found; ++page) {
    const Json answer = nodes_[static_cast<std::size_t>(page) % 2]->Get(
        "/collections/products/documents/search?q=*&sort_by=in_stock:desc&per_page=7&page=" +
            std::to_string(page),
        position);
    found = answer.at("found").get<std::int64_t>();
    for (const Json& hit : answer.at("hits")) {
      EXPECT_TRUE(ids.insert(hit.at("document").at("id").get<std::string>()).second);
    }
  }
  EXPECT_GT(found, 7) << "there are not even two pages";
  EXPECT_EQ(static_cast<std::int64_t>(ids.size()), found);
}

}  // namespace
}  // namespace cacheindex::test
