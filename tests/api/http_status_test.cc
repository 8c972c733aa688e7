#include "api/http_status.h"

#include <gtest/gtest.h>

#include "tests/api/client.h"

namespace cacheindex::api::test {
namespace {

struct Row {
  ErrorCode code;
  int status;
};

class ErrorCodeTest : public testing::TestWithParam<Row> {};

TEST_P(ErrorCodeTest, BecomesItsStatusAndKeepsItsMessage) {
  Fixture fixture;
  fixture.service.state.failure = Error(GetParam().code, "it \"went\" wrong");
  const Reply reply = fixture.Ask("GET", "/collections/products");
  EXPECT_EQ(reply.status, GetParam().status);
  EXPECT_EQ(reply.body, R"({"message":"it \"went\" wrong"})");
  const Reply hot = fixture.Ask("GET", "/collections/products/documents/1");
  EXPECT_EQ(hot.status, GetParam().status);
  EXPECT_EQ(hot.body, reply.body);
  EXPECT_EQ(HttpStatus(GetParam().code), GetParam().status);
}

INSTANTIATE_TEST_SUITE_P(
    All, ErrorCodeTest,
    testing::Values(Row{ErrorCode::kInvalidArgument, 400}, Row{ErrorCode::kUnauthorized, 401},
                    Row{ErrorCode::kNotFound, 404}, Row{ErrorCode::kTimeout, 408},
                    Row{ErrorCode::kConflict, 409}, Row{ErrorCode::kTooLarge, 413},
                    Row{ErrorCode::kUnprocessable, 422}, Row{ErrorCode::kUnavailable, 503},
                    Row{ErrorCode::kExhausted, 507}, Row{ErrorCode::kCorruption, 500},
                    Row{ErrorCode::kIo, 500}),
    [](const auto& row) { return std::string(Name(row.param.code)); });

}  // namespace
}  // namespace cacheindex::api::test
