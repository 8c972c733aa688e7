#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "cache/write_transaction.h"
#include "index/documents/document_words.h"
#include "index/documents/field_words.h"
#include "index/documents/number_cache.h"
#include "index/schema/schema.h"
#include "node/core/document.h"
#include "node/core/json.h"
#include "node/core/result.h"

namespace cacheindex::index {

/// Whether the words of this field's values are searched.
inline bool IsText(const Field& field) { return field.storage.words != cache::ColumnNumber{}; }

/// Writes what the columns of one field hold for one document.
///
/// Threads: the writer's only; its memory is reused. Lifetime: within that of `numbers`.
class FieldWriter {
 public:
  explicit FieldWriter(NumberCache& numbers) : numbers_(&numbers) {}

  static void Clear(cache::WriteTransaction& transaction, const Field& field,
                    DocumentNumber number);

  /// Replaces what is there by `values`, not empty. The words of a text are added to `words`
  /// besides, if given.
  Result<void> Write(cache::WriteTransaction& transaction, const Schema& schema, const Field& field,
                     DocumentNumber number, std::span<const Json* const> values,
                     DocumentWords* words = nullptr);

 private:
  void WriteNumbers(cache::WriteTransaction& transaction, const Field& field, DocumentNumber number,
                    std::span<const Json* const> values);
  Result<void> WriteWords(cache::WriteTransaction& transaction, const Schema& schema,
                          const Field& field, DocumentNumber number,
                          std::span<const Json* const> values, DocumentWords* words);
  Result<void> WriteWholeValues(cache::WriteTransaction& transaction, const Field& field,
                                DocumentNumber number, std::span<const Json* const> values);

  NumberCache* numbers_;
  std::vector<std::int64_t> encoded_;
  FieldWords field_words_;
};

}  // namespace cacheindex::index
