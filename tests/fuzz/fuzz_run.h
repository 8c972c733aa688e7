#pragma once

#include <gmock/gmock.h>

#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <ctime>
#include <iostream>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "index/words/code_points.h"
#include "node/core/error.h"
#include "tests/fuzz/mutator.h"

namespace cacheindex::test {

/// CPU seconds of each target, unless CACHEINDEX_FUZZ_SECONDS says otherwise.
inline constexpr double kFuzzSeconds = 60;

/// No input may take longer.
inline constexpr double kInputSecondsMax = 5;

inline bool IsUtf8(std::string_view text) {
  for (std::size_t i = 0; i < text.size();) {
    if (index::NextOfUtf8(text, i) == index::kIllFormed) {
      return false;
    }
  }
  return true;
}

/// A refusal must be the client's mistake and must be shown to it.
inline void ExpectGoodRefusal(const Error& error) {
  EXPECT_FALSE(error.message().empty());
  EXPECT_TRUE(IsUtf8(error.message())) << error.message();
  EXPECT_TRUE(error.code() == ErrorCode::kInvalidArgument || error.code() == ErrorCode::kNotFound ||
              error.code() == ErrorCode::kUnprocessable || error.code() == ErrorCode::kTooLarge)
      << error.message();
}

/// Calls target(input, mutator) with mutated inputs until the time is over or an expectation
/// failed; prints the seed, which CACHEINDEX_FUZZ_SEED repeats.
template <class Target>
void RunFuzz(std::vector<std::string> valid, std::vector<std::string> pieces, Target&& target) {
  // NOLINTBEGIN(concurrency-mt-unsafe): nobody sets them.
  const char* const asked_seconds = std::getenv("CACHEINDEX_FUZZ_SECONDS");
  const char* const asked_seed = std::getenv("CACHEINDEX_FUZZ_SEED");
  // NOLINTEND(concurrency-mt-unsafe)
  const double seconds = asked_seconds == nullptr ? kFuzzSeconds : std::atof(asked_seconds);
  const std::uint64_t seed =
      asked_seed == nullptr ? std::random_device()() : std::strtoull(asked_seed, nullptr, 10);
  std::cout << "seed " << seed << '\n';
  Mutator mutator(seed, std::move(valid), std::move(pieces));
  const auto cpu_seconds = [] {
    return static_cast<double>(std::clock()) / static_cast<double>(CLOCKS_PER_SEC);
  };
  const double begin = cpu_seconds();
  std::uint64_t inputs = 0;
  for (double now = begin; now - begin < seconds;) {
    const std::string input = mutator.Next();
    target(input, mutator);
    const double after = cpu_seconds();
    EXPECT_LT(after - now, kInputSecondsMax);
    now = after;
    ++inputs;
    if (testing::Test::HasFailure()) {
      FAIL() << "seed " << seed << ", input " << inputs << ": " << testing::PrintToString(input);
    }
  }
  std::cout << inputs << " inputs in " << seconds << " s\n";
  EXPECT_GT(inputs, 0U);
}

}  // namespace cacheindex::test
