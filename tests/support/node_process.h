#pragma once

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <condition_variable>
#include <csignal>
#include <cstdint>
#include <cstring>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace cacheindex::test {

/// The real binary as a child process, with its standard output and error collected.
///
/// Threads: one at a time. The destructor kills what still runs.
class NodeProcess {
 public:
  /// Starts `binary` with `arguments`; of our own environment what concerns the node is not handed
  /// on, `variables` ("NAME=value") are added.
  NodeProcess(const std::string& binary, std::vector<std::string> arguments,
              std::vector<std::string> variables = {}) {
    int pipe_ends[2];
    if (::pipe2(pipe_ends, O_CLOEXEC) != 0) {
      return;
    }
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, pipe_ends[1], STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&actions, pipe_ends[1], STDERR_FILENO);
    arguments.insert(arguments.begin(), binary);
    std::vector<char*> pointers;
    pointers.reserve(arguments.size() + 1);
    for (std::string& argument : arguments) {
      pointers.push_back(argument.data());
    }
    pointers.push_back(nullptr);
    std::vector<char*> environment = Environment(variables);
    if (::posix_spawn(&process_, binary.c_str(), &actions, nullptr, pointers.data(),
                      environment.data()) != 0) {
      process_ = -1;
    }
    posix_spawn_file_actions_destroy(&actions);
    ::close(pipe_ends[1]);
    reader_ = std::jthread([this, end = pipe_ends[0]] { Collect(end); });
  }
  ~NodeProcess() {
    if (process_ > 0) {
      Signal(SIGKILL);
      Wait();
    }
  }
  NodeProcess(const NodeProcess&) = delete;
  NodeProcess& operator=(const NodeProcess&) = delete;

  pid_t process() const { return process_; }
  void Signal(int number) const { ::kill(process_, number); }

  /// Returns the exit code, or the negative number of the signal that ended it.
  int Wait() {
    int status = -1;
    ::waitpid(process_, &status, 0);
    process_ = -1;
    reader_.join();
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
  }

  /// Returns the port of the line that says where it listens; nullopt when it ends or `patience`
  /// passes before.
  std::optional<std::uint16_t> WaitForPort(std::chrono::seconds patience) {
    std::unique_lock lock(mutex_);
    std::optional<std::uint16_t> port;
    changed_.wait_for(lock, patience, [&] {
      port = FindPort();
      return port.has_value() || has_ended_;
    });
    return port;
  }

  /// What it has printed so far.
  std::string output() const {
    const std::lock_guard lock(mutex_);
    return output_;
  }

 private:
  static std::vector<char*> Environment(std::vector<std::string>& variables) {
    std::vector<char*> kept;
    kept.reserve(variables.size());
    for (std::string& variable : variables) {
      kept.push_back(variable.data());
    }
    for (char** variable = ::environ; *variable != nullptr; ++variable) {
      if (std::strncmp(*variable, "CACHEINDEX_", std::strlen("CACHEINDEX_")) != 0) {
        kept.push_back(*variable);
      }
    }
    kept.push_back(nullptr);
    return kept;
  }

  // Until the process and all its descendants have closed their ends.
  void Collect(int end) {
    char buffer[4096];
    for (ssize_t size = 1; size > 0;) {
      size = ::read(end, buffer, sizeof(buffer));
      const std::lock_guard lock(mutex_);
      if (size > 0) {
        output_.append(buffer, static_cast<std::size_t>(size));
      }
      has_ended_ = size <= 0;
      changed_.notify_all();
    }
    ::close(end);
  }

  std::optional<std::uint16_t> FindPort() const {
    const std::size_t event = output_.find("event=listening");
    const std::size_t begin = output_.find(" port=", event);
    if (event == std::string::npos || begin == std::string::npos ||
        output_.find('\n', begin) == std::string::npos) {
      return std::nullopt;
    }
    return static_cast<std::uint16_t>(std::stoi(output_.substr(begin + std::strlen(" port="))));
  }

  pid_t process_ = -1;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::string output_;
  bool has_ended_ = false;
  std::jthread reader_;
};

}  // namespace cacheindex::test
