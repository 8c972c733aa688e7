#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "replication/rows/key_form.h"

namespace cacheindex::replication {

/// Appends `text`, a value of `base_type`, to a key as `form` reads it: in any spelling that the
/// source accepts for the type, so that equal values give equal bytes. Returns false, and appends
/// nothing, where it cannot be read so: then it refers to nothing.
bool AppendValueAs(std::string& key, const KeyForm& form, std::uint32_t base_type,
                   std::string_view text);

/// Returns a char(n) without the blanks at its end, which mean nothing.
std::string_view WithoutPadding(std::string_view text);

/// Returns a uuid as the source prints it; nullopt where `text` spells none.
std::optional<std::string> SpellUuid(std::string_view text);

/// Returns `text` in lower case, as citext does before it compares. Requires another folding than
/// kNone and kUnknown.
std::string Fold(CaseFolding folding, std::string_view text);

}  // namespace cacheindex::replication
