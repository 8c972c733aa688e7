#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <stop_token>
#include <string>
#include <utility>

#include "cache/numbers.h"
#include "node/scrub/scrub_report.h"

namespace cacheindex::node {

/// One run of the process that scrubs a generation (scrub_process.h), seen from the node.
struct ScrubReading {
  enum class End : std::uint8_t {
    kDone,
    kStopped,  ///< Somebody asked for it.
    kFailed,   ///< It ended early, and not because of what it read; `reason` says how.
    kDied,     ///< What it read ended it; `reason` says how, and `last` what it read.
  };
  End end = End::kFailed;
  std::string reason;
  ScrubReads last;
  ScrubDone done;
};

struct ScrubbedGeneration {
  std::filesystem::path program;
  std::filesystem::path directory;
  std::uint32_t megabytes_per_second = 0;
};

/// Scrubs a generation that this process has open, or `only` one collection of it. Calls `hear`
/// with what comes of it, as it comes.
///
/// Requires that the calling thread goes on until it returns: the other process ends with the
/// thread that started it.
ScrubReading ReadGeneration(const ScrubbedGeneration& generation,
                            std::optional<cache::CollectionNumber> only,
                            const std::stop_token& stop,
                            const std::function<void(const ScrubLine& line)>& hear);

}  // namespace cacheindex::node
