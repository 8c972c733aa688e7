#include "node/scrub/scrub_reading.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <vector>

#include "node/scrub/child_process.h"
#include "node/scrub/scrub_process.h"

namespace cacheindex::node {
namespace {

using End = ScrubReading::End;

// It speaks twice a second. Who hangs, or was stopped, may keep pages of the store from being used
// again.
constexpr std::chrono::seconds kSilenceMax{10};

// What a damaged page ends a process with; anything else is somebody's kill.
constexpr std::array kSignalsOfDamage = {SIGSEGV, SIGBUS, SIGABRT, SIGILL, SIGFPE};
// That of a sanitizer, which takes the signal.
constexpr int kCodeOfDamage = 1;

std::vector<std::string> Arguments(const ScrubbedGeneration& generation,
                                   std::optional<cache::CollectionNumber> only) {
  std::vector<std::string> arguments = {"scrub",
                                        "--generation",
                                        generation.directory.string(),
                                        "--megabytes-per-second",
                                        std::to_string(generation.megabytes_per_second),
                                        "--parent",
                                        std::to_string(::getpid())};
  if (only) {
    arguments.emplace_back("--only");
    arguments.push_back(std::to_string(static_cast<std::uint32_t>(*only)));
  }
  return arguments;
}

// Returns why the process was given up; empty when it said all that it had to say.
std::string Listen(ChildProcess& process, ScrubReading& reading,
                   const std::function<void(const ScrubLine& line)>& hear) {
  while (true) {
    const auto text = process.NextLine(kSilenceMax);
    if (!text) {
      return text.error().message();
    }
    if (!*text) {
      return {};
    }
    const auto line = DecodeScrubLine(**text);
    if (!line) {
      continue;
    }
    if (const auto* reads = std::get_if<ScrubReads>(&*line)) {
      reading.last = *reads;
    } else if (const auto* done = std::get_if<ScrubDone>(&*line)) {
      reading.done = *done;
      reading.end = End::kDone;
    } else if (const auto* failed = std::get_if<ScrubFailed>(&*line)) {
      reading.reason = failed->reason;
    }
    hear(*line);
  }
}

}  // namespace

ScrubReading ReadGeneration(const ScrubbedGeneration& generation,
                            std::optional<cache::CollectionNumber> only,
                            const std::stop_token& stop,
                            const std::function<void(const ScrubLine& line)>& hear) {
  ScrubReading reading;
  const auto process = ChildProcess::Start(generation.program, Arguments(generation, only));
  if (!process) {
    reading.reason = process.error().message();
    return reading;
  }
  std::string given_up;
  {
    const std::stop_callback kill(stop, [&] { (*process)->Kill(); });
    given_up = Listen(**process, reading, hear);
    if (!given_up.empty()) {
      (*process)->Kill();
    }
  }
  const int code = (*process)->Wait();
  if (reading.end == End::kDone) {
    return reading;
  }
  if (stop.stop_requested()) {
    reading.end = End::kStopped;
    return reading;
  }
  const bool is_signal_of_damage =
      std::find(kSignalsOfDamage.begin(), kSignalsOfDamage.end(), -code) != kSignalsOfDamage.end();
  if (given_up.empty() && (is_signal_of_damage || code == kCodeOfDamage)) {
    reading.end = End::kDied;
  }
  const std::string how =
      code < 0 ? "signal " + std::to_string(-code) : "exit code " + std::to_string(code);
  if (!given_up.empty()) {
    reading.reason = given_up;
  } else if (reading.reason.empty()) {
    reading.reason = "it was ended by " + how;
  }
  return reading;
}

}  // namespace cacheindex::node
