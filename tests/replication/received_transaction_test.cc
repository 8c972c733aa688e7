#include "replication/postgres/received_transaction.h"

#include <gmock/gmock.h>

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "replication/postgres/change_queue.h"
#include "tests/replication/recorded_stream.h"
#include "tests/support/result_matchers.h"
#include "tests/support/temp_directory.h"

namespace cacheindex::replication {
namespace {

using test::FailsWith;
using test::Succeeds;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

std::shared_ptr<const Table> TableOf(const RelationMessage& relation) {
  Table none;
  return Describe(relation, none);
}

// The recorded stream as transactions.
std::vector<std::unique_ptr<ReceivedTransaction>> Recorded(const MessageLog::Options& options) {
  std::vector<std::unique_ptr<ReceivedTransaction>> transactions;
  std::unique_ptr<ReceivedTransaction> open;
  for (const std::string& bytes : RecordedMessages()) {
    Result<PluginMessage> message = ParsePluginMessage(bytes);
    EXPECT_THAT(message, Succeeds());
    if (const auto* begin = std::get_if<BeginMessage>(&*message)) {
      open = std::make_unique<ReceivedTransaction>(*begin, options);
    } else if (const auto* commit = std::get_if<CommitMessage>(&*message)) {
      EXPECT_THAT(open->Finish(*commit), Succeeds());
      transactions.push_back(std::move(open));
    } else if (open != nullptr) {
      EXPECT_THAT(open->Append(bytes), Succeeds());
    }
  }
  // Each description is news, and holds until the next.
  auto tables = std::make_shared<TableMap>();
  for (auto& transaction : transactions) {
    std::vector<ReceivedTransaction::Description> descriptions;
    const auto at_begin = std::make_shared<const TableMap>(*tables);
    for (const RelationMessage& relation : transaction->relations()) {
      (*tables)[relation.oid] = TableOf(relation);
      descriptions.push_back({(*tables)[relation.oid], true});
    }
    transaction->SetTables(at_begin, std::move(descriptions));
  }
  return transactions;
}

std::string Print(const Change& change) {
  static constexpr const char* kKinds[] = {"table", "insert", "update", "delete", "truncate"};
  std::string printed =
      std::string(kKinds[static_cast<int>(change.kind)]) + " " + change.table->name;
  for (const Value& value : change.row) {
    printed += " " + (value.state == Value::State::kText        ? value.text.substr(0, 10)
                      : value.state == Value::State::kUnchanged ? "unchanged"
                                                                : "NULL");
  }
  return printed;
}

std::vector<std::string> PrintAll(ReceivedTransaction& transaction) {
  std::vector<std::string> printed;
  while (true) {
    Result<std::optional<Change>> change = transaction.Next();
    EXPECT_THAT(change, Succeeds());
    if (!change || !*change) {
      return printed;
    }
    printed.push_back(Print(**change));
  }
}

TEST(ReceivedTransactionTest, RequirementA14_ChangesComeInOrderWithTheTableOfTheirPlace) {
  const auto transactions = Recorded({{}, 1 << 20});
  EXPECT_THAT(PrintAll(*transactions[0]),
              ElementsAre("table product", "insert product 1 Lamp long long  9.90 red", "table tag",
                          "insert tag 1 NULL"));
  EXPECT_THAT(PrintAll(*transactions[2]), ElementsAre("update product 2 Lamp unchanged 8.50 red"));
  EXPECT_THAT(PrintAll(*transactions[6]), ElementsAre("insert product 10 a NULL 1.00 red",
                                                      "insert product 11 b NULL 2.00 blue"));
  EXPECT_THAT(PrintAll(*transactions.back()),
              ElementsAre("table product", "table tag", "truncate product", "truncate tag"));
  EXPECT_EQ(transactions[6]->change_count, 2U);
}

TEST(ReceivedTransactionTest, RequirementB16_ALargeOneGoesToAFileAndReadsTheSameTwice) {
  const test::TempDirectory directory;
  const auto in_memory = Recorded({directory.path(), 1 << 20});
  const auto in_file = Recorded({directory.path() / "spool", 16});
  EXPECT_EQ(in_memory[0]->file_bytes(), 0U);
  EXPECT_GT(in_file[0]->file_bytes(), 5'000U);
  EXPECT_THAT(std::filesystem::directory_iterator(directory.path() / "spool"),
              std::filesystem::directory_iterator())
      << "the file has no name, so that nothing is left when the process dies";
  for (std::size_t i = 0; i < in_memory.size(); ++i) {
    const std::vector<std::string> expected = PrintAll(*in_memory[i]);
    EXPECT_EQ(PrintAll(*in_file[i]), expected);
    EXPECT_THAT(in_file[i]->Rewind(), Succeeds());
    EXPECT_EQ(PrintAll(*in_file[i]), expected);
  }
}

TEST(ReceivedTransactionTest, ManyLargeMessagesSurviveTheFile) {
  const test::TempDirectory directory;
  MessageLog log({directory.path(), 1'000});
  constexpr std::size_t kMessages = 3'000;
  for (std::size_t i = 0; i < kMessages; ++i) {
    ASSERT_THAT(log.Append(std::string(i, static_cast<char>('a' + i % 26))), Succeeds());
  }
  ASSERT_THAT(log.Seal(), Succeeds());
  EXPECT_LT(log.memory_bytes(), 1'000U);
  for (const bool is_again : {false, true}) {
    for (std::size_t i = 0; i < kMessages; ++i) {
      Result<std::optional<std::string_view>> message = log.Next();
      ASSERT_THAT(message, Succeeds());
      ASSERT_TRUE(message->has_value()) << is_again;
      ASSERT_EQ(**message, std::string(i, static_cast<char>('a' + i % 26)));
    }
    ASSERT_FALSE(log.Next()->has_value());
    log.Rewind();
  }
}

TEST(ReceivedTransactionTest, ChangesOfTablesThatNobodyFollowsAreSkipped) {
  const auto transactions = Recorded({{}, 1 << 20});
  const std::uint32_t tag = transactions[0]->relations()[1].oid;
  TableMap none;
  transactions[3]->SetTables(std::make_shared<const TableMap>(none), {});
  EXPECT_THAT(PrintAll(*transactions[3]), IsEmpty());
  transactions[0]->SetTables(std::make_shared<const TableMap>(none),
                             {{nullptr, false}, {TableOf(transactions[0]->relations()[1]), false}});
  EXPECT_THAT(PrintAll(*transactions[0]), ElementsAre("insert tag 1 NULL"));
  EXPECT_NE(tag, 0U);
}

TEST(ReceivedTransactionTest, ARowThatDoesNotFitItsTableIsRefused) {
  const auto transactions = Recorded({{}, 1 << 20});
  TableMap wrong;
  wrong[transactions[0]->relations()[1].oid] = TableOf(transactions[0]->relations()[0]);
  transactions[3]->SetTables(std::make_shared<const TableMap>(wrong), {});
  EXPECT_THAT(transactions[3]->Next(), FailsWith(ErrorCode::kCorruption));
}

TEST(ReceivedTransactionTest, TheCommitMustBeThatOfTheBegin) {
  ReceivedTransaction transaction({LogPosition{5}, 0, 1}, {{}, 100});
  EXPECT_THAT(transaction.Finish({LogPosition{6}, LogPosition{7}, 0}),
              FailsWith(ErrorCode::kCorruption));
}

std::unique_ptr<ReceivedTransaction> Small(std::uint64_t position) {
  auto transaction = std::make_unique<ReceivedTransaction>(
      BeginMessage{LogPosition{position}, 0, 1}, MessageLog::Options{{}, 1 << 20});
  EXPECT_THAT(transaction->Append("I" + std::string(99, 'x')), Succeeds());
  EXPECT_THAT(transaction->Finish({LogPosition{position}, LogPosition{position + 1}, 0}),
              Succeeds());
  return transaction;
}

TEST(ChangeQueueTest, IsBoundedByBytesAndKeepsTheOrder) {
  ChangeQueue queue({.memory_bytes_max = 150, .file_bytes_max = 1});
  const auto now = ChangeQueue::Clock::now();
  EXPECT_TRUE(queue.WaitForRoom(now));
  queue.Push(Small(10));
  EXPECT_TRUE(queue.WaitForRoom(now));
  queue.Push(Small(20));
  EXPECT_FALSE(queue.WaitForRoom(now)) << queue.memory_bytes();
  queue.PushIdle(LogPosition{30});
  queue.PushIdle(LogPosition{40});
  queue.Push(Small(50));
  queue.Close(Error(ErrorCode::kUnavailable, "over"));
  EXPECT_FALSE(queue.end().has_value()) << "what was pushed before comes first";

  ChangeQueue::Batch batch = queue.Pop({.transactions_max = 10, .bytes_max = 1'000}, now);
  ASSERT_THAT(batch.transactions, SizeIs(2));
  EXPECT_EQ(batch.transactions[1]->commit, LogPosition{20});
  EXPECT_EQ(batch.idle, LogPosition{40});
  EXPECT_TRUE(queue.WaitForRoom(now));
  batch = queue.Pop({.transactions_max = 10, .bytes_max = 1'000}, now);
  ASSERT_THAT(batch.transactions, SizeIs(1));
  EXPECT_FALSE(batch.idle.has_value());
  EXPECT_TRUE(queue.Pop({.transactions_max = 1, .bytes_max = 1}, now).empty());
  ASSERT_TRUE(queue.end().has_value());
  EXPECT_EQ(queue.end()->message(), "over");
  EXPECT_EQ(queue.memory_bytes(), 0U);
}

}  // namespace
}  // namespace cacheindex::replication
