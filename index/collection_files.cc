#include "index/collection_files.h"

#include <utility>

#include "index/schema/schema_storage.h"
#include "index/text/text_checksums.h"
#include "index/text/text_directories.h"

namespace cacheindex::index {

Result<CollectionColumns> ColumnsOf(const cache::View& view, const cache::Collection& collection) {
  auto schema = LoadSchema(view, collection);
  if (!schema) {
    return std::move(schema).error();
  }
  CollectionColumns columns{.derived = {}, .schema = schema->fields_column};
  const auto add = [&](cache::ColumnNumber column) {
    if (column != cache::ColumnNumber{}) {
      columns.derived.push_back(column);
    }
  };
  add(schema->documents_column);
  add(schema->id_order_column);
  add(schema->words_column);
  for (const Field& field : schema->fields) {
    add(field.storage.values);
    add(field.storage.words);
    add(field.storage.sort_key);
  }
  return columns;
}

Result<bool> IsTextSound(const std::filesystem::path& generation,
                         cache::CollectionNumber collection,
                         const std::function<void(std::size_t bytes)>& read) {
  const TextDirectories directories(generation);
  const auto live = directories.Live(collection);
  if (!live) {
    return live.error();
  }
  if (!*live) {
    return true;
  }
  auto is_as_written = IsForeignTextAsWritten(directories.LivePath(collection, **live), read);
  if (is_as_written && *is_as_written) {
    return true;
  }
  // Another may have taken its place, and then its files are removed one by one.
  const auto live_now = directories.Live(collection);
  if (!live_now) {
    return live_now.error();
  }
  return *live_now == *live ? std::move(is_as_written) : Result<bool>(true);
}

}  // namespace cacheindex::index
