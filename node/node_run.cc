#include "node/node_run.h"

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <string>
#include <thread>
#include <vector>

#include "node/logging/log.h"

namespace cacheindex::node {
namespace {

// Also enough to close the stores in order on a slow disk.
constexpr std::chrono::milliseconds kHurryMax{10'000};

std::string Joined(const std::vector<std::string>& names) {
  std::string joined;
  for (const std::string& name : names) {
    joined += (joined.empty() ? "" : ",") + name;
  }
  return joined;
}

void Reload(Node& node, const std::function<Result<Config>()>& read_config) {
  const auto fresh = read_config();
  const auto reloaded = fresh ? node.Reload(*fresh) : Result<Node::Reloaded>(fresh.error());
  if (!reloaded) {
    Log(LogPart::kNode, LogLevel::kError, "configuration_refused",
        {{"reason", reloaded.error().message() +
                        ": the node goes on with the old one; mend this and "
                        "send SIGHUP again"}});
    return;
  }
  Log(LogPart::kNode, reloaded->needs_restart.empty() ? LogLevel::kInfo : LogLevel::kWarning,
      "configuration_reloaded",
      {{"changed", Joined(reloaded->changed)}, {"needs_restart", Joined(reloaded->needs_restart)}});
}

// Returns the next signal that stops the node; 0 when none came.
int NextStop(Signals& signals, std::chrono::milliseconds patience) {
  const auto end = std::chrono::steady_clock::now() + patience;
  while (true) {
    const auto left =
        std::chrono::ceil<std::chrono::milliseconds>(end - std::chrono::steady_clock::now());
    const int received = signals.Next(std::max(left, std::chrono::milliseconds(0)));
    if (received != SIGHUP) {  // There is nothing left to reload for.
      return received;
    }
  }
}

void LogHurry(int received) {
  Log(LogPart::kNode, LogLevel::kWarning, "hurrying",
      {{"signal", received}, {"reason", "told to stop again: running requests are cut"}});
}

// Waits for a second signal while the node stops.
void HurryWhenTold(Node& node, Signals& signals, bool is_told) {
  constexpr std::chrono::hours kAsLongAsItTakes{24};
  if (!is_told) {
    const int received = NextStop(signals, kAsLongAsItTakes);
    if (received == 0) {
      return;
    }
    LogHurry(received);
    node.Hurry();
  }
  const auto end = std::chrono::steady_clock::now() + kHurryMax;
  while (signals.Next(kHurryMax) != 0) {
  }
  if (std::chrono::steady_clock::now() >= end) {
    Log(LogPart::kNode, LogLevel::kError, "cut_off",
        {{"reason",
          "what still ran could not be interrupted and is ended with the process; nothing "
          "that was acknowledged is lost"}});
    std::_Exit(EXIT_FAILURE);
  }
}

}  // namespace

void RunUntilStopped(Node& node, Signals& signals,
                     const std::function<Result<Config>()>& read_config) {
  int received = signals.Next();
  for (; received == SIGHUP; received = signals.Next()) {
    Reload(node, read_config);
  }
  // Those who look at /readyz from here on only learn that it is too late.
  const std::chrono::milliseconds delay = node.stop_delay();
  Log(LogPart::kNode, LogLevel::kInfo, "stopping",
      {{"signal", received},
       {"delay_ms", delay.count()},
       {"reason", "told to: /readyz says so, and requests are served until the delay is over"}});
  node.BeginStop();
  const int second = NextStop(signals, delay);
  if (second != 0) {
    LogHurry(second);
    node.Hurry();
  }
  {
    std::jthread hurry([&] { HurryWhenTold(node, signals, second != 0); });
    node.Stop();
    signals.Wake();
  }
  Log(LogPart::kNode, LogLevel::kInfo, "stopped");
}

}  // namespace cacheindex::node
