#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <thread>

#include "index/text/text_statistics.h"
#include "node/services/node_service.h"
#include "node/stores/stores.h"
#include "node/watch/request_log.h"

namespace cacheindex::node {

/// Looks at the node twice a second and leaves one line for each change: healthy or not, ready or
/// not, a store that takes no more writes, text indexes that are built again, damage, and the end
/// of overload.
///
/// Threads: its own. Lifetime: within that of what it looks at.
class Watch {
 public:
  Watch(NodeService& service, Stores& stores, RequestLog& requests);
  ~Watch() { Stop(); }
  Watch(const Watch&) = delete;
  Watch& operator=(const Watch&) = delete;

  void Stop();

 private:
  struct Seen {
    std::string refusal = {};
    std::uint64_t rebuilds = 0;
    bool is_building = false;
    std::uint64_t damaged_documents = 0;
  };

  void Run(const std::stop_token& stop);
  void Look();
  void LookAtHealth();
  void LookAtReadiness();
  void LookAtStore(const std::string& name, ServedStore& served);
  void LookAtSettings();

  NodeService* service_;
  Stores* stores_;
  RequestLog* requests_;
  bool was_healthy_ = true;
  /// Why it was not ready when last looked at; empty when it was.
  std::optional<std::string> why_not_ready_;
  std::map<std::string, Seen> stores_seen_;
  std::string settings_refusal_;
  std::jthread thread_;
};

}  // namespace cacheindex::node
