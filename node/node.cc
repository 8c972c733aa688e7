#include "node/node.h"

#include <spdlog/spdlog.h>

#include <system_error>
#include <utility>

namespace cacheindex::node {

Node::Node(DataDirectory directory, std::unique_ptr<NativeStore> native, const Config& config)
    : directory_(std::move(directory)),
      native_(std::move(native)),
      service_(*native_, directory_, config),
      stop_timeout_(config.stop_timeout) {}

Result<std::unique_ptr<Node>> Node::Start(const Config& config) {
  if (config.http.api_key.empty()) {
    return Error(ErrorCode::kInvalidArgument,
                 std::string("an API key is required: set the environment variable ") +
                     kApiKeyVariable + " or pass --api-key");
  }
  if (config.data_directory.empty()) {
    return Error(ErrorCode::kInvalidArgument,
                 "a data directory is required: pass --data-dir, or set node.data_directory in the "
                 "configuration");
  }
  auto directory = DataDirectory::Lock(config.data_directory);
  if (!directory) {
    return std::move(directory).error();
  }
  std::error_code failure;
  std::filesystem::create_directories(directory->spool(), failure);
  if (failure) {
    return Error(ErrorCode::kIo, failure.message())
        .WithContext("create " + directory->spool().string());
  }
  const auto begin = std::chrono::steady_clock::now();
  auto native = NativeStore::Open(*directory, config);
  if (!native) {
    return std::move(native).error();
  }
  std::unique_ptr<Node> node(new Node(std::move(*directory), std::move(*native), config));
  api::Server::Options options = config.http;
  options.spool_directory = node->directory_.spool();
  auto server = api::Server::Start(std::move(options), node->service_);
  if (!server) {
    return std::move(server).error();
  }
  node->server_ = std::move(*server);
  node->service_.SetFrontStatistics(
      [front = node->server_.get()] { return front->GetStatistics(); });
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - begin;
  spdlog::info("event=listening address={} port={} tls={} data_directory={} open_seconds={:.3f}",
               config.http.listen_address, node->port(), !config.http.certificate_file.empty(),
               config.data_directory.string(), seconds.count());
  return node;
}

Node::~Node() { Stop(); }

void Node::Stop() {
  if (server_ != nullptr) {
    server_->Stop(stop_timeout_);
  }
  native_->Close();
}

}  // namespace cacheindex::node
