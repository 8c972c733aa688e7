#include "api/search_parameters.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/result_matchers.h"

namespace cacheindex::api {
namespace {

using testing::ElementsAre;

Result<SearchRequest> Read(std::string_view query) {
  const auto parameters = Parameters::FromQuery(query);
  return parameters ? ReadSearchRequest(*parameters, "products") : parameters.error();
}

TEST(SearchParametersTest, HaveTheContractsDefaults) {
  const auto request = Read("q=*");
  ASSERT_THAT(request, cacheindex::test::Succeeds());
  EXPECT_EQ(request->collection, "products");
  EXPECT_EQ(request->page, 1U);
  EXPECT_EQ(request->per_page, 10U);
  EXPECT_FALSE(request->offset);
  EXPECT_EQ(request->drop_tokens_threshold, 1U);
  EXPECT_EQ(request->max_facet_values, 10U);
  EXPECT_EQ(request->limit_hits, 1'000'000U);
  EXPECT_EQ(request->highlight_affix_num_tokens, 4U);
  EXPECT_EQ(request->snippet_threshold, 30U);
  EXPECT_EQ(request->highlight_start_tag, "<mark>");
  EXPECT_EQ(request->search_cutoff_ms, 30'000U);
  EXPECT_TRUE(request->enable_highlight_v1);
  EXPECT_TRUE(request->validate_field_names);
}

TEST(SearchParametersTest, AreAllRead) {
  const auto request = Read(
      "q=red+shoe&query_by=title,%20brand.name&query_by_weights=4,1&prefix=true,false"
      "&filter_by=price:%3C10&sort_by=price:asc&facet_by=brand&max_facet_values=3&page=2"
      "&per_page=5&limit_hits=50&include_fields=a,b&exclude_fields=out_of"
      "&highlight_fields=none&highlight_full_fields=title&highlight_start_tag=%3Cb%3E"
      "&highlight_end_tag=%3C/b%3E&snippet_threshold=7&highlight_affix_num_tokens=2"
      "&enable_highlight_v1=false&drop_tokens_threshold=9&drop_tokens_mode=both_sides:5"
      "&exhaustive_search=true&validate_field_names=false&search_cutoff_ms=12&unknown=x");
  ASSERT_THAT(request, cacheindex::test::Succeeds());
  EXPECT_EQ(request->query, "red shoe");
  EXPECT_THAT(request->query_by, ElementsAre("title", "brand.name"));
  EXPECT_THAT(request->query_by_weights, ElementsAre(4U, 1U));
  EXPECT_THAT(request->prefix, ElementsAre(true, false));
  EXPECT_EQ(request->filter_by, "price:<10");
  EXPECT_EQ(request->sort_by, "price:asc");
  EXPECT_EQ(request->facet_by, "brand");
  EXPECT_EQ(request->max_facet_values, 3U);
  EXPECT_EQ(request->page, 2U);
  EXPECT_EQ(request->per_page, 5U);
  EXPECT_EQ(request->limit_hits, 50U);
  EXPECT_THAT(request->include_fields, ElementsAre("a", "b"));
  EXPECT_THAT(request->exclude_fields, ElementsAre("out_of"));
  EXPECT_THAT(request->highlight_fields, ElementsAre("none"));
  EXPECT_THAT(request->highlight_full_fields, ElementsAre("title"));
  EXPECT_EQ(request->highlight_start_tag, "<b>");
  EXPECT_EQ(request->highlight_end_tag, "</b>");
  EXPECT_EQ(request->snippet_threshold, 7U);
  EXPECT_EQ(request->highlight_affix_num_tokens, 2U);
  EXPECT_FALSE(request->enable_highlight_v1);
  EXPECT_EQ(request->drop_tokens_threshold, 9U);
  EXPECT_EQ(request->drop_tokens_mode, SearchRequest::DropTokens::kBothSides);
  EXPECT_EQ(request->drop_tokens_words_max, 5U);
  EXPECT_TRUE(request->exhaustive_search);
  EXPECT_FALSE(request->validate_field_names);
  EXPECT_EQ(request->search_cutoff_ms, 12U);
}

TEST(SearchParametersTest, MatchTolerantlyUnlessToldOtherwise) {
  const auto request = Read("q=shoe&query_by=title");
  ASSERT_THAT(request, cacheindex::test::Succeeds());
  EXPECT_TRUE(request->num_typos.empty()) << "two for every field";
  EXPECT_EQ(request->min_len_1typo, 4U);
  EXPECT_EQ(request->min_len_2typo, 7U);
  EXPECT_EQ(request->typo_tokens_threshold, 1U);
  EXPECT_TRUE(request->enable_typos_for_numerical_tokens);
  EXPECT_TRUE(request->enable_typos_for_alpha_numerical_tokens);
  EXPECT_EQ(request->split_join_tokens, SearchRequest::SplitJoin::kFallback);
  EXPECT_FALSE(request->max_candidates);
  EXPECT_TRUE(request->infix.empty());
  EXPECT_EQ(request->text_match_type, SearchRequest::TextMatchType::kMaxScore);
  EXPECT_TRUE(request->prioritize_exact_match);
  EXPECT_FALSE(request->prioritize_token_position);
  EXPECT_TRUE(request->prioritize_num_matching_fields);
  EXPECT_FALSE(request->synonym_prefix);
  EXPECT_EQ(request->synonym_num_typos, 0U);
  EXPECT_FALSE(request->demote_synonym_match);
}

TEST(SearchParametersTest, SayHowToMatch) {
  const auto request = Read(
      "q=shoe&query_by=title,brand&num_typos=1,0&min_len_1typo=3&min_len_2typo=9"
      "&typo_tokens_threshold=20&enable_typos_for_numerical_tokens=false"
      "&enable_typos_for_alpha_numerical_tokens=false&split_join_tokens=always&max_candidates=12"
      "&infix=off,fallback&text_match_type=sum_score&prioritize_exact_match=false"
      "&prioritize_token_position=true&prioritize_num_matching_fields=false&synonym_prefix=true"
      "&synonym_num_typos=1&demote_synonym_match=true"
      "&max_extra_prefix=2&max_extra_suffix=0");
  ASSERT_THAT(request, cacheindex::test::Succeeds());
  EXPECT_THAT(request->num_typos, ElementsAre(1U, 0U));
  EXPECT_EQ(request->min_len_1typo, 3U);
  EXPECT_EQ(request->min_len_2typo, 9U);
  EXPECT_EQ(request->typo_tokens_threshold, 20U);
  EXPECT_FALSE(request->enable_typos_for_numerical_tokens);
  EXPECT_FALSE(request->enable_typos_for_alpha_numerical_tokens);
  EXPECT_EQ(request->split_join_tokens, SearchRequest::SplitJoin::kAlways);
  EXPECT_EQ(request->max_candidates, 12U);
  EXPECT_THAT(request->infix,
              ElementsAre(SearchRequest::Infix::kOff, SearchRequest::Infix::kFallback));
  EXPECT_EQ(request->max_extra_prefix, 2U);
  EXPECT_EQ(request->max_extra_suffix, 0U);
  EXPECT_EQ(request->text_match_type, SearchRequest::TextMatchType::kSumScore);
  EXPECT_FALSE(request->prioritize_exact_match);
  EXPECT_TRUE(request->prioritize_token_position);
  EXPECT_FALSE(request->prioritize_num_matching_fields);
  EXPECT_TRUE(request->synonym_prefix);
  EXPECT_EQ(request->synonym_num_typos, 1U);
  EXPECT_TRUE(request->demote_synonym_match);
}

TEST(SearchParametersTest, NameTheMatchingParameterThatIsWrong) {
  const auto message = [](std::string_view parameter) {
    const auto request = Read("q=shoe&query_by=a,b,c&" + std::string(parameter));
    return request ? std::string("accepted") : request.error().message();
  };
  EXPECT_EQ(message("num_typos=3"), "Value of `num_typos` must not be greater than 2, it is 3.");
  EXPECT_EQ(message("num_typos=x"),
            "Parameter `num_typos` must be a list of unsigned integers; not `x`.");
  EXPECT_EQ(message("num_typos=1,2"),
            "Number of values in `num_typos` does not match number of `query_by` fields.");
  EXPECT_EQ(message("min_len_1typo=-1"), "Parameter `min_len_1typo` must be an unsigned integer.");
  EXPECT_EQ(message("infix=sometimes"),
            "Parameter `infix` must be one of: off, fallback, always; not `sometimes`.");
  EXPECT_EQ(message("split_join_tokens=on"),
            "Parameter `split_join_tokens` must be one of: off, fallback, always; not `on`.");
  EXPECT_EQ(message("text_match_type=best"),
            "Parameter `text_match_type` must be one of: max_score, max_weight, sum_score; not "
            "`best`.");
  EXPECT_EQ(message("synonym_num_typos=4"),
            "Value of `synonym_num_typos` must not be greater than 2, it is 4.");
}

TEST(SearchParametersTest, OffsetAndLimitReplacePages) {
  const auto request = Read("q=*&offset=30&limit=7");
  ASSERT_THAT(request, cacheindex::test::Succeeds());
  EXPECT_EQ(request->offset, 30U);
  EXPECT_EQ(request->per_page, 7U);
  EXPECT_FALSE(Read("q=*&offset=30&page=2")->offset) << "who asks for a page gets pages";
  EXPECT_EQ(Read("q=*&per_page=3&limit=7")->per_page, 3U);
}

TEST(SearchParametersTest, FacetQueryAsksForNoHitsUnlessToldOtherwise) {
  EXPECT_EQ(Read("q=*&facet_query=brand:a")->per_page, 0U);
  EXPECT_EQ(Read("q=*&facet_query=brand:a&per_page=4")->per_page, 4U);
}

TEST(SearchParametersTest, TakeAnEmptyQueryAndPageZero) {
  EXPECT_THAT(Read("q="), cacheindex::test::Succeeds());
  EXPECT_EQ(Read("q=*&page=0")->page, 1U);
  EXPECT_EQ(Read("q=*&per_page=250")->per_page, 250U);
}

struct Refusal {
  std::string query;
  ErrorCode code;
  std::string message;
};

class RefusedSearchTest : public testing::TestWithParam<Refusal> {};

TEST_P(RefusedSearchTest, SaysWhy) {
  const auto request = Read(GetParam().query);
  ASSERT_THAT(request, cacheindex::test::FailsWith(GetParam().code)) << GetParam().query;
  EXPECT_EQ(request.error().message(), GetParam().message);
}

INSTANTIATE_TEST_SUITE_P(
    All, RefusedSearchTest,
    testing::Values(
        Refusal{"query_by=a", ErrorCode::kInvalidArgument, "Parameter `q` is required."},
        Refusal{"q=shoe", ErrorCode::kInvalidArgument, "No search fields specified for the query."},
        Refusal{"q=*&page=x", ErrorCode::kInvalidArgument,
                "Parameter `page` must be an unsigned integer."},
        Refusal{"q=*&page=-1", ErrorCode::kInvalidArgument,
                "Parameter `page` must be an unsigned integer."},
        Refusal{"q=*&page=", ErrorCode::kInvalidArgument,
                "Parameter `page` must be an unsigned integer."},
        Refusal{"q=*&per_page=1.5", ErrorCode::kInvalidArgument,
                "Parameter `per_page` must be an unsigned integer."},
        Refusal{"q=*&limit=99999999999", ErrorCode::kInvalidArgument,
                "Parameter `limit` must be an unsigned integer."},
        Refusal{"q=*&offset=x", ErrorCode::kInvalidArgument,
                "Parameter `offset` must be an unsigned integer."},
        Refusal{"q=*&max_facet_values=many", ErrorCode::kInvalidArgument,
                "Parameter `max_facet_values` must be an unsigned integer."},
        Refusal{"q=*&snippet_threshold=x", ErrorCode::kInvalidArgument,
                "Parameter `snippet_threshold` must be an unsigned integer."},
        Refusal{"q=*&per_page=251", ErrorCode::kUnprocessable,
                "Only upto 250 hits can be fetched per page."},
        Refusal{"q=*&page=4000000000&per_page=250", ErrorCode::kUnprocessable,
                "Only upto 1000000 hits can be fetched. Ensure that `page` and `per_page` "
                "parameters are within this range."},
        Refusal{"q=*&offset=4294967295", ErrorCode::kUnprocessable,
                "Only upto 1000000 hits can be fetched. Ensure that `page` and `per_page` "
                "parameters are within this range."},
        Refusal{"q=a&query_by=a,b&query_by_weights=1", ErrorCode::kInvalidArgument,
                "Number of weights in `query_by_weights` does not match number of `query_by` "
                "fields."},
        Refusal{"q=a&query_by=a&query_by_weights=x", ErrorCode::kInvalidArgument,
                "Parameter `query_by_weights` must be a list of unsigned integers."},
        Refusal{"q=a&query_by=a,b,c&prefix=true,false", ErrorCode::kInvalidArgument,
                "Number of values in `prefix` does not match number of `query_by` fields."},
        Refusal{"q=*&drop_tokens_mode=middle", ErrorCode::kInvalidArgument,
                "Parameter `drop_tokens_mode` must be one of: right_to_left, left_to_right, "
                "both_sides:N."},
        Refusal{"q=%C3%28", ErrorCode::kInvalidArgument, "Parameter `q` is not valid UTF-8."},
        Refusal{"q=%2", ErrorCode::kInvalidArgument,
                "The query string has a `%` that two hexadecimal digits do not follow."}));

TEST(ParametersTest, FromObjectMakesTextOfEverything) {
  const auto parameters = Parameters::FromObject(Json::parse(
      R"({"q":"a","page":2,"exhaustive_search":true,"query_by":["a","b"],"x":null,"f":1.5})"));
  EXPECT_EQ(parameters.Get("q"), "a");
  EXPECT_EQ(parameters.Get("page"), "2");
  EXPECT_TRUE(parameters.GetBool("exhaustive_search", false));
  EXPECT_THAT(parameters.GetList("query_by"), ElementsAre("a", "b"));
  EXPECT_FALSE(parameters.Find("x"));
  EXPECT_EQ(parameters.Get("f"), "1.5");
}

TEST(ParametersTest, TheLastOneOfANameCountsAndDefaultsYield) {
  auto parameters = *Parameters::FromQuery("a=1&a=2");
  parameters.AddDefaults(*Parameters::FromQuery("a=3&b=4"));
  EXPECT_EQ(parameters.Get("a"), "2");
  EXPECT_EQ(parameters.Get("b"), "4");
}

TEST(ParametersTest, OnlyTheLiteralTrueIsTrue) {
  const auto parameters = *Parameters::FromQuery("a=true&b=True&c=1");
  EXPECT_TRUE(parameters.GetBool("a", false));
  EXPECT_FALSE(parameters.GetBool("b", true));
  EXPECT_FALSE(parameters.GetBool("c", true));
  EXPECT_TRUE(parameters.GetBool("d", true));
}

TEST(SearchParametersTest, WhatWouldBeAnotherAnswerIsRefusedByName) {
  for (const std::string parameter :
       {"vector_query=v:([])", "voice_query=a", "nl_query=true", "conversation=true",
        "include_fields=id,$brands(name, id)", "group_by=$brands(name)"}) {
    const auto refused = Read("q=*&" + parameter);
    ASSERT_THAT(refused, cacheindex::test::FailsWith(ErrorCode::kInvalidArgument)) << parameter;
    EXPECT_THAT(refused.error().message(),
                testing::HasSubstr("`" + parameter.substr(0, parameter.find('=')) + "`"));
  }
  for (const char* parameter : {"vector_query=", "nl_query=1", "exclude_fields=$brands(name)",
                                "include_fields=$price", "personalization_user_id=a"}) {
    EXPECT_THAT(Read("q=*&" + std::string(parameter)), cacheindex::test::Succeeds()) << parameter;
  }
}

TEST(SearchParametersTest, ThatMultiplyWithHitsAreBounded) {
  const std::string tag(257, 'x');
  for (const char* name : {"highlight_start_tag", "highlight_end_tag"}) {
    EXPECT_THAT(Read("q=*&" + std::string(name) + "=" + tag.substr(1)),
                cacheindex::test::Succeeds());
    const auto refused = Read("q=*&" + std::string(name) + "=" + tag);
    ASSERT_THAT(refused, cacheindex::test::FailsWith(ErrorCode::kUnprocessable));
    EXPECT_THAT(refused.error().message(), testing::HasSubstr(name));
  }
  std::string names = "name";
  for (int i = 1; i < 1'000; ++i) {
    names += ",name";
  }
  for (const char* list : {"query_by", "include_fields", "exclude_fields", "highlight_fields",
                           "highlight_full_fields", "group_by", "facet_return_parent"}) {
    EXPECT_THAT(Read("q=*&" + std::string(list) + "=" + names), cacheindex::test::Succeeds());
    const auto refused = Read("q=*&" + std::string(list) + "=" + names + ",name");
    ASSERT_THAT(refused, cacheindex::test::FailsWith(ErrorCode::kUnprocessable));
    EXPECT_THAT(refused.error().message(), testing::HasSubstr(list));
  }
}

}  // namespace
TEST(SearchParametersTest, GroupsAndFacetsAreReadAndChecked) {
  const auto read = [](std::string_view query) {
    const auto parameters = Parameters::FromQuery(query);
    return ReadSearchRequest(*parameters, "c");
  };
  const auto request = read(
      "q=*&group_by=brand,size&group_limit=5&group_missing_values=false&use_cache=true"
      "&cache_ttl=9&facet_return_parent=a.b&facet_query_num_typos=1&facet_strategy=exhaustive"
      "&facet_sample_percent=50&facet_sample_threshold=1000");
  ASSERT_TRUE(request);
  EXPECT_EQ(request->group_by, (std::vector<std::string>{"brand", "size"}));
  EXPECT_EQ(request->group_limit, 5U);
  EXPECT_FALSE(request->group_missing_values);
  EXPECT_TRUE(request->use_cache);
  EXPECT_EQ(request->cache_ttl_s, 9U);
  EXPECT_EQ(request->facet_return_parent, std::vector<std::string>{"a.b"});
  EXPECT_EQ(request->facet_query_num_typos, 1U);
  for (const std::string_view bad :
       {"q=*&group_by=brand&group_limit=100", "q=*&group_by=brand&group_limit=0",
        "q=*&facet_query_num_typos=3", "q=*&facet_sample_percent=101", "q=*&facet_strategy=best",
        "q=*&cache_ttl=soon"}) {
    const auto refused = read(bad);
    ASSERT_FALSE(refused) << bad;
    EXPECT_EQ(refused.error().code(), ErrorCode::kInvalidArgument);
  }
}

}  // namespace cacheindex::api
