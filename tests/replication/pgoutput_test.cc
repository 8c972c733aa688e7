#include "replication/postgres/pgoutput.h"

#include <gmock/gmock.h>

#include <cstdint>
#include <random>
#include <string>
#include <variant>
#include <vector>

#include "tests/replication/recorded_stream.h"
#include "tests/support/result_matchers.h"

namespace cacheindex::replication {
namespace {

using test::FailsWith;
using test::Succeeds;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::SizeIs;

template <class Message>
std::vector<Message> RecordedOf() {
  std::vector<Message> found;
  for (const std::string& bytes : RecordedMessages()) {
    Result<PluginMessage> message = ParsePluginMessage(bytes);
    EXPECT_THAT(message, Succeeds());
    if (message && std::holds_alternative<Message>(*message)) {
      found.push_back(std::get<Message>(*message));
    }
  }
  return found;
}

Value Text(std::string text) { return {Value::State::kText, std::move(text)}; }
Value Null() { return {}; }
Value Unchanged() { return {Value::State::kUnchanged, {}}; }

std::string Description() {
  std::string text;
  for (int i = 0; i < 1000; ++i) {
    text += "long ";
  }
  return text;
}

TEST(PgoutputTest, RequirementA14_PositionsComeFromCommitsAndAreMonotonic) {
  const std::vector<BeginMessage> begins = RecordedOf<BeginMessage>();
  const std::vector<CommitMessage> commits = RecordedOf<CommitMessage>();
  ASSERT_EQ(begins.size(), commits.size());
  LogPosition last{};
  for (std::size_t i = 0; i < begins.size(); ++i) {
    EXPECT_EQ(begins[i].commit, commits[i].commit);
    EXPECT_EQ(begins[i].committed_at_us, commits[i].committed_at_us);
    EXPECT_GE(commits[i].commit, last) << "a transaction may begin where another ended";
    EXPECT_GT(commits[i].end, last);
    last = commits[i].end;
  }
  EXPECT_EQ(ToString(commits[0].end), "0/634378");
}

TEST(PgoutputTest, RequirementA13_APreparedTransactionCommitsWhereAnotherEnded) {
  const std::vector<CommitMessage> commits = RecordedOf<CommitMessage>();
  int touching = 0;
  for (std::size_t i = 1; i < commits.size(); ++i) {
    touching += commits[i].commit == commits[i - 1].end ? 1 : 0;
  }
  EXPECT_EQ(touching, 1) << "the recording does not hold what it was made for";
}

TEST(PgoutputTest, TimesCountFrom1970) {
  constexpr std::int64_t kYear2026 = 1'767'225'600LL * 1'000'000;
  constexpr std::int64_t kYear2027 = 1'798'761'600LL * 1'000'000;
  EXPECT_GT(RecordedOf<BeginMessage>()[0].committed_at_us, kYear2026);
  EXPECT_LT(RecordedOf<BeginMessage>()[0].committed_at_us, kYear2027);
}

TEST(PgoutputTest, RelationsSayWhichColumnsAreTheKey) {
  const std::vector<RelationMessage> relations = RecordedOf<RelationMessage>();
  ASSERT_THAT(relations, SizeIs(5));
  EXPECT_EQ(relations[0].schema, "public");
  EXPECT_EQ(relations[0].name, "product");
  EXPECT_EQ(relations[0].identity, ReplicaIdentity::kDefault);
  ASSERT_THAT(relations[0].columns, SizeIs(5));
  EXPECT_TRUE(relations[0].columns[0].is_key);
  EXPECT_FALSE(relations[0].columns[1].is_key);
  constexpr std::uint32_t kInt4 = 23;
  EXPECT_EQ(relations[0].columns[0].type, kInt4);
  EXPECT_EQ(relations[1].identity, ReplicaIdentity::kFull);
  EXPECT_TRUE(relations[1].columns[1].is_key) << "a full identity flags every column";
  EXPECT_EQ(relations[1].columns[1].name, "name");
  EXPECT_EQ(relations[2].columns[1].name, "label");
  EXPECT_EQ(relations[2].oid, relations[1].oid);
}

TEST(PgoutputTest, RequirementA6A7_OldRowsKeysAndUnchangedValuesAreToldApart) {
  const std::vector<RowMessage> rows = RecordedOf<RowMessage>();
  ASSERT_THAT(rows, SizeIs(12));
  EXPECT_THAT(rows[0].row,
              ElementsAre(Text("1"), Text("Lamp"), Text(Description()), Text("9.90"), Text("red")));
  EXPECT_THAT(rows[1].row, ElementsAre(Text("1"), Null()));

  EXPECT_EQ(rows[2].kind, Change::Kind::kUpdate);
  EXPECT_FALSE(rows[2].old_row.has_value());
  EXPECT_EQ(rows[2].row[2], Unchanged());

  ASSERT_TRUE(rows[3].old_row.has_value()) << "the key changed";
  EXPECT_TRUE(rows[3].is_old_key_only);
  EXPECT_THAT(*rows[3].old_row, ElementsAre(Text("1"), Null(), Null(), Null(), Null()));
  EXPECT_EQ(rows[3].row[0], Text("2"));
  EXPECT_EQ(rows[3].row[2], Unchanged());

  EXPECT_FALSE(rows[4].is_old_key_only);
  EXPECT_THAT(*rows[4].old_row, ElementsAre(Text("1"), Null()));

  EXPECT_EQ(rows[5].kind, Change::Kind::kDelete);
  EXPECT_TRUE(rows[5].is_old_key_only);
  EXPECT_EQ(rows[6].kind, Change::Kind::kDelete);
  EXPECT_FALSE(rows[6].is_old_key_only);
  EXPECT_THAT(*rows[6].old_row, ElementsAre(Text("1"), Text("x")));
}

TEST(PgoutputTest, RequirementA15_TruncateNamesAllTables) {
  const std::vector<TruncateMessage> truncates = RecordedOf<TruncateMessage>();
  ASSERT_THAT(truncates, SizeIs(1));
  EXPECT_THAT(truncates[0].oids, SizeIs(2));
}

TEST(PgoutputTest, EveryCutIsAnErrorAndSoIsEveryByteTooMany) {
  for (const std::string& message : RecordedMessages()) {
    const std::size_t cuts = std::min<std::size_t>(message.size(), 200);
    for (std::size_t size = 0; size < cuts; ++size) {
      EXPECT_THAT(ParsePluginMessage(std::string_view(message).substr(0, size)),
                  FailsWith(ErrorCode::kCorruption));
    }
    EXPECT_THAT(ParsePluginMessage(message + '\0'), FailsWith(ErrorCode::kCorruption));
  }
}

// Mutated messages must be refused or parse into something bounded; the sanitizers watch.
TEST(PgoutputTest, RequirementC32_MutatedMessagesNeverGoOutOfBounds) {
  const unsigned seed = std::random_device{}();
  RecordProperty("seed", std::to_string(seed));
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  const std::vector<std::string> messages = RecordedMessages();
  int refused = 0;
  constexpr int kRounds = 100'000;
  for (int i = 0; i < kRounds; ++i) {
    std::string message = messages[random() % messages.size()];
    message.resize(std::min<std::size_t>(message.size(), 300));
    for (unsigned edits = 1 + random() % 4; edits > 0; --edits) {
      const std::size_t place = random() % message.size();
      switch (random() % 4) {
        case 0:
          message[place] = static_cast<char>(random());
          break;
        case 1:
          message[place] = static_cast<char>(message[place] ^ (1 << random() % 8));
          break;
        case 2:
          message.insert(place, 1, static_cast<char>(random()));
          break;
        default:
          if (message.size() > 1) {
            message.erase(place, 1);
          }
      }
    }
    const Result<PluginMessage> parsed = ParsePluginMessage(message);
    refused += parsed ? 0 : 1;
    if (const auto* row = parsed ? std::get_if<RowMessage>(&*parsed) : nullptr) {
      ASSERT_LE(row->row.size(), kColumnsMax);
    }
  }
  EXPECT_GT(refused, kRounds / 10);
  EXPECT_LT(refused, kRounds);
}

TEST(PgoutputTest, AStatusReadsBackAsItWasWritten) {
  const std::string bytes = FormatStatusMessage({.written = LogPosition{0x0102030405060708},
                                                 .flushed = LogPosition{2},
                                                 .applied = LogPosition{3},
                                                 .now_us = 946'684'800LL * 1'000'000 + 5,
                                                 .wants_answer = true});
  EXPECT_EQ(bytes, std::string("r\1\2\3\4\5\6\7\10"
                               "\0\0\0\0\0\0\0\2"
                               "\0\0\0\0\0\0\0\3"
                               "\0\0\0\0\0\0\0\5"
                               "\1",
                               34));
}

TEST(PgoutputTest, TheStreamsOwnMessages) {
  const std::string keepalive("k\0\0\0\0\0\0\1\0\0\0\0\0\0\0\0\0\1", 18);
  Result<StreamMessage> message = ParseStreamMessage(keepalive);
  ASSERT_THAT(message, Succeeds());
  EXPECT_EQ(std::get<KeepaliveMessage>(*message).end, LogPosition{0x100});
  EXPECT_TRUE(std::get<KeepaliveMessage>(*message).wants_answer);
  const std::string data = "w" + std::string(24, '\0') + "payload";
  message = ParseStreamMessage(data);
  ASSERT_THAT(message, Succeeds());
  EXPECT_EQ(std::get<DataMessage>(*message).bytes, "payload");
  EXPECT_THAT(ParseStreamMessage(std::string_view(data).substr(0, 20)),
              FailsWith(ErrorCode::kCorruption));
  EXPECT_THAT(ParseStreamMessage("x"), FailsWith(ErrorCode::kCorruption));
}

}  // namespace
}  // namespace cacheindex::replication
