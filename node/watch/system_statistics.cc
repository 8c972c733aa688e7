#include "node/watch/system_statistics.h"

#include <sys/resource.h>

#include <fstream>
#include <map>
#include <mutex>
#include <sstream>
#include <string>
#include <system_error>
#include <utility>

namespace cacheindex::node {
namespace {

// Lines of "Name:   123 kB", as in /proc/meminfo and /proc/self/status.
std::map<std::string, std::uint64_t> ReadKilobytes(const char* path) {
  std::map<std::string, std::uint64_t> bytes;
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    std::istringstream words(line);
    std::string name;
    std::uint64_t kilobytes = 0;
    if (words >> name >> kilobytes && name.ends_with(':')) {
      name.pop_back();
      bytes[name] = kilobytes * 1024;
    }
  }
  return bytes;
}

struct CpuTime {
  std::uint64_t busy = 0;
  std::uint64_t total = 0;
};

// /proc/stat: "cpu0 user nice system idle iowait irq softirq steal ...", in ticks since boot.
std::map<std::string, CpuTime> ReadCpuTimes() {
  std::map<std::string, CpuTime> times;
  std::ifstream file("/proc/stat");
  for (std::string line; std::getline(file, line) && line.starts_with("cpu");) {
    std::istringstream words(line);
    std::string name;
    words >> name;
    CpuTime time;
    std::uint64_t ticks = 0;
    for (int column = 0; column < 8 && words >> ticks; ++column) {
      constexpr int kIdle = 3;
      constexpr int kIoWait = 4;
      time.total += ticks;
      time.busy += column == kIdle || column == kIoWait ? 0 : ticks;
    }
    times[name] = time;
  }
  return times;
}

// Activity since the previous call, since boot in the first one.
void AddCpu(Json& metrics) {
  static std::mutex mutex;
  static std::map<std::string, CpuTime> previous;
  const std::scoped_lock lock(mutex);
  auto times = ReadCpuTimes();
  int number = 0;
  for (const auto& [name, time] : times) {
    const CpuTime before = previous[name];
    const std::uint64_t total = time.total - before.total;
    const double active = total == 0 ? 0
                                     : 100.0 * static_cast<double>(time.busy - before.busy) /
                                           static_cast<double>(total);
    std::ostringstream percentage;
    percentage.precision(2);
    percentage << std::fixed << active;
    const std::string key = name == "cpu"
                                ? "system_cpu_active_percentage"
                                : "system_cpu" + std::to_string(++number) + "_active_percentage";
    metrics[key] = percentage.str();
  }
  previous = std::move(times);
}

void AddNetwork(Json& metrics) {
  std::uint64_t received = 0;
  std::uint64_t sent = 0;
  std::ifstream file("/proc/net/dev");
  for (std::string line; std::getline(file, line);) {
    const auto colon = line.find(':');
    if (colon == std::string::npos) {
      continue;
    }
    std::istringstream words(line.substr(colon + 1));
    std::uint64_t value = 0;
    for (int column = 0; column < 9 && words >> value; ++column) {
      constexpr int kReceivedBytes = 0;
      constexpr int kSentBytes = 8;
      received += column == kReceivedBytes ? value : 0;
      sent += column == kSentBytes ? value : 0;
    }
  }
  metrics["system_network_received_bytes"] = std::to_string(received);
  metrics["system_network_sent_bytes"] = std::to_string(sent);
}

}  // namespace

std::uint64_t PrivateMemoryBytes() { return ReadKilobytes("/proc/self/status")["RssAnon"]; }

std::uint64_t PageIns() {
  rusage usage{};
  return getrusage(RUSAGE_SELF, &usage) == 0 ? static_cast<std::uint64_t>(usage.ru_majflt) : 0;
}

Json SystemMetrics(const std::filesystem::path& data_directory) {
  Json metrics = Json::object();
  const auto set = [&](const char* name, std::uint64_t value) {
    metrics[name] = std::to_string(value);
  };
  AddCpu(metrics);
  AddNetwork(metrics);
  std::error_code failure;
  const auto disk = std::filesystem::space(data_directory, failure);
  if (!failure) {
    set("system_disk_total_bytes", disk.capacity);
    set("system_disk_used_bytes", disk.capacity - disk.available);
  }
  auto memory = ReadKilobytes("/proc/meminfo");
  set("system_memory_total_bytes", memory["MemTotal"]);
  set("system_memory_used_bytes", memory["MemTotal"] - memory["MemAvailable"]);
  set("system_memory_total_swap_bytes", memory["SwapTotal"]);
  set("system_memory_used_swap_bytes", memory["SwapTotal"] - memory["SwapFree"]);
  auto process = ReadKilobytes("/proc/self/status");
  // The peer's names. This node has no allocator of its own: what is private memory counts as
  // allocated and active, what is mapped includes the stores' address space.
  set("typesense_memory_active_bytes", process["RssAnon"]);
  set("typesense_memory_allocated_bytes", process["RssAnon"]);
  set("typesense_memory_mapped_bytes", process["VmSize"]);
  set("typesense_memory_metadata_bytes", 0);
  set("typesense_memory_resident_bytes", process["VmRSS"]);
  set("typesense_memory_retained_bytes", 0);
  metrics["typesense_memory_fragmentation_ratio"] = "0.00";
  return metrics;
}

}  // namespace cacheindex::node
