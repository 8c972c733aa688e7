#include "node/scrub/child_process.h"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <string_view>
#include <utility>

#include "node/core/files/file_error.h"

namespace cacheindex::node {
namespace {

constexpr std::string_view kVariablePrefix = "CACHEINDEX_";

std::vector<char*> Pointers(std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  pointers.reserve(texts.size() + 1);
  for (std::string& text : texts) {
    pointers.push_back(text.data());
  }
  pointers.push_back(nullptr);
  return pointers;
}

// The node's key is nobody else's.
std::vector<char*> Environment() {
  std::vector<char*> kept;
  for (char** variable = ::environ; *variable != nullptr; ++variable) {
    if (!std::string_view(*variable).starts_with(kVariablePrefix)) {
      kept.push_back(*variable);
    }
  }
  kept.push_back(nullptr);
  return kept;
}

// As a program expects it that a shell starts.
void SetSignals(posix_spawnattr_t& attributes) {
  sigset_t none;
  sigset_t all;
  sigemptyset(&none);
  sigfillset(&all);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setsigdefault(&attributes, &all);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
}

}  // namespace

Result<std::unique_ptr<ChildProcess>> ChildProcess::Start(const std::filesystem::path& program,
                                                          std::vector<std::string> arguments) {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) {
    return FileError(errno, "make a pipe");
  }
  arguments.insert(arguments.begin(), "cacheindex");
  const std::vector<char*> pointers = Pointers(arguments);
  const std::vector<char*> environment = Environment();
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  SetSignals(attributes);
  pid_t process = 0;
  const int failure = ::posix_spawn(&process, program.c_str(), &actions, &attributes,
                                    pointers.data(), environment.data());
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
  ::close(ends[1]);
  if (failure != 0) {
    ::close(ends[0]);
    return FileError(failure, "start a process");
  }
  return std::unique_ptr<ChildProcess>(new ChildProcess(process, ends[0]));
}

ChildProcess::~ChildProcess() {
  Kill();
  Wait();
  ::close(output_);
}

Result<std::optional<std::string>> ChildProcess::NextLine(std::chrono::milliseconds patience) {
  using Clock = std::chrono::steady_clock;
  const auto deadline = Clock::now() + patience;
  while (true) {
    const std::size_t end = received_.find('\n');
    if (end != std::string::npos || received_.size() >= kLineBytesMax) {
      std::string line = received_.substr(0, end);
      received_.erase(0, end == std::string::npos ? end : end + 1);
      return std::optional(std::move(line));
    }
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now());
    if (left <= std::chrono::milliseconds(0)) {
      return Error(ErrorCode::kTimeout, "it says nothing");
    }
    pollfd readable{.fd = output_, .events = POLLIN, .revents = 0};
    if (::poll(&readable, 1, static_cast<int>(left.count())) <= 0) {
      continue;
    }
    std::array<char, 4096> block{};
    const ssize_t size = ::read(output_, block.data(), block.size());
    if (size == 0) {
      return std::optional<std::string>();
    }
    if (size > 0) {
      received_.append(block.data(), static_cast<std::size_t>(size));
    } else if (errno != EINTR) {
      return FileError(errno, "hear from a process");
    }
  }
}

void ChildProcess::Kill() noexcept {
  const std::scoped_lock lock(mutex_);
  if (process_ > 0) {
    ::kill(process_, SIGKILL);
  }
}

int ChildProcess::Wait() {
  pid_t process = 0;
  {
    const std::scoped_lock lock(mutex_);
    process = process_;
  }
  if (process == 0) {
    return code_;
  }
  // Its number stays its own until it is taken, under the lock.
  siginfo_t ended{};
  while (::waitid(P_PID, static_cast<id_t>(process), &ended, WEXITED | WNOWAIT) != 0 &&
         errno == EINTR) {
  }
  const std::scoped_lock lock(mutex_);
  int status = 0;
  ::waitpid(process, &status, 0);
  process_ = 0;
  code_ = WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
  return code_;
}

}  // namespace cacheindex::node
