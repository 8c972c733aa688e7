#pragma once

#include <sys/types.h>

#include <array>
#include <chrono>
#include <compare>
#include <condition_variable>
#include <cstddef>
#include <ctime>
#include <deque>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "api/worker_pool.h"

namespace cacheindex::api {

/// Whom a search is counted to: a key, from an address.
struct SearchClient {
  std::string address;
  /// Stands for a key that is stored. Whoever can make keys, scoped ones, must not be able to make
  /// clients by it.
  std::size_t key = 0;

  auto operator<=>(const SearchClient&) const = default;
};

/// Threads for searches, which take them from their clients in turn: one search may cost a thousand
/// times what another does, and what it will is not known before.
///
/// - Each client has a queue of its own. Next is the key that has used the least processor time,
/// and
///   of its clients the one that will have used the least if its search costs what its searches do:
///   a shop's server does not share with every address that has the public key, but with that key.
/// - One client never has all threads, and at most half of them while others search too; nor has
/// one
///   key more than half while another searches.
/// - A search that has used its slice of time, or announces that it will (long_work.h), goes on at
/// a
///   lower priority, on a thread that ends with it; another takes that one's place.
/// - Clients most of whose searches do so have as many threads again, all of the lower priority.
/// - Clients whose searches are much dearer than most have threads of the lower priority as well,
/// of
///   their own, while others search too: nobody waits there for who is slow.
/// - A client that is new starts as the latest new ones did: many addresses with one expensive
/// search
///   each are as one client with many.
/// - What has waited longer than it may is shed.
///
/// Threads: Push and queued may be called concurrently; Stop by one.
class SearchPool {
 public:
  struct Options {
    std::size_t threads = 1;
    std::size_t queued_max = 1;
    std::size_t queued_per_client_max = 1;
    std::chrono::milliseconds wait_max{100};
    /// Whether searches sleep for other reasons than that they are slow.
    bool may_sleep = false;
  };

  explicit SearchPool(const Options& options);
  ~SearchPool() { Stop(); }
  SearchPool(const SearchPool&) = delete;
  SearchPool& operator=(const SearchPool&) = delete;

  /// Runs the job when it is its client's turn, or sheds or cancels it; perhaps before it returns.
  void Push(std::unique_ptr<Job> job, const SearchClient& client);

  /// Returns how many wait.
  std::size_t queued() const;

  /// Cancels what waits and returns when what runs has finished.
  void Stop();

 private:
  using Clock = std::chrono::steady_clock;

  struct Waiting {
    std::unique_ptr<Job> job;
    Clock::time_point since;
  };

  /// What is expected of the next search, from those before.
  struct Expectation {
    /// What the latest searches took, the last one most.
    std::chrono::nanoseconds cost{0};
    /// Grows with each search that took more than its slice, and falls with the others.
    int slowness = 0;

    void Learn(std::chrono::nanoseconds used, bool was_slow);
    bool is_slow() const noexcept;
  };

  /// Which threads serve a client.
  enum class Lane : std::uint8_t { kQuick, kDear, kSlow };
  static constexpr std::array kLanes = {Lane::kQuick, Lane::kDear, Lane::kSlow};

  struct Key {
    /// Searches on threads of the pool that are not of the lower priority.
    std::size_t running = 0;
    /// Searches that wait, run or go on beyond their slice.
    std::size_t searches = 0;
    /// As of a client.
    std::chrono::nanoseconds used{0};
    /// What its client that had the last turn has used.
    std::chrono::nanoseconds used_by_client{0};
  };

  struct Client {
    Key* key = nullptr;
    std::deque<Waiting> waiting;
    /// Searches on threads of the pool.
    std::size_t running = 0;
    /// Searches that go on beyond their slice.
    std::size_t overtime = 0;
    /// Processor time of its searches, never less than what the others of its key are at: who comes
    /// back after a pause has not saved up.
    std::chrono::nanoseconds used{0};
    Expectation expected;
    /// How many of its searches have ended, as far as it matters.
    int searches = 0;

    std::chrono::nanoseconds used_then() const noexcept { return used + expected.cost; }
    bool is_idle() const noexcept { return waiting.empty() && running == 0 && overtime == 0; }
  };

  struct Worker {
    Lane lane = Lane::kQuick;
    /// Its search is in overtime, and its last.
    bool is_leaving = false;
    /// As it announced itself, which is no proof.
    bool is_announced = false;
    bool has_ended = false;
    /// Whose search it runs.
    Client* client = nullptr;
    /// What was counted as used when it began.
    std::chrono::nanoseconds expected{0};
    Clock::time_point began;
    std::chrono::nanoseconds cpu_at_begin{0};
    pid_t thread_id = 0;
    clockid_t cpu_clock{};
    std::jthread thread;
  };

  // All but Work, Watch and LetGoOfAnnounced are called with the mutex locked.
  void AddWorker(Lane lane);
  void Work(Worker& worker);
  Client* Next(Lane lane);
  Waiting Take(Client& client);
  void Begin(Worker& worker, Client& client);
  void End(Worker& worker);
  Lane LaneOf(const Client& client) const;
  bool MayRun(const Client& client, Lane lane) const;
  bool HasOthers() const;
  std::size_t ShareOfClient() const;
  std::size_t ShareOfKey() const;
  void NoteWhoSearches(const Client& client, Clock::time_point now);
  bool IsOverdue(const Waiting& waiting) const;
  Client& FindClient(const SearchClient& name);
  void ForgetIdleClients();

  void Watch();
  void LetGoOfAnnounced(Worker& worker);
  void LetGoOfSlowSearches();
  bool MayLetGoOf(const Worker& worker) const;
  void LetGoOf(Worker& worker);
  void ReplaceThoseWhoLeft();
  std::vector<std::unique_ptr<Job>> TakeOverdue();

  const Options options_;
  mutable std::mutex mutex_;
  /// By lane.
  std::array<std::condition_variable, kLanes.size()> changed_;
  std::condition_variable watch_;
  bool is_watching_ = false;
  bool is_stopped_ = false;

  std::map<std::size_t, Key> keys_;
  std::map<SearchClient, Client> clients_;
  /// From the first searches of clients.
  Expectation of_new_clients_;
  /// Half of the latest searches took less.
  std::chrono::nanoseconds median_cost_{0};
  /// Those of which something waits.
  std::vector<Client*> waiting_;
  std::size_t queued_ = 0;
  std::size_t running_ = 0;
  std::size_t overtime_ = 0;
  /// What the key that had the last turn on a quick thread has used.
  std::chrono::nanoseconds used_by_key_{0};
  /// Who searched last, and when it was not the one that had before.
  const Client* last_client_ = nullptr;
  Clock::time_point others_at_;
  const Key* last_key_ = nullptr;
  Clock::time_point other_keys_at_;

  std::list<Worker> workers_;
  std::jthread watcher_;
};

}  // namespace cacheindex::api
