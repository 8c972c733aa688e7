#include <fcntl.h>
#include <gmock/gmock.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <system_error>
#include <utility>

#include "node/core/files/durable_file.h"
#include "node/core/files/file_descriptor.h"
#include "node/core/files/file_error.h"
#include "node/core/files/nameless_file.h"
#include "tests/support/result_matchers.h"
#include "tests/support/temp_directory.h"

namespace cacheindex {
namespace {

namespace fs = std::filesystem;
using test::FailsWith;
using test::Succeeds;

std::string TextOf(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

TEST(FileErrorTest, NoMoreRoomIsExhausted) {
  for (const int number : {ENOSPC, EDQUOT, EFBIG}) {
    EXPECT_EQ(FileError(number, "write x").code(), ErrorCode::kExhausted) << number;
    EXPECT_EQ(FileError({number, std::system_category()}, "write x").code(), ErrorCode::kExhausted);
  }
  EXPECT_EQ(FileError(EIO, "write x").code(), ErrorCode::kIo);
  EXPECT_EQ(FileError(ENOENT, "open x").message(), "open x: No such file or directory");
}

TEST(FileDescriptorTest, ClosesWhatItOwnsOnce) {
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  FileDescriptor reader(ends[0]);
  FileDescriptor writer(ends[1]);
  EXPECT_FALSE(FileDescriptor());
  FileDescriptor moved(std::move(reader));
  EXPECT_EQ(moved.get(), ends[0]);
  moved = FileDescriptor();
  EXPECT_EQ(::fcntl(ends[0], F_GETFD), -1);
  EXPECT_EQ(::fcntl(ends[1], F_GETFD), 0);
  writer.Close();
  writer.Close();
  EXPECT_EQ(::fcntl(ends[1], F_GETFD), -1);
}

TEST(DurableFileTest, AFileIsReplacedWhole) {
  const test::TempDirectory directory;
  const fs::path path = directory.path() / "name";
  ASSERT_THAT(WriteDurably(path, "a long text\n"), Succeeds());
  ASSERT_THAT(WriteDurably(path, "short"), Succeeds());
  EXPECT_EQ(TextOf(path), "short");
  EXPECT_FALSE(fs::exists(directory.path() / "name.new"));
  const auto others = fs::perms::others_all;
  EXPECT_EQ(fs::status(path).permissions() & others, fs::perms::none);
  EXPECT_THAT(WriteDurably(directory.path() / "none" / "name", ""), FailsWith(ErrorCode::kIo));
  EXPECT_THAT(Synchronize(directory.path() / "none"), FailsWith(ErrorCode::kIo));
  EXPECT_THAT(Synchronize(directory.path()), Succeeds());
}

TEST(NamelessFileTest, LeavesNothingBehind) {
  const test::TempDirectory directory;
  const auto file = CreateNamelessFile(directory.path());
  ASSERT_THAT(file, Succeeds());
  EXPECT_TRUE(fs::is_empty(directory.path()));
  ASSERT_EQ(::pwrite(file->get(), "abc", 3, 0), 3);
  char read[3];
  ASSERT_EQ(::pread(file->get(), read, 3, 0), 3);
  EXPECT_EQ(std::string(read, 3), "abc");
  EXPECT_THAT(CreateNamelessFile(directory.path() / "none"), FailsWith(ErrorCode::kIo));
}

}  // namespace
}  // namespace cacheindex
