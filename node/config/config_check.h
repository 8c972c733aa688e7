#pragma once

#include <string>
#include <vector>

#include "node/config/config.h"

namespace cacheindex::node {

/// Characters of an API key that other machines could guess, at least.
inline constexpr std::size_t kPublicKeyBytesMin = 16;
/// Different ones among them, at least.
inline constexpr std::size_t kPublicKeyCharactersMin = 6;

/// Returns why no node starts with `config`, one sentence for each mistake: the setting and what to
/// do. Reads the files that it names, and looks at nothing that another node may hold.
std::vector<std::string> FindMistakes(const Config& config);

/// What stands in the way of a start on this machine, now.
struct Obstacles {
  std::vector<std::string> mistakes;
  /// What a running node of this configuration explains, and would be in the way of a second one.
  std::vector<std::string> notes;
};

/// Looks whether the data directory can be used, and the address be listened on. Requires a config
/// without mistakes; changes nothing.
Obstacles FindObstacles(const Config& config);

}  // namespace cacheindex::node
