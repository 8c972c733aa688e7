#include "node/core/long_work.h"

#include <utility>

namespace cacheindex {
namespace {

std::function<void()>& Listener() {
  thread_local std::function<void()> listener;
  return listener;
}

}  // namespace

void AnnounceLongWork() {
  if (const auto& listener = Listener()) {
    listener();
  }
}

LongWorkListener::LongWorkListener(std::function<void()> told) { Listener() = std::move(told); }

LongWorkListener::~LongWorkListener() { Listener() = nullptr; }

}  // namespace cacheindex
