#include "api/event_loop.h"
#include "node/core/files/file_error.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "api/answer.h"
#include "api/client_address.h"
#include "api/connection.h"
#include "api/front.h"

namespace cacheindex::api {
namespace {

constexpr int kEventsPerWait = 128;
// Few at a time, so that all loops get their share of a burst.
constexpr int kAcceptsPerTurn = 16;
// How long a loop leaves new connections alone when the process has no file descriptor for them.
constexpr std::chrono::milliseconds kAcceptPause{100};
constexpr std::string_view kTooManyConnections =
    "HTTP/1.1 503 Service Unavailable\r\nContent-Type: application/json; charset=utf-8\r\n"
    "Content-Length: 34\r\nRetry-After: 1\r\nConnection: close\r\n\r\n"
    "{\"message\":\"Too many connections\"}";

}  // namespace

EventLoop::EventLoop(Front& front, int listener) : front_(front), listener_(listener) {}

EventLoop::~EventLoop() { Stop(); }

Result<std::unique_ptr<EventLoop>> EventLoop::Create(Front& front, int listener) {
  std::unique_ptr<EventLoop> loop(new EventLoop(front, listener));
  loop->epoll_ = FileDescriptor(::epoll_create1(EPOLL_CLOEXEC));
  loop->wake_event_ = FileDescriptor(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!loop->epoll_ || !loop->wake_event_) {
    return FileError(errno, "create an event loop");
  }
  epoll_event wake{.events = EPOLLIN, .data = {.ptr = nullptr}};
  // The listener is the one descriptor that reports itself by the loop's own address.
  epoll_event accept{.events = EPOLLIN | EPOLLEXCLUSIVE, .data = {.ptr = loop.get()}};
  if (::epoll_ctl(loop->epoll_.get(), EPOLL_CTL_ADD, loop->wake_event_.get(), &wake) != 0 ||
      ::epoll_ctl(loop->epoll_.get(), EPOLL_CTL_ADD, listener, &accept) != 0) {
    return FileError(errno, "create an event loop");
  }
  return loop;
}

void EventLoop::Start() {
  thread_ = std::jthread([this](const std::stop_token& stop) { Run(stop); });
}

void EventLoop::Stop() {
  if (thread_.joinable()) {
    thread_.request_stop();
    Wake();
    thread_.join();
  }
}

void EventLoop::Wake() noexcept {
  const std::uint64_t one = 1;
  [[maybe_unused]] const ssize_t ignored = ::write(wake_event_.get(), &one, sizeof one);
}

void EventLoop::Complete(Connection& connection, OutputQueue answer,
                         std::unique_ptr<Request> request) {
  bool was_empty = false;
  {
    const std::lock_guard lock(inbox_mutex_);
    was_empty = completions_.empty() && returned_.empty();
    completions_.push_back({&connection, std::move(answer), std::move(request)});
  }
  if (was_empty) {
    Wake();
  }
}

void EventLoop::Adopt(Returned returned) {
  {
    const std::lock_guard lock(inbox_mutex_);
    returned_.push_back(std::move(returned));
  }
  Wake();
}

void EventLoop::Run(const std::stop_token& stop) {
  std::array<epoll_event, kEventsPerWait> events{};
  while (!stop.stop_requested()) {
    const int count = ::epoll_wait(epoll_.get(), events.data(), kEventsPerWait, WaitMilliseconds());
    bool has_inbox = false;
    for (int i = 0; i < count; ++i) {
      void* const source = events[static_cast<std::size_t>(i)].data.ptr;
      if (source == nullptr) {
        has_inbox = true;
      } else if (source == this) {
        Accept();
      } else {
        auto& connection = *static_cast<Connection*>(source);
        connection.Advance();
        Reap(connection);
      }
    }
    // Only now: until here an event may refer to a connection that these forget.
    if (has_inbox) {
      HandleInbox();
    }
    HandleResumed();
    HandleDeadlines();
    HandleDraining();
  }
  HandleInbox();
  resumed_.clear();
  for (const auto& connection : connections_) {
    connection->Close();
  }
  connections_.clear();
}

int EventLoop::WaitMilliseconds() const {
  if (!resumed_.empty()) {
    return 0;
  }
  auto earliest = Clock::time_point::max();
  for (const auto& list : deadlines_) {
    if (!list.empty()) {
      earliest = std::min(earliest, list.front()->deadline_at_);
    }
  }
  if (!is_accepting_ && !is_refusing_) {
    earliest = std::min(earliest, accept_again_at_);
  }
  if (earliest == Clock::time_point::max()) {
    return -1;
  }
  const auto wait = std::chrono::ceil<std::chrono::milliseconds>(earliest - Clock::now());
  return static_cast<int>(std::clamp<std::int64_t>(wait.count(), 0, 60'000));
}

void EventLoop::Accept() {
  for (int i = 0; i < kAcceptsPerTurn && is_accepting_; ++i) {
    sockaddr_storage peer{};
    socklen_t peer_bytes = sizeof peer;
    FileDescriptor socket(::accept4(listener_, reinterpret_cast<sockaddr*>(&peer), &peer_bytes,
                                    SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (!socket) {
      // Out of descriptors or memory: the listener stays readable, so waiting on it would spin.
      if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
        PauseAccepting();
      }
      return;
    }
    front_.counters().connections_accepted.fetch_add(1, std::memory_order_relaxed);
    if (front_.connections().value() >= front_.limits().connections_max) {
      ::send(socket.get(), kTooManyConnections.data(), kTooManyConnections.size(), MSG_NOSIGNAL);
      front_.ObserveRefusedConnection();
      continue;
    }
    const int on = 1;
    ::setsockopt(socket.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    std::unique_ptr<ssl_st, FreeSsl> session;
    if (front_.tls() != nullptr) {
      session = front_.tls()->NewSession(socket.get());
      if (!session) {
        continue;
      }
    }
    Add({Transport(std::move(socket), std::move(session), front_.connections().Take(),
                   front_.counters(), ClientAddress(peer)),
         std::string(), OutputQueue()});
  }
}

void EventLoop::PauseAccepting() {
  is_accepting_ = false;
  accept_again_at_ = Clock::now() + kAcceptPause;
  ::epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, listener_, nullptr);
}

void EventLoop::Add(Returned returned) {
  connections_.push_front(std::make_unique<Connection>(*this, std::move(returned)));
  Connection& connection = *connections_.front();
  connection.self_ = connections_.begin();
  epoll_event event{.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET,
                    .data = {.ptr = &connection}};
  if (::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, connection.fd(), &event) != 0) {
    connection.Close();
  } else {
    connection.Advance();
  }
  Reap(connection);
}

void EventLoop::Unregister(const Connection& connection) {
  ::epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, connection.fd(), nullptr);
}

void EventLoop::Reap(Connection& connection) {
  if (connection.is_done() && !connection.is_resumed_) {
    connections_.erase(connection.self_);
  }
}

void EventLoop::HandleInbox() {
  std::uint64_t ignored = 0;
  [[maybe_unused]] const ssize_t bytes = ::read(wake_event_.get(), &ignored, sizeof ignored);
  std::vector<Completion> completions;
  std::vector<Returned> returned;
  {
    const std::lock_guard lock(inbox_mutex_);
    completions.swap(completions_);
    returned.swap(returned_);
  }
  for (Completion& completion : completions) {
    completion.connection->Complete(std::move(completion.answer), std::move(completion.request));
    Reap(*completion.connection);
  }
  for (Returned& one : returned) {
    Add(std::move(one));
  }
}

void EventLoop::Resume(Connection& connection) {
  if (!connection.is_resumed_) {
    connection.is_resumed_ = true;
    resumed_.push_back(&connection);
  }
}

void EventLoop::HandleResumed() {
  for (Connection* const connection : std::exchange(resumed_, {})) {
    connection->is_resumed_ = false;
    connection->Advance();
    Reap(*connection);
  }
}

void EventLoop::HandleDeadlines() {
  const auto now = Clock::now();
  for (auto& list : deadlines_) {
    while (!list.empty() && list.front()->deadline_at_ <= now) {
      Connection& connection = *list.front();
      connection.OnDeadline();
      Reap(connection);
    }
  }
  if (!is_accepting_ && !is_refusing_ && accept_again_at_ <= now) {
    epoll_event accept{.events = EPOLLIN | EPOLLEXCLUSIVE, .data = {.ptr = this}};
    is_accepting_ = ::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, listener_, &accept) == 0;
    accept_again_at_ = now + kAcceptPause;
  }
}

void EventLoop::HandleDraining() {
  if (!is_refusing_ && front_.is_refusing()) {
    is_refusing_ = true;
    if (is_accepting_) {
      PauseAccepting();
    }
  }
  if (is_drained_ || !front_.is_draining()) {
    return;
  }
  is_drained_ = true;
  for (auto next = connections_.begin(); next != connections_.end();) {
    Connection& connection = **next++;
    connection.CloseIfIdle();
    Reap(connection);
  }
}

std::chrono::milliseconds EventLoop::Duration(Deadline kind) const noexcept {
  switch (kind) {
    case Deadline::kIdle:
      return front_.limits().idle_timeout;
    case Deadline::kFirst:
      return std::min(kFirstRequestWaitMax, front_.limits().head_timeout);
    case Deadline::kHead:
      return front_.limits().head_timeout;
    case Deadline::kBody:
      return front_.limits().body_timeout;
    case Deadline::kWrite:
      return front_.limits().write_timeout;
    case Deadline::kLinger:
      return front_.limits().linger_timeout;
  }
  return {};
}

void EventLoop::SetDeadline(Connection& connection, Deadline kind) {
  auto& list = deadlines_[static_cast<std::size_t>(kind)];
  if (connection.deadline_) {
    list.splice(list.end(), deadlines_[static_cast<std::size_t>(*connection.deadline_)],
                connection.deadline_entry_);
  } else {
    connection.deadline_entry_ = list.insert(list.end(), &connection);
  }
  connection.deadline_ = kind;
  connection.deadline_at_ = Clock::now() + Duration(kind);
  connection.progress_bytes_ = 0;
}

void EventLoop::ClearDeadline(Connection& connection) {
  if (connection.deadline_) {
    deadlines_[static_cast<std::size_t>(*connection.deadline_)].erase(connection.deadline_entry_);
    connection.deadline_.reset();
  }
}

}  // namespace cacheindex::api
