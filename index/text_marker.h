#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "index/text_query.h"
#include "index/tokenizer.h"
#include "node/core/search.h"

namespace cacheindex::index {

/// Finds the words of one query in texts and marks them.
///
/// Threads: one instance per thread. Lifetime: within that of the query and the request.
class TextMarker {
 public:
  TextMarker(const TextQuery& query, const SearchRequest& request)
      : query_(&query), request_(&request) {}

  struct Options {
    /// The query's last word may be the start of a longer one.
    bool is_prefix = true;
    /// Show the whole value besides the snippet.
    bool is_full = false;
  };
  /// Returns nothing when no word of the query is in `text`.
  std::optional<HighlightFragment> Mark(std::string_view text, const Options& options);

 private:
  /// A stretch of bytes between tags, and the words it belongs to.
  struct Range {
    std::size_t begin = 0;
    std::size_t end = 0;
  };
  struct Hit {
    Range marked;
    Range words;
    std::uint32_t group = 0;
    /// The unit's place in the query.
    std::size_t unit = 0;
  };

  /// Fills tokens_ and hits_.
  void Find(std::string_view text, bool is_prefix);
  /// Returns how many tokens from `token` on match `unit`, 0 when they do not.
  std::size_t MatchedTokens(std::size_t token, const QueryUnit& unit, bool is_prefix) const;
  std::size_t PrefixEnd(std::string_view text, const Token& token, std::size_t prefix_bytes);
  /// Returns the bytes to show around the best group of hits.
  Range ChooseSnippet(std::string_view text) const;
  std::string Render(std::string_view text, Range range) const;

  const TextQuery* query_;
  const SearchRequest* request_;
  std::vector<Token> tokens_;
  std::vector<Token> prefix_tokens_;
  std::vector<Hit> hits_;
};

}  // namespace cacheindex::index
