#include "api/search_pool.h"

#include <pthread.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <set>
#include <system_error>
#include <utility>

#include "node/core/long_work.h"

namespace cacheindex::api {
namespace {

// Processor time of a search before it is in overtime: several times what a shop's searches take.
constexpr std::chrono::milliseconds kSlice{50};
// The same on the clock, for what waits for the disk.
constexpr std::chrono::milliseconds kSliceOnClock{200};
// A tenth of the usual weight: searches of others hardly notice, and no search stands still for
// ever beside an import, with a lock perhaps.
constexpr int kLowerPriority = 10;
// How many in overtime have that; all of them together would outweigh the others. More have the
// lowest one.
constexpr std::size_t kLowerPriorityMax = 2;
constexpr int kLowestPriority = 19;
// Searches in overtime, of all clients and of one. More keep the threads that they have.
constexpr std::size_t kOvertimeMax = 32;
constexpr std::size_t kOvertimeOfOneMax = 16;
// How often the pool looks at what runs and waits, while anything does.
constexpr std::chrono::milliseconds kLookInterval{10};
// How long after its search a client counts as searching.
constexpr std::chrono::seconds kOthersRemembered{1};
// Clients remembered for what they have used.
constexpr std::size_t kClientsMax = 4096;

// A client's searches are dear that cost so many times what most do, and at least so much: those of
// a shop differ, too.
constexpr int kDearTimes = 8;
constexpr std::chrono::milliseconds kDearMin{4};
// How fast the median follows: by this part of itself with each search.
constexpr int kMedianSteps = 64;

// Searches after which a client is one that comes back.
constexpr int kSearchesOfKnownClient = 8;

// How many searches the cost of a client's follows.
constexpr int kSearchesOfCost = 4;

// A third of slow searches makes a client slow, and two in a row do.
constexpr int kSlownessOfSearch = 2;
constexpr int kSlownessOfSlow = 4;
constexpr int kSlownessMax = 8;

std::chrono::nanoseconds TimeOf(clockid_t clock) {
  timespec time{};
  ::clock_gettime(clock, &time);
  return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
}

// Anyone may lower the priority of his own threads. Where that is forbidden, it stays as it is.
void LowerPriority(pid_t thread, int priority) {
  ::setpriority(PRIO_PROCESS, static_cast<id_t>(thread), priority);
}

}  // namespace

void SearchPool::Expectation::Learn(std::chrono::nanoseconds used, bool was_slow) {
  cost += (used - cost) / kSearchesOfCost;
  slowness = std::clamp(slowness + (was_slow ? kSlownessOfSearch : -1), 0, kSlownessMax);
}

bool SearchPool::Expectation::is_slow() const noexcept { return slowness >= kSlownessOfSlow; }

SearchPool::SearchPool(const Options& options) : options_(options) {
  const std::lock_guard lock(mutex_);
  for (std::size_t i = 0; i < options_.threads; ++i) {
    for (const Lane lane : kLanes) {
      AddWorker(lane);
    }
  }
  watcher_ = std::jthread([this] { Watch(); });
}

void SearchPool::Push(std::unique_ptr<Job> job, const SearchClient& name) {
  Lane lane = Lane::kQuick;
  bool is_watched = true;
  {
    std::unique_lock lock(mutex_);
    if (is_stopped_) {
      lock.unlock();
      job->Cancel();
      return;
    }
    Client& client = FindClient(name);
    const bool is_full = queued_ >= options_.queued_max;
    if (is_full || client.waiting.size() >= options_.queued_per_client_max) {
      lock.unlock();
      job->Shed(is_full ? Shedding::kOverload : Shedding::kClientOverload);
      return;
    }
    const auto now = Clock::now();
    NoteWhoSearches(client, now);
    if (client.is_idle()) {
      client.used = std::max(client.used, client.key->used_by_client);
    }
    if (client.key->searches++ == 0) {
      client.key->used = std::max(client.key->used, used_by_key_);
    }
    if (client.waiting.empty()) {
      waiting_.push_back(&client);
    }
    client.waiting.push_back({.job = std::move(job), .since = now});
    ++queued_;
    lane = LaneOf(client);
    is_watched = is_watching_;
  }
  // Without the lock, so that who wakes up need not wait for it.
  changed_[static_cast<std::size_t>(lane)].notify_one();
  if (!is_watched) {
    watch_.notify_one();
  }
}

std::size_t SearchPool::queued() const {
  const std::lock_guard lock(mutex_);
  return queued_;
}

void SearchPool::Stop() {
  std::vector<std::unique_ptr<Job>> cancelled;
  {
    const std::lock_guard lock(mutex_);
    is_stopped_ = true;
    while (!waiting_.empty()) {
      cancelled.push_back(Take(*waiting_.back()).job);
    }
    for (auto& changed : changed_) {
      changed.notify_all();
    }
    watch_.notify_all();
  }
  for (const auto& job : cancelled) {
    job->Cancel();
  }
  if (watcher_.joinable()) {
    watcher_.join();
  }
  workers_.clear();  // Joins.
}

void SearchPool::AddWorker(Lane lane) {
  Worker& worker = workers_.emplace_back();
  worker.lane = lane;
  try {
    worker.thread = std::jthread([this, &worker] { Work(worker); });
  } catch (...) {
    workers_.pop_back();
    throw;
  }
}

void SearchPool::Work(Worker& worker) {
  const LongWorkListener listener([this, &worker] { LetGoOfAnnounced(worker); });
  std::unique_lock lock(mutex_);
  worker.thread_id = ::gettid();
  ::pthread_getcpuclockid(::pthread_self(), &worker.cpu_clock);
  if (worker.lane != Lane::kQuick) {
    LowerPriority(worker.thread_id, kLowerPriority);
  }
  auto& changed = changed_[static_cast<std::size_t>(worker.lane)];
  while (!is_stopped_ && !worker.is_leaving) {
    Client* const client = Next(worker.lane);
    if (client == nullptr) {
      changed.wait(lock);
      continue;
    }
    Waiting next = Take(*client);
    if (IsOverdue(next)) {
      lock.unlock();
      next.job->Shed(Shedding::kOverload);
      lock.lock();
      continue;
    }
    Begin(worker, *client);
    lock.unlock();
    next.job->Run();
    next.job.reset();
    lock.lock();
    End(worker);
  }
  worker.has_ended = true;
}

SearchPool::Lane SearchPool::LaneOf(const Client& client) const {
  if (client.expected.is_slow()) {
    return Lane::kSlow;
  }
  const auto dear = std::max<std::chrono::nanoseconds>(kDearMin, median_cost_ * kDearTimes);
  // One dear search of somebody does not make all new ones dear.
  const bool is_dear = client.searches > 0 && client.expected.cost > dear;
  return is_dear && HasOthers() ? Lane::kDear : Lane::kQuick;
}

bool SearchPool::MayRun(const Client& client, Lane lane) const {
  return LaneOf(client) == lane && client.running < ShareOfClient() &&
         (lane != Lane::kQuick || client.key->running < ShareOfKey());
}

SearchPool::Client* SearchPool::Next(Lane lane) {
  Client* next = nullptr;
  for (Client* const client : waiting_) {
    if (!MayRun(*client, lane)) {
      continue;
    }
    const bool is_before = next == nullptr || client->key->used < next->key->used ||
                           (client->key == next->key && client->used_then() < next->used_then());
    next = is_before ? client : next;
  }
  return next;
}

SearchPool::Waiting SearchPool::Take(Client& client) {
  Waiting taken = std::move(client.waiting.front());
  client.waiting.pop_front();
  --queued_;
  --client.key->searches;
  if (client.waiting.empty()) {
    waiting_.erase(std::find(waiting_.begin(), waiting_.end(), &client));
  }
  return taken;
}

void SearchPool::Begin(Worker& worker, Client& client) {
  ++running_;
  ++client.running;
  if (worker.lane == Lane::kQuick) {
    ++client.key->running;
    used_by_key_ = std::max(used_by_key_, client.key->used);
  }
  ++client.key->searches;
  if (worker.lane != Lane::kSlow) {
    client.key->used_by_client = std::max(client.key->used_by_client, client.used);
  }
  // Others who choose meanwhile see what it will have used.
  worker.expected = client.expected.cost;
  client.used += worker.expected;
  client.key->used += worker.expected;
  worker.client = &client;
  worker.began = Clock::now();
  worker.cpu_at_begin = TimeOf(worker.cpu_clock);
}

void SearchPool::End(Worker& worker) {
  Client& client = *std::exchange(worker.client, nullptr);
  const auto used = TimeOf(worker.cpu_clock) - worker.cpu_at_begin;
  const bool was_slow = used > kSlice || (worker.is_leaving && !worker.is_announced);
  client.used += used - worker.expected;
  client.key->used += used - worker.expected;
  client.expected.Learn(used, was_slow);
  if (client.searches == 0) {
    of_new_clients_.Learn(used, was_slow);
  }
  const auto step = median_cost_ / kMedianSteps + std::chrono::microseconds(1);
  median_cost_ += used > median_cost_ ? step : -step;
  client.searches = std::min(client.searches + 1, kSearchesOfKnownClient);
  --running_;
  --client.key->searches;
  if (worker.is_leaving) {
    --overtime_;
    --client.overtime;
  } else {
    --client.running;
    if (worker.lane == Lane::kQuick) {
      --client.key->running;
    }
  }
}

bool SearchPool::HasOthers() const { return Clock::now() - others_at_ < kOthersRemembered; }

std::size_t SearchPool::ShareOfClient() const {
  const std::size_t share = HasOthers() ? options_.threads / 2 : options_.threads - 1;
  return std::max<std::size_t>(share, 1);
}

std::size_t SearchPool::ShareOfKey() const {
  const bool has_others = Clock::now() - other_keys_at_ < kOthersRemembered;
  return has_others ? std::max<std::size_t>(options_.threads / 2, 1) : options_.threads;
}

void SearchPool::NoteWhoSearches(const Client& client, Clock::time_point now) {
  if (&client != last_client_) {
    others_at_ = last_client_ == nullptr ? others_at_ : now;
    last_client_ = &client;
  }
  if (client.key != last_key_) {
    other_keys_at_ = last_key_ == nullptr ? other_keys_at_ : now;
    last_key_ = client.key;
  }
}

bool SearchPool::IsOverdue(const Waiting& waiting) const {
  return Clock::now() - waiting.since > options_.wait_max;
}

SearchPool::Client& SearchPool::FindClient(const SearchClient& name) {
  if (const auto known = clients_.find(name); known != clients_.end()) {
    return known->second;
  }
  if (clients_.size() >= kClientsMax) {
    ForgetIdleClients();
  }
  Client& client = clients_[name];
  client.key = &keys_[name.key];
  client.expected = of_new_clients_;
  return client;
}

void SearchPool::ForgetIdleClients() {
  // Those first who lose nothing by it, so that many new addresses do not make new ones of the
  // rest.
  std::erase_if(clients_, [](const auto& entry) {
    const Client& client = entry.second;
    return client.is_idle() &&
           (client.expected.is_slow() || client.searches < kSearchesOfKnownClient);
  });
  if (clients_.size() > kClientsMax / 2) {
    std::erase_if(clients_, [](const auto& entry) { return entry.second.is_idle(); });
  }
  // A key that is not stored any more has no clients left.
  std::set<const Key*> used;
  for (const auto& [name, client] : clients_) {
    used.insert(client.key);
  }
  std::erase_if(keys_, [&](const auto& entry) { return !used.contains(&entry.second); });
  last_client_ = nullptr;
  last_key_ = nullptr;
}

void SearchPool::Watch() {
  std::unique_lock lock(mutex_);
  while (!is_stopped_) {
    is_watching_ = running_ > 0 || queued_ > 0;
    if (!is_watching_) {
      watch_.wait(lock);
      continue;
    }
    watch_.wait_for(lock, kLookInterval);
    LetGoOfSlowSearches();
    ReplaceThoseWhoLeft();
    const auto overdue = TakeOverdue();
    // A client may have become slow, or may have more threads because the others have gone.
    if (queued_ > 0) {
      for (auto& changed : changed_) {
        changed.notify_one();
      }
    }
    lock.unlock();
    for (const auto& job : overdue) {
      job->Shed(Shedding::kOverload);
    }
    lock.lock();
  }
}

bool SearchPool::MayLetGoOf(const Worker& worker) const {
  return worker.lane != Lane::kSlow && !worker.is_leaving && worker.client != nullptr &&
         overtime_ < kOvertimeMax && worker.client->overtime < kOvertimeOfOneMax;
}

void SearchPool::LetGoOf(Worker& worker) {
  LowerPriority(worker.thread_id, overtime_ < kLowerPriorityMax ? kLowerPriority : kLowestPriority);
  worker.is_leaving = true;
  --worker.client->running;
  if (worker.lane == Lane::kQuick) {
    --worker.client->key->running;
  }
  ++worker.client->overtime;
  ++overtime_;
}

void SearchPool::LetGoOfAnnounced(Worker& worker) {
  const std::lock_guard lock(mutex_);
  if (MayLetGoOf(worker)) {
    LetGoOf(worker);
    worker.is_announced = true;
    watch_.notify_one();
  }
}

void SearchPool::LetGoOfSlowSearches() {
  const auto now = Clock::now();
  for (Worker& worker : workers_) {
    if (!MayLetGoOf(worker)) {
      continue;
    }
    const bool is_long = !options_.may_sleep && now - worker.began >= kSliceOnClock;
    if (is_long || TimeOf(worker.cpu_clock) - worker.cpu_at_begin >= kSlice) {
      LetGoOf(worker);
    }
  }
}

void SearchPool::ReplaceThoseWhoLeft() {
  // Whoever has ended has nothing left to do but to release the mutex, which it has done.
  std::erase_if(workers_, [](const Worker& worker) { return worker.has_ended; });
  try {
    for (const Lane lane : {Lane::kQuick, Lane::kDear}) {
      const auto staying = std::count_if(
          workers_.begin(), workers_.end(),
          [lane](const Worker& worker) { return worker.lane == lane && !worker.is_leaving; });
      for (auto i = static_cast<std::size_t>(staying); i < options_.threads; ++i) {
        AddWorker(lane);
      }
    }
  } catch (const std::system_error&) {
    // There is no thread to be had now. The next look tries again; until then fewer search.
  }
}

std::vector<std::unique_ptr<Job>> SearchPool::TakeOverdue() {
  std::vector<std::unique_ptr<Job>> overdue;
  for (std::size_t i = 0; i < waiting_.size();) {
    Client& client = *waiting_[i];
    while (!client.waiting.empty() && IsOverdue(client.waiting.front())) {
      overdue.push_back(Take(client).job);
    }
    // A client of which nothing waits any more has left its place to the next one.
    if (!client.waiting.empty()) {
      ++i;
    }
  }
  return overdue;
}

}  // namespace cacheindex::api
