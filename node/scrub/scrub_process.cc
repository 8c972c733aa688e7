#include "node/scrub/scrub_process.h"

#include <poll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <exception>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cache/foreign_store.h"
#include "cache/range_reader.h"
#include "index/collection_files.h"
#include "node/scrub/pace.h"
#include "node/scrub/scrub_report.h"
#include "node/stores/fence.h"

namespace cacheindex::node {
namespace {

using Clock = std::chrono::steady_clock;
using Kind = cache::Range::Kind;

constexpr std::uint64_t kMegabyte = 1'000'000;
// The node hears of it as often, at least.
constexpr std::chrono::milliseconds kReportInterval{500};
// What a node does with its text index, which may look like damage, has long been done then.
constexpr std::chrono::milliseconds kSecondLookAfter{100};
// More are counted only.
constexpr std::uint64_t kFindingsMax = 1'000;

// Not the lowest: who gets no processor at all in the middle of a slice keeps pages from being used
// again for as long.
constexpr int kNiceness = 10;

// From linux/ioprio.h, which not every system has: best effort, the last of its eight levels. The
// idle class would wait for ever on a busy disk, in the middle of a slice.
constexpr int kIoPriorityOfProcess = 1;
constexpr int kLowestIoPriority = (2 << 13) | 7;

bool HasLost(pid_t parent) { return ::getppid() != parent; }

void BeModest() {
  const rlimit none{};
  setrlimit(RLIMIT_CORE, &none);
  // None of these is needed to be right.
  static_cast<void>(::setpriority(PRIO_PROCESS, 0, kNiceness));
  static_cast<void>(::syscall(SYS_ioprio_set, kIoPriorityOfProcess, 0, kLowestIoPriority));
}

void Say(const ScrubLine& line) {
  const std::string text = Encode(line) + '\n';
  for (std::string_view left = text; !left.empty();) {
    const ssize_t written = ::write(STDOUT_FILENO, left.data(), left.size());
    if (written < 0 && errno == EINTR) {
      continue;
    }
    if (written < 0) {
      ::_exit(kScrubHasFailed);  // Nobody listens any more.
    }
    left.remove_prefix(static_cast<std::size_t>(written));
  }
}

class Scrubber {
 public:
  Scrubber(const ScrubOrder& order, const cache::ForeignStore& store, bool has_fence)
      : order_(&order),
        store_(&store),
        has_fence_(has_fence),
        pace_(order.megabytes_per_second * kMegabyte) {}

  Result<void> Run() {
    GoTo({});
    auto collections = Collections();
    if (!collections) {
      return std::move(collections).error();
    }
    for (const cache::Collection& collection : *collections) {
      const bool is_wanted =
          !order_->only || *order_->only == static_cast<std::uint32_t>(collection.number);
      if (is_wanted) {
        GoTo({.collection = collection.number, .name = collection.name});
        if (auto read = ReadCollection(collection); !read) {
          return read;
        }
      }
    }
    GoTo({});
    if (auto read = order_->only ? Result<void>() : ReadRest(); !read) {
      return read;
    }
    done_.bytes = reads_.bytes;
    Say(done_);
    return {};
  }

 private:
  /// Says so before anything of it is read.
  void GoTo(ScrubReads reads) {
    reads.bytes = reads_.bytes;
    reads_ = std::move(reads);
    Report();
  }

  void Report() {
    reported_at_ = Clock::now();
    Say(reads_);
  }

  void Find(ScrubPlace place, std::string what) {
    if (++done_.findings <= kFindingsMax) {
      Say(ScrubFinding{.place = place,
                       .collection = reads_.collection,
                       .name = reads_.name,
                       .what = std::move(what)});
    }
  }

  /// Waits until so much may have been read.
  void Account(std::uint64_t bytes) {
    reads_.bytes += bytes;
    PauseUntil(pace_.After(bytes, Clock::now()));
  }

  void PauseUntil(Clock::time_point due) {
    auto now = Clock::now();
    do {
      if (now - reported_at_ >= kReportInterval) {
        Report();
      }
      const auto pause = std::clamp(std::chrono::ceil<std::chrono::milliseconds>(due - now),
                                    std::chrono::milliseconds(0), kReportInterval);
      pollfd listener{.fd = STDOUT_FILENO, .events = 0, .revents = 0};
      const bool is_over = ::poll(&listener, 1, static_cast<int>(pause.count())) > 0;
      if (is_over || HasLost(order_->parent)) {
        ::_exit(kScrubHasFailed);
      }
      now = Clock::now();
    } while (now < due);
  }

  // What cannot even be listed is a finding.
  Result<std::vector<cache::Collection>> Collections() {
    const auto view = store_->OpenView();
    if (!view) {
      return view.error();
    }
    auto collections = view->Collections();
    if (!collections && collections.error().code() == ErrorCode::kCorruption) {
      Find(ScrubPlace::kSchema, collections.error().message());
      are_all_columns_known_ = false;
      return std::vector<cache::Collection>();
    }
    return collections;
  }

  Result<void> ReadCollection(const cache::Collection& collection) {
    const auto number = static_cast<std::uint32_t>(collection.number);
    for (const Kind kind : {Kind::kDocuments, Kind::kNumbers}) {
      if (auto read = ReadRange({.kind = kind, .number = number}, ScrubPlace::kDocuments); !read) {
        return read;
      }
    }
    if (auto read = ReadColumns(collection); !read) {
      return read;
    }
    return ReadText(collection.number);
  }

  Result<void> ReadText(cache::CollectionNumber collection) {
    const auto look = [&] {
      return index::IsTextSound(order_->generation, collection,
                                [this](std::size_t bytes) { Account(bytes); });
    };
    Result<bool> is_sound = look();
    if (!is_sound || !*is_sound) {
      PauseUntil(Clock::now() + kSecondLookAfter);
      is_sound = look();
    }
    if (!is_sound) {
      return std::move(is_sound).error();
    }
    if (!*is_sound) {
      Find(ScrubPlace::kText, "a page of it is not what was committed");
    }
    return {};
  }

  Result<void> ReadColumns(const cache::Collection& collection) {
    Result<index::CollectionColumns> columns = index::CollectionColumns();
    {
      const auto view = store_->OpenView();
      if (!view) {
        return view.error();
      }
      const auto now = view->FindCollection(collection.number);
      if (now && !*now) {
        return {};  // Dropped meanwhile.
      }
      columns = now ? index::ColumnsOf(*view, **now) : now.error();
    }
    if (!columns) {
      Find(ScrubPlace::kSchema, columns.error().message());
      are_all_columns_known_ = false;
      return {};
    }
    known_.insert(columns->schema);
    if (auto read = ReadColumn(columns->schema, ScrubPlace::kSchema); !read) {
      return read;
    }
    for (const cache::ColumnNumber column : columns->derived) {
      known_.insert(column);
      if (auto read = ReadColumn(column, ScrubPlace::kColumns); !read) {
        return read;
      }
    }
    return {};
  }

  Result<void> ReadColumn(cache::ColumnNumber column, ScrubPlace place) {
    for (const Kind kind : {Kind::kPages, Kind::kEntries}) {
      auto read = ReadRange({.kind = kind, .number = static_cast<std::uint32_t>(column)}, place);
      if (!read) {
        return read;
      }
    }
    return {};
  }

  // What belongs to no collection: the rows of a source's tables, and the log. Columns of whom
  // nobody knows what they belong to may be of a fenced collection.
  Result<void> ReadRest() {
    std::uint32_t columns_end = 1;  // The first is its owner's.
    if (!has_fence_ && are_all_columns_known_) {
      const auto view = store_->OpenView();
      if (!view) {
        return view.error();
      }
      columns_end = std::max(columns_end, view->columns_end());
    }
    for (std::uint32_t column = 0; column < columns_end; ++column) {
      if (known_.contains(cache::ColumnNumber{column})) {
        continue;
      }
      if (auto read = ReadColumn(cache::ColumnNumber{column}, ScrubPlace::kOther); !read) {
        return read;
      }
    }
    for (const Kind kind : {Kind::kDocuments, Kind::kNumbers, Kind::kPages, Kind::kEntries}) {
      // What is fenced stands among the others.
      if (has_fence_) {
        break;
      }
      if (auto read = ReadRange({.kind = kind, .is_order_of_all = true}, ScrubPlace::kOther);
          !read) {
        return read;
      }
    }
    return ReadRange({.kind = Kind::kLog}, ScrubPlace::kOther);
  }

  Result<void> ReadRange(cache::Range range, ScrubPlace place) {
    cache::RangeReader reader(*store_, range);
    bool is_end = false;
    while (!is_end) {
      std::vector<std::string> found;
      const auto slice = reader.Next([&](std::string what) { found.push_back(std::move(what)); });
      if (!slice) {
        return slice.error();
      }
      // Who would replace columns would have to go through the same pages to remove them.
      const bool is_replaceable = place != ScrubPlace::kColumns || !slice->is_broken;
      for (std::string& what : found) {
        Find(is_replaceable ? place : ScrubPlace::kOther, std::move(what));
      }
      is_end = slice->is_end;
      done_.items += slice->items;
      done_.longest_view = std::max(done_.longest_view, slice->took);
      Account(slice->bytes);
    }
    return {};
  }

  const ScrubOrder* order_;
  const cache::ForeignStore* store_;
  const bool has_fence_;
  Pace pace_;
  ScrubReads reads_;
  ScrubDone done_;
  Clock::time_point reported_at_;
  /// Columns of collections.
  std::set<cache::ColumnNumber> known_;
  bool are_all_columns_known_ = true;
};

Result<void> Scrub(const ScrubOrder& order) {
  const auto fence = LoadFence(order.generation);
  if (!fence) {
    return fence.error();
  }
  const auto store = cache::ForeignStore::Open(order.generation, NumbersOf(*fence));
  return store ? Scrubber(order, **store, !fence->empty()).Run() : store.error();
}

}  // namespace

int RunScrub(const ScrubOrder& order) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  // What this process inherited of the other's descriptors is not its own.
  ::syscall(SYS_close_range, STDERR_FILENO + 1, ~0U, 0);
  if (HasLost(order.parent)) {
    return kScrubHasFailed;
  }
  BeModest();
  std::string reason;
  try {
    const auto done = Scrub(order);
    if (done) {
      return EXIT_SUCCESS;
    }
    reason = done.error().message();
  } catch (const std::exception& failure) {
    // No memory, for one: that is no damage.
    reason = failure.what();
  }
  Say(ScrubFailed{.reason = std::move(reason)});
  return kScrubHasFailed;
}

}  // namespace cacheindex::node
