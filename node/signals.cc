#include "node/signals.h"

#include <poll.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <cstdint>
#include <utility>

namespace cacheindex::node {

Result<Signals> Signals::Block() {
  sigset_t blocked;
  sigemptyset(&blocked);
  for (const int number : {SIGTERM, SIGINT, SIGHUP}) {
    sigaddset(&blocked, number);
  }
  pthread_sigmask(SIG_BLOCK, &blocked, nullptr);
  Signals signals(::signalfd(-1, &blocked, SFD_CLOEXEC | SFD_NONBLOCK),
                  ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (signals.signals_ < 0 || signals.wake_ < 0) {
    return Error(ErrorCode::kIo, "the system gives no descriptor to wait for signals");
  }
  return signals;
}

Signals::Signals(Signals&& other) noexcept
    : signals_(std::exchange(other.signals_, -1)), wake_(std::exchange(other.wake_, -1)) {}

Signals::~Signals() {
  for (const int descriptor : {signals_, wake_}) {
    if (descriptor >= 0) {
      ::close(descriptor);
    }
  }
}

int Signals::Next(std::optional<std::chrono::milliseconds> patience) {
  using Clock = std::chrono::steady_clock;
  const auto begin = Clock::now();
  while (true) {
    int left = -1;
    if (patience) {
      const auto rest =
          std::chrono::ceil<std::chrono::milliseconds>(begin + *patience - Clock::now());
      left = static_cast<int>(std::max<std::int64_t>(rest.count(), 0));
    }
    std::array<pollfd, 2> watched = {pollfd{.fd = signals_, .events = POLLIN, .revents = 0},
                                     pollfd{.fd = wake_, .events = POLLIN, .revents = 0}};
    const int ready = ::poll(watched.data(), watched.size(), left);
    signalfd_siginfo received{};
    if (ready > 0 && ::read(signals_, &received, sizeof received) == sizeof received) {
      return static_cast<int>(received.ssi_signo);
    }
    if (watched[1].revents != 0 || (ready == 0 && patience)) {
      return 0;
    }
  }
}

void Signals::Wake() noexcept {
  const std::uint64_t one = 1;
  [[maybe_unused]] const ssize_t ignored = ::write(wake_, &one, sizeof one);
}

}  // namespace cacheindex::node
