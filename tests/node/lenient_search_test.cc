// Names that the schema does not have, and parameters that this node does not know.

#include <gmock/gmock.h>

#include <string>
#include <utility>
#include <vector>

#include "tests/node/running_node.h"

namespace cacheindex::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class LenientSearchTest : public testing::Test {
 protected:
  LenientSearchTest() {
    node_.Get("POST", "/collections", R"({"name":"shoes","default_sorting_field":"price","fields":[
        {"name":"title","type":"string"},{"name":"brand","type":"string","facet":true},
        {"name":"price","type":"int32","facet":true}]})");
    for (const char* shoe : {R"({"id":"1","title":"red shoe","brand":"Acme","price":10})",
                             R"({"id":"2","title":"blue shoe","brand":"Acme","price":30})",
                             R"({"id":"3","title":"red boot","brand":"Peak","price":20})"}) {
      node_.Get("POST", "/collections/shoes/documents", shoe);
    }
  }

  Json Search(Json parameters) {
    parameters.emplace("q", "*");
    parameters["validate_field_names"] = false;
    return node_.Search("shoes", parameters);
  }
  std::vector<std::string> Ids(Json parameters) {
    std::vector<std::string> ids;
    const Json answer = Search(std::move(parameters));
    for (const Json& hit : answer["hits"]) {
      ids.push_back(hit["document"]["id"].get<std::string>());
    }
    return ids;
  }
  HttpReply Ask(const std::string& parameters) {
    return node_.Ask("GET", "/collections/shoes/documents/search?q=*&" + parameters);
  }

  RunningNode node_;
};

TEST_F(LenientSearchTest, UnknownNamesAreMistakesUnlessTheRequestSaysOtherwise) {
  for (const char* parameters :
       {"q=red&query_by=title,gone", "filter_by=gone:1", "sort_by=gone:asc", "facet_by=gone",
        "facet_by=gone.*", "group_by=gone", "sort_by=_eval(gone:1):desc",
        "facet_by=brand(sort_by:gone:asc)"}) {
    const HttpReply strict = Ask(parameters);
    EXPECT_EQ(strict.status, 404) << parameters;
    EXPECT_THAT(strict.body, HasSubstr("gone")) << parameters;
    const HttpReply lenient = Ask(std::string(parameters) + "&validate_field_names=false");
    EXPECT_EQ(lenient.status, 200) << parameters << lenient.body;
  }
}

TEST_F(LenientSearchTest, WhatIsUnknownIsLeftOut) {
  EXPECT_THAT(Ids({{"q", "red"}, {"query_by", "gone,title"}, {"query_by_weights", "1,2"}}),
              ElementsAre("3", "1"));
  EXPECT_THAT(Ids({{"q", "red"}, {"query_by", "gone"}}), IsEmpty()) << "no field, no match";
  EXPECT_THAT(Ids({{"filter_by", "gone:=1"}}), IsEmpty());
  EXPECT_THAT(Ids({{"filter_by", "gone:!=1"}}), IsEmpty()) << "no filter becomes wider";
  EXPECT_THAT(Ids({{"filter_by", "gone:=1 || brand:=Peak"}}), ElementsAre("3"));
  EXPECT_THAT(Ids({{"sort_by", "gone:asc,price:asc"}}), ElementsAre("1", "3", "2"));
  EXPECT_THAT(Ids({{"sort_by", "gone(1,2):asc"}}), ElementsAre("2", "3", "1")) << "as by default";
  EXPECT_THAT(Ids({{"sort_by", "_eval([(gone:1):2,(brand:=Peak):1]):desc,price:asc"}}),
              ElementsAre("3", "1", "2"));
  const Json counted =
      Search({{"facet_by", "gone,brand(sort_by:gone:asc)"}, {"facet_query", "gone:a"}});
  ASSERT_EQ(counted["facet_counts"].size(), 1U);
  EXPECT_EQ(counted["facet_counts"][0]["field_name"], "brand");
  EXPECT_EQ(counted["facet_counts"][0]["counts"].size(), 2U);
  const Json grouped = Search({{"group_by", "gone,brand"}});
  EXPECT_EQ(grouped["found"], 2);
  EXPECT_EQ(grouped["grouped_hits"].size(), 2U);
  const Json ungrouped = Search({{"group_by", "gone"}, {"sort_by", "_group_found:desc,price:asc"}});
  EXPECT_EQ(ungrouped["found"], 3);
  EXPECT_EQ(ungrouped["hits"].size(), 3U);
  EXPECT_FALSE(ungrouped.contains("grouped_hits"));
  const Json shown = Search({{"q", "red"},
                             {"query_by", "title"},
                             {"include_fields", "gone,id,brand"},
                             {"exclude_fields", "nothing"},
                             {"highlight_fields", "gone,title"},
                             {"highlight_full_fields", "gone"}});
  EXPECT_EQ(shown["hits"][0]["document"], Json({{"id", "3"}, {"brand", "Peak"}}));
  EXPECT_EQ(shown["hits"][0]["highlight"]["title"]["snippet"], "<mark>red</mark> boot");
}

TEST_F(LenientSearchTest, ExportsAndWritesByFilterKnowItToo) {
  const std::string documents = "/collections/shoes/documents";
  const std::string filter = "filter_by=gone:1%20%7C%7C%20price:%3E20";
  const std::string lenient = filter + "&validate_field_names=false";
  for (const auto& [method, target] :
       {std::pair{"GET", documents + "/export?"}, std::pair{"DELETE", documents + "?"},
        std::pair{"PATCH", documents + "?"}}) {
    const HttpReply strict = node_.Ask(method, target + filter, R"({"brand":"New"})");
    EXPECT_EQ(strict.status, 404) << method;
    EXPECT_THAT(strict.body, HasSubstr("gone")) << method;
  }
  EXPECT_THAT(node_.Ask("GET", documents + "/export?" + lenient).body, HasSubstr("blue shoe"));
  EXPECT_EQ(node_.Get("PATCH", documents + "?" + lenient, R"({"brand":"New"})")["num_updated"], 1);
  EXPECT_EQ(node_.Get("DELETE",
                      documents + "?filter_by=gone:1&validate_field_names=false")["num_deleted"],
            0)
      << "nothing matches, which is not everything";
  EXPECT_EQ(node_.Get("DELETE", documents + "?" + lenient)["num_deleted"], 1);
  EXPECT_THAT(Ids({}), ElementsAre("3", "1"));
}

TEST_F(LenientSearchTest, WhatAKnownFieldCannotDoIsAMistakeStill) {
  EXPECT_EQ(Ask("facet_by=title&validate_field_names=false").status, 404);
  EXPECT_EQ(Ask("group_by=title&validate_field_names=false").status, 400);
  EXPECT_EQ(Ask("q=a&query_by=price&validate_field_names=false").status, 400);
}

TEST_F(LenientSearchTest, WhatWouldBeAnotherAnswerIsRefused) {
  for (const char* parameters :
       {"vector_query=v:([0.1,0.2],k:10)", "vector_query=v:([],id:1)",
        "sort_by=_vector_distance:asc", "sort_by=_vector_query(v:([])):asc", "voice_query=UklGRg",
        "nl_query=true", "conversation=true", "include_fields=$brands(name,id)",
        "filter_by=$brands(id:1)", "facet_by=$brands(name)", "group_by=$brands(name)",
        "sort_by=$brands(name:asc)", "query_by=$brands(name)"}) {
    for (const char* more : {"", "&validate_field_names=false"}) {
      const HttpReply reply = Ask(std::string(parameters) + more);
      EXPECT_EQ(reply.status, 400) << parameters << more;
      EXPECT_THAT(reply.body, HasSubstr("\"message\"")) << parameters;
    }
  }
  EXPECT_THAT(Ask("vector_query=v:([0.1])").body,
              HasSubstr("Parameter `vector_query` is not supported: this node does not search "
                        "vectors."));
  const Json searches = {{{"collection", "shoes"}, {"q", "*"}, {"vector_query", "v:([])"}},
                         {{"collection", "shoes"}, {"q", "*"}}};
  const Json many = node_.Get("POST", "/multi_search", DumpJson({{"searches", searches}}));
  EXPECT_EQ(many["results"][0]["code"], 400);
  EXPECT_EQ(many["results"][1]["found"], 3);
}

TEST_F(LenientSearchTest, WhatChangesNoAnswerIsIgnored) {
  for (const char* parameters :
       {"vector_query=", "nl_query=false", "conversation=false", "conversation_model_id=a",
        "nl_model_id=a", "enable_analytics=false", "personalization_user_id=7", "anything=1",
        "rerank_hybrid_matches=true", "enable_lazy_filter=true"}) {
    const HttpReply reply = Ask(parameters);
    EXPECT_EQ(reply.status, 200) << parameters << reply.body;
  }
}

}  // namespace
}  // namespace cacheindex::test
