#pragma once

#include <chrono>
#include <optional>

#include "node/core/result.h"

namespace cacheindex::node {

/// SIGTERM, SIGINT and SIGHUP, taken when somebody asks for them instead of interrupting.
///
/// Threads: Next from one at a time, Wake from any.
class Signals {
 public:
  /// Blocks them in this thread and in all that it starts: call it before it starts any.
  /// Errors: kIo.
  static Result<Signals> Block();
  Signals(Signals&& other) noexcept;
  Signals& operator=(Signals&&) = delete;
  Signals(const Signals&) = delete;
  Signals& operator=(const Signals&) = delete;
  ~Signals();

  /// Waits for the next one, at most `patience`; returns 0 when none came, and after Wake.
  int Next(std::optional<std::chrono::milliseconds> patience = std::nullopt);

  /// Ends all waiting from here on.
  void Wake() noexcept;

 private:
  Signals(int signals, int wake) noexcept : signals_(signals), wake_(wake) {}

  int signals_;
  int wake_;
};

}  // namespace cacheindex::node
