#pragma once

#include <string>
#include <vector>

#include "node/config/config.h"

namespace cacheindex::node {

/// Returns the names of all keys that an operator can set ("http.listen"); of sources the section.
std::vector<std::string> SettingNames();

/// Returns the names of what differs: "http.listen", "source.shop". Never a value, which may be
/// secret.
std::vector<std::string> ChangedSettings(const Config& before, const Config& after);

/// Returns `running` with everything from `fresh` that a node can change while it runs: how it
/// stops, when it is ready, its certificate, and what it logs.
Config WithChangeableSettings(Config running, const Config& fresh);

}  // namespace cacheindex::node
