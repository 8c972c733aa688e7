#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "node/core/json.h"

namespace cacheindex {

/// A document's place in its collection: dense, from 1, never reused within a generation. It is the
/// text index's document id and the index into every column.
using DocumentNumber = std::uint32_t;

/// Bytes of a document id, at most. Store keys stay below 200 bytes.
inline constexpr std::size_t kDocumentIdBytesMax = 180;

/// What a write does with a document that exists, and with one that does not (api/README.md 2.6).
enum class WriteAction {
  kCreate,   ///< Only new ones.
  kUpsert,   ///< Replaces whole documents.
  kUpdate,   ///< Merges into existing ones only.
  kEmplace,  ///< Merges into existing ones, creates new ones.
};

/// What a write does with a value that is not of its field's type (api/README.md 2.6).
enum class DirtyValues { kCoerceOrReject, kCoerceOrDrop, kDrop, kReject };

/// One document on its way into the cache: the tree, and the bytes that are stored and served.
struct Document {
  std::string id;
  /// An object that contains "id"; of an edited document (cache::DocumentEdit) at least the members
  /// that differ.
  Json fields;
  /// What DumpJson prints of the whole.
  std::string json;
};

}  // namespace cacheindex
