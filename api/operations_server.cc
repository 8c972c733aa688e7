#include "api/operations_server.h"

#include <arpa/inet.h>
#include <httplib.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <future>
#include <mutex>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "api/access.h"
#include "api/answer_writer.h"
#include "api/report.h"
#include "api/request_reader.h"
#include "api/router.h"

namespace cacheindex::api {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::array<std::string_view, 7> kLabels = {
    "GET /health",        "GET /readyz",     "GET /metrics",   "GET /sources",
    "GET /sources/:name", "GET /log_levels", "PUT /log_levels"};

constexpr std::size_t kWaitingMax = OperationsServer::kThreads;
constexpr std::uint64_t kBodyBytesMax = std::uint64_t{4} << 10;
// For a whole request, and for a whole answer.
constexpr std::chrono::milliseconds kRequestTimeout{5'000};
constexpr std::chrono::milliseconds kAnswerTimeout{5'000};

// As the library's ThreadPool, but bounded: whoever listens waits while it is full.
class BoundedThreads : public httplib::TaskQueue {
 public:
  explicit BoundedThreads(std::size_t threads) {
    for (std::size_t i = 0; i < threads; ++i) {
      threads_.emplace_back([this] { Work(); });
    }
  }

  void enqueue(std::function<void()> task) override {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return tasks_.size() < kWaitingMax; });
    tasks_.push_back(std::move(task));
    changed_.notify_all();
  }

  void shutdown() override {
    {
      const std::lock_guard lock(mutex_);
      is_stopped_ = true;
    }
    changed_.notify_all();
    threads_.clear();  // Joins.
  }

 private:
  void Work() {
    while (true) {
      std::function<void()> task;
      {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [this] { return is_stopped_ || !tasks_.empty(); });
        if (tasks_.empty()) {
          return;
        }
        task = std::move(tasks_.front());
        tasks_.pop_front();
      }
      changed_.notify_all();
      task();
    }
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::function<void()>> tasks_;
  bool is_stopped_ = false;
  std::vector<std::jthread> threads_;
};

// Returns false when the socket is not ready for `events` by `deadline`.
bool Await(int socket, short events, Clock::time_point deadline) {
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now()).count();
  pollfd watched{.fd = socket, .events = events, .revents = 0};
  return left > 0 && ::poll(&watched, 1, static_cast<int>(left)) > 0;
}

void Send(int socket, std::string_view bytes) {
  const auto deadline = Clock::now() + kAnswerTimeout;
  while (!bytes.empty() && Await(socket, POLLOUT, deadline)) {
    const ssize_t sent = ::send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent <= 0 && errno != EAGAIN && errno != EINTR) {
      return;
    }
    bytes.remove_prefix(static_cast<std::size_t>(std::max<ssize_t>(sent, 0)));
  }
}

// Reads one request under one deadline, by the rules of the public port.
bool ReadRequest(int socket, RequestReader& reader) {
  using enum RequestReader::State;
  const auto deadline = Clock::now() + kRequestTimeout;
  std::array<char, 4096> buffer{};
  while (Await(socket, POLLIN, deadline)) {
    const ssize_t bytes = ::recv(socket, buffer.data(), buffer.size(), MSG_DONTWAIT);
    if (bytes <= 0) {
      return false;
    }
    std::string_view data(buffer.data(), static_cast<std::size_t>(bytes));
    while (!data.empty() && reader.state() != kComplete && reader.state() != kRejected) {
      data.remove_prefix(reader.Feed(data));
      if (reader.state() == kHeadDone) {
        reader.ReadBody(kBodyBytesMax);
      }
    }
    if (reader.state() == kComplete || reader.state() == kRejected) {
      return true;
    }
  }
  return false;
}

bool IsOffered(const Route& route) {
  return std::find(kLabels.begin(), kLabels.end(), route.label) != kLabels.end();
}

bool IsNumericAddress(const std::string& text) {
  in_addr v4{};
  in6_addr v6{};
  return ::inet_pton(AF_INET, text.c_str(), &v4) == 1 ||
         ::inet_pton(AF_INET6, text.c_str(), &v6) == 1;
}

}  // namespace

class OperationsServer::Listener : public httplib::Server {
 public:
  Listener(const OperationsServer::Options& options, Service& service)
      : service_(service), access_(options.api_key, {.enabled = false}, service) {
    // Not the library's choice, which lets two processes share a port.
    set_socket_options([](socket_t socket) {
      const int on = 1;
      ::setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    });
  }

  Result<void> Bind(const OperationsServer::Options& options) {
    const std::string where = options.listen_address + ":" + std::to_string(options.port);
    if (!IsNumericAddress(options.listen_address)) {
      return Error(ErrorCode::kInvalidArgument,
                   "listen for operations on " + where + ": not a numeric address");
    }
    const int port = options.port == 0 ? bind_to_any_port(options.listen_address)
                     : bind_to_port(options.listen_address, options.port) ? options.port
                                                                          : -1;
    if (port < 0) {
      return Error(ErrorCode::kIo, "listen for operations on " + where +
                                       ": the port cannot be had, another process may have it");
    }
    port_ = static_cast<std::uint16_t>(port);
    return {};
  }

  // Returns when connections are taken: the library forgets a stop that comes earlier.
  void Run() {
    const auto listening = std::make_shared<std::promise<void>>();
    auto is_listening = listening->get_future();
    new_task_queue = [listening] {
      listening->set_value();
      return new BoundedThreads(kThreads);  // The library deletes it.
    };
    thread_ = std::jthread([this] { listen_after_bind(); });
    is_listening.wait();
  }

  void Stop() {
    if (thread_.joinable()) {
      stop();
      thread_.join();
    }
  }

  std::uint16_t port() const noexcept { return port_; }

 private:
  bool process_and_close_socket(socket_t socket) override {
    RequestReader reader(limits_);
    if (ReadRequest(socket, reader)) {
      Request& request = reader.request();
      request.keeps_alive = false;
      const Answer answer = reader.state() == RequestReader::State::kRejected
                                ? ErrorAnswer(reader.rejection().status, reader.rejection().message)
                                : Respond(request);
      std::string bytes;
      AppendHead(bytes, answer, request, access_, answer.body.size());
      bytes += request.method == Method::kHead ? std::string_view() : answer.body;
      Send(socket, bytes);
    }
    ::shutdown(socket, SHUT_RDWR);
    ::close(socket);
    return true;
  }

  Answer Respond(Request& request) const {
    Answer answer;
    try {
      answer = Handle(request);
    } catch (...) {  // Whatever it says may hold anything; the client gets none of it.
      answer = ErrorAnswer(500, "Internal error");
    }
    Report(service_, access_, request, OutcomeOf(answer));
    return answer;
  }

  Answer Handle(Request& request) const {
    if (const auto found = FindRoute(request); !found) {
      return ErrorAnswer(found.error());
    }
    if (request.route == nullptr || !IsOffered(*request.route)) {
      request.route = nullptr;
      return NotFoundAnswer();
    }
    if (request.route->key_check != KeyCheck::kNone && !access_.Permits(request)) {
      return ErrorAnswer(401, kForbiddenMessage);
    }
    return request.route->handler({service_, access_, limits_}, request);
  }

  Service& service_;
  const Access access_;
  const Limits limits_;
  std::uint16_t port_ = 0;
  std::jthread thread_;
};

OperationsServer::OperationsServer(std::unique_ptr<Listener> listener)
    : listener_(std::move(listener)) {}

OperationsServer::~OperationsServer() { Stop(); }

Result<std::unique_ptr<OperationsServer>> OperationsServer::Start(const Options& options,
                                                                  Service& service) {
  auto listener = std::make_unique<Listener>(options, service);
  if (auto bound = listener->Bind(options); !bound) {
    return std::move(bound).error();
  }
  listener->Run();
  return std::unique_ptr<OperationsServer>(new OperationsServer(std::move(listener)));
}

void OperationsServer::Stop() { listener_->Stop(); }

std::uint16_t OperationsServer::port() const noexcept { return listener_->port(); }

}  // namespace cacheindex::api
