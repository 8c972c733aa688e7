#include "index/documents/schema_growth.h"

#include <algorithm>
#include <string>
#include <utility>

#include "index/documents/stored_values.h"
#include "index/schema/schema_definition.h"
#include "index/schema/schema_storage.h"

namespace cacheindex::index {
namespace {

bool MayDrop(const PreparationOptions& options) {
  return options.is_lenient || options.dirty_values == DirtyValues::kDrop ||
         options.dirty_values == DirtyValues::kCoerceOrDrop;
}

// Finds out, for one document, what its fields mean for those that are stored.
class Planner {
 public:
  Planner(const cache::View& view, Schema& schema, std::string_view id,
          const PreparationOptions& options, Json& document)
      : view_(&view), schema_(&schema), id_(id), options_(&options), document_(&document) {}

  Result<SchemaGrowth> Plan() {
    // Each round but the last closes a field, or makes some wider, which happens once.
    while (true) {
      auto prepared =
          PrepareDocument(trial_ ? *trial_ : std::as_const(*schema_), *options_, *document_);
      if (!prepared) {
        return Refused(std::move(prepared).error());
      }
      fresh_.clear();
      for (FieldDefinition& definition : *prepared) {
        const bool concerns_stored =
            definition.index &&
            (schema_->Find(definition.name) != nullptr || schema_->MayBeStored(definition.name));
        (concerns_stored ? pending_ : fresh_).push_back(std::move(definition));
      }
      if (pending_.empty() || is_fitted_) {
        return Done();
      }
      auto refusal = FitStored();
      if (!refusal) {
        return std::move(refusal).error();
      }
      if (*refusal) {
        return Refused(**std::move(refusal));
      }
      if (is_fitted_ && !has_widened_) {
        return Done();
      }
    }
  }

 private:
  static SchemaGrowth Refused(Error error) {
    return {.refusal = std::move(error), .fields = {}, .documents = {}};
  }

  Result<SchemaGrowth> Done() {
    SchemaGrowth growth{
        .refusal = std::nullopt, .fields = std::move(pending_), .documents = std::move(documents_)};
    const std::size_t room = kFieldsMax - std::min(kFieldsMax, schema_->fields.size());
    for (FieldDefinition& definition : fresh_) {
      growth.fields.push_back(std::move(definition));
    }
    std::size_t added = 0;
    std::erase_if(growth.fields, [&](const FieldDefinition& definition) {
      return schema_->Find(definition.name) == nullptr && ++added > room;
    });
    if (added > room && !options_->is_lenient) {
      return Refused(TooManyFields());
    }
    return growth;
  }

  // Fits the pending fields to what is stored. Returns why the document is refused.
  Result<std::optional<Error>> FitStored() {
    std::vector<std::string> hints;
    for (const FieldDefinition& definition : pending_) {
      const auto hint = schema_->obstacles.find(definition.name);
      if (hint != schema_->obstacles.end()) {
        hints.push_back(hint->second);
      }
    }
    StoredValues stored(*view_, *schema_, std::exchange(pending_, {}), id_);
    auto obstacle = stored.Fit(hints);
    if (!obstacle) {
      return std::move(obstacle).error();
    }
    if (*obstacle) {
      schema_->obstacles.insert_or_assign((*obstacle)->field, (*obstacle)->id);
      return Close((*obstacle)->field) ? std::optional<Error>() : std::optional((*obstacle)->error);
    }
    is_fitted_ = true;
    has_widened_ = stored.has_widened();
    pending_ = stored.fields();
    documents_ = stored.documents();
    for (const FieldDefinition& definition : pending_) {
      schema_->obstacles.erase(definition.name);
      if (has_widened_) {
        if (auto tried = Trial().Try(definition); !tried) {
          return std::move(tried).error();
        }
      }
    }
    return std::optional<Error>();
  }

  // Where values may be dropped, the one that its field cannot hold is.
  bool Close(const std::string& name) {
    const auto field = schema_->by_name.find(name);
    if (field == schema_->by_name.end() || !MayDrop(*options_)) {
      return false;
    }
    Trial().fields[field->second].definition.is_open = false;
    return true;
  }

  Schema& Trial() {
    if (!trial_) {
      trial_ = *schema_;
    }
    return *trial_;
  }

  const cache::View* view_;
  Schema* schema_;
  std::string_view id_;
  const PreparationOptions* options_;
  Json* document_;
  // What the schema would be.
  std::optional<Schema> trial_;
  // Fields that stored documents cannot have values of, and those that they may.
  std::vector<FieldDefinition> fresh_;
  std::vector<FieldDefinition> pending_;
  std::vector<DocumentNumber> documents_;
  bool is_fitted_ = false;
  bool has_widened_ = false;
};

// Writes the columns of the fields with these names for stored documents.
Result<void> WriteStored(cache::WriteTransaction& transaction, const Schema& schema,
                         const std::vector<std::string>& names,
                         const std::vector<DocumentNumber>& documents) {
  Schema grown;
  grown.enable_nested_fields = schema.enable_nested_fields;
  grown.extra = schema.extra;
  grown.words_column = schema.words_column;
  for (const std::string& name : names) {
    if (const Field* field = schema.Find(name)) {
      if (auto appended = grown.Append(*field); !appended) {
        return appended;
      }
    }
  }
  StoredFieldWriter writer(transaction);
  for (const DocumentNumber number : documents) {
    const auto id = transaction.FindId(schema.collection, number);
    if (!id) {
      return id.error();
    }
    auto stored = *id ? transaction.Find(schema.collection, **id)
                      : Result<std::optional<cache::StoredDocument>>(std::nullopt);
    if (!stored) {
      return std::move(stored).error();
    }
    if (!*stored) {
      continue;
    }
    const auto document = ParseJson((*stored)->json);
    if (!document) {
      return Error(document.error()).WithContext("stored document " + **id);
    }
    auto has_text = writer.Write(grown, 0, number, *document);
    if (!has_text) {
      return std::move(has_text).error();
    }
    if (*has_text) {
      if (auto logged = transaction.AppendLog(schema.collection, number); !logged) {
        return logged;
      }
    }
  }
  return {};
}

}  // namespace

Result<SchemaGrowth> PlanGrowth(const cache::View& view, Schema& schema, std::string_view id,
                                const PreparationOptions& options, Json& document) {
  return Planner(view, schema, id, options, document).Plan();
}

Result<void> Grow(cache::WriteTransaction& transaction, Schema& schema, SchemaGrowth growth) {
  std::vector<std::string> names;
  for (FieldDefinition& definition : growth.fields) {
    names.push_back(definition.name);
    if (const auto narrower = schema.by_name.find(definition.name);
        narrower != schema.by_name.end()) {
      if (auto removed = RemoveField(transaction, schema, narrower->second); !removed) {
        return removed;
      }
    }
    if (auto added = AddField(transaction, schema, std::move(definition)); !added) {
      return added;
    }
  }
  return WriteStored(transaction, schema, names, growth.documents);
}

}  // namespace cacheindex::index
