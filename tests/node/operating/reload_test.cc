// What SIGHUP and the operations port change while a real node runs.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/node/operating/operated_node.h"

namespace cacheindex::test {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr const char* kBefore = "[node]\nstop_delay_ms = 0\n[operations]\nlisten = \"0\"\n";

TEST(ReloadTest, TakesWhatCanChangeAndNamesWhatNeedsARestart) {
  OperatedNode node(kBefore);
  node.Configure(
      "[node]\nstop_delay_ms = 10\nanswer_cache_bytes = 1\n[http]\nworker_threads = 3\n"
      "[operations]\nlisten = \"0\"\n[log]\nlevel = \"debug\"\nslow_requests_ms = 5\n");
  node.Signal(SIGHUP);
  EXPECT_TRUE(node.HasLine({"level=warning event=configuration_reloaded",
                            "changed=\"node.stop_delay_ms,log.level,log.slow_requests_ms\"",
                            "needs_restart=\"node.answer_cache_bytes,http.worker_threads\""}))
      << node.output();
  node.Ask("GET", "/health");
  EXPECT_TRUE(node.HasLine({"level=debug event=request"})) << "the new level counts";
  node.Ask("GET", "/readyz");
  EXPECT_EQ(node.Stop(), 0);
  EXPECT_FALSE(node.Line("event=stopping signal=15 delay_ms=10").empty()) << "and the new delay";
}

TEST(ReloadTest, NobodyWaitsWhereNobodyLooksAtReadiness) {
  OperatedNode node("[node]\nstop_delay_ms = 60000\n");
  EXPECT_EQ(node.Ask("GET", "/health").status, 200);
  EXPECT_EQ(node.Stop(), 0);
  EXPECT_FALSE(node.Line("event=stopping signal=15 delay_ms=0").empty()) << node.output();
}

TEST(ReloadTest, KeepsTheOldOneWhenTheNewOneIsBad) {
  OperatedNode node(kBefore);
  node.Configure("[log]\nlevel = \"debug\"\n[node]\nstop_delay = 5\n");
  node.Signal(SIGHUP);
  EXPECT_TRUE(node.HasLine(
      {"level=error event=configuration_refused", "there is no key `node.stop_delay`"}));
  node.Ask("GET", "/health");
  EXPECT_EQ(node.Ask("GET", "/log_levels").body,
            R"({"audit":"info","node":"info","requests":"info","sources":"info","stores":"info"})");
  node.Configure(kBefore);
  node.Signal(SIGHUP);
  EXPECT_TRUE(
      node.HasLine({"level=info event=configuration_reloaded changed=\"\" needs_restart=\"\""}));
  EXPECT_EQ(node.CountLines("event=request "), 0);
}

TEST(ReloadTest, LevelsOfPartsChangeOverTheOperationsPort) {
  OperatedNode node(kBefore);
  HttpClient operations(node.operations_port(), OperatedNode::kKey);
  EXPECT_EQ(operations.Ask("PUT", "/log_levels", R"({"requests":"debug","stores":"off"})").body,
            R"({"audit":"info","node":"info","requests":"debug","sources":"info","stores":"off"})");
  EXPECT_TRUE(node.HasLine({"event=audit action=log_levels:upsert", "key=node"}));
  node.Ask("GET", "/health");
  EXPECT_TRUE(node.HasLine({"level=debug event=request route=\"GET /health\""}));
  for (const char* wrong :
       {R"({"request":"debug"})", R"({"stores":"info","audit":"loud"})", "[]"}) {
    EXPECT_EQ(operations.Ask("PUT", "/log_levels", wrong).status, 400) << wrong;
  }
  EXPECT_THAT(operations.Ask("GET", "/log_levels").body, HasSubstr(R"("stores":"off")"))
      << "nothing of a body that is wrong somewhere is taken";
  HttpClient nobody(node.operations_port(), "another-key");
  EXPECT_EQ(nobody.Ask("PUT", "/log_levels", R"({"audit":"off"})").status, 401);
  node.Signal(SIGHUP);
  EXPECT_TRUE(node.HasLine({"event=configuration_reloaded"}));
  EXPECT_THAT(operations.Ask("GET", "/log_levels").body, Not(HasSubstr("off")))
      << "the file says what they are";
}

}  // namespace
}  // namespace cacheindex::test
