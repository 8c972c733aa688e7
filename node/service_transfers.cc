#include <chrono>
#include <utility>

#include "index/projection.h"
#include "node/node_service.h"

namespace cacheindex::node {
namespace {

// An import waits when this many of its documents are durable and not yet searchable, so that the
// log stays short.
constexpr std::uint64_t kWaitingDocumentsMax = 200'000;
// How long an import waits for the text index to make progress before it gives up.
constexpr std::chrono::minutes kImportWaitMax{15};
constexpr std::uint32_t kExportDocumentsMax = 500;
constexpr std::size_t kExportBytesMax = std::size_t{1} << 20;

class NativeImport : public api::ImportSession {
 public:
  NativeImport(NativeStore& native, cache::CollectionNumber collection,
               const api::WriteOptions& options)
      : native_(&native), collection_(collection), options_(options) {}

  Result<std::vector<api::WriteOutcome>> Write(std::span<const std::string_view> lines) override {
    std::vector<index::DocumentWrite> writes = Parse(lines);
    std::vector<api::WriteOutcome> outcomes;
    auto committed =
        native_->store().Write([&](cache::WriteTransaction& transaction) -> Result<void> {
          outcomes.clear();
          outcomes.reserve(writes.size());
          for (index::DocumentWrite& write : writes) {
            auto written = native_->index().Write(
                transaction, collection_, write,
                {.action = options_.action, .dirty_values = options_.dirty_values});
            if (!written) {
              return std::move(written).error();
            }
            outcomes.push_back(
                {.error = std::move(written->error),
                 .id = std::move(written->id),
                 .document = options_.return_document ? std::move(written->json) : std::string()});
          }
          return {};
        });
    if (!committed) {
      return std::move(committed).error();
    }
    if (committed->changed_text) {
      last_ = committed->position;
    }
    if (auto waited = WaitForRoom(); !waited) {
      return std::move(waited).error();
    }
    return outcomes;
  }

  Result<void> Finish() override {
    return native_->index().WaitSearchable(last_,
                                           std::chrono::steady_clock::now() + kImportWaitMax);
  }

 private:
  // On this thread, to spare the writer's. What cannot be parsed is left to the writer, which says
  // why.
  static std::vector<index::DocumentWrite> Parse(std::span<const std::string_view> lines) {
    std::vector<index::DocumentWrite> writes;
    writes.reserve(lines.size());
    for (const std::string_view line : lines) {
      auto parsed = ParseJson(line);
      writes.push_back({.text = line, .id = {}, .parsed = std::nullopt});
      if (parsed) {
        writes.back().parsed = std::move(*parsed);
      }
    }
    return writes;
  }

  Result<void> WaitForRoom() {
    const auto last = static_cast<std::uint64_t>(last_);
    if (last <= kWaitingDocumentsMax) {
      return {};
    }
    return native_->index().WaitSearchable(static_cast<Position>(last - kWaitingDocumentsMax),
                                           std::chrono::steady_clock::now() + kImportWaitMax);
  }

  NativeStore* native_;
  cache::CollectionNumber collection_;
  api::WriteOptions options_;
  Position last_{};
};

class NativeExport : public api::ExportCursor {
 public:
  NativeExport(NativeStore& native, cache::CollectionNumber collection,
               std::optional<index::DocumentSet> selected, api::Projection projection)
      : native_(&native),
        collection_(collection),
        selected_(std::move(selected)),
        projection_(std::move(projection)) {}

  Result<std::optional<std::string>> Next() override {
    std::string lines;
    while (!is_at_end_ && lines.size() < kExportBytesMax) {
      auto snapshot = native_->store().OpenSnapshot();
      if (!snapshot) {
        return std::move(snapshot).error();
      }
      auto batch = snapshot->Scan(collection_, after_, kExportDocumentsMax);
      if (!batch) {
        return std::move(batch).error();
      }
      is_at_end_ = batch->empty();
      for (auto& identified : *batch) {
        if (auto added = Add(std::move(identified.document), lines); !added) {
          return std::move(added).error();
        }
      }
      if (!batch->empty()) {
        after_ = std::move(batch->back().id);
      }
    }
    return lines.empty() ? std::nullopt : std::optional(std::move(lines));
  }

 private:
  Result<void> Add(cache::StoredDocument document, std::string& lines) const {
    if (selected_ && !selected_->Contains(document.header.number)) {
      return {};
    }
    if (projection_.include_fields.empty() && projection_.exclude_fields.empty()) {
      lines += document.json;
    } else {
      auto projected =
          index::Project(document.json, projection_.include_fields, projection_.exclude_fields);
      if (!projected) {
        return std::move(projected).error();
      }
      lines += *projected;
    }
    lines += '\n';
    return {};
  }

  NativeStore* native_;
  cache::CollectionNumber collection_;
  // As it was at the beginning. Document numbers are never used again, so it stays meaningful.
  std::optional<index::DocumentSet> selected_;
  api::Projection projection_;
  std::optional<std::string> after_;
  bool is_at_end_ = false;
};

}  // namespace

Result<std::unique_ptr<api::ImportSession>> NodeService::BeginImport(
    std::string_view collection, const api::WriteOptions& options) {
  auto number = FindNumber(collection);
  if (!number) {
    return std::move(number).error();
  }
  return std::unique_ptr<api::ImportSession>(
      std::make_unique<NativeImport>(*native_, *number, options));
}

Result<std::unique_ptr<api::ExportCursor>> NodeService::BeginExport(
    std::string_view collection, const api::ExportOptions& options) {
  auto snapshot = native_->store().OpenSnapshot();
  if (!snapshot) {
    return std::move(snapshot).error();
  }
  auto found = native_->Resolve(*snapshot, collection);
  if (!found) {
    return std::move(found).error();
  }
  std::optional<index::DocumentSet> selected;
  if (!options.filter_by.empty()) {
    auto matching = native_->index().Filter(*snapshot, *found, options.filter_by);
    if (!matching) {
      return std::move(matching).error();
    }
    selected = std::move(*matching);
  }
  return std::unique_ptr<api::ExportCursor>(std::make_unique<NativeExport>(
      *native_, found->number, std::move(selected), options.projection));
}

}  // namespace cacheindex::node
