#include "api/front.h"
#include "node/core/files/file_error.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <functional>
#include <thread>
#include <utility>

#include "api/answer_writer.h"
#include "api/counted_routes.h"
#include "api/request_options.h"

namespace cacheindex::api {
namespace {

constexpr int kListenBacklog = 4096;
constexpr std::uint32_t kWorkersPerCore = 4;
// Searches compute: more of them at a time than there are cores only make each other slower, but
// for those that wait for the disk.
constexpr std::uint32_t kSearchThreadsPerCore = 2;
// Threads for requests that wait for a position: most of them sleep.
constexpr std::uint32_t kWaitingPerWorker = 4;
// Imports and exports for each that may work: the others wait for their clients.
constexpr std::uint32_t kTransfersPerPlace = 8;
// Of a drain: how long those who connect are served.
constexpr std::chrono::milliseconds kNewcomersServedMax{5'000};
// A batch whose ids take more bytes is too much work for a loop thread.
constexpr std::size_t kInlineBatchBytesMax = std::size_t{2} << 10;

std::uint32_t Cores() { return std::max(1U, std::thread::hardware_concurrency()); }

struct SocketAddress {
  sockaddr_storage storage{};
  socklen_t bytes = 0;
};

std::optional<SocketAddress> ParseAddress(const std::string& text, std::uint16_t port) {
  SocketAddress address;
  sockaddr_in v4{};
  sockaddr_in6 v6{};
  if (::inet_pton(AF_INET, text.c_str(), &v4.sin_addr) == 1) {
    v4.sin_family = AF_INET;
    v4.sin_port = htons(port);
    std::memcpy(&address.storage, &v4, sizeof v4);
    address.bytes = sizeof v4;
  } else if (::inet_pton(AF_INET6, text.c_str(), &v6.sin6_addr) == 1) {
    v6.sin6_family = AF_INET6;
    v6.sin6_port = htons(port);
    std::memcpy(&address.storage, &v6, sizeof v6);
    address.bytes = sizeof v6;
  } else {
    return std::nullopt;
  }
  return address;
}

std::uint16_t PortOf(int socket) {
  SocketAddress address;
  address.bytes = sizeof address.storage;
  ::getsockname(socket, reinterpret_cast<sockaddr*>(&address.storage), &address.bytes);
  if (address.storage.ss_family == AF_INET6) {
    sockaddr_in6 v6{};
    std::memcpy(&v6, &address.storage, sizeof v6);
    return ntohs(v6.sin6_port);
  }
  sockaddr_in v4{};
  std::memcpy(&v4, &address.storage, sizeof v4);
  return ntohs(v4.sin_port);
}

}  // namespace

Front::Front(Server::Options options, Service& service)
    : options_(std::move(options)),
      service_(service),
      access_(options_.api_key, options_.cors, service),
      library_(access_) {}

Front::~Front() { Stop(std::chrono::milliseconds(0)); }

Result<void> Front::Start() {
  if (options_.api_key.empty()) {
    return Error(ErrorCode::kInvalidArgument, "an API key is required");
  }
  if (options_.certificate_file.empty() != options_.certificate_key_file.empty()) {
    return Error(ErrorCode::kInvalidArgument, "TLS needs both a certificate and its key");
  }
  if (!options_.certificate_file.empty()) {
    auto tls = TlsContext::Load({options_.certificate_file, options_.certificate_key_file});
    if (!tls) {
      return std::move(tls).error();
    }
    tls_ = std::move(*tls);
  }
  if (auto listening = Listen(); !listening) {
    return listening;
  }
  stop_event_ = FileDescriptor(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!stop_event_) {
    return FileError(errno, "create an event");
  }
  StartPools();
  const std::uint32_t loops = options_.loop_threads > 0 ? options_.loop_threads : Cores();
  for (std::uint32_t i = 0; i < loops; ++i) {
    auto loop = EventLoop::Create(*this, listener_.get());
    if (!loop) {
      return std::move(loop).error();
    }
    loops_.push_back(std::move(*loop));
  }
  for (const auto& loop : loops_) {
    loop->Start();
  }
  return {};
}

void Front::StartPools() {
  const std::uint32_t workers =
      options_.worker_threads > 0 ? options_.worker_threads : Cores() * kWorkersPerCore;
  workers_ =
      std::make_unique<WorkerPool>(WorkerPool::Size{workers, options_.limits.queued_requests_max});
  waiting_workers_ = std::make_unique<WorkerPool>(WorkerPool::Size{
      std::size_t{workers} * kWaitingPerWorker, options_.limits.queued_requests_max});
  const std::uint32_t bulk_threads = std::max(1U, options_.bulk_threads);
  transfer_places_ = std::make_unique<TransferPlaces>(bulk_threads);
  bulk_workers_ = std::make_unique<WorkerPool>(WorkerPool::Size{
      std::size_t{bulk_threads} * kTransfersPerPlace, options_.limits.queued_transfers_max});
  waiting_bulk_workers_ = std::make_unique<WorkerPool>(WorkerPool::Size{
      std::size_t{bulk_threads} * kWaitingPerWorker, options_.limits.queued_transfers_max});
  SearchPool::Options searches{
      .threads =
          options_.search_threads > 0 ? options_.search_threads : Cores() * kSearchThreadsPerCore,
      .queued_max = options_.limits.queued_requests_max,
      .queued_per_client_max = options_.limits.queued_searches_per_client_max,
      .wait_max = options_.limits.search_wait_max};
  searches_ = std::make_unique<SearchPool>(searches);
  searches.threads *= kWaitingPerWorker;
  searches.wait_max = std::max(searches.wait_max, kPositionWaitDefault);
  searches.may_sleep = true;
  waiting_searches_ = std::make_unique<SearchPool>(searches);
}

Result<void> Front::Listen() {
  const std::string where = options_.listen_address + ":" + std::to_string(options_.port);
  const auto address = ParseAddress(options_.listen_address, options_.port);
  if (!address) {
    return Error(ErrorCode::kInvalidArgument, "listen on " + where + ": not a numeric address");
  }
  listener_ = FileDescriptor(
      ::socket(address->storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  const int on = 1;
  if (!listener_ || ::setsockopt(listener_.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0 ||
      ::bind(listener_.get(), reinterpret_cast<const sockaddr*>(&address->storage),
             address->bytes) != 0 ||
      ::listen(listener_.get(), kListenBacklog) != 0) {
    return FileError(errno, "listen on " + where);
  }
  port_ = PortOf(listener_.get());
  return {};
}

Result<void> Front::ReloadCertificate(const TlsContext::Files& files) {
  return tls_ == nullptr ? Error(ErrorCode::kInvalidArgument, "the server speaks no TLS")
                         : tls_->Reload(files);
}

void Front::BeginStop() { is_stopping_ = true; }

void Front::Drain(std::chrono::milliseconds deadline) {
  is_stopping_ = true;
  is_draining_ = true;
  WakeLoops();
  const auto served = std::min(deadline, kNewcomersServedMax);
  connections_.WaitUntilZero(served);
  if (deadline > served) {
    // Clients that never stop would be served until the deadline.
    RefuseNewcomers();
    connections_.WaitUntilZero(deadline - served);
  }
}

// Not closed yet: a loop may be about to accept from it. Whoever has connected and was not accepted
// is told, as everybody is who comes now.
void Front::RefuseNewcomers() {
  is_refusing_ = true;
  ::shutdown(listener_.get(), SHUT_RDWR);
  WakeLoops();
}

void Front::WakeLoops() {
  for (const auto& loop : loops_) {
    loop->Wake();
  }
}

void Front::Stop(std::chrono::milliseconds deadline) {
  if (loops_.empty()) {
    return;
  }
  Drain(deadline);
  RefuseNewcomers();
  // Transfers look at the event wherever they wait; requests cannot be interrupted, only awaited.
  const std::uint64_t one = 1;
  [[maybe_unused]] const ssize_t ignored = ::write(stop_event_.get(), &one, sizeof one);
  bulk_workers_->Stop();
  waiting_bulk_workers_->Stop();
  searches_->Stop();
  waiting_searches_->Stop();
  workers_->Stop();
  waiting_workers_->Stop();
  for (const auto& loop : loops_) {
    loop->Stop();
  }
  loops_.clear();
  listener_.Close();
}

Server::Statistics Front::GetStatistics() const {
  return {.connections = connections_.value(),
          .connections_accepted = counters_.connections_accepted.load(),
          .requests = counters_.requests.load(),
          .requests_shed = counters_.requests_shed.load(),
          .requests_rejected = counters_.requests_rejected.load(),
          .queued_requests = searches_->queued() + waiting_searches_->queued() +
                             workers_->queued() + waiting_workers_->queued(),
          .queued_transfers = bulk_workers_->queued() + waiting_bulk_workers_->queued(),
          .bytes_received = counters_.bytes_received.load(),
          .bytes_sent = counters_.bytes_sent.load(),
          .buffered_bytes = counters_.buffered_bytes.load()};
}

bool Front::NeedsWorker(const Request& request) const noexcept {
  const bool is_large = request.query.size() > kInlineBatchBytesMax || request.is_chunked ||
                        request.content_length.value_or(0) > kInlineBatchBytesMax;
  return is_large || AsksForPosition(request);
}

Admission Front::Admit(Request& request) const {
  Admission admission;
  if (request.method == Method::kOptions) {
    return admission;
  }
  const auto found = FindRoute(request);
  if (!found) {
    admission.refusal = ErrorAnswer(found.error());
    return admission;
  }
  if (request.route == nullptr) {
    admission.refusal = NotFoundAnswer();
    return admission;
  }
  const Route& route = *request.route;
  const bool is_permitted = route.key_check != KeyCheck::kNone && access_.Permits(request);
  if (route.key_check == KeyCheck::kFront && !is_permitted) {
    admission.refusal = ErrorAnswer(401, kForbiddenMessage);
    return admission;
  }
  if (auto refusal = CheckRateLimits(request)) {
    admission.refusal = std::move(refusal);
    return admission;
  }
  admission.lane = route.lane;
  if (route.lane == Lane::kInline && NeedsWorker(request)) {
    admission.lane = Lane::kWorker;
  }
  if (route.lane == Lane::kImport && !request.is_chunked && !request.content_length) {
    admission.refusal = ErrorAnswer(411, "An import needs a Content-Length or chunks.");
  }
  if (!is_permitted) {
    // Nobody is known yet, and perhaps nobody will be.
    admission.body_bytes_max = options_.limits.unkeyed_body_bytes_max;
    if (route.key_check == KeyCheck::kHandler) {
      admission.body_too_large = {401, kForbiddenMessage};
      if (request.content_length.value_or(0) > admission.body_bytes_max) {
        admission.refusal = ErrorAnswer(401, kForbiddenMessage);
      }
    }
    return admission;
  }
  const bool is_query = route.is_hot || request.method == Method::kGet;
  admission.body_bytes_max =
      is_query ? options_.limits.query_body_bytes_max : options_.limits.body_bytes_max;
  return admission;
}

std::optional<Answer> Front::CheckRateLimits(const Request& request) const {
  RateLimits& limits = service_.rate_limits();
  const std::string_view key = KeyOf(request);
  // The node's own key can always mend a rule that goes too far.
  if (limits.empty() || request.route->key_check == KeyCheck::kNone || access_.IsNodeKey(key)) {
    return std::nullopt;
  }
  const auto wait = limits.Count(access_.CallerOf(key, request.client_address));
  return wait ? std::optional(RateLimitedAnswer(*wait)) : std::nullopt;
}

void Front::Serve(Request& request, OutputQueue& output) {
  if (request.method == Method::kOptions) {
    ServeAnswer(request, Answer(), output);
    return;
  }
  const RouteContext context{service_, access_, options_.limits};
  Outcome outcome;
  if (request.route->is_hot) {
    Answer answer;
    try {
      answer = request.route->handler(context, request);
    } catch (...) {  // Whatever slips through: a bare 500, as on the way through the library.
      answer = ErrorAnswer(500, "Internal error");
    }
    outcome = OutcomeOf(answer);
    request.keeps_alive = request.keeps_alive && !is_stopping();
    AppendAnswer(output, std::move(answer), request, access_);
  } else {
    request.keeps_alive = request.keeps_alive && !is_stopping();
    outcome.failure = "Internal error";
    outcome.status = library_.Respond(
        request,
        [&] {
          Answer answer = request.route->handler(context, request);
          outcome = OutcomeOf(answer);
          return answer;
        },
        output);
  }
  Observe(request, outcome);
}

void Front::ServeAnswer(Request& request, Answer answer, OutputQueue& output) {
  const Outcome outcome = OutcomeOf(answer);
  AppendUnhandled(request, std::move(answer), output);
  Observe(request, outcome);
}

void Front::ServeOverload(Request& request, Shedding reason, OutputQueue& output) {
  counters_.requests_shed.fetch_add(1, std::memory_order_relaxed);
  Answer answer =
      reason == Shedding::kClientOverload ? ClientOverloadedAnswer() : OverloadedAnswer();
  Outcome outcome = OutcomeOf(answer);
  outcome.is_shed = true;
  AppendUnhandled(request, std::move(answer), output);
  Observe(request, outcome);
}

void Front::AppendUnhandled(Request& request, Answer answer, OutputQueue& output) {
  request.keeps_alive = request.keeps_alive && !is_stopping();
  AppendAnswer(output, std::move(answer), request, access_);
}

void Front::ServeRejection(const Rejection& rejection, OutputQueue& output) {
  Request nobody;
  nobody.keeps_alive = false;
  nobody.MakeId();
  AppendAnswer(output, ErrorAnswer(rejection.status, rejection.message), nobody, access_);
  counters_.requests_rejected.fetch_add(1, std::memory_order_relaxed);
  service_.Observe({.route = MalformedRequest(),
                    .status = rejection.status,
                    .answered_at = std::chrono::steady_clock::now(),
                    .request_id = nobody.id});
}

void Front::Observe(const Request& request, const Outcome& outcome) {
  counters_.requests.fetch_add(1, std::memory_order_relaxed);
  Report(service_, access_, request, outcome);
}

void Front::ObserveRefusedConnection() {
  counters_.requests_shed.fetch_add(1, std::memory_order_relaxed);
  service_.Observe({.route = RefusedConnection(),
                    .status = 503,
                    .is_shed = true,
                    .answered_at = std::chrono::steady_clock::now()});
}

SearchClient Front::SearchClientOf(const Request& request) const {
  return {.address = request.client_address, .key = access_.SharedKeyOf(KeyOf(request))};
}

void Front::PushSearch(std::unique_ptr<Job> job, const SearchClient& client, bool may_wait) {
  (may_wait ? waiting_searches_ : searches_)->Push(std::move(job), client);
}

std::unique_ptr<Job> Front::PushRequest(std::unique_ptr<Job> job, bool may_wait) {
  return (may_wait ? waiting_workers_ : workers_)->Push(std::move(job));
}

std::unique_ptr<Job> Front::PushTransfer(std::unique_ptr<Job> job, bool may_wait) {
  return (may_wait ? waiting_bulk_workers_ : bulk_workers_)->Push(std::move(job));
}

}  // namespace cacheindex::api
