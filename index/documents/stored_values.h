#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cache/view.h"
#include "cache/write_transaction.h"
#include "index/documents/field_writer.h"
#include "index/documents/number_cache.h"
#include "index/schema/schema.h"
#include "node/core/document.h"
#include "node/core/json.h"
#include "node/core/result.h"

namespace cacheindex::index {

/// A stored document that has a value which a field cannot hold.
struct Obstacle {
  std::string field;
  std::string id;
  Error error;
};

/// The values that stored documents have under the names of fields that are about to come, or to
/// become wider.
///
/// Cost of Fit: one pass over the documents, of which those are parsed that seem to have such a
/// name. Lifetime: within that of what it is given.
class StoredValues {
 public:
  /// `schema` is the one that the fields are to join. `own_id` names the document that is about to
  /// be written anew: its stored values are in nobody's way.
  StoredValues(const cache::View& view, const Schema& schema, std::vector<FieldDefinition> fields,
               std::string_view own_id);

  /// Makes the fields as wide as the stored values need. Returns what no width holds, nullopt when
  /// all fits. The documents named by `hints` are looked at first.
  Result<std::optional<Obstacle>> Fit(std::span<const std::string> hints);

  /// The fields, as wide as they are now.
  std::vector<FieldDefinition> fields() const;
  bool has_widened() const noexcept { return has_widened_; }
  /// The documents that have values of the fields, once Fit found that they fit.
  const std::vector<DocumentNumber>& documents() const noexcept { return documents_; }

 private:
  bool MayHaveValues(std::string_view json) const;
  /// Returns whether the document has values.
  Result<bool> FitDocument(std::string_view id, std::string_view json,
                           std::optional<Obstacle>& obstacle);
  Result<bool> FitStored(std::string_view id, std::optional<Obstacle>& obstacle);
  Result<void> FitAll(std::optional<Obstacle>& obstacle);
  std::optional<Error> FitValues(FieldDefinition& definition, std::string_view id,
                                 std::span<const Json* const> values);

  const cache::View* view_;
  const Schema* schema_;
  /// Has these fields only, with storage that is none.
  Schema wanted_;
  std::string_view own_id_;
  /// A part of the text of every document that has one of the names.
  std::vector<std::string> signs_;
  std::vector<DocumentNumber> documents_;
  bool has_widened_ = false;
};

/// Writes the columns of some fields for documents that are stored already.
class StoredFieldWriter {
 public:
  explicit StoredFieldWriter(cache::WriteTransaction& transaction) : transaction_(&transaction) {}

  /// Writes what the fields from `first` on in `schema.fields` have in a document. Returns whether
  /// one of them is text.
  Result<bool> Write(const Schema& schema, std::size_t first, DocumentNumber number,
                     const Json& document);

 private:
  cache::WriteTransaction* transaction_;
  /// Its own: what the listener's remembers may be of a transaction given up.
  NumberCache numbers_;
  FieldWriter fields_{numbers_};
};

}  // namespace cacheindex::index
