#pragma once

#include <charconv>
#include <cstdlib>
#include <cstring>
#include <random>

namespace cacheindex::test {

/// The seed of a random test: what TEST_SEED says, or else a new one. The test shows it when it
/// fails, so that the same run can be had again.
inline std::random_device::result_type TestSeed() {
  std::random_device::result_type seed = 0;
  // NOLINTNEXTLINE(concurrency-mt-unsafe): nobody sets it.
  if (const char* const text = std::getenv("TEST_SEED")) {
    std::from_chars(text, text + std::strlen(text), seed);
    return seed;
  }
  return std::random_device()();
}

}  // namespace cacheindex::test
