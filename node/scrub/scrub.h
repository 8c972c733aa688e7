#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <stop_token>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "node/config/config.h"
#include "node/scrub/scrub_reading.h"
#include "node/scrub/scrub_report.h"
#include "node/stores/fence.h"
#include "node/stores/stores.h"

namespace cacheindex::node {

/// Reads everything that the node has stored again and again, at a bounded rate and beside the
/// serving, so that damage is found before somebody needs what was damaged.
///
/// A process of its own reads (scrub_process.h): what a damaged page ends is that one, and the
/// collection that it read is fenced off. What is found leaves a line in the log, and what can be
/// made again is: text indexes and columns from the documents, a source's store from its source.
///
/// Threads: its own; the methods may be called concurrently. Lifetime: within that of the stores.
class Scrub {
 public:
  enum class Begin : std::uint8_t {
    kLater,
    /// Damage is known already.
    kAtOnce,
  };
  /// Begins, unless the configuration says never.
  Scrub(Stores& stores, const Config& config, Begin begin);
  /// Calls Stop.
  ~Scrub() { Stop(); }
  Scrub(const Scrub&) = delete;
  Scrub& operator=(const Scrub&) = delete;

  /// Ends the process that reads, and begins nothing more; does not wait.
  void BeginStop() noexcept { thread_.request_stop(); }
  /// Waits besides for what is being made again. Repeating it is harmless.
  void Stop();

  /// What the latest reading of a store found, by place.
  using Findings = std::array<std::uint64_t, kScrubPlaces>;
  struct Statistics {
    /// Times that everything was read to the end.
    std::uint64_t rounds = 0;
    std::uint64_t bytes = 0;
    /// Since the latest of these ended.
    std::optional<std::chrono::seconds> age;
    std::map<std::string, Findings> findings = {};
  };
  Statistics statistics() const;

 private:
  /// A generation at the time it is read.
  struct Target {
    std::string name;
    std::filesystem::path directory;
    /// Nullptr: the native store.
    ManagedSource* source = nullptr;
  };
  /// A collection and where in it.
  using Where = std::pair<cache::CollectionNumber, ScrubPlace>;
  /// What was found of one target.
  struct Found {
    /// With the collection's name.
    std::map<Where, std::string> places;
    Findings counts{};
    std::uint64_t bytes = 0;
  };

  void Run(const std::stop_token& stop);
  std::vector<Target> Targets() const;
  struct Outcome {
    /// All of it was read.
    bool is_complete = false;
    bool has_repaired = false;
  };
  Outcome ReadTarget(const Target& target, const std::stop_token& stop);
  /// Makes again what can be made by writing. Returns whether there was something.
  bool Repair(const Target& target, const Found& found, const std::stop_token& stop);
  ScrubReading Read(const Target& target, std::optional<cache::CollectionNumber> only,
                    const std::stop_token& stop, Found& found);
  void Hear(const Target& target, const ScrubFinding& finding, Found& found);
  /// Sees to it that what ended the reading ends nothing else. Returns whether to read again.
  bool HandleDeath(const Target& target, const ScrubReading& reading, const std::stop_token& stop);
  /// Whoever is fenced is not served, and a copy costs the source: looks once more.
  bool DiesAgain(const Target& target, const ScrubReading& reading,
                 std::optional<cache::CollectionNumber> only, const std::stop_token& stop);
  bool Fence(const Target& target, const ScrubReads& last, const std::string& reason);
  void BuildSourceAgain(const Target& target);
  /// Calls `act` with the store of the target, unless another has taken its place.
  void WithStore(const Target& target, const std::function<void(ServedStore& served)>& act) const;

  Stores* stores_;
  const Config* config_;
  const Begin begin_;
  /// By source: the generation that it asked to replace last. Forgotten when one is found sound.
  std::map<std::string, std::filesystem::path> replaced_;
  /// The copy of a damaged one that is damaged too.
  std::set<std::filesystem::path> given_up_;

  mutable std::mutex mutex_;
  Statistics statistics_;
  /// Of which generation the findings of a store are.
  std::map<std::string, std::filesystem::path> found_in_;
  std::optional<std::chrono::steady_clock::time_point> completed_at_;
  // Last, so that it ends first.
  std::jthread thread_;
};

}  // namespace cacheindex::node
