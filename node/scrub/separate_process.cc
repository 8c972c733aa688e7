#include "node/scrub/separate_process.h"

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <iostream>

#include "node/core/files/file_error.h"

namespace cacheindex::node {
Result<int> RunSeparately(const std::function<int()>& job) {
  // What is still in the buffers would be written twice.
  std::cout.flush();
  std::cerr.flush();
  const pid_t process = ::fork();
  if (process < 0) {
    return FileError(errno, "start a process");
  }
  if (process == 0) {
    const rlimit none{};
    setrlimit(RLIMIT_CORE, &none);
    const int code = job();
    std::cout.flush();
    std::cerr.flush();
    // Not exit: what this process has of the other's objects is the other's to end.
    ::_exit(code);
  }
  int status = 0;
  while (::waitpid(process, &status, 0) < 0) {
    if (errno != EINTR) {
      return FileError(errno, "wait for a process");
    }
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

}  // namespace cacheindex::node
