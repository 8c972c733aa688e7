#include "api/worker_pool.h"

#include <utility>

namespace cacheindex::api {

WorkerPool::WorkerPool(Size size) : queued_max_(size.queued_max) {
  threads_.reserve(size.threads);
  for (std::size_t i = 0; i < size.threads; ++i) {
    threads_.emplace_back([this] { Work(); });
  }
}

std::unique_ptr<Job> WorkerPool::Push(std::unique_ptr<Job> job) {
  {
    const std::lock_guard lock(mutex_);
    if (is_stopped_ || jobs_.size() >= queued_max_) {
      return job;
    }
    jobs_.push_back(std::move(job));
  }
  changed_.notify_one();
  return nullptr;
}

std::size_t WorkerPool::queued() const {
  const std::lock_guard lock(mutex_);
  return jobs_.size();
}

void WorkerPool::Stop() {
  std::deque<std::unique_ptr<Job>> cancelled;
  {
    const std::lock_guard lock(mutex_);
    is_stopped_ = true;
    cancelled.swap(jobs_);
  }
  changed_.notify_all();
  for (const auto& job : cancelled) {
    job->Cancel();
  }
  threads_.clear();  // Joins.
}

void WorkerPool::Work() {
  while (true) {
    std::unique_ptr<Job> job;
    {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [this] { return is_stopped_ || !jobs_.empty(); });
      if (jobs_.empty()) {
        return;
      }
      job = std::move(jobs_.front());
      jobs_.pop_front();
    }
    job->Run();
  }
}

}  // namespace cacheindex::api
