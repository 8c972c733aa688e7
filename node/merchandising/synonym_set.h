#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "node/core/json.h"
#include "node/core/result.h"
#include "node/core/search.h"

namespace cacheindex::node {

/// Reads one synonym as a client sent it; returns what is kept and shown.
/// Errors: kInvalidArgument naming the member.
Result<Json> ReadSynonym(std::string_view id, const Json& body);

/// The synonyms of one set, ready for searches. Immutable.
class SynonymSet {
 public:
  /// `items` are what ReadSynonym returned.
  explicit SynonymSet(const Json& items);

  /// Appends the rules that can matter for `query`: those of which one of the words or word groups
  /// begins with a word or symbol of the query.
  void AppendFor(std::string_view query, std::vector<SynonymRule>& rules) const;

  const std::vector<SynonymRule>& rules() const noexcept { return rules_; }

 private:
  std::vector<SynonymRule> rules_;
  /// By the normalised first word, or the first symbol, of everything that can stand in a query.
  std::unordered_multimap<std::string, std::uint32_t> rules_by_word_;
};

}  // namespace cacheindex::node
