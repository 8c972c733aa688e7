#pragma once

#include <string>
#include <vector>

#include "node/config/source_config.h"
#include "node/core/json.h"
#include "node/watch/metrics.h"
#include "replication/following/source.h"

namespace cacheindex::node {

// How a source's status is told, to operators and to programs.

/// Returns a name such as "catching_up".
std::string_view Name(replication::SourceStatus::State state);

/// Returns one sentence without its end: what the source is doing, and why.
std::string DescribeState(const SourceConfig& config, const replication::SourceStatus& status);

/// Returns what GET /sources/:name answers.
Json DescribeSource(const SourceConfig& config, const replication::SourceStatus& status);

/// Returns what GET /status says of a source.
Json SummarizeSource(const SourceConfig& config, const replication::SourceStatus& status);

/// Returns why what the source's collections show is not as fresh as `config` wants it; empty when
/// it is.
std::string WhyNotReady(const SourceConfig& config, const replication::SourceStatus& status);

/// Adds what /metrics shows of one source, labelled with its name.
void AddNumbers(const SourceConfig& config, const replication::SourceStatus& status,
                Metrics::Numbers& numbers);

}  // namespace cacheindex::node
