#include "index/text/text_follower.h"

#include <algorithm>
#include <utility>

namespace cacheindex::index {
namespace {

// Documents that one step of a build reads: enough to make the snapshot cheap, little enough to
// hold it only for some 10 ms.
constexpr std::uint32_t kBuildDocumentsMax = 512;

// Xapian databases open for writing, at most, once all is committed; each holds about six file
// descriptors.
constexpr std::size_t kIdleWritersMax = 32;

bool NeedsRebuild(const Error& error) {
  return error.code() == ErrorCode::kCorruption || error.code() == ErrorCode::kNotFound;
}

// How far behind the checksums may be: so much, or as long as makes bringing them up to date take a
// hundredth of the time.
constexpr std::chrono::seconds kChecksumsIntervalMin{1};
constexpr int kOtherPerChecksums = 99;

// Whether the log has an entry of `collection`.
Result<bool> IsInLog(const cache::View& view, cache::CollectionNumber collection) {
  constexpr std::uint32_t kEntriesMax = 1'000;
  Position after{0};
  while (true) {
    const auto entries = view.Log(after, kEntriesMax);
    if (!entries) {
      return entries.error();
    }
    for (const cache::LogEntry& entry : *entries) {
      if (entry.collection == collection) {
        return true;
      }
    }
    if (entries->size() < kEntriesMax) {
      return false;
    }
    after = entries->back().position;
  }
}

}  // namespace

TextFollower::TextFollower(const Options& options)
    : store_(options.store),
      schemas_(options.schemas),
      readers_(options.readers),
      directories_(options.directory),
      is_first_(options.is_first),
      log_(*options.store, *options.schemas, *options.fresh),
      documents_(*options.schemas, *options.fresh) {}

TextFollower::~TextFollower() = default;

bool TextFollower::has_builds() const {
  return std::any_of(texts_.begin(), texts_.end(),
                     [](const auto& text) { return text.second.is_building; });
}

Result<void> TextFollower::Open() {
  auto snapshot = store_->OpenSnapshot();
  if (!snapshot) {
    return std::move(snapshot).error();
  }
  const auto collections = snapshot->Collections();
  if (!collections) {
    return collections.error();
  }
  for (const cache::Collection& collection : *collections) {
    if (auto opened = OpenCollection(*snapshot, collection.number); !opened) {
      return opened;
    }
  }
  position_ = snapshot->position();
  for (const auto& [collection, text] : texts_) {
    // A build reads later states of the documents than this snapshot's.
    if (!text.is_building) {
      position_ = std::min(position_, text.position);
    }
  }
  const auto present = directories_.Collections();
  if (!present) {
    return present.error();
  }
  for (const cache::CollectionNumber collection : *present) {
    // A collection made after this snapshot has nothing here yet: this thread would make it.
    if (!texts_.contains(collection) && !snapshot->IsFenced(collection)) {
      if (auto dropped = Drop(collection); !dropped) {
        return dropped;
      }
    }
  }
  return {};
}

Result<void> TextFollower::OpenCollection(const cache::View& view,
                                          cache::CollectionNumber collection) {
  const auto live = directories_.Live(collection);
  if (!live) {
    return live.error();
  }
  if (*live) {
    return OpenLive(view, collection, **live);
  }
  const auto trimmed = view.TrimmedPosition(collection);
  if (!trimmed) {
    return trimmed.error();
  }
  if (*trimmed != Position{0}) {
    return BeginBuild(collection, std::nullopt);
  }
  const auto is_in_log = IsInLog(view, collection);
  if (!is_in_log) {
    return is_in_log.error();
  }
  // What the log has was searchable before, or else nobody was told that it is. An index that lost
  // it must not answer that there is nothing.
  if (*is_in_log) {
    return BeginBuild(collection, std::nullopt);
  }
  texts_.try_emplace(collection);
  return {};
}

Result<void> TextFollower::OpenLive(const cache::View& view, cache::CollectionNumber collection,
                                    std::uint32_t build) {
  if (readers_->IsDamaged(collection)) {
    return BeginBuildOfDamaged(collection, build);
  }
  if (is_first_) {
    const auto is_as_written = IsTextAsWritten(directories_.LivePath(collection, build));
    if (!is_as_written) {
      return is_as_written.error();
    }
    if (!*is_as_written) {
      return BeginBuild(collection, std::nullopt);
    }
  }
  auto writer = TextWriter::Open(directories_.LivePath(collection, build));
  if (!writer) {
    if (NeedsRebuild(writer.error())) {
      return BeginBuild(collection, std::nullopt);
    }
    return std::move(writer).error();
  }
  const auto trimmed = view.TrimmedPosition(collection);
  if (!trimmed) {
    return trimmed.error();
  }
  const Position position = (*writer)->position();
  // Behind what is left of the log, or ahead of the cache: of another history.
  if (position < *trimmed || position > view.position()) {
    writer->reset();
    return BeginBuild(collection, build);
  }
  Text& text = texts_[collection];
  text.build = build;
  text.writer = std::move(*writer);
  text.position = position;
  text.has_new_pages = true;
  text.pool = std::make_shared<TextReaderPool>(directories_.LivePath(collection, build));
  readers_->Set(collection, text.pool);
  CloseIdleWriters();
  return {};
}

void TextFollower::Seal() {
  for (auto& [collection, text] : texts_) {
    if (text.is_building || text.is_new || text.build == 0) {
      continue;
    }
    text.writer.reset();
    if (text.pool != nullptr && text.pool->is_damaged()) {
      // Nobody is left to tell; whoever reads the index next may find the same.
      static_cast<void>(MarkTextDamaged(directories_.LivePath(collection, text.build)));
    } else {
      UpdateChecksums(collection, text, TextPages::kAll);
    }
  }
}

void TextFollower::UpdateChecksums(cache::CollectionNumber collection, Text& text,
                                   TextPages pages) {
  // Pages without one are not compared, and those that have one go on being: there is nothing that
  // anybody must know, and the next time tries again.
  const bool is_updated =
      UpdateTextChecksums(directories_.LivePath(collection, text.build), pages).has_value();
  text.has_new_pages = !is_updated;
}

Result<void> TextFollower::BeginBuild(cache::CollectionNumber collection,
                                      std::optional<std::uint32_t> superseded) {
  Text& text = texts_[collection];
  text = Text();
  readers_->Set(collection, nullptr);
  text.is_building = true;
  text.superseded = superseded;
  return {};
}

// Readers know of the damage until the build begins, and whoever opens the index after that must
// know it too: the build may be interrupted.
Result<void> TextFollower::BeginBuildOfDamaged(cache::CollectionNumber collection,
                                               std::uint32_t build) {
  texts_[collection].writer.reset();
  auto marked = MarkTextDamaged(directories_.LivePath(collection, build));
  return marked ? BeginBuild(collection, std::nullopt) : std::move(marked);
}

Result<TextWriter*> TextFollower::Writer(cache::CollectionNumber collection, Text& text) {
  if (text.writer != nullptr) {
    return text.writer.get();
  }
  if (text.build == 0) {
    const auto build = directories_.BeginBuild(collection);
    if (!build) {
      return build.error();
    }
    text.build = *build;
    text.is_new = true;
    auto created = TextWriter::Create(directories_.NewPath(collection, *build));
    if (!created) {
      return std::move(created).error();
    }
    text.writer = std::move(*created);
    return text.writer.get();
  }
  auto opened = TextWriter::Open(directories_.LivePath(collection, text.build));
  if (!opened) {
    return std::move(opened).error();
  }
  text.writer = std::move(*opened);
  return text.writer.get();
}

void TextFollower::CloseIdleWriters() {
  auto open =
      static_cast<std::size_t>(std::count_if(texts_.begin(), texts_.end(), [](const auto& text) {
        return text.second.writer != nullptr;
      }));
  for (auto text = texts_.begin(); text != texts_.end() && open > kIdleWritersMax; ++text) {
    // What is new lies under a name that Writer does not look for.
    if (text->second.writer != nullptr && !text->second.is_changed && !text->second.is_new) {
      text->second.writer.reset();
      --open;
    }
  }
}

TextBatchReader::Indexed TextFollower::Indexed() const {
  TextBatchReader::Indexed indexed;
  for (const auto& [collection, text] : texts_) {
    if (!text.is_building) {
      indexed.emplace(collection, text.position);
    }
  }
  return indexed;
}

Result<bool> TextFollower::FollowLog() {
  const auto batch = log_.Next(position_, Indexed());
  if (!batch) {
    return batch.error();
  }
  damaged_documents_ += batch->damaged_documents;
  if (auto applied = Apply(*batch); !applied) {
    return std::move(applied).error();
  }
  position_ = batch->position;
  return batch->is_end;
}

Result<void> TextFollower::Apply(const TextBatch& batch) {
  for (const TextBatch::Entry& entry : batch.entries) {
    Text& text = texts_[entry.collection];
    const auto apply = [&]() -> Result<void> {
      auto writer = Writer(entry.collection, text);
      if (!writer) {
        return std::move(writer).error();
      }
      text.is_changed = true;
      return (*writer)->Replace(entry.number, entry.document);
    };
    if (auto applied = apply(); !applied) {
      if (NeedsRebuild(applied.error()) && text.pool != nullptr) {
        text.pool->ReportDamage();
      }
      return applied;
    }
    ++uncommitted_documents_;
    uncommitted_bytes_ += entry.document.term_bytes();
  }
  return {};
}

Result<bool> TextFollower::ContinueBuilds() {
  const auto found = std::find_if(texts_.begin(), texts_.end(),
                                  [](const auto& text) { return text.second.is_building; });
  if (found == texts_.end()) {
    return false;
  }
  auto& [number, text] = *found;
  TextBatch batch;
  bool is_complete = false;
  {
    auto snapshot = store_->OpenSnapshot();
    if (!snapshot) {
      return std::move(snapshot).error();
    }
    const auto collection = snapshot->FindCollection(number);
    if (!collection) {
      return collection.error();
    }
    if (!*collection && snapshot->IsFenced(number)) {
      readers_->Forget(number);
      texts_.erase(found);
      return false;
    }
    if (!*collection) {
      auto dropped = Drop(number);
      return dropped ? Result<bool>(false) : std::move(dropped).error();
    }
    const auto schema = schemas_->Load(*snapshot, **collection);
    if (!schema) {
      return schema.error();
    }
    for (std::uint32_t i = 0; i < kBuildDocumentsMax && !batch.is_full() && !is_complete; ++i) {
      is_complete = text.built_up_to >= (*collection)->number_max;
      if (!is_complete) {
        auto read = documents_.ReadDocument(*snapshot, number, **schema, ++text.built_up_to, batch);
        if (!read) {
          return std::move(read).error();
        }
      }
    }
  }
  damaged_documents_ += batch.damaged_documents;
  // A number that nobody uses has no terms; deleting what was never there is no work.
  std::erase_if(batch.entries,
                [](const TextBatch::Entry& entry) { return entry.document.is_empty(); });
  if (auto applied = Apply(batch); !applied) {
    return std::move(applied).error();
  }
  if (!is_complete) {
    return false;
  }
  if (auto writer = Writer(number, text); !writer) {
    return std::move(writer).error();
  }
  text.is_building = false;
  text.is_changed = true;
  return true;
}

Result<void> TextFollower::Commit() {
  for (auto& [collection, text] : texts_) {
    if (!text.is_changed) {
      continue;
    }
    if (auto committed = text.writer->Commit(position_); !committed) {
      if (NeedsRebuild(committed.error()) && text.pool != nullptr) {
        text.pool->ReportDamage();
      }
      return committed;
    }
    text.is_changed = false;
    text.has_new_pages = true;
    text.position = position_;
    if (text.is_building) {
      continue;
    }
    if (text.is_new) {
      if (auto live = GoLive(collection, text); !live) {
        return live;
      }
    } else {
      text.pool->Publish();
    }
  }
  CloseIdleWriters();
  uncommitted_documents_ = 0;
  uncommitted_bytes_ = 0;
  return {};
}

Result<void> TextFollower::GoLive(cache::CollectionNumber collection, Text& text) {
  // Xapian goes on using the old name of a directory that is renamed under it.
  text.writer.reset();
  if (auto finished = directories_.FinishBuild(collection, text.build); !finished) {
    return finished;
  }
  text.is_new = false;
  text.pool = std::make_shared<TextReaderPool>(directories_.LivePath(collection, text.build));
  readers_->Set(collection, text.pool);
  if (const auto superseded = std::exchange(text.superseded, std::nullopt)) {
    return directories_.RemoveBuild(collection, *superseded);
  }
  return {};
}

Result<void> TextFollower::Maintain() {
  std::vector<cache::CollectionNumber> dropped;
  {
    auto snapshot = store_->OpenSnapshot();
    if (!snapshot) {
      return std::move(snapshot).error();
    }
    for (const auto& [collection, text] : texts_) {
      const auto found = snapshot->FindCollection(collection);
      if (!found) {
        return found.error();
      }
      // What is fenced keeps its index for the day that it is put right.
      if (!*found && !snapshot->IsFenced(collection)) {
        dropped.push_back(collection);
      }
    }
  }
  for (const cache::CollectionNumber collection : dropped) {
    if (auto done = Drop(collection); !done) {
      return done;
    }
  }
  for (const auto& [collection, text] : texts_) {
    if (text.pool != nullptr && text.pool->is_damaged()) {
      if (auto begun = BeginBuildOfDamaged(collection, text.build); !begun) {
        return begun;
      }
    }
  }
  if (const auto begin = Clock::now(); begin >= checksums_due_) {
    for (auto& [collection, text] : texts_) {
      if (text.has_new_pages && text.pool != nullptr) {
        UpdateChecksums(collection, text, TextPages::kInMemory);
      }
    }
    const auto end = Clock::now();
    checksums_due_ =
        end + std::max<Clock::duration>(kChecksumsIntervalMin, kOtherPerChecksums * (end - begin));
  }
  return {};
}

Result<void> TextFollower::Drop(cache::CollectionNumber collection) {
  texts_.erase(collection);
  readers_->Forget(collection);
  schemas_->Forget(collection);
  return directories_.RemoveCollection(collection);
}

}  // namespace cacheindex::index
