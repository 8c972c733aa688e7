#include "node/scrub/crash_mark.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <climits>
#include <csignal>
#include <cstring>
#include <fstream>
#include <iterator>
#include <system_error>

#include "node/core/files/durable_file.h"
#include "node/core/files/file_error.h"

namespace cacheindex::node {
namespace {

constexpr mode_t kMarkMode = 0640;
constexpr std::array kSignals = {SIGSEGV, SIGBUS, SIGABRT, SIGILL, SIGFPE};

// What the handler may use: it runs in the middle of anything.
std::array<char, PATH_MAX> mark_path{};

std::filesystem::path MarkOf(const std::filesystem::path& data_directory) {
  return data_directory / "CRASH";
}

// The signal's own action follows: it was reset when this began.
void WriteMark(int signal) {
  const int saved = errno;
  const int file = ::open(mark_path.data(), O_CREAT | O_WRONLY | O_TRUNC | O_CLOEXEC, kMarkMode);
  if (file >= 0) {
    std::array<char, 11> text{'s', 'i', 'g', 'n', 'a', 'l', ' ', '0', '0', '\n', '\0'};
    text[7] = static_cast<char>('0' + signal / 10);
    text[8] = static_cast<char>('0' + signal % 10);
    // Whoever dies can tell nobody that this failed.
    [[maybe_unused]] const ssize_t written = ::write(file, text.data(), text.size() - 1);
    [[maybe_unused]] const int synchronized = ::fsync(file);
    ::close(file);
  }
  errno = saved;
  ::raise(signal);
}

}  // namespace

void LeaveCrashMarkIn(const std::filesystem::path& data_directory) {
  std::error_code failure;
  const std::string path = MarkOf(std::filesystem::absolute(data_directory, failure)).string();
  if (failure || path.size() >= mark_path.size()) {
    return;
  }
  std::memcpy(mark_path.data(), path.c_str(), path.size() + 1);
  struct sigaction action {};
  action.sa_handler = WriteMark;
  action.sa_flags = static_cast<int>(SA_RESETHAND);
  for (const int signal : kSignals) {
    ::sigaction(signal, &action, nullptr);
  }
}

Result<std::optional<std::string>> FindCrashMark(const std::filesystem::path& data_directory) {
  std::error_code failure;
  const std::filesystem::path mark = MarkOf(data_directory);
  if (!std::filesystem::exists(mark, failure)) {
    return failure
               ? Result<std::optional<std::string>>(FileError(failure, "look at " + mark.string()))
               : std::optional<std::string>();
  }
  std::ifstream file(mark);
  std::string text;
  std::getline(file, text);
  return std::optional(text.empty() ? std::string("a signal") : std::move(text));
}

Result<void> RemoveCrashMark(const std::filesystem::path& data_directory) {
  std::error_code failure;
  std::filesystem::remove(MarkOf(data_directory), failure);
  return failure ? FileError(failure, "remove " + MarkOf(data_directory).string())
                 : Synchronize(data_directory);
}

}  // namespace cacheindex::node
