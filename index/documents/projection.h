#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "node/core/result.h"
#include "node/core/search.h"

namespace cacheindex::index {

/// Returns the part of a document that a client asked for: what `include_fields` names (everything
/// when it is empty) without what `exclude_fields` names. The very bytes when both are empty.
///
/// A name is a dotted path and means all that is below it, in every element of arrays of objects,
/// also where a key itself holds the dots; with `*` at its end it means everything that starts with
/// it. Names that nothing has are no
/// mistake. Objects of which nothing is left disappear; `id` has no special place.
///
/// Errors: kCorruption when `json` is not a document.
Result<std::string> Project(std::string_view json, const std::vector<std::string>& include_fields,
                            const std::vector<std::string>& exclude_fields);

/// Returns whether a field of that dotted name is shown of documents.
bool Shows(const KeyScope& scope, std::string_view name);

/// Returns a document as it may be shown: without `hidden` (Schema::hidden) and what `scope` hides.
/// The very bytes when nothing is. Errors: as Project.
Result<std::string> ShowDocument(std::string json, const std::vector<std::string>& hidden,
                                 const KeyScope& scope = {});

}  // namespace cacheindex::index
