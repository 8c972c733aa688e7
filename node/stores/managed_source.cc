#include "node/stores/managed_source.h"

#include <system_error>
#include <utility>

#include "node/core/files/file_error.h"
#include "node/disk/required_files.h"
#include "node/logging/log.h"
#include "node/watch/source_report.h"

namespace cacheindex::node {
namespace {

void LogState(const std::string& source, replication::SourceStatus::State state,
              const std::string& reason) {
  Log(LogPart::kSources, reason.empty() ? LogLevel::kInfo : LogLevel::kWarning, "source_state",
      {{"source", source}, {"state", Name(state)}, {"reason", reason}});
}

}  // namespace

replication::Source::Options SourceOptions(const ManagedSource::Options& options,
                                           const std::filesystem::path& spool_directory) {
  const SourceConfig& source = options.source;
  return {.name = source.name,
          .connection = source.connection,
          .publication = source.publication,
          .slot = options.slot,
          .collections = source.collections,
          .spool_directory = spool_directory,
          .queue_bytes_max = source.queue_bytes_max,
          .transaction_bytes_max = source.transaction_bytes_max,
          .spool_bytes_max = source.spool_bytes_max,
          .status_interval = source.status_interval,
          .lock_timeout = source.lock_timeout,
          .catalog_interval = source.catalog_interval,
          .backoff_min = source.backoff_min,
          .backoff_max = source.backoff_max,
          .state_changed = {}};
}

ManagedSource::ManagedSource(Options options, const std::filesystem::path& directory,
                             const Config& config)
    : options_(std::move(options)), generations_(directory, config) {}

Result<std::unique_ptr<ManagedSource>> ManagedSource::Start(Options options,
                                                            const DataDirectory& directory,
                                                            const Config& config) {
  const std::string name = options.source.name;
  const std::string context = "source " + name;
  const std::filesystem::path spool = directory.spool() / name;
  std::error_code failure;
  std::filesystem::create_directories(spool, failure);
  if (failure) {
    return FileError(failure, "create " + spool.string());
  }
  std::unique_ptr<ManagedSource> managed(
      new ManagedSource(std::move(options), directory.store(name), config));
  if (auto live = managed->generations_.OpenLive(); !live) {
    return WithWayOut(std::move(live).error(), name).WithContext(context);
  }
  replication::Source::Options source_options = SourceOptions(managed->options_, spool);
  source_options.state_changed = [name](replication::SourceStatus::State state,
                                        const std::string& reason) {
    LogState(name, state, reason);
  };
  auto source = replication::Source::Start(source_options, managed->generations_);
  if (!source) {
    return std::move(source).error().WithContext(context);
  }
  managed->source_ = std::move(*source);
  if (managed->generations_.IsRebuildRemembered()) {
    managed->source_->RequestRebuild();
  }
  return managed;
}

ManagedSource::~ManagedSource() {
  Stop();
  // It holds generations, and they must go before what holds their directories.
  source_.reset();
}

void ManagedSource::Stop() {
  if (source_ != nullptr) {
    source_->Stop();
  }
}

Result<ManagedSource::Lease> ManagedSource::Open() const {
  Lease lease{.generation = generations_.live(), .applier = nullptr, .positions = {}};
  if (!lease.generation->CanServe()) {
    return Error(ErrorCode::kUnavailable,
                 "Not Ready or Lagging: " + DescribeState(config(), Status()));
  }
  lease.applier = lease.generation->applier();
  const Position text_position = lease.generation->text_position();
  lease.positions = {.documents = ToString(lease.applier->applied()),
                     .search = ToString(lease.applier->searchable(text_position))};
  return lease;
}

Error ManagedSource::SetAside(const replication::SetAsideCollection& set_aside) const {
  std::string text = "Not Ready or Lagging: the collection `" + set_aside.collection +
                     "` is set aside because the table " + set_aside.table +
                     " cannot be followed: " + set_aside.reason + ".";
  if (set_aside.kept_at != replication::LogPosition{}) {
    text += " It shows what was committed up to " + ToString(set_aside.kept_at) + ".";
  }
  return {ErrorCode::kUnavailable,
          text + " When that is mended, POST /sources/" + config().name + "/rebuild."};
}

Error ManagedSource::NotBuilt(std::string_view collection) const {
  const replication::SourceStatus status = Status();
  for (const replication::SetAsideCollection& set_aside : status.set_aside) {
    if (set_aside.collection == collection) {
      return SetAside(set_aside);
    }
  }
  return {ErrorCode::kUnavailable, "Not Ready or Lagging: the collection `" +
                                       std::string(collection) + "` is not built yet; " +
                                       DescribeState(config(), status)};
}

Result<void> ManagedSource::CheckKept(std::string_view collection,
                                      std::string_view position) const {
  for (const replication::SetAsideCollection& set_aside : source_->applier()->set_aside()) {
    const auto wanted = replication::ParseLogPosition(position);
    if (set_aside.collection == collection && wanted && set_aside.kept_at < *wanted) {
      return SetAside(set_aside);
    }
  }
  return {};
}

Error ManagedSource::WriteRefused(std::string_view collection) const {
  return {ErrorCode::kInvalidArgument,
          "The collection `" + std::string(collection) + "` is managed by the source `" +
              options_.source.name +
              "`: change the rows of its tables, or its declaration in the configuration."};
}

Result<void> ManagedSource::WaitFor(const Wait& wait) const {
  auto position = replication::ParseLogPosition(wait.position);
  if (!position) {
    return Error(ErrorCode::kInvalidArgument,
                 "`" + std::string(wait.position) + "` is not a position of the source `" +
                     options_.source.name +
                     "`: expected what pg_current_wal_insert_lsn() answers after COMMIT, or what "
                     "X-Position said.");
  }
  auto waited = source_->WaitFor(*position, wait.for_search, wait.deadline);
  if (!waited && waited.error().code() == ErrorCode::kTimeout) {
    return Error(ErrorCode::kUnavailable, "Not Ready or Lagging");
  }
  return waited;
}

Result<void> ManagedSource::RequestRebuild() {
  if (auto remembered = generations_.RememberRebuild(); !remembered) {
    return remembered;
  }
  source_->RequestRebuild();
  return {};
}

replication::SourceStatus ManagedSource::Status() const {
  replication::SourceStatus status = source_->Status();
  if (const auto live = generations_.live()) {
    status.generation = live->number();
  }
  return status;
}

}  // namespace cacheindex::node
