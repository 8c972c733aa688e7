#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

namespace cacheindex::api {

/// Why there is no room for a piece of work.
enum class Shedding {
  kOverload,        ///< Too much waits, or this has waited too long.
  kClientOverload,  ///< Too much of its client waits.
};

/// A piece of work that must be answered, done or not.
class Job {
 public:
  virtual ~Job() = default;
  virtual void Run() = 0;
  /// Called instead of Run when the front stops first.
  virtual void Cancel() = 0;
  /// Called instead of Run when there is no room for it. Never waits.
  virtual void Shed(Shedding reason) = 0;
};

/// Threads behind a bounded queue, first come, first served.
///
/// Threads: all methods may be called concurrently, except Stop.
class WorkerPool {
 public:
  struct Size {
    std::size_t threads = 1;
    std::size_t queued_max = 1;
  };

  explicit WorkerPool(Size size);
  ~WorkerPool() { Stop(); }
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;

  /// Takes the job, or returns it when the queue is full or stopped.
  std::unique_ptr<Job> Push(std::unique_ptr<Job> job);

  std::size_t queued() const;

  /// Cancels what waits and returns when what runs has finished.
  void Stop();

 private:
  void Work();

  const std::size_t queued_max_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::unique_ptr<Job>> jobs_;
  bool is_stopped_ = false;
  std::vector<std::jthread> threads_;
};

}  // namespace cacheindex::api
