#pragma once

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cstdint>
#include <filesystem>
#include <stdexcept>
#include <string_view>

namespace cacheindex::test {

/// Which system calls of another process fail, in memory that both share (fault_shim.cc).
struct FaultPlan {
  enum Operation : std::int32_t {
    kNone,
    kWrite,
    kSync,
    /// Less than a page: what LMDB ends a commit with, saying which one is the latest.
    kShortWrite,
  };
  /// Set last: arms the plan.
  std::atomic<std::int32_t> operation{kNone};
  std::atomic<std::int32_t> error{0};
  /// Calls that still succeed before the first failure; all fail after it.
  std::atomic<std::int64_t> calls_before{0};
  std::atomic<std::int64_t> failures{0};
  /// Only files whose path contains this.
  std::array<char, 64> path_part{};
};

/// The side of the test. Lifetime: outlives the process under test.
class FaultControl {
 public:
  explicit FaultControl(const std::filesystem::path& directory) : path_(directory / "fault-plan") {
    const int file = ::open(path_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (file < 0 || ::ftruncate(file, sizeof(FaultPlan)) != 0) {
      throw std::runtime_error("cannot make " + path_.string());
    }
    void* memory = ::mmap(nullptr, sizeof(FaultPlan), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    ::close(file);
    if (memory == MAP_FAILED) {
      throw std::runtime_error("cannot map " + path_.string());
    }
    plan_ = static_cast<FaultPlan*>(memory);
  }
  ~FaultControl() { ::munmap(plan_, sizeof(FaultPlan)); }
  FaultControl(const FaultControl&) = delete;
  FaultControl& operator=(const FaultControl&) = delete;

  const std::filesystem::path& path() const { return path_; }

  void Arm(FaultPlan::Operation operation, std::string_view path_part, int error,
           std::int64_t calls_before = 0) {
    Disarm();
    plan_->path_part.fill('\0');
    path_part.copy(plan_->path_part.data(), plan_->path_part.size() - 1);
    plan_->error = error;
    plan_->calls_before = calls_before;
    plan_->failures = 0;
    plan_->operation = operation;
  }
  void Disarm() { plan_->operation = FaultPlan::kNone; }
  std::int64_t failures() const { return plan_->failures; }

 private:
  std::filesystem::path path_;
  FaultPlan* plan_ = nullptr;
};

}  // namespace cacheindex::test
