#pragma once

#include <string>
#include <string_view>

namespace cacheindex::replication {

/// Returns what a reader sees of a piece of HTML: its text with characters for entities, without
/// tags, comments, scripts and styles, and one space wherever blanks, lines or blocks part words.
/// Any bytes may come in; what is no HTML is text. Cost: linear in its length.
std::string HtmlText(std::string_view html);

}  // namespace cacheindex::replication
