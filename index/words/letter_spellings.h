#pragma once

#include <string>

namespace cacheindex::index {

/// Spells mu and omega beside Latin letters, or alone, as units are typed without Greek letters:
/// uf, kohm. `word` is normalised and not empty; others stay as they are.
void SpellGreekUnit(std::string& word);

/// Returns `word`, normalised, with each nasal of Hindi before a consonant of its class spelled as
/// anusvara (हिन्दी: हिंदी).
std::string SpellNasals(const std::string& word);

}  // namespace cacheindex::index
