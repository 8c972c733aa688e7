#include <algorithm>
#include <utility>

#include "cache/document_hash.h"
#include "index/documents/projection.h"
#include "node/services/node_service.h"
#include "node/stores/store_reader.h"

namespace cacheindex::node {
namespace {

// Documents written in one transaction by an update or delete by filter.
constexpr std::size_t kFilteredWriteDocumentsMax = 500;
// Of the documents of one batch read: each may have 32 MiB.
constexpr std::size_t kBatchBytesMax = std::size_t{128} << 20;

Error NoDocument(std::string_view id) {
  return {ErrorCode::kNotFound, "Could not find a document with id: " + std::string(id)};
}

// A document as it is answered: what is stored, or what it is about to become.
struct ShownDocument {
  std::uint64_t hash = 0;
  std::string json;
};

// Without what the collection hides: the tag is that of the bytes that are shown.
Result<std::optional<ShownDocument>> WithoutHidden(std::optional<ShownDocument> document,
                                                   const std::vector<std::string>& hidden) {
  if (document && !hidden.empty()) {
    auto json = index::ShowDocument(std::move(document->json), hidden);
    if (!json) {
      return std::move(json).error();
    }
    document = ShownDocument{.hash = cache::HashOf(*json), .json = *std::move(json)};
  }
  return document;
}

Result<std::optional<ShownDocument>> FindDocument(const FoundCollection& found,
                                                  const std::vector<std::string>& hidden,
                                                  std::string_view id) {
  auto composed = found.Compose(id);
  if (!composed) {
    return std::move(composed).error();
  }
  if (*composed && (*composed)->is_null()) {
    return std::optional<ShownDocument>();
  }
  if (*composed) {
    std::string json = DumpJson(**composed);
    const std::uint64_t hash = cache::HashOf(json);
    return WithoutHidden(ShownDocument{.hash = hash, .json = std::move(json)}, hidden);
  }
  auto document = found.snapshot().Find(found.number, id);
  if (!document) {
    return std::move(document).error();
  }
  if (!*document) {
    return std::optional<ShownDocument>();
  }
  return WithoutHidden(
      ShownDocument{.hash = (*document)->header.hash, .json = std::move((*document)->json)},
      hidden);
}

std::string Hexadecimal(std::uint64_t number) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text(16, '0');
  for (std::size_t i = text.size(); i-- > 0; number >>= 4) {
    text[i] = kDigits[number & 15U];
  }
  return text;
}

bool IsKnown(const api::DocumentRead& read, std::uint64_t hash) {
  return std::any_of(
      read.known_etags.begin(), read.known_etags.end(),
      [&](const std::string& etag) { return etag == "*" || etag == Hexadecimal(hash); });
}

api::DocumentAnswer Known(AnswerPositions positions, std::uint64_t hash) {
  return {
      .positions = std::move(positions), .etag = Hexadecimal(hash), .is_known = true, .body = {}};
}

bool IsEverything(const api::Projection& projection) {
  return projection.include_fields.empty() && projection.exclude_fields.empty();
}

Result<std::string> Show(std::string json, const api::Projection& projection) {
  return IsEverything(projection)
             ? Result<std::string>(std::move(json))
             : index::Project(json, projection.include_fields, projection.exclude_fields);
}

api::WriteOutcome ToOutcome(index::DocumentWritten written, bool with_document) {
  return {.error = std::move(written.error),
          .id = std::move(written.id),
          .document = with_document ? std::move(written.json) : std::string()};
}

}  // namespace

Result<api::DocumentAnswer> NodeService::ReadDocument(const api::DocumentRead& read) {
  if (auto waited = WaitForDocuments(read.collection, read.freshness); !waited) {
    return std::move(waited).error();
  }
  StoreReader reader(*stores_);
  auto found = reader.Find(read.collection);
  if (!found) {
    return std::move(found).error();
  }
  const auto hidden = found->HiddenFields();
  if (!hidden) {
    return hidden.error();
  }
  // The header alone tells whether the client has it, unless the document is about to change or is
  // not shown whole.
  if (!read.known_etags.empty() && found->place->source == nullptr && hidden->empty()) {
    auto header = found->snapshot().FindHeader(found->number, read.id);
    if (!header) {
      return std::move(header).error();
    }
    if (*header && IsKnown(read, (*header)->hash)) {
      return Known(found->Positions(), (*header)->hash);
    }
  }
  auto document = FindDocument(*found, *hidden, read.id);
  if (!document) {
    return std::move(document).error();
  }
  if (!*document) {
    return NoDocument(read.id);
  }
  const std::uint64_t hash = (*document)->hash;
  if (IsKnown(read, hash)) {
    return Known(found->Positions(), hash);
  }
  auto body = Show(std::move((*document)->json), read.projection);
  if (!body) {
    return std::move(body).error();
  }
  return api::DocumentAnswer{.positions = found->Positions(),
                             .etag = Hexadecimal(hash),
                             .is_known = false,
                             .body = std::move(*body)};
}

Result<api::BatchAnswer> NodeService::ReadDocuments(std::string_view collection,
                                                    std::span<const std::string> ids,
                                                    const api::Projection& projection,
                                                    const api::Freshness& freshness) {
  if (auto waited = WaitForDocuments(collection, freshness); !waited) {
    return std::move(waited).error();
  }
  StoreReader reader(*stores_);
  auto found = reader.Find(collection);
  if (!found) {
    return std::move(found).error();
  }
  const auto hidden = found->HiddenFields();
  if (!hidden) {
    return hidden.error();
  }
  api::BatchAnswer answer{.positions = found->Positions(), .documents = {}};
  answer.documents.reserve(ids.size());
  std::size_t bytes = 0;
  for (const std::string& id : ids) {
    auto document = FindDocument(*found, *hidden, id);
    if (!document) {
      return std::move(document).error();
    }
    if (!*document) {
      answer.documents.emplace_back(std::nullopt);
      continue;
    }
    auto body = Show(std::move((*document)->json), projection);
    if (!body) {
      return std::move(body).error();
    }
    bytes += body->size();
    if (bytes > kBatchBytesMax) {
      return Error(ErrorCode::kTooLarge,
                   "The documents have more than " + std::to_string(kBatchBytesMax >> 20) +
                       " MiB; ask for fewer, or for less of them with `include_fields`.");
    }
    answer.documents.emplace_back(std::move(*body));
  }
  return answer;
}

Result<api::WriteOutcome> NodeService::WriteDocument(std::string_view collection,
                                                     std::string_view body,
                                                     std::optional<std::string_view> id,
                                                     const api::WriteOptions& options) {
  auto number = stores_->FindWritable(collection);
  if (!number) {
    return std::move(number).error();
  }
  auto parsed = ParseJson(body);
  if (!parsed) {
    return Error(ErrorCode::kInvalidArgument, "Bad JSON: " + parsed.error().message());
  }
  index::DocumentWrite write{.text = body, .id = {}, .parsed = std::move(*parsed)};
  if (id) {
    write.id = std::string(*id);
  }
  index::DocumentWritten outcome;
  auto written = native_->Write([&](cache::WriteTransaction& transaction) -> Result<void> {
    auto result =
        native_->index().Write(transaction, *number, write,
                               {.action = options.action, .dirty_values = options.dirty_values});
    if (!result) {
      return std::move(result).error();
    }
    outcome = std::move(*result);
    return {};
  });
  if (!written) {
    return std::move(written).error();
  }
  return ToOutcome(std::move(outcome), /*with_document=*/true);
}

Result<std::optional<std::string>> NodeService::DeleteDocument(std::string_view collection,
                                                               std::string_view id) {
  auto number = stores_->FindWritable(collection);
  if (!number) {
    return std::move(number).error();
  }
  std::optional<std::string> deleted;
  auto written = native_->Write([&](cache::WriteTransaction& transaction) -> Result<void> {
    auto result = transaction.Delete(*number, id);
    if (!result) {
      return std::move(result).error();
    }
    deleted.reset();
    if (*result) {
      const auto hidden = native_->index().HiddenFields(transaction, *number);
      auto shown = hidden ? index::ShowDocument(**std::move(result), *hidden)
                          : Result<std::string>(hidden.error());
      if (!shown) {
        return std::move(shown).error();
      }
      deleted = *std::move(shown);
    }
    return {};
  });
  if (!written) {
    return std::move(written).error();
  }
  return deleted;
}

Result<NodeService::Selection> NodeService::Select(std::string_view collection,
                                                   const api::DocumentFilter& filter) {
  auto writable = stores_->FindWritable(collection);
  if (!writable) {
    return std::move(writable).error();
  }
  auto snapshot = native_->store().OpenSnapshot();
  if (!snapshot) {
    return std::move(snapshot).error();
  }
  auto described = snapshot->FindCollection(*writable);
  if (!described) {
    return std::move(described).error();
  }
  if (!*described) {
    return Error(ErrorCode::kNotFound, "Collection not found");  // Dropped since it was found.
  }
  auto matching = native_->index().Filter(*snapshot, **described, filter.filter_by,
                                          filter.validate_field_names);
  if (!matching) {
    return std::move(matching).error();
  }
  Selection selection{.collection = *writable, .numbers = {}};
  matching->ForEach([&](DocumentNumber number) { selection.numbers.push_back(number); });
  return selection;
}

Result<std::uint64_t> NodeService::WriteSelected(const Selection& selection,
                                                 const WriteOne& write_one) {
  std::uint64_t written_count = 0;
  for (std::size_t begin = 0; begin < selection.numbers.size();
       begin += kFilteredWriteDocumentsMax) {
    const std::size_t end = std::min(begin + kFilteredWriteDocumentsMax, selection.numbers.size());
    std::uint64_t written_now = 0;
    auto written = native_->Write([&](cache::WriteTransaction& transaction) -> Result<void> {
      written_now = 0;
      for (std::size_t i = begin; i < end; ++i) {
        auto id = transaction.FindId(selection.collection, selection.numbers[i]);
        if (!id) {
          return std::move(id).error();
        }
        if (!*id) {
          continue;  // Deleted since it was selected.
        }
        if (auto one = write_one(transaction, **id); !one) {
          return one;
        }
        ++written_now;
      }
      return {};
    });
    if (!written) {
      return std::move(written).error();
    }
    written_count += written_now;
  }
  return written_count;
}

Result<std::uint64_t> NodeService::UpdateByFilter(std::string_view collection,
                                                  const api::DocumentFilter& filter,
                                                  std::string_view body,
                                                  const api::WriteOptions& options) {
  auto selection = Select(collection, filter);
  if (!selection) {
    return std::move(selection).error();
  }
  return WriteSelected(
      *selection, [&](cache::WriteTransaction& transaction, const std::string& id) -> Result<void> {
        index::DocumentWrite write{.text = body, .id = id, .parsed = std::nullopt};
        auto result = native_->index().Write(
            transaction, selection->collection, write,
            {.action = WriteAction::kUpdate, .dirty_values = options.dirty_values});
        if (!result) {
          return std::move(result).error();
        }
        return result->error ? Result<void>(std::move(*result->error)) : Result<void>();
      });
}

Result<std::uint64_t> NodeService::DeleteByFilter(std::string_view collection,
                                                  const api::DocumentFilter& filter) {
  auto selection = Select(collection, filter);
  if (!selection) {
    return std::move(selection).error();
  }
  return WriteSelected(
      *selection, [&](cache::WriteTransaction& transaction, const std::string& id) -> Result<void> {
        auto deleted = transaction.Delete(selection->collection, id);
        return deleted ? Result<void>() : Result<void>(std::move(deleted).error());
      });
}

Result<std::uint64_t> NodeService::Truncate(std::string_view collection) {
  return DeleteByFilter(collection, api::DocumentFilter());
}

}  // namespace cacheindex::node
