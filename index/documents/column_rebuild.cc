#include "index/documents/column_rebuild.h"

#include <array>
#include <optional>
#include <string>
#include <utility>

#include "index/documents/stored_documents.h"
#include "index/documents/stored_values.h"
#include "index/encoding/id_order.h"
#include "index/schema/schema_storage.h"

namespace cacheindex::index {
namespace {

// As document_columns.cc marks a document that is there.
void SetPresence(cache::WriteTransaction& transaction, const Schema& schema, DocumentNumber number,
                 const std::string& id) {
  const std::array present{std::int64_t{0}};
  transaction.SetColumn(schema.documents_column, number, present);
  if (schema.id_order_column != cache::ColumnNumber{}) {
    const std::array place{EncodeIdOrder(id)};
    transaction.SetColumn(schema.id_order_column, number, place);
  }
}

}  // namespace

Result<void> RebuildColumns(cache::WriteTransaction& transaction, WriterSchemas& schemas,
                            cache::CollectionNumber number,
                            const std::function<bool()>& should_stop) {
  const auto collection = transaction.FindCollection(number);
  if (!collection) {
    return collection.error();
  }
  if (!*collection) {
    return Error(ErrorCode::kNotFound, "Collection not found");
  }
  auto schema = LoadSchema(transaction, **collection);
  if (!schema) {
    return std::move(schema).error();
  }
  if (auto replaced = ReplaceColumns(transaction, *schema); !replaced) {
    return replaced;
  }
  StoredFieldWriter writer(transaction);
  std::optional<DocumentNumber> last;
  auto written = StoredDocuments(transaction, number)
                     .ForEach([&](DocumentNumber document_number, const std::string& id,
                                  const Json& document) -> Result<void> {
                       if (should_stop()) {
                         return Error(ErrorCode::kUnavailable, "the node stops");
                       }
                       last = document_number;
                       SetPresence(transaction, *schema, document_number, id);
                       auto has_text = writer.Write(*schema, 0, document_number, document);
                       return has_text ? Result<void>() : std::move(has_text).error();
                     });
  schemas.Forget(number);
  // Takes a position, so that whoever remembers answers sees that something changed.
  return written && last ? transaction.AppendLog(number, *last) : std::move(written);
}

}  // namespace cacheindex::index
