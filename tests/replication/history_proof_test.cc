#include "replication/rows/history_proof.h"

#include <gmock/gmock.h>

#include "tests/support/result_matchers.h"

namespace cacheindex::replication {
namespace {

using test::FailsWith;
using test::Succeeds;

constexpr CommitMark kLast{.commit = LogPosition{150},
                           .end = LogPosition{160},
                           .transaction_id = 7,
                           .committed_at_us = 1'000};

TEST(HistoryProofTest, TheLastTransactionComesAgain) {
  HistoryProof proof(kLast, LogPosition{100}, LogPosition{200});
  EXPECT_FALSE(proof.is_done());
  EXPECT_THAT(proof.Meet({.commit = LogPosition{120}, .end = LogPosition{130}}), Succeeds());
  EXPECT_THAT(proof.Pass(LogPosition{130}), Succeeds());
  EXPECT_THAT(proof.Meet(kLast), Succeeds());
  EXPECT_THAT(proof.Pass(LogPosition{199}), Succeeds());
  EXPECT_FALSE(proof.is_done()) << "another one may come before our position";
  EXPECT_THAT(proof.Pass(LogPosition{200}), Succeeds());
  EXPECT_TRUE(proof.is_done());
}

TEST(HistoryProofTest, AnotherTransactionIsAnotherHistory) {
  const auto meets = [](CommitMark mark) {
    return HistoryProof(kLast, LogPosition{100}, LogPosition{200}).Meet(mark);
  };
  CommitMark other = kLast;
  other.transaction_id = 8;
  EXPECT_THAT(meets(other), FailsWith(ErrorCode::kConflict));
  other = kLast;
  other.committed_at_us = 1'001;
  EXPECT_THAT(meets(other), FailsWith(ErrorCode::kConflict));
  other = kLast;
  other.end = LogPosition{161};
  EXPECT_THAT(meets(other), FailsWith(ErrorCode::kConflict));
  other = kLast;
  other.commit = LogPosition{151};
  EXPECT_THAT(meets(other), FailsWith(ErrorCode::kConflict)) << "nothing was behind the last one";
}

TEST(HistoryProofTest, WithoutTheLastTransactionItIsAnotherHistory) {
  HistoryProof proof(kLast, LogPosition{100}, LogPosition{200});
  EXPECT_THAT(proof.Meet({.commit = LogPosition{120}, .end = LogPosition{130}}), Succeeds());
  EXPECT_THAT(proof.Pass(LogPosition{250}), FailsWith(ErrorCode::kConflict));
  EXPECT_FALSE(proof.is_done());
}

TEST(HistoryProofTest, WhatTheSlotHasBehindItIsKnownAndNothingMayBeNew) {
  HistoryProof proof(kLast, LogPosition{160}, LogPosition{200});
  EXPECT_FALSE(proof.is_done());
  EXPECT_THAT(proof.Pass(LogPosition{200}), Succeeds());
  EXPECT_TRUE(proof.is_done());

  HistoryProof changed(kLast, LogPosition{160}, LogPosition{200});
  EXPECT_THAT(changed.Meet({.commit = LogPosition{170}, .end = LogPosition{180}}),
              FailsWith(ErrorCode::kConflict));

  const CommitMark none{.commit = LogPosition{100}, .end = LogPosition{100}};
  HistoryProof idle(none, LogPosition{100}, LogPosition{200});
  EXPECT_THAT(idle.Pass(LogPosition{200}), Succeeds());
  EXPECT_TRUE(idle.is_done());
  HistoryProof busy(none, LogPosition{100}, LogPosition{200});
  EXPECT_THAT(busy.Meet({.commit = LogPosition{100}, .end = LogPosition{110}, .transaction_id = 1}),
              FailsWith(ErrorCode::kConflict));
}

TEST(HistoryProofTest, NothingIsToBeProvedAtTheSlotsPositionOrWithoutAMark) {
  EXPECT_TRUE(HistoryProof(kLast, LogPosition{200}, LogPosition{200}).is_done());
  HistoryProof unknown(std::nullopt, LogPosition{100}, LogPosition{200});
  EXPECT_TRUE(unknown.is_done());
  EXPECT_THAT(unknown.Meet(kLast), Succeeds());
}

}  // namespace
}  // namespace cacheindex::replication
