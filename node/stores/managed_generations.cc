#include "node/stores/managed_generations.h"

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include "cache/generation.h"
#include "node/core/files/durable_file.h"
#include "node/core/files/file_error.h"
#include "node/core/number_text.h"

namespace cacheindex::node {
namespace {

namespace fs = std::filesystem;

constexpr const char* kRebuild = "REBUILD";
constexpr std::string_view kPrefix = "generation-";
// How often the end of a retired generation's last reader is looked for.
constexpr std::chrono::milliseconds kReleaseInterval{50};

std::optional<std::uint64_t> ParseNumber(std::string_view name) {
  if (!name.starts_with(kPrefix)) {
    return std::nullopt;
  }
  name.remove_prefix(kPrefix.size());
  const auto number = ToNumber<std::uint64_t>(name);
  return number && *number > 0 ? number : std::nullopt;
}

Result<std::vector<std::uint64_t>> FindNumbers(const fs::path& directory) {
  std::vector<std::uint64_t> numbers;
  std::error_code failure;
  for (fs::directory_iterator entry(directory, failure), end; !failure && entry != end;
       entry.increment(failure)) {
    if (const auto number = ParseNumber(entry->path().filename().string())) {
      numbers.push_back(*number);
    }
  }
  if (failure) {
    return FileError(failure, "list " + directory.string());
  }
  return numbers;
}

std::string NameOf(std::uint64_t number) { return std::string(kPrefix) + std::to_string(number); }

}  // namespace

Result<void> ReplaceLiveGeneration(const fs::path& store_directory) {
  auto numbers = FindNumbers(store_directory);
  if (!numbers) {
    return std::move(numbers).error();
  }
  numbers->push_back(0);
  const std::string name = NameOf(*std::max_element(numbers->begin(), numbers->end()) + 1);
  if (auto created = cache::CreateGeneration(store_directory / name); !created) {
    return created;
  }
  return cache::SwitchGeneration(store_directory, name);
}

Result<void> MarkForRebuild(const fs::path& store_directory) {
  return WriteDurably(store_directory / kRebuild, "asked for\n");
}

ManagedGenerations::ManagedGenerations(fs::path directory, const Config& config)
    : directory_(std::move(directory)),
      config_(&config),
      releaser_([this](const std::stop_token& stop) { ReleaseRetired(stop); }) {}

ManagedGenerations::~ManagedGenerations() {
  releaser_.request_stop();
  releaser_.join();
}

std::shared_ptr<ManagedGeneration> ManagedGenerations::live() const {
  const std::scoped_lock lock(mutex_);
  return live_;
}

fs::path ManagedGenerations::DirectoryOf(std::uint64_t number) const {
  return directory_ / NameOf(number);
}

Result<void> ManagedGenerations::RemoveIf(
    const std::function<bool(std::uint64_t number)>& is_useless) const {
  auto numbers = FindNumbers(directory_);
  if (!numbers) {
    return std::move(numbers).error();
  }
  for (const std::uint64_t number : *numbers) {
    std::error_code failure;
    if (is_useless(number)) {
      fs::remove_all(DirectoryOf(number), failure);
    }
    if (failure) {
      return FileError(failure, "remove " + DirectoryOf(number).string());
    }
  }
  return {};
}

Result<std::shared_ptr<replication::Generation>> ManagedGenerations::OpenLive() {
  if (auto open = live()) {
    return std::shared_ptr<replication::Generation>(std::move(open));
  }
  auto current = cache::OpenCurrentGeneration(directory_);
  if (!current) {
    return std::move(current).error();
  }
  const auto number = ParseNumber(current->filename().string());
  if (!number) {
    return Error(ErrorCode::kCorruption,
                 (directory_ / "CURRENT").string() + " names no generation of a source");
  }
  // A replaced generation is left over when the process ended before its last reader was done.
  auto removed = RemoveIf([&](std::uint64_t other) { return other < *number; });
  if (!removed) {
    return std::move(removed).error();
  }
  auto generation = ManagedGeneration::Open(*current, *number, *config_);
  if (!generation) {
    return std::move(generation).error();
  }
  const std::scoped_lock lock(mutex_);
  live_ = *generation;
  return std::shared_ptr<replication::Generation>(std::move(*generation));
}

Result<std::shared_ptr<replication::Generation>> ManagedGenerations::OpenNext() {
  std::uint64_t replaced = 0;
  {
    const std::scoped_lock lock(mutex_);
    if (next_ != nullptr) {
      return std::shared_ptr<replication::Generation>(next_);
    }
    if (live_ == nullptr) {
      return Error(ErrorCode::kUnavailable, "no generation is open yet");
    }
    replaced = std::max(live_->number(), discarded_);
  }
  auto numbers = FindNumbers(directory_);
  if (!numbers) {
    return std::move(numbers).error();
  }
  numbers->push_back(replaced + 1);
  const std::uint64_t number = *std::max_element(numbers->begin(), numbers->end());
  std::error_code failure;
  fs::create_directories(DirectoryOf(number), failure);
  if (failure) {
    return FileError(failure, "create " + DirectoryOf(number).string());
  }
  auto generation = ManagedGeneration::Open(DirectoryOf(number), number, *config_);
  if (!generation) {
    return std::move(generation).error();
  }
  const std::scoped_lock lock(mutex_);
  next_ = *generation;
  return std::shared_ptr<replication::Generation>(std::move(*generation));
}

Result<void> ManagedGenerations::DiscardNext() {
  std::shared_ptr<ManagedGeneration> discarded;
  std::uint64_t live = 0;
  {
    const std::scoped_lock lock(mutex_);
    discarded = std::exchange(next_, nullptr);
    discarded_ = discarded == nullptr ? discarded_ : discarded->number();
    live = live_ == nullptr ? 0 : live_->number();
  }
  if (discarded != nullptr) {
    Release(std::move(discarded));
    return {};
  }
  return RemoveIf([&](std::uint64_t number) { return live > 0 && number > live; });
}

Result<void> ManagedGenerations::PublishNext() {
  std::shared_ptr<ManagedGeneration> retired;
  std::uint64_t number = 0;
  {
    const std::scoped_lock lock(mutex_);
    if (next_ == nullptr) {
      return Error(ErrorCode::kUnavailable, "there is no next generation");
    }
    number = next_->number();
  }
  auto switched = cache::SwitchGeneration(directory_, DirectoryOf(number).filename().string());
  if (!switched) {
    return switched;
  }
  {
    const std::scoped_lock lock(mutex_);
    retired = std::exchange(live_, std::move(next_));
    next_ = nullptr;
  }
  Release(std::move(retired));
  std::error_code failure;
  std::filesystem::remove(directory_ / kRebuild, failure);
  return failure ? FileError(failure, "remove " + (directory_ / kRebuild).string())
                 : Result<void>();
}

Result<void> ManagedGenerations::RememberRebuild() { return MarkForRebuild(directory_); }

bool ManagedGenerations::IsRebuildRemembered() const {
  std::error_code ignored;
  return std::filesystem::exists(directory_ / kRebuild, ignored);
}

void ManagedGenerations::Release(std::shared_ptr<ManagedGeneration> retired) {
  retired->Retire();
  const std::scoped_lock lock(mutex_);
  retired_.push_back(std::move(retired));
  has_retired_.notify_all();
}

void ManagedGenerations::ReleaseRetired(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  while (has_retired_.wait(lock, stop, [this] { return !retired_.empty(); })) {
    std::vector<std::shared_ptr<ManagedGeneration>> unused;
    // Nobody can come to share one that only this list still has.
    std::erase_if(retired_, [&](std::shared_ptr<ManagedGeneration>& generation) {
      const bool is_unused = generation.use_count() == 1;
      if (is_unused) {
        unused.push_back(std::move(generation));
      }
      return is_unused;
    });
    lock.unlock();
    unused.clear();
    lock.lock();
    if (!retired_.empty()) {
      has_retired_.wait_for(lock, stop, kReleaseInterval, [] { return false; });
    }
  }
}

}  // namespace cacheindex::node
