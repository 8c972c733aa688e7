#include "index/text/text_reader_pool.h"

#include <xapian.h>

#include "index/text/xapian_guard.h"

namespace cacheindex::index {

TextReaderPool::TextReaderPool(std::filesystem::path directory)
    : directory_(std::move(directory)) {}

TextReaderPool::~TextReaderPool() = default;

Result<std::unique_ptr<Xapian::Database>> TextReaderPool::OpenDatabase() {
  auto database = CatchXapian([&] {
    return std::make_unique<Xapian::Database>(directory_.string(), Xapian::DB_BACKEND_GLASS);
  });
  if (!database) {
    const ErrorCode code = database.error().code();
    if (code == ErrorCode::kCorruption || code == ErrorCode::kNotFound) {
      ReportDamage();
    }
    return std::move(database).error().WithContext("read text index");
  }
  return database;
}

Result<TextReader> TextReaderPool::Open() {
  // Read before opening: a commit in between makes the reader look old, never new.
  const std::uint64_t revision = revision_.load(std::memory_order_acquire);
  Idle idle;
  {
    const std::scoped_lock lock(mutex_);
    if (!idle_.empty()) {
      idle = std::move(idle_.back());
      idle_.pop_back();
    }
  }
  if (idle.database != nullptr) {
    if (idle.revision == revision) {
      return TextReader(shared_from_this(), std::move(idle.database), revision);
    }
    if (CatchXapian([&] { idle.database->reopen(); })) {
      return TextReader(shared_from_this(), std::move(idle.database), revision);
    }
    // A reader that cannot move on is replaced by a fresh one, whose error counts.
  }
  auto database = OpenDatabase();
  if (!database) {
    return std::move(database).error();
  }
  return TextReader(shared_from_this(), std::move(*database), revision);
}

void TextReaderPool::Return(Idle idle) {
  const std::scoped_lock lock(mutex_);
  if (idle_.size() < kIdleReadersMax) {
    idle_.push_back(std::move(idle));
  }
}

}  // namespace cacheindex::index
