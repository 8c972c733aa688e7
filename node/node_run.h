#pragma once

#include <functional>

#include "node/config/config.h"
#include "node/core/result.h"
#include "node/node.h"
#include "node/signals.h"

namespace cacheindex::node {

/// Lets the node run until a signal stops it, and logs each:
///
/// SIGHUP reads the configuration again (Node::Reload); a bad one is refused and the old one kept.
/// SIGTERM and SIGINT stop the node: it serves for its stop_delay, during which /readyz says
/// "stopping", then drains and closes. A second one ends delay and drain at once; what still runs
/// ten seconds later is ended with the process, with exit code 1, as a kill would.
void RunUntilStopped(Node& node, Signals& signals,
                     const std::function<Result<Config>()>& read_config);

}  // namespace cacheindex::node
