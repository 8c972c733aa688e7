#include "replication/following/continuity.h"

#include <gmock/gmock.h>

#include <functional>
#include <string>

namespace cacheindex::replication {
namespace {

using ::testing::HasSubstr;

SourceState Followed() {
  SourceState state;
  state.phase = Phase::kLive;
  state.identity = {.system_identifier = 7,
                    .timeline = 1,
                    .slot = "s",
                    .slot_created_at = LogPosition{100},
                    .publication_fingerprint = "f"};
  state.applied = LogPosition{200};
  return state;
}

ServerFacts Fitting() {
  ServerFacts server;
  server.identity = {.system_identifier = 7, .timeline = 1, .end = LogPosition{300}};
  server.slot = SlotState{.plugin = "pgoutput",
                          .database = "shop",
                          .is_active = false,
                          .user = "",
                          .wal_status = "reserved",
                          .restart = LogPosition{90},
                          .confirmed = LogPosition{200}};
  server.database = "shop";
  server.publication_fingerprint = "f";
  return server;
}

struct Case {
  const char* name;
  Verdict::Kind kind;
  const char* reason;
  std::function<void(SourceState&, ServerFacts&)> change;
};

class ContinuityTest : public ::testing::TestWithParam<Case> {};

TEST_P(ContinuityTest, RequirementA9A10A12_JudgesBeforeTheServerIsAsked) {
  SourceState state = Followed();
  ServerFacts server = Fitting();
  GetParam().change(state, server);
  const Verdict verdict = Judge(state, server);
  EXPECT_EQ(verdict.kind, GetParam().kind) << verdict.reason;
  EXPECT_THAT(verdict.reason, HasSubstr(GetParam().reason));
}

using Kind = Verdict::Kind;

INSTANTIATE_TEST_SUITE_P(
    Cases, ContinuityTest,
    ::testing::Values(
        Case{"Fits", Kind::kResume, "", [](SourceState&, ServerFacts&) {}},
        Case{"New", Kind::kBegin, "",
             [](SourceState& state, ServerFacts& server) {
               state.phase = Phase::kNew;
               server.slot.reset();
             }},
        Case{"ConfirmedWentBackAfterACrash", Kind::kResume, "",
             [](SourceState&, ServerFacts& server) { server.slot->confirmed = LogPosition{150}; }},
        Case{"SlotWasAdvanced", Kind::kRebuild, "begins at 0/C9",
             [](SourceState&, ServerFacts& server) { server.slot->confirmed = LogPosition{201}; }},
        Case{"SlotIsMissing", Kind::kRebuild, "missing",
             [](SourceState&, ServerFacts& server) { server.slot.reset(); }},
        Case{"SlotIsLost", Kind::kRebuild, "lost",
             [](SourceState&, ServerFacts& server) { server.slot->wal_status = "lost"; }},
        Case{"AnotherCluster", Kind::kRebuild, "another cluster",
             [](SourceState&, ServerFacts& server) { server.identity.system_identifier = 8; }},
        Case{"PositionOfTheFuture", Kind::kRebuild, "the server's log ends",
             [](SourceState& state, ServerFacts&) { state.applied = LogPosition{301}; }},
        Case{"PromotedAfterOurPosition", Kind::kResume, "",
             [](SourceState&, ServerFacts& server) {
               server.identity.timeline = 2;
               server.switch_point = LogPosition{200};
             }},
        Case{"PromotedBeforeOurPosition", Kind::kRebuild, "never had",
             [](SourceState&, ServerFacts& server) {
               server.identity.timeline = 2;
               server.switch_point = LogPosition{199};
             }},
        Case{"UnrelatedTimeline", Kind::kRebuild, "does not descend",
             [](SourceState&, ServerFacts& server) { server.identity.timeline = 2; }},
        Case{"OlderTimeline", Kind::kRebuild, "does not descend",
             [](SourceState& state, ServerFacts&) { state.identity.timeline = 2; }},
        Case{"PublicationChanged", Kind::kRebuild, "publication",
             [](SourceState&, ServerFacts& server) { server.publication_fingerprint = "g"; }},
        Case{"SlotOfAnotherPlugin", Kind::kRefuse, "somebody else's",
             [](SourceState&, ServerFacts& server) { server.slot->plugin = "wal2json"; }},
        Case{"SlotOfAnotherDatabase", Kind::kRefuse, "somebody else's",
             [](SourceState& state, ServerFacts& server) {
               state.phase = Phase::kNew;
               server.slot->database = "other";
             }}),
    [](const auto& parameter) { return parameter.param.name; });

}  // namespace
}  // namespace cacheindex::replication
