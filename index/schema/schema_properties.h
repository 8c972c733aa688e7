#pragma once

#include <string>
#include <vector>

#include "node/core/json.h"
#include "node/core/result.h"

namespace cacheindex::index {

// What a client may say of a field or of a collection (api/README.md 2.6). A property that this
// node does not act on is accepted where ignoring it changes no answer. Others are refused by name,
// so that nobody is told that something was done which was not; so are properties that nobody
// knows. Whatever is unset (null, false, 0, empty) asks for nothing.

/// Checks one element of `fields`. Errors: kInvalidArgument naming the field and the property.
Result<void> CheckFieldProperties(const Json& field);
/// Checks the body of a new collection. Errors: kInvalidArgument naming the property.
Result<void> CheckCollectionProperties(const Json& body);
/// Checks the body of a change of a collection. Errors: kInvalidArgument naming the property.
Result<void> CheckChangeProperties(const Json& body);

/// Returns the names of all properties that a field, or a new collection, may have here.
std::vector<std::string> FieldPropertyNames();
std::vector<std::string> CollectionPropertyNames();

/// Returns the properties of a field that are kept as they were said, to be echoed, and read where
/// they mean something.
Json KeptFieldProperties(const Json& field);
/// As KeptFieldProperties, of a collection.
Json KeptCollectionProperties(const Json& body);

}  // namespace cacheindex::index
