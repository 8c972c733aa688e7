#include "index/documents/document_writer.h"

#include <algorithm>
#include <utility>

#include "cache/document_hash.h"
#include "index/documents/document_preparation.h"
#include "index/documents/projection.h"
#include "index/documents/schema_growth.h"
#include "node/core/json_members.h"

namespace cacheindex::index {
namespace {

Error Invalid(std::string message) { return {ErrorCode::kInvalidArgument, std::move(message)}; }

bool Merges(WriteAction action) {
  return action == WriteAction::kUpdate || action == WriteAction::kEmplace;
}

Result<Json> TakeFields(DocumentWrite& write) {
  auto fields = write.parsed ? Result<Json>(std::move(*write.parsed)) : ParseJson(write.text);
  write.parsed.reset();
  if (!fields) {
    return std::move(fields).error().WithContext("Bad JSON");
  }
  if (!fields->is_object()) {
    return Invalid("Bad JSON: not a properly formed document, an object is expected.");
  }
  if (write.id) {
    (*fields)["id"] = *write.id;
  }
  return fields;
}

// Returns the id that the document names, empty when it names none.
Result<std::string> ReadId(const Json& fields) {
  const auto id = fields.find("id");
  if (id == fields.end()) {
    return std::string();
  }
  if (!id->is_string()) {
    return Invalid("Document's `id` field should be a string.");
  }
  const auto& text = id->get_ref<const std::string&>();
  if (text.empty()) {
    return Invalid("The `id` should not be empty.");
  }
  if (text.size() > kDocumentIdBytesMax) {
    return Invalid("Document's `id` can have at most " + std::to_string(kDocumentIdBytesMax) +
                   " bytes, this one has " + std::to_string(text.size()) + ".");
  }
  return text;
}

// Returns the error that the contract has for this action on a document that exists or not.
std::optional<Error> CheckAction(WriteAction action, bool exists, const std::string& id) {
  if (action == WriteAction::kCreate && exists) {
    return Error(ErrorCode::kConflict, "A document with id " + id + " already exists.");
  }
  if (action == WriteAction::kUpdate && !exists) {
    return Error(ErrorCode::kNotFound, "Could not find a document with id: " + id);
  }
  return std::nullopt;
}

// Gives the document the next number that is not an id already (a client may have used it).
Result<std::string> TakeFreeId(cache::WriteTransaction& transaction,
                               cache::CollectionNumber collection) {
  while (true) {
    auto number = transaction.TakeAutomaticId(collection);
    if (!number) {
      return std::move(number).error();
    }
    std::string id = std::to_string(*number);
    auto header = transaction.FindHeader(collection, id);
    if (!header) {
      return std::move(header).error();
    }
    if (!*header) {
      return id;
    }
  }
}

DocumentWritten Refused(std::string id, Error error) {
  return {.error = std::move(error), .id = std::move(id), .json = {}};
}

PreparationOptions PreparationOf(const Schema& schema, const DocumentWriteOptions& options) {
  return {.dirty_values = options.dirty_values.value_or(DefaultDirtyValues(schema)),
          .is_lenient = options.is_lenient};
}

// Returns why what is to be stored could not be read again.
std::optional<Error> CheckForm(const Document& document) {
  if (IsTooDeep(document.fields)) {
    return Error(ErrorCode::kUnprocessable, "A document can be nested at most " +
                                                std::to_string(kJsonDepthMax) + " levels deep.");
  }
  if (document.json.size() > kDocumentBytesMax) {
    return Error(ErrorCode::kTooLarge,
                 "A document can have at most " + std::to_string(kDocumentBytesMax) + " bytes.");
  }
  return std::nullopt;
}

Result<DocumentWritten> Store(cache::WriteTransaction& transaction, Schema& schema, std::string id,
                              Json fields, const std::optional<cache::DocumentHeader>& existing,
                              const DocumentWriteOptions& options) {
  auto growth = PlanGrowth(transaction, schema, id, PreparationOf(schema, options), fields);
  if (!growth) {
    return std::move(growth).error();
  }
  if (growth->refusal) {
    return Refused(std::move(id), *std::move(growth->refusal));
  }
  Document document{.id = std::move(id), .fields = std::move(fields), .json = {}};
  document.json = DumpJson(document.fields);
  if (auto refused = CheckForm(document)) {
    return Refused(std::move(document.id), *std::move(refused));
  }
  if (auto grown = Grow(transaction, schema, *std::move(growth)); !grown) {
    return std::move(grown).error();
  }
  if (!existing || existing->hash != cache::HashOf(document.json)) {
    if (auto put = transaction.Put(schema.collection, document); !put) {
      return std::move(put).error();
    }
  }
  auto shown = ShowDocument(std::move(document.json), schema.hidden);
  if (!shown) {
    return std::move(shown).error();
  }
  return DocumentWritten{
      .error = std::nullopt, .id = std::move(document.id), .json = *std::move(shown)};
}

}  // namespace

Result<DocumentWritten> WriteDocument(cache::WriteTransaction& transaction, WriterSchemas& schemas,
                                      cache::CollectionNumber collection, DocumentWrite& write,
                                      const DocumentWriteOptions& options) {
  auto schema = schemas.Load(transaction, collection);
  if (!schema) {
    return std::move(schema).error();
  }
  auto fields = TakeFields(write);
  if (!fields) {
    return Refused({}, std::move(fields).error());
  }
  auto id = ReadId(*fields);
  if (!id) {
    return Refused({}, std::move(id).error());
  }
  if (id->empty()) {
    if (options.action == WriteAction::kUpdate) {
      return Refused({}, Invalid("For update, the `id` key must be provided."));
    }
    auto taken = TakeFreeId(transaction, collection);
    if (!taken) {
      return std::move(taken).error();
    }
    *id = std::move(*taken);
    (*fields)["id"] = *id;
  }
  auto existing = transaction.FindHeader(collection, *id);
  if (!existing) {
    return std::move(existing).error();
  }
  if (auto refused = CheckAction(options.action, existing->has_value(), *id)) {
    return Refused(std::move(*id), std::move(*refused));
  }
  if (*existing && Merges(options.action)) {
    auto stored = transaction.Find(collection, *id);
    auto merged = stored ? ParseJson((*stored)->json) : stored.error();
    if (!merged) {
      return std::move(merged).error().WithContext("stored document " + *id);
    }
    merged->merge_patch(*fields);
    *fields = std::move(*merged);
  }
  return Store(transaction, **schema, std::move(*id), std::move(*fields), *existing, options);
}

Result<std::optional<DocumentWritten>> ReplaceMembers(
    cache::WriteTransaction& transaction, WriterSchemas& schemas,
    cache::CollectionNumber collection, std::string_view id, const std::vector<std::string>& names,
    Json members, const DocumentWriteOptions& options) {
  const auto schema = schemas.Load(transaction, collection);
  if (!schema) {
    return schema.error();
  }
  // What is required and was there may be left out, which is seen in the whole only.
  DocumentWriteOptions lenient = options;
  lenient.is_lenient = true;
  std::optional<DocumentWritten> outcome;
  const auto edited = transaction.Edit(
      collection, id, [&](std::string_view before) -> Result<std::optional<Document>> {
        std::vector<JsonMember> old_members;
        if (!SplitMembers(before, old_members)) {
          return Error(ErrorCode::kCorruption, "a stored document is no JSON object");
        }
        if (!HasPlainNames(old_members)) {
          return std::nullopt;
        }
        auto growth =
            PlanGrowth(transaction, **schema, id, PreparationOf(**schema, lenient), members);
        if (!growth) {
          return std::move(growth).error();
        }
        if (growth->refusal) {
          outcome = Refused(std::string(id), *std::move(growth->refusal));
          return std::nullopt;
        }
        Document document{.id = std::string(id), .fields = std::move(members), .json = {}};
        document.json = cacheindex::ReplaceMembers(old_members, names, document.fields);
        if (auto refused = CheckForm(document)) {
          outcome = Refused(std::string(id), *std::move(refused));
          return std::nullopt;
        }
        if (auto grown = Grow(transaction, **schema, *std::move(growth)); !grown) {
          return std::move(grown).error();
        }
        auto shown = ShowDocument(document.json, (*schema)->hidden);
        if (!shown) {
          return std::move(shown).error();
        }
        outcome =
            DocumentWritten{.error = std::nullopt, .id = document.id, .json = *std::move(shown)};
        return document.json == before ? std::nullopt
                                       : std::optional<Document>(std::move(document));
      });
  return edited ? Result<std::optional<DocumentWritten>>(std::move(outcome)) : edited.error();
}

}  // namespace cacheindex::index
