#include "api/server.h"

#include <utility>

#include "api/front.h"

namespace cacheindex::api {

Server::Server(std::unique_ptr<Front> front) : front_(std::move(front)) {}

Server::~Server() = default;

Result<std::unique_ptr<Server>> Server::Start(Options options, Service& service) {
  auto front = std::make_unique<Front>(std::move(options), service);
  if (auto started = front->Start(); !started) {
    return std::move(started).error();
  }
  return std::unique_ptr<Server>(new Server(std::move(front)));
}

std::uint16_t Server::port() const noexcept { return front_->port(); }

void Server::BeginStop() { front_->BeginStop(); }

void Server::Drain(std::chrono::milliseconds deadline) { front_->Drain(deadline); }

void Server::Hurry() { front_->Hurry(); }

void Server::Stop(std::chrono::milliseconds deadline) { front_->Stop(deadline); }

Result<void> Server::ReloadCertificate(const std::filesystem::path& certificate_file,
                                       const std::filesystem::path& certificate_key_file) {
  return front_->ReloadCertificate({certificate_file, certificate_key_file});
}

Server::Statistics Server::GetStatistics() const { return front_->GetStatistics(); }

}  // namespace cacheindex::api
