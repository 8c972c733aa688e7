#pragma once

#include <sys/types.h>

#include <chrono>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "node/core/result.h"

namespace cacheindex::node {

/// A program that runs beside this one and says on its standard output, line by line, what it does.
/// Its standard error is ours; of our environment it gets what does not concern the node.
///
/// Threads: Kill may be called by any; all else by one. Lifetime: the destructor kills what still
/// runs and waits for its end.
class ChildProcess {
 public:
  /// Bytes of a line, at most; what is longer is cut.
  static constexpr std::size_t kLineBytesMax = std::size_t{64} << 10;

  /// Errors: kIo.
  static Result<std::unique_ptr<ChildProcess>> Start(const std::filesystem::path& program,
                                                     std::vector<std::string> arguments);
  ~ChildProcess();
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

  /// Waits for the next line. Returns nullopt when there is none any more.
  /// Errors: kTimeout when none came within `patience`; kIo.
  Result<std::optional<std::string>> NextLine(std::chrono::milliseconds patience);

  void Kill() noexcept;

  /// Waits for its end. Returns its exit code, or the negative number of the signal that ended it.
  int Wait();

 private:
  ChildProcess(pid_t process, int output) : output_(output), process_(process) {}

  const int output_;
  std::string received_;
  std::mutex mutex_;
  /// 0 once its end was seen: the number may be another's then.
  pid_t process_;
  int code_ = 0;
};

}  // namespace cacheindex::node
