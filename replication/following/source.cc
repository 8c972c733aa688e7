#include "replication/following/source.h"

#include <utility>

#include "replication/following/preflight.h"
#include "replication/following/source_runner.h"

namespace cacheindex::replication {

Source::Source(std::unique_ptr<Runner> runner) : runner_(std::move(runner)) {}
Source::~Source() = default;

Result<std::unique_ptr<Source>> Source::Start(const Options& options, Generations& generations) {
  if (Result<void> checked = CheckOptions(options); !checked) {
    return std::move(checked).error();
  }
  auto runner = std::make_unique<Runner>(options, generations);
  if (Result<void> started = runner->Start(); !started) {
    return std::move(started).error();
  }
  return std::unique_ptr<Source>(new Source(std::move(runner)));
}

void Source::Stop() { runner_->Stop(); }

SourceStatus Source::Status() const { return runner_->Status(); }

std::shared_ptr<const Applier> Source::applier() const { return runner_->applier(); }

Result<void> Source::WaitFor(LogPosition position, bool for_search,
                             std::chrono::steady_clock::time_point deadline) const {
  return runner_->WaitFor(position, for_search, deadline);
}

void Source::RequestRebuild() { runner_->RequestRebuild(); }

Result<std::vector<PreflightFinding>> Source::Check(const Options& options,
                                                    const SchemaCheck& check_schema) {
  if (Result<void> checked = CheckOptions(options); !checked) {
    return std::move(checked).error();
  }
  return Preflight(options, check_schema);
}

}  // namespace cacheindex::replication
