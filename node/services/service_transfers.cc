#include <chrono>
#include <utility>

#include "index/documents/projection.h"
#include "node/services/node_service.h"
#include "node/stores/store_reader.h"

namespace cacheindex::node {
namespace {

// An import waits when this many of its documents are durable and not yet searchable: the log stays
// short, the node stays ready (readiness_waiting_documents_max), and after a kill it has caught up
// in seconds. The text index commits every half second meanwhile, so it never runs dry.
constexpr std::uint64_t kWaitingDocumentsMax = 20'000;
// How long an import waits for the text index to make progress before it gives up.
constexpr std::chrono::minutes kImportWaitMax{15};
constexpr std::uint32_t kExportDocumentsMax = 500;
constexpr std::size_t kExportBytesMax = std::size_t{1} << 20;

class NativeImport : public api::ImportSession {
 public:
  NativeImport(ServedStore& native, cache::CollectionNumber collection,
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

  ServedStore* native_;
  cache::CollectionNumber collection_;
  api::WriteOptions options_;
  Position last_{};
};

class StoreExport : public api::ExportCursor {
 public:
  StoreExport(const FoundCollection& found, std::optional<index::DocumentSet> selected,
              api::Projection projection)
      : lease_(found.place->lease),
        store_(found.place->store),
        collection_(found.number),
        positions_(found.Positions()),
        selected_(std::move(selected)),
        projection_(std::move(projection)) {}

  const AnswerPositions& positions() const override { return positions_; }

  Result<std::optional<std::string>> Next() override {
    std::string lines;
    while (!is_at_end_ && lines.size() < kExportBytesMax) {
      auto snapshot = store_->store().OpenSnapshot();
      if (!snapshot) {
        return std::move(snapshot).error();
      }
      auto batch = snapshot->Scan(collection_, after_, kExportDocumentsMax);
      if (!batch) {
        return std::move(batch).error();
      }
      is_at_end_ = batch->empty();
      scanned_ += batch->size();
      if (auto whole = CheckWhole(*snapshot); !whole) {
        return std::move(whole).error();
      }
      auto projection = ShownProjection(*snapshot);
      if (!projection) {
        return std::move(projection).error();
      }
      for (auto& identified : *batch) {
        if (auto added = Add(*snapshot, identified, *projection, lines); !added) {
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
  // A damaged page may look like the end of the documents. Where nothing was written meanwhile,
  // their number is known.
  Result<void> CheckWhole(const cache::View& view) {
    begun_at_ = begun_at_.value_or(view.position());
    if (!is_at_end_ || view.position() != *begun_at_) {
      return {};
    }
    const auto described = view.FindCollection(collection_);
    if (!described) {
      return described.error();
    }
    const std::uint64_t documents = *described ? (*described)->documents : 0;
    return scanned_ == documents
               ? Result<void>()
               : Error(ErrorCode::kCorruption,
                       "the export came to an end after " + std::to_string(scanned_) + " of " +
                           std::to_string(documents) + " documents; restore a backup");
  }

  // What was asked for, without what the collection hides now.
  Result<api::Projection> ShownProjection(const cache::View& view) const {
    const auto described = view.FindCollection(collection_);
    if (!described) {
      return described.error();
    }
    api::Projection shown = projection_;
    if (*described) {
      auto hidden = store_->index().HiddenFields(view, collection_, (*described)->version);
      if (!hidden) {
        return std::move(hidden).error();
      }
      shown.exclude_fields.insert(shown.exclude_fields.end(), hidden->begin(), hidden->end());
    }
    return shown;
  }

  Result<void> Add(const cache::View& view, cache::View::IdentifiedDocument& identified,
                   const api::Projection& projection, std::string& lines) const {
    cache::StoredDocument& document = identified.document;
    if (selected_ && !selected_->Contains(document.header.number)) {
      return {};
    }
    if (lease_.applier != nullptr) {
      auto composed = lease_.applier->Compose(view, collection_, identified.id);
      if (!composed) {
        return std::move(composed).error();
      }
      if (*composed && (*composed)->is_null()) {
        return {};
      }
      if (*composed) {
        document.json = DumpJson(**composed);
      }
    }
    if (projection.include_fields.empty() && projection.exclude_fields.empty()) {
      lines += document.json;
    } else {
      auto projected =
          index::Project(document.json, projection.include_fields, projection.exclude_fields);
      if (!projected) {
        return std::move(projected).error();
      }
      lines += *projected;
    }
    lines += '\n';
    return {};
  }

  // Of a source's generation; empty for the native store.
  ManagedSource::Lease lease_;
  ServedStore* store_;
  cache::CollectionNumber collection_;
  AnswerPositions positions_;
  // As it was at the beginning. Document numbers are never used again, so it stays meaningful.
  std::optional<index::DocumentSet> selected_;
  api::Projection projection_;
  std::optional<std::string> after_;
  bool is_at_end_ = false;
  std::uint64_t scanned_ = 0;
  std::optional<Position> begun_at_;
};

}  // namespace

Result<std::unique_ptr<api::ImportSession>> NodeService::BeginImport(
    std::string_view collection, const api::WriteOptions& options) {
  auto number = stores_->FindWritable(collection);
  if (!number) {
    return std::move(number).error();
  }
  return std::unique_ptr<api::ImportSession>(
      std::make_unique<NativeImport>(*native_, *number, options));
}

Result<std::unique_ptr<api::ExportCursor>> NodeService::BeginExport(
    std::string_view collection, const api::ExportOptions& options) {
  if (auto waited = WaitForDocuments(collection, options.freshness); !waited) {
    return std::move(waited).error();
  }
  StoreReader reader(*stores_);
  auto found = reader.Find(collection);
  if (!found) {
    return std::move(found).error();
  }
  std::optional<index::DocumentSet> selected;
  if (!options.filter.filter_by.empty()) {
    auto described = found->Describe();
    if (!described) {
      return std::move(described).error();
    }
    auto matching = found->index().Filter(found->snapshot(), *described, options.filter.filter_by,
                                          options.filter.validate_field_names);
    if (!matching) {
      return std::move(matching).error();
    }
    selected = std::move(*matching);
  }
  return std::unique_ptr<api::ExportCursor>(
      std::make_unique<StoreExport>(*found, std::move(selected), options.projection));
}

}  // namespace cacheindex::node
