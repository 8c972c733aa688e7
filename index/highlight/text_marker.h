#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "index/match/text_query.h"
#include "index/words/tokenizer.h"
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
    /// Of the field.
    const TextRules* rules = &TextRules::Default();
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
  void Find(std::string_view text, const Options& options);
  /// Appends what another reading of the text has of the query and none before it.
  void FindMore(std::string_view text, const std::vector<Token>& tokens, bool is_prefix);
  /// Appends what one reading of the text has of the query.
  void FindIn(std::string_view text, const std::vector<Token>& tokens, bool is_prefix);
  /// The longest match that begins at a token: the tokens, their unit, and its words.
  struct Match {
    std::size_t size = 0;
    std::size_t unit = 0;
    const std::vector<std::string>* words = nullptr;
  };
  Match LongestMatch(const std::vector<Token>& tokens, std::size_t first, bool is_prefix) const;
  void AddHits(std::string_view text, std::span<const Token> tokens, const Match& match);
  std::size_t PrefixEnd(std::string_view text, const Token& token, std::size_t prefix_bytes);
  /// Returns the bytes to show around the best group of hits.
  Range ChooseSnippet(std::string_view text) const;
  std::string Render(std::string_view text, Range range) const;

  const TextQuery* query_;
  const SearchRequest* request_;
  const TextRules* rules_ = nullptr;
  /// The words of the text, or its signs when it has no words.
  std::vector<Token> tokens_;
  std::vector<Token> joined_tokens_;
  std::vector<Token> prefix_tokens_;
  std::vector<Hit> hits_;
};

}  // namespace cacheindex::index
