#include "node/node.h"

#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "node/backup/backup_manifest.h"
#include "node/config/config_changes.h"
#include "node/config/config_check.h"
#include "node/core/files/file_error.h"
#include "node/logging/log.h"
#include "node/scrub/crash_mark.h"
#include "node/scrub/damage_check.h"

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
           std::unique_ptr<Stores> stores, Scrub::Begin scrub)
    : config_(std::move(config)),
      running_(*config_),
      directory_(std::move(directory)),
      stores_(std::move(stores)),
      scrub_(std::make_unique<Scrub>(*stores_, *config_, scrub)),
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
  const auto has_damage = CheckDamage(*directory, config);
  if (!has_damage) {
    return has_damage.error();
  }
  LeaveCrashMarkIn(directory->path());
  auto stores = Stores::Open(*directory, config);
  if (!stores) {
    return std::move(stores).error();
  }
  if (auto followed = (*stores)->Follow(*directory, config); !followed) {
    return std::move(followed).error();
  }
  const Scrub::Begin scrub = *has_damage ? Scrub::Begin::kAtOnce : Scrub::Begin::kLater;
  std::unique_ptr<Node> node(
      new Node(std::move(kept), std::move(*directory), std::move(*stores), scrub));
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
  node->service_.SetScrub(*node->scrub_);
  if (auto started = node->StartOperations(); !started) {
    return std::move(started).error();
  }
  node->watch_ = std::make_unique<Watch>(node->service_, *node->stores_, node->service_.requests());
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - begin;
  Log(LogPart::kNode, LogLevel::kInfo, "listening",
      {{"address", config.http.listen_address},
       {"port", node->port()},
       {"tls", !config.http.certificate_file.empty()},
       {"data_directory", config.data_directory.string()},
       {"open_seconds", Rounded(seconds.count())}});
  return node;
}

Result<void> Node::StartOperations() {
  if (!config_->operations) {
    return {};
  }
  api::OperationsServer::Options options = *config_->operations;
  options.api_key = config_->http.api_key;
  auto started = api::OperationsServer::Start(options, service_);
  if (!started) {
    return std::move(started).error();
  }
  operations_ = std::move(*started);
  Log(LogPart::kNode, LogLevel::kInfo, "operations_listening",
      {{"address", options.listen_address}, {"port", operations_->port()}});
  return {};
}

Result<Node::Reloaded> Node::Reload(const Config& fresh) {
  Config taken = WithChangeableSettings(running_, fresh);
  if (!taken.http.certificate_file.empty()) {
    auto loaded =
        server_->ReloadCertificate(taken.http.certificate_file, taken.http.certificate_key_file);
    if (!loaded) {
      return std::move(loaded).error();
    }
  }
  service_.Reconfigure(taken);
  SetLogLevel(taken.log.level);
  Reloaded reloaded{.changed = ChangedSettings(running_, taken),
                    .needs_restart = ChangedSettings(taken, fresh)};
  running_ = std::move(taken);
  return reloaded;
}

void Node::BeginStop() {
  scrub_->BeginStop();
  if (watch_ != nullptr) {
    watch_->Stop();  // From here on it is not ready, whatever it finds.
  }
  service_.BeginStop();
  server_->BeginStop();
}

Node::~Node() { Stop(); }

void Node::Stop() {
  if (server_ != nullptr) {
    BeginStop();
    // Nobody knows whether the position that they wait for will come.
    service_.StopWaiting();
    server_->Drain(running_.stop_timeout);
    server_->Stop(std::chrono::milliseconds(0));
  }
  if (operations_ != nullptr) {
    operations_->Stop();
  }
  scrub_->Stop();
  stores_->Close();
}

}  // namespace cacheindex::node
