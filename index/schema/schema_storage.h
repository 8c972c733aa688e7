#pragma once

#include <string>

#include "cache/view.h"
#include "cache/write_transaction.h"
#include "index/schema/schema.h"
#include "node/core/result.h"

namespace cacheindex::index {

/// The order of documents that all sort keys leave equal.
enum class TieOrder {
  /// The newest first: what this node alone writes.
  kByCreation,
  /// By id, the last first: what other nodes build too, at other moments.
  kById,
};

/// Creates the collection in the store: its columns, its definition and a record for each field.
/// `schema` gets its storage and number. Requires that no collection has its name.
Result<void> CreateCollection(cache::WriteTransaction& transaction, Schema& schema, TieOrder ties);

/// Gives `definition` its columns, writes its record, and appends it to `schema`. The collection
/// gets a new version, which `schema` then has. Errors: kUnprocessable when the collection has
/// kFieldsMax fields.
Result<void> AddField(cache::WriteTransaction& transaction, Schema& schema,
                      FieldDefinition definition);

/// Removes the field at `position` of `schema.fields`, its record and its columns. The documents
/// keep their values, so the name is remembered (Schema::MayBeStored) until AddField has it.
Result<void> RemoveField(cache::WriteTransaction& transaction, Schema& schema,
                         std::size_t position);

/// Gives the collection new, empty columns in the place of all that hold what is derived from its
/// documents, and drops the old ones. Fields keep their numbers, under which the text index knows
/// them. The collection gets a new version, which `schema` then has.
Result<void> ReplaceColumns(cache::WriteTransaction& transaction, Schema& schema);

/// Writes the settings of `schema` (all but its fields).
Result<void> SaveSettings(cache::WriteTransaction& transaction, const Schema& schema);

/// Drops the collection and all its columns.
Result<void> DropCollection(cache::WriteTransaction& transaction, const Schema& schema);

/// Returns the schema of `collection`.
/// Errors: kCorruption when a record cannot be read.
Result<Schema> LoadSchema(const cache::View& view, const cache::Collection& collection);

}  // namespace cacheindex::index
