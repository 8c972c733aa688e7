#include "index/text/text_log_reader.h"

#include <utility>

namespace cacheindex::index {

TextLogReader::TextLogReader(cache::Store& store, SchemaCache& schemas, FreshWords& fresh)
    : store_(&store), reader_(schemas, fresh) {
  thread_ = std::jthread([this](const std::stop_token& stop) { Run(stop); });
}

Result<TextBatch> TextLogReader::Next(Position after, const TextBatchReader::Indexed& indexed) {
  if (ahead_ && *ahead_ != after) {
    // What was read ahead of a batch that could not be written.
    static_cast<void>(Take());
  }
  if (!ahead_) {
    Begin(after, indexed);
  }
  Result<TextBatch> batch = Take();
  if (batch && !batch->is_end) {
    Begin(batch->position, indexed);
  }
  return batch;
}

void TextLogReader::Begin(Position after, const TextBatchReader::Indexed& indexed) {
  ahead_ = after;
  const std::scoped_lock lock(mutex_);
  request_ = Request{.after = after, .indexed = indexed};
  changed_.notify_all();
}

Result<TextBatch> TextLogReader::Take() {
  ahead_.reset();
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return batch_.has_value(); });
  return *std::exchange(batch_, std::nullopt);
}

void TextLogReader::Run(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  while (changed_.wait(lock, stop, [this] { return request_.has_value(); })) {
    const Request request = *std::exchange(request_, std::nullopt);
    lock.unlock();
    auto batch = Read(request);
    lock.lock();
    batch_ = std::move(batch);
    changed_.notify_all();
  }
}

Result<TextBatch> TextLogReader::Read(const Request& request) {
  auto snapshot = store_->OpenSnapshot();
  if (!snapshot) {
    return std::move(snapshot).error();
  }
  return reader_.ReadLog(*snapshot, request.after, request.indexed);
}

}  // namespace cacheindex::index
