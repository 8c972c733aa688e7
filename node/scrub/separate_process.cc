#include "node/scrub/separate_process.h"

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <iostream>
#include <system_error>

#include "node/disk/durable_file.h"

namespace cacheindex::node {
namespace {

Error FromErrno(const char* action) { return FileError({errno, std::generic_category()}, action); }

}  // namespace

Result<int> RunSeparately(const std::function<int()>& job) {
  // What is still in the buffers would be written twice.
  std::cout.flush();
  std::cerr.flush();
  const pid_t process = ::fork();
  if (process < 0) {
    return FromErrno("start a process");
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
      return FromErrno("wait for a process");
    }
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

}  // namespace cacheindex::node
