#include <algorithm>
#include <utility>

#include "index/projection.h"
#include "node/node_service.h"

namespace cacheindex::node {
namespace {

// Documents written in one transaction by an update or delete by filter.
constexpr std::size_t kFilteredWriteDocumentsMax = 500;

Error NoDocument(std::string_view id) {
  return {ErrorCode::kNotFound, "Could not find a document with id: " + std::string(id)};
}

std::string Hexadecimal(std::uint64_t number) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text(16, '0');
  for (std::size_t i = text.size(); i-- > 0; number >>= 4) {
    text[i] = kDigits[number & 15U];
  }
  return text;
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

Result<cache::CollectionNumber> NodeService::FindNumber(std::string_view collection) {
  auto snapshot = native_->store().OpenSnapshot();
  if (!snapshot) {
    return std::move(snapshot).error();
  }
  auto found = native_->Resolve(*snapshot, collection);
  if (!found) {
    return std::move(found).error();
  }
  return found->number;
}

Result<api::DocumentAnswer> NodeService::ReadDocument(const api::DocumentRead& read) {
  if (auto waited = WaitForDocuments(read.freshness); !waited) {
    return std::move(waited).error();
  }
  auto snapshot = native_->store().OpenSnapshot();
  if (!snapshot) {
    return std::move(snapshot).error();
  }
  auto number = native_->ResolveNumber(*snapshot, read.collection);
  if (!number) {
    return std::move(number).error();
  }
  if (!read.known_etags.empty()) {
    auto header = snapshot->FindHeader(*number, read.id);
    if (!header) {
      return std::move(header).error();
    }
    for (const std::string& etag : read.known_etags) {
      if (*header && (etag == "*" || etag == Hexadecimal((*header)->hash))) {
        return api::DocumentAnswer{.positions = Positions(*snapshot),
                                   .etag = Hexadecimal((*header)->hash),
                                   .is_known = true,
                                   .body = {}};
      }
    }
  }
  auto document = snapshot->Find(*number, read.id);
  if (!document) {
    return std::move(document).error();
  }
  if (!*document) {
    return NoDocument(read.id);
  }
  const std::uint64_t hash = (*document)->header.hash;
  auto body = Show(std::move((*document)->json), read.projection);
  if (!body) {
    return std::move(body).error();
  }
  return api::DocumentAnswer{.positions = Positions(*snapshot),
                             .etag = Hexadecimal(hash),
                             .is_known = false,
                             .body = std::move(*body)};
}

Result<api::BatchAnswer> NodeService::ReadDocuments(std::string_view collection,
                                                    std::span<const std::string> ids,
                                                    const api::Projection& projection,
                                                    const api::Freshness& freshness) {
  if (auto waited = WaitForDocuments(freshness); !waited) {
    return std::move(waited).error();
  }
  auto snapshot = native_->store().OpenSnapshot();
  if (!snapshot) {
    return std::move(snapshot).error();
  }
  auto number = native_->ResolveNumber(*snapshot, collection);
  if (!number) {
    return std::move(number).error();
  }
  api::BatchAnswer answer{.positions = Positions(*snapshot), .documents = {}};
  answer.documents.reserve(ids.size());
  for (const std::string& id : ids) {
    auto document = snapshot->Find(*number, id);
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
    answer.documents.emplace_back(std::move(*body));
  }
  return answer;
}

Result<api::WriteOutcome> NodeService::WriteDocument(std::string_view collection,
                                                     std::string_view body,
                                                     std::optional<std::string_view> id,
                                                     const api::WriteOptions& options) {
  auto number = FindNumber(collection);
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
  auto number = FindNumber(collection);
  if (!number) {
    return std::move(number).error();
  }
  std::optional<std::string> deleted;
  auto written = native_->Write([&](cache::WriteTransaction& transaction) -> Result<void> {
    auto result = transaction.Delete(*number, id);
    if (!result) {
      return std::move(result).error();
    }
    deleted = std::move(*result);
    return {};
  });
  if (!written) {
    return std::move(written).error();
  }
  return deleted;
}

Result<NodeService::Selection> NodeService::Select(std::string_view collection,
                                                   std::string_view filter_by) {
  auto snapshot = native_->store().OpenSnapshot();
  if (!snapshot) {
    return std::move(snapshot).error();
  }
  auto found = native_->Resolve(*snapshot, collection);
  if (!found) {
    return std::move(found).error();
  }
  auto matching = native_->index().Filter(*snapshot, *found, filter_by);
  if (!matching) {
    return std::move(matching).error();
  }
  Selection selection{.collection = found->number, .numbers = {}};
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
                                                  std::string_view filter_by, std::string_view body,
                                                  const api::WriteOptions& options) {
  auto selection = Select(collection, filter_by);
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
                                                  std::string_view filter_by) {
  auto selection = Select(collection, filter_by);
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
  return DeleteByFilter(collection, "");
}

}  // namespace cacheindex::node
