#include "index/text/text_indexer.h"

#include <algorithm>
#include <utility>

#include "index/text/text_directories.h"

namespace cacheindex::index {
namespace {

using std::chrono::milliseconds;

// A commit costs some milliseconds and grows with what it contains, so it is due when somebody
// waits, or when putting it off would cost memory or freshness (README.md, "Measured": searchable
// within 100 ms when idle, within 1 s under load).
constexpr std::uint64_t kCommitDocumentsMax = 50'000;
constexpr std::uint64_t kCommitBytesMax = std::uint64_t{128} << 20;
constexpr milliseconds kCommitDelayIdle{40};
// While there is more to index: so much, or as long as makes commits, which cost more the larger
// the index is, take a quarter of the time.
constexpr milliseconds kCommitDelayBusy{500};
constexpr milliseconds kCommitDelayBusyMax{1'000};
constexpr int kIndexingPerCommit = 3;

constexpr milliseconds kRetryDelayMin{50};
constexpr milliseconds kRetryDelayMax{5'000};

// How often dropped collections and damage are looked for.
constexpr milliseconds kMaintenanceInterval{200};

// The store's wait cannot be interrupted, so this is how long Stop may take.
constexpr milliseconds kWatchInterval{20};

}  // namespace

Result<void> TextIndexer::Start(cache::Store& store, SchemaCache& schemas, FreshWords& fresh,
                                const std::filesystem::path& directory) {
  store_ = &store;
  follower_options_ = {.directory = directory,
                       .store = &store,
                       .schemas = &schemas,
                       .fresh = &fresh,
                       .readers = &readers_};
  auto follower = std::make_unique<TextFollower>(follower_options_);
  if (auto opened = follower->Open(); !opened) {
    return opened;
  }
  follower_ = std::move(follower);
  follower_options_.is_first = false;
  position_ = static_cast<std::uint64_t>(follower_->position());
  {
    const std::scoped_lock lock(mutex_);
    is_running_ = true;
    has_work_ = true;
  }
  worker_ = std::jthread([this](const std::stop_token& stop) { Work(stop); });
  watcher_ = std::jthread([this](const std::stop_token& stop) { Watch(stop); });
  return {};
}

void TextIndexer::Stop() {
  {
    const std::scoped_lock lock(mutex_);
    is_running_ = false;
  }
  wake_waiters_.notify_all();
  worker_.request_stop();
  watcher_.request_stop();
  worker_ = {};
  watcher_ = {};
  if (follower_ != nullptr) {
    follower_->Seal();
  }
  follower_.reset();
}

Result<void> TextIndexer::WaitSearchable(Position position,
                                         std::chrono::steady_clock::time_point deadline) {
  if (this->position() >= position) {
    return {};
  }
  std::unique_lock lock(mutex_);
  const auto waiting = waiting_for_.insert(position);
  has_work_ = true;
  wake_worker_.notify_one();
  wake_waiters_.wait_until(lock, deadline, [&] {
    return this->position() >= position || failure_.has_value() || !is_running_;
  });
  waiting_for_.erase(waiting);
  if (this->position() >= position) {
    return {};
  }
  if (failure_) {
    return Error(ErrorCode::kUnavailable, "durable, but not searchable yet: " + *failure_);
  }
  return Error(ErrorCode::kUnavailable, is_running_
                                            ? "durable, but not searchable before the deadline"
                                            : "durable, but the text index is shutting down");
}

TextStatistics TextIndexer::statistics() const {
  TextStatistics statistics{.documents_indexed = documents_indexed_,
                            .commits = commits_,
                            .last_commit = std::chrono::microseconds(last_commit_us_),
                            .building = readers_.building(),
                            .rebuilds = readers_.rebuilds(),
                            .damaged_documents = damaged_documents_,
                            .failure = {}};
  const std::scoped_lock lock(mutex_);
  if (is_running_) {
    const auto stored = static_cast<std::uint64_t>(store_->position());
    statistics.documents_waiting = stored - std::min(stored, position_.load());
  }
  statistics.failure = failure_.value_or("");
  return statistics;
}

void TextIndexer::Watch(const std::stop_token& stop) {
  Position seen{0};
  while (!stop.stop_requested()) {
    const Position now = store_->WaitForChange(seen, Clock::now() + kWatchInterval);
    if (now > seen) {
      seen = now;
      const std::scoped_lock lock(mutex_);
      has_work_ = true;
      wake_worker_.notify_one();
    }
  }
}

void TextIndexer::Work(const std::stop_token& stop) {
  milliseconds retry_delay = kRetryDelayMin;
  while (BeginStep(stop)) {
    auto next = Step();
    EndStep();
    if (next) {
      if (follower_->uncommitted_documents() == 0) {
        SetFailure(std::nullopt);
        retry_delay = kRetryDelayMin;
      }
      Sleep(stop, *next);
      continue;
    }
    // Transient, and nothing is half done: everything is busy, try again from here.
    const bool is_busy = follower_ != nullptr && next.error().code() == ErrorCode::kUnavailable;
    if (!is_busy) {
      SetFailure(next.error().message());
      follower_.reset();
    }
    Sleep(stop, Clock::now() + retry_delay);
    retry_delay = std::min(retry_delay * 2, kRetryDelayMax);
  }
}

bool TextIndexer::BeginStep(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  wake_worker_.wait(lock, stop, [this] { return text_copies_ == 0; });
  is_stepping_ = !stop.stop_requested();
  return is_stepping_;
}

void TextIndexer::EndStep() {
  const std::scoped_lock lock(mutex_);
  is_stepping_ = false;
  if (text_copies_ > 0) {
    wake_waiters_.notify_all();
  }
}

void TextIndexer::Sleep(const std::stop_token& stop, Clock::time_point until) {
  std::unique_lock lock(mutex_);
  wake_worker_.wait_until(lock, stop, until, [this] { return has_work_; });
  has_work_ = false;
}

Result<TextIndexer::Clock::time_point> TextIndexer::Step() {
  if (follower_ == nullptr) {
    auto follower = std::make_unique<TextFollower>(follower_options_);
    if (auto opened = follower->Open(); !opened) {
      return std::move(opened).error();
    }
    follower_ = std::move(follower);
  }
  const bool was_clean = follower_->uncommitted_documents() == 0;
  const auto is_end = follower_->FollowLog();
  if (!is_end) {
    return is_end.error();
  }
  const auto has_built = follower_->ContinueBuilds();
  if (!has_built) {
    return has_built.error();
  }
  const auto now = Clock::now();
  if (was_clean && follower_->uncommitted_documents() > 0) {
    first_uncommitted_ = now;
  }
  if (*has_built || IsCommitDue(*is_end, now)) {
    if (auto committed = Commit(); !committed) {
      return std::move(committed).error();
    }
  }
  const bool is_clean = follower_->uncommitted_documents() == 0;
  if (is_clean) {
    Publish(follower_->position());
  }
  if (now >= next_maintenance_) {
    next_maintenance_ = now + kMaintenanceInterval;
    if (auto maintained = follower_->Maintain(); !maintained) {
      return std::move(maintained).error();
    }
  }
  damaged_documents_ = follower_->damaged_documents();
  if (!*is_end || follower_->has_builds()) {
    return now;
  }
  return is_clean ? next_maintenance_ : first_uncommitted_ + kCommitDelayIdle;
}

bool TextIndexer::IsCommitDue(bool is_end, Clock::time_point now) const {
  if (follower_->uncommitted_documents() == 0) {
    return false;
  }
  if (follower_->uncommitted_documents() >= kCommitDocumentsMax ||
      follower_->uncommitted_bytes() >= kCommitBytesMax) {
    return true;
  }
  const std::chrono::microseconds last_commit(last_commit_us_);
  const std::chrono::microseconds delay =
      is_end ? kCommitDelayIdle
             : std::clamp<std::chrono::microseconds>(kIndexingPerCommit * last_commit,
                                                     kCommitDelayBusy, kCommitDelayBusyMax);
  if (now - first_uncommitted_ >= delay) {
    return true;
  }
  const std::scoped_lock lock(mutex_);
  return is_end && !waiting_for_.empty() && *waiting_for_.begin() <= follower_->position();
}

Result<void> TextIndexer::Commit() {
  const auto begin = Clock::now();
  const std::uint64_t documents = follower_->uncommitted_documents();
  if (auto committed = follower_->Commit(); !committed) {
    return committed;
  }
  last_commit_us_ =
      std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - begin).count();
  documents_indexed_ += documents;
  ++commits_;
  return {};
}

void TextIndexer::Publish(Position position) {
  const auto number = static_cast<std::uint64_t>(position);
  // After a failure the follower starts again further back; what is searchable stays so.
  if (number <= position_) {
    return;
  }
  const std::scoped_lock lock(mutex_);
  position_ = number;
  wake_waiters_.notify_all();
  if (store_copies_ == 0) {
    store_->TrimLog(position);
  }
}

void TextIndexer::SetFailure(std::optional<std::string> failure) {
  const std::scoped_lock lock(mutex_);
  failure_ = std::move(failure);
  if (failure_) {
    wake_waiters_.notify_all();
  }
}

Result<void> TextIndexer::CopyTo(const std::filesystem::path& target,
                                 const std::function<Result<void>()>& copy_store) {
  {
    std::unique_lock lock(mutex_);
    ++text_copies_;
    ++store_copies_;
    wake_waiters_.wait(lock, [this] { return !is_stepping_; });
  }
  auto copied = TextDirectories(follower_options_.directory).CopyTo(target);
  {
    const std::scoped_lock lock(mutex_);
    --text_copies_;
    wake_worker_.notify_one();
  }
  if (copied) {
    copied = copy_store();
  }
  const std::scoped_lock lock(mutex_);
  --store_copies_;
  return copied;
}

}  // namespace cacheindex::index
