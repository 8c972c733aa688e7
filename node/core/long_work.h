#pragma once

#include <functional>

namespace cacheindex {

/// Tells the thread that runs it that a piece of work will take long, so that whoever owns the
/// thread may give it less of the processor and let others go on elsewhere. Does nothing on a
/// thread without a listener. May be told more than once.
void AnnounceLongWork();

/// Whom AnnounceLongWork tells on the thread that made it, while it lives. One for each thread.
class LongWorkListener {
 public:
  explicit LongWorkListener(std::function<void()> told);
  ~LongWorkListener();
  LongWorkListener(const LongWorkListener&) = delete;
  LongWorkListener& operator=(const LongWorkListener&) = delete;
};

}  // namespace cacheindex
