#include "api/line_grouper.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "api/spool.h"
#include "tests/support/result_matchers.h"
#include "tests/support/temp_directory.h"

namespace cacheindex::api {
namespace {

using testing::ElementsAre;

struct Grouped {
  std::vector<std::string> lines;
  std::vector<std::size_t> groups;
};

Grouped Group(std::string_view bytes, std::size_t piece, LineGrouper::Limits limits) {
  Grouped grouped;
  LineGrouper grouper(limits, {[&](std::span<const std::string_view> lines) -> Result<void> {
                                 grouped.groups.push_back(lines.size());
                                 grouped.lines.insert(grouped.lines.end(), lines.begin(),
                                                      lines.end());
                                 return {};
                               },
                               [&]() -> Result<void> {
                                 grouped.lines.emplace_back("(long)");
                                 return {};
                               }});
  for (std::size_t i = 0; i < bytes.size(); i += piece) {
    EXPECT_TRUE(grouper.Add(bytes.substr(i, piece)));
  }
  EXPECT_TRUE(grouper.Finish());
  return grouped;
}

TEST(LineGrouperTest, FindsTheSameLinesWhereverTheBytesAreCut) {
  const std::string_view bytes = "one\n\n  \r\ntwo\r\nthis one is too long\nthree\nlast";
  for (std::size_t piece = 1; piece <= bytes.size(); ++piece) {
    const Grouped grouped =
        Group(bytes, piece, {.line_bytes_max = 10, .group_lines_max = 2, .group_bytes_max = 100});
    ASSERT_THAT(grouped.lines, ElementsAre("one", "two", "(long)", "three", "last")) << piece;
    EXPECT_THAT(grouped.groups, ElementsAre(2U, 2U));
  }
}

TEST(LineGrouperTest, ReportsALongLineAtTheEndOnce) {
  EXPECT_THAT(Group("a\n0123456789ab", 1, {.line_bytes_max = 10}).lines,
              ElementsAre("a", "(long)"));
  EXPECT_THAT(Group("a\n0123456789ab\n", 3, {.line_bytes_max = 10}).lines,
              ElementsAre("a", "(long)"));
}

TEST(LineGrouperTest, ClosesAGroupByItsBytes) {
  EXPECT_THAT(Group("aaaa\nbbbb\ncccc\n", 100, {.line_bytes_max = 10, .group_bytes_max = 8}).groups,
              ElementsAre(2U, 1U));
}

TEST(LineGrouperTest, StopsAtTheSinksFailure) {
  LineGrouper grouper({.line_bytes_max = 10},
                      {[](std::span<const std::string_view>) -> Result<void> {
                         return Error(ErrorCode::kExhausted, "full");
                       },
                       [] { return Result<void>(); }});
  EXPECT_TRUE(grouper.Add("a\n"));
  EXPECT_THAT(grouper.Finish(), cacheindex::test::FailsWith(ErrorCode::kExhausted));
}

TEST(SpoolTest, GivesBackWhatItTookFromMemoryAndFile) {
  const cacheindex::test::TempDirectory directory;
  for (const std::size_t memory : {std::size_t{10}, std::size_t{1} << 20}) {
    Spool spool({.directory = directory.path(), .memory_bytes_max = memory});
    std::string expected;
    for (int i = 0; i < 1000; ++i) {
      const std::string piece = "answer " + std::to_string(i) + "\n";
      expected += piece;
      ASSERT_TRUE(spool.Append(piece));
    }
    EXPECT_EQ(spool.bytes(), expected.size());
    std::string read;
    EXPECT_TRUE(spool.ForEachPiece([&](std::string_view piece) -> Result<void> {
      read += piece;
      return {};
    }));
    EXPECT_EQ(read, expected);
    EXPECT_TRUE(std::filesystem::is_empty(directory.path())) << "the file must have no name";
  }
}

TEST(SpoolTest, SaysWhenThereIsNoPlace) {
  Spool spool({.directory = "/nonexistent/place", .memory_bytes_max = 1});
  EXPECT_THAT(spool.Append("ab"), cacheindex::test::FailsWith(ErrorCode::kIo));
}

}  // namespace
}  // namespace cacheindex::api
