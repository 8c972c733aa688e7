#include "node/node.h"

#include <spdlog/spdlog.h>

#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "node/backup_manifest.h"
#include "node/config_check.h"
#include "node/crash_mark.h"
#include "node/damage_check.h"
#include "node/durable_file.h"

namespace cacheindex::node {
namespace {

std::string Joined(const std::vector<std::string>& lines) {
  std::string text;
  for (const std::string& line : lines) {
    text += (text.empty() ? "" : "\n") + line;
  }
  return text;
}

}  // namespace

Node::Node(std::unique_ptr<const Config> config, DataDirectory directory,
           std::unique_ptr<Stores> stores)
    : config_(std::move(config)),
      directory_(std::move(directory)),
      stores_(std::move(stores)),
      service_(*stores_, directory_, *config_) {}

Result<std::unique_ptr<Node>> Node::Start(Config given) {
  // The stores look into it as long as they live.
  auto kept = std::make_unique<const Config>(std::move(given));
  const Config& config = *kept;
  if (const auto mistakes = FindMistakes(config); !mistakes.empty()) {
    return Error(ErrorCode::kInvalidArgument, Joined(mistakes));
  }
  auto directory = DataDirectory::Lock(config.data_directory);
  if (!directory) {
    return std::move(directory).error();
  }
  if (auto retired = RetireManifest(directory->path()); !retired) {
    return std::move(retired).error();
  }
  std::error_code failure;
  std::filesystem::create_directories(directory->spool(), failure);
  if (failure) {
    return FileError(failure, "create " + directory->spool().string());
  }
  const auto begin = std::chrono::steady_clock::now();
  if (auto checked = CheckDamage(*directory, config); !checked) {
    return std::move(checked).error();
  }
  LeaveCrashMarkIn(directory->path());
  auto stores = Stores::Open(*directory, config);
  if (!stores) {
    return std::move(stores).error();
  }
  if (auto followed = (*stores)->Follow(*directory, config); !followed) {
    return std::move(followed).error();
  }
  std::unique_ptr<Node> node(new Node(std::move(kept), std::move(*directory), std::move(*stores)));
  api::Server::Options options = config.http;
  options.spool_directory = node->directory_.spool();
  if (auto loaded = node->service_.LoadSettings(); !loaded) {
    return std::move(loaded).error();
  }
  auto server = api::Server::Start(std::move(options), node->service_);
  if (!server) {
    return std::move(server).error();
  }
  node->server_ = std::move(*server);
  node->service_.SetFront(*node->server_);
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - begin;
  spdlog::info("event=listening address={} port={} tls={} data_directory={} open_seconds={:.3f}",
               config.http.listen_address, node->port(), !config.http.certificate_file.empty(),
               config.data_directory.string(), seconds.count());
  return node;
}

Node::~Node() { Stop(); }

void Node::Stop() {
  if (server_ != nullptr) {
    service_.StopWaiting();
    server_->Stop(config_->stop_timeout);
  }
  stores_->Close();
}

}  // namespace cacheindex::node
