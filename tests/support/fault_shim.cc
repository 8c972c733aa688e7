// Preloaded into a process under test: makes chosen system calls on chosen files fail, as told by a
// FaultPlan in the file that CACHEINDEX_FAULT_PLAN names (fault_plan.h).

#include <dlfcn.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/statvfs.h>
#include <sys/uio.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "tests/support/fault_plan.h"

namespace {

using cacheindex::test::FaultPlan;

FaultPlan* Plan() {
  static FaultPlan* const kPlan = [] {
    // NOLINTNEXTLINE(concurrency-mt-unsafe): before the process has another thread.
    const char* path = std::getenv("CACHEINDEX_FAULT_PLAN");
    const int file = path == nullptr ? -1 : ::open(path, O_RDWR | O_CLOEXEC);
    void* memory =
        file < 0 ? MAP_FAILED
                 : ::mmap(nullptr, sizeof(FaultPlan), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    if (memory == MAP_FAILED) {
      std::fputs("fault shim: no plan\n", stderr);
      std::abort();
    }
    ::close(file);
    return static_cast<FaultPlan*>(memory);
  }();
  return kPlan;
}

// Returns whether this call must fail, with errno set.
bool Fails(FaultPlan::Operation operation, int file) {
  FaultPlan* plan = Plan();
  if (plan->operation.load() != operation) {
    return false;
  }
  std::array<char, 64> link{};
  std::array<char, 4096> path{};
  std::snprintf(link.data(), link.size(), "/proc/self/fd/%d", file);
  if (::readlink(link.data(), path.data(), path.size() - 1) <= 0 ||
      std::strstr(path.data(), plan->path_part.data()) == nullptr) {
    return false;
  }
  if (plan->calls_before.fetch_sub(1) > 0) {
    return false;
  }
  plan->failures.fetch_add(1);
  errno = plan->error.load();
  return true;
}

bool FailsToWrite(int file, size_t size) {
  constexpr size_t kPageBytes = 4096;
  return Fails(FaultPlan::kWrite, file) ||
         (size < kPageBytes && Fails(FaultPlan::kShortWrite, file));
}

// The function of that name which would have been called without this library.
template <typename Function>
Function* Next(const char* name) {
  return reinterpret_cast<Function*>(::dlsym(RTLD_NEXT, name));
}

}  // namespace

extern "C" {

int fsync(int file) {
  static auto* const kNext = Next<int(int)>("fsync");
  return Fails(FaultPlan::kSync, file) ? -1 : kNext(file);
}

int fdatasync(int file) {
  static auto* const kNext = Next<int(int)>("fdatasync");
  return Fails(FaultPlan::kSync, file) ? -1 : kNext(file);
}

ssize_t write(int file, const void* bytes, size_t size) {
  static auto* const kNext = Next<ssize_t(int, const void*, size_t)>("write");
  return Fails(FaultPlan::kWrite, file) ? -1 : kNext(file, bytes, size);
}

ssize_t writev(int file, const iovec* parts, int count) {
  static auto* const kNext = Next<ssize_t(int, const iovec*, int)>("writev");
  return Fails(FaultPlan::kWrite, file) ? -1 : kNext(file, parts, count);
}

ssize_t pwrite(int file, const void* bytes, size_t size, off_t offset) {
  static auto* const kNext = Next<ssize_t(int, const void*, size_t, off_t)>("pwrite");
  return FailsToWrite(file, size) ? -1 : kNext(file, bytes, size, offset);
}

ssize_t pwrite64(int file, const void* bytes, size_t size, off64_t offset) {
  static auto* const kNext = Next<ssize_t(int, const void*, size_t, off64_t)>("pwrite64");
  return FailsToWrite(file, size) ? -1 : kNext(file, bytes, size, offset);
}

ssize_t pwritev(int file, const iovec* parts, int count, off_t offset) {
  static auto* const kNext = Next<ssize_t(int, const iovec*, int, off_t)>("pwritev");
  return Fails(FaultPlan::kWrite, file) ? -1 : kNext(file, parts, count, offset);
}

// Where writes find no room there is none.
int statvfs(const char* path, struct statvfs* space) {
  static auto* const kNext = Next<int(const char*, struct statvfs*)>("statvfs");
  const int status = kNext(path, space);
  if (Plan()->operation.load() == FaultPlan::kWrite && Plan()->error.load() == ENOSPC) {
    space->f_bavail = 0;
  }
  return status;
}

}  // extern "C"
