#pragma once

#include <string_view>

#include "cache/view.h"
#include "index/schema/schema.h"
#include "node/core/json.h"
#include "node/core/result.h"

namespace cacheindex::index {

inline constexpr std::size_t kFieldNameBytesMax = 256;
/// Declared and discovered fields of one collection.
inline constexpr std::size_t kFieldsMax = 20'000;

/// Returns the schema that the body of `POST /collections` describes, without storage.
/// Errors: kInvalidArgument naming the field and what is wrong with it.
Result<Schema> ParseSchema(const Json& body);

/// Returns one element of a body's `fields`. `nested` says whether object types are allowed.
Result<FieldDefinition> ParseFieldDefinition(const Json& body, bool nested);

/// Returns the contract's description of a field (api/README.md 2.6), from which
/// ParseFieldDefinition makes the same definition again.
Json DescribeField(const FieldDefinition& definition);

/// Returns the contract's description of a collection: what GET /collections/:c answers.
Json DescribeCollection(const Schema& schema, const cache::Collection& collection);

/// Returns the name of a type as the contract spells it, e.g. "string[]".
std::string TypeName(FieldType type, bool is_array);

}  // namespace cacheindex::index
