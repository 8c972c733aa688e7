#include "node/scrub/scrub.h"

#include <algorithm>
#include <condition_variable>
#include <memory>
#include <utility>
#include <variant>

#include "node/disk/required_files.h"
#include "node/logging/log.h"
#include "node/stores/column_repair.h"

namespace cacheindex::node {
namespace {

using Clock = std::chrono::steady_clock;
using End = ScrubReading::End;

// A node that was just started has better things to do.
constexpr std::chrono::minutes kFirstRoundMax{5};
constexpr double kMegabyte = 1e6;

// What is done about it, and by whom.
std::string WayOutOf(ScrubPlace place, bool is_native) {
  if (place == ScrubPlace::kText) {
    return "its text index is built again from its documents; searches of it are answered 503 "
           "until then";
  }
  if (!is_native) {
    return "the store is copied again from its source, beside this one, which serves until then; "
           "what is damaged answers 500";
  }
  switch (place) {
    case ScrubPlace::kDocuments:
      return "what is named answers 500: stop the node, let cacheindex verify name all of it, and "
             "restore a backup";
    case ScrubPlace::kColumns:
      return "what needs it answers 500; it is made again from the documents when all of the store "
             "was read, if they are sound";
    case ScrubPlace::kSchema:
      return "what says which fields the collection has is damaged: restore a backup";
    case ScrubPlace::kText:
    case ScrubPlace::kOther:
      break;
  }
  return "stop the node, run cacheindex verify, and restore a backup";
}

void Pause(const std::stop_token& stop, Clock::time_point until) {
  std::mutex mutex;
  std::condition_variable_any changed;
  std::unique_lock lock(mutex);
  changed.wait_until(lock, stop, until, [] { return false; });
}

}  // namespace

Scrub::Scrub(Stores& stores, const Config& config, Begin begin)
    : stores_(&stores), config_(&config), begin_(begin) {
  if (!config.scrub.program.empty() && config.scrub.interval.count() > 0) {
    thread_ = std::jthread([this](const std::stop_token& stop) { Run(stop); });
  }
}

void Scrub::Stop() {
  BeginStop();
  if (thread_.joinable()) {
    thread_.join();
  }
}

Scrub::Statistics Scrub::statistics() const {
  const std::vector<Target> targets = Targets();
  const std::scoped_lock lock(mutex_);
  Statistics statistics = statistics_;
  // What was found in a generation is gone with it.
  std::erase_if(statistics.findings, [&](const auto& entry) {
    return std::none_of(targets.begin(), targets.end(), [&](const Target& target) {
      const auto found = found_in_.find(entry.first);
      return target.name == entry.first && found != found_in_.end() &&
             found->second == target.directory;
    });
  });
  if (completed_at_) {
    statistics.age =
        std::chrono::duration_cast<std::chrono::seconds>(Clock::now() - *completed_at_);
  }
  return statistics;
}

void Scrub::Run(const std::stop_token& stop) {
  const std::chrono::milliseconds interval = config_->scrub.interval;
  Clock::time_point next = Clock::now();
  if (begin_ == Begin::kLater) {
    next += std::min<std::chrono::milliseconds>(interval, kFirstRoundMax);
  }
  bool is_second_look = false;
  while (true) {
    Pause(stop, next);
    if (stop.stop_requested()) {
      return;
    }
    // A round that takes longer than that is followed by the next at once.
    next = Clock::now() + interval;
    bool is_complete = true;
    bool has_repaired = false;
    for (const Target& target : Targets()) {
      const Outcome outcome = ReadTarget(target, stop);
      is_complete = is_complete && outcome.is_complete;
      has_repaired = has_repaired || outcome.has_repaired;
    }
    // To see that it helped, once.
    if (has_repaired && !is_second_look) {
      next = Clock::now();
    }
    is_second_look = has_repaired && !is_second_look;
    if (is_complete) {
      const std::scoped_lock lock(mutex_);
      ++statistics_.rounds;
      completed_at_ = Clock::now();
    }
  }
}

std::vector<Scrub::Target> Scrub::Targets() const {
  std::vector<Target> targets = {
      {.name = std::string(kNativeStore), .directory = stores_->native().directory()}};
  for (const auto& source : stores_->sources()) {
    if (const auto live = source->live()) {
      targets.push_back({.name = source->config().name,
                         .directory = live->served().directory(),
                         .source = source.get()});
    }
  }
  return targets;
}

Scrub::Outcome Scrub::ReadTarget(const Target& target, const std::stop_token& stop) {
  const auto begin = Clock::now();
  Found found;
  ScrubReading reading;
  do {
    found = Found();
    reading = Read(target, std::nullopt, stop, found);
  } while (reading.end == End::kDied && HandleDeath(target, reading, stop));
  if (reading.end == End::kFailed) {
    Log(LogPart::kStores, LogLevel::kWarning, "scrub_failed",
        {{"store", target.name},
         {"reason", "not all of it was read: " + reading.reason + ": the next round tries again"}});
  }
  if (reading.end != End::kDone) {
    return {};
  }
  const std::chrono::duration<double> seconds = Clock::now() - begin;
  const std::chrono::duration<double, std::milli> longest = reading.done.longest_view;
  Log(LogPart::kStores, LogLevel::kInfo, "scrubbed",
      {{"store", target.name},
       {"megabytes", Rounded(static_cast<double>(reading.done.bytes) / kMegabyte)},
       {"seconds", Rounded(seconds.count())},
       {"longest_view_ms", Rounded(longest.count())},
       {"findings", reading.done.findings}});
  {
    const std::scoped_lock lock(mutex_);
    statistics_.findings[target.name] = found.counts;
    found_in_[target.name] = target.directory;
  }
  if (reading.done.findings == 0) {
    replaced_.erase(target.name);
  }
  const bool has_rebuilt = Repair(target, found, stop);
  const bool has_text = found.counts[static_cast<std::size_t>(ScrubPlace::kText)] > 0;
  return {.is_complete = true, .has_repaired = has_rebuilt || has_text};
}

bool Scrub::Repair(const Target& target, const Found& found, const std::stop_token& stop) {
  bool has_repaired = false;
  if (target.source != nullptr) {
    return has_repaired;
  }
  for (const auto& [where, name] : found.places) {
    const auto& [collection, place] = where;
    const bool is_wanted = place == ScrubPlace::kColumns && !stop.stop_requested();
    // From damaged documents, or under a schema that is not known, nothing is made.
    if (is_wanted && !found.places.contains({collection, ScrubPlace::kDocuments}) &&
        !found.places.contains({collection, ScrubPlace::kSchema})) {
      has_repaired = RebuildColumns(stores_->native(), target.name,
                                    {.number = collection, .name = name}, stop) ||
                     has_repaired;
    }
  }
  return has_repaired;
}

ScrubReading Scrub::Read(const Target& target, std::optional<cache::CollectionNumber> only,
                         const std::stop_token& stop, Found& found) {
  const ScrubbedGeneration generation{.program = config_->scrub.program,
                                      .directory = target.directory,
                                      .megabytes_per_second = config_->scrub.megabytes_per_second};
  const auto count = [&](std::uint64_t bytes) {
    const std::scoped_lock lock(mutex_);
    statistics_.bytes += bytes - found.bytes;
    found.bytes = bytes;
  };
  return ReadGeneration(generation, only, stop, [&](const ScrubLine& line) {
    if (const auto* finding = std::get_if<ScrubFinding>(&line)) {
      Hear(target, *finding, found);
    } else if (const auto* reads = std::get_if<ScrubReads>(&line)) {
      count(reads->bytes);
    } else if (const auto* done = std::get_if<ScrubDone>(&line)) {
      count(done->bytes);
    }
  });
}

void Scrub::Hear(const Target& target, const ScrubFinding& finding, Found& found) {
  const auto place = static_cast<std::size_t>(finding.place);
  ++found.counts[place];
  {
    // Seen at once, and not less than before until all was read.
    const std::scoped_lock lock(mutex_);
    if (std::exchange(found_in_[target.name], target.directory) != target.directory) {
      statistics_.findings.erase(target.name);
    }
    std::uint64_t& shown = statistics_.findings[target.name][place];
    shown = std::max(shown, found.counts[place]);
  }
  const bool is_first =
      found.places.try_emplace(Where(finding.collection, finding.place), finding.name).second;
  if (!is_first) {
    return;
  }
  const bool is_native = target.source == nullptr;
  Log(LogPart::kStores, LogLevel::kError, "damage",
      {{"store", target.name},
       {"collection", finding.name},
       {"place", Name(finding.place)},
       {"what", finding.what},
       {"reason", WayOutOf(finding.place, is_native)}});
  WithStore(target, [&](ServedStore& served) {
    if (finding.place == ScrubPlace::kText) {
      served.index().ReportTextDamage(finding.collection);
    } else if (finding.place == ScrubPlace::kColumns) {
      DistrustColumns(served, finding.collection);
    }
  });
  if (finding.place != ScrubPlace::kText && !is_native) {
    BuildSourceAgain(target);
  }
}

bool Scrub::HandleDeath(const Target& target, const ScrubReading& reading,
                        const std::stop_token& stop) {
  const ScrubReads& last = reading.last;
  if (target.source != nullptr) {
    if (!DiesAgain(target, reading, std::nullopt, stop)) {
      return false;
    }
    Log(LogPart::kStores, LogLevel::kError, "damage",
        {{"store", target.name},
         {"collection", last.name},
         {"what", "reading it ends the process that does: " + reading.reason},
         {"reason", WayOutOf(ScrubPlace::kDocuments, /*is_native=*/false)}});
    BuildSourceAgain(target);
    return false;
  }
  if (last.name.empty()) {
    Log(LogPart::kStores, LogLevel::kError, "damage",
        {{"store", target.name},
         {"what",
          "reading what belongs to no collection ends the process that does: " + reading.reason},
         {"reason", WayOut(target.name)}});
    return false;
  }
  return DiesAgain(target, reading, last.collection, stop) && Fence(target, last, reading.reason);
}

bool Scrub::DiesAgain(const Target& target, const ScrubReading& reading,
                      std::optional<cache::CollectionNumber> only, const std::stop_token& stop) {
  Found again;
  const ScrubReading second = Read(target, only, stop, again);
  if (second.end != End::kDied && second.end != End::kStopped) {
    Log(LogPart::kStores, LogLevel::kWarning, "scrub_failed",
        {{"store", target.name},
         {"collection", reading.last.name},
         {"reason", "reading it ended the process that did, and did not when it was read again: " +
                        reading.reason}});
  }
  return second.end == End::kDied;
}

bool Scrub::Fence(const Target& target, const ScrubReads& last, const std::string& reason) {
  Log(LogPart::kStores, LogLevel::kError, "fenced",
      {{"store", target.name},
       {"collection", last.name},
       {"what", reason},
       {"reason",
        "reading it ends the process: it answers 500 and is looked at again at the next start: "
        "restore a backup"}});
  auto fenced = stores_->native().Fence({.number = last.collection, .name = last.name});
  if (!fenced) {
    Log(LogPart::kStores, LogLevel::kError, "scrub_failed",
        {{"store", target.name},
         {"collection", last.name},
         {"reason",
          "the next start will not know that it is fenced off: " + fenced.error().message()}});
  }
  // The process that reads looks at the file.
  return fenced.has_value();
}

void Scrub::BuildSourceAgain(const Target& target) {
  WithStore(target, [&](ServedStore& /*served*/) {
    const auto before = replaced_.find(target.name);
    if (before != replaced_.end() && before->second != target.directory) {
      // The next copy would most likely be as damaged, and each costs the source.
      if (given_up_.insert(target.directory).second) {
        Log(LogPart::kStores, LogLevel::kError, "scrub_failed",
            {{"store", target.name},
             {"reason",
              "the copy of a damaged store is damaged too, and is not copied again: look at the "
              "machine's memory and disk, then POST /sources/" +
                  target.name + "/rebuild"}});
      }
      return;
    }
    if (before != replaced_.end()) {
      return;
    }
    if (auto requested = target.source->RequestRebuild(); !requested) {
      Log(LogPart::kStores, LogLevel::kError, "scrub_failed",
          {{"store", target.name},
           {"reason", "the store cannot be copied again: " + requested.error().message()}});
      return;
    }
    replaced_[target.name] = target.directory;
  });
}

void Scrub::WithStore(const Target& target,
                      const std::function<void(ServedStore& served)>& act) const {
  if (target.source == nullptr) {
    act(stores_->native());
    return;
  }
  if (const auto live = target.source->live();
      live != nullptr && live->served().directory() == target.directory) {
    act(live->served());
  }
}

}  // namespace cacheindex::node
