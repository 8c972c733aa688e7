#pragma once

#include <cstddef>
#include <memory>

#include "node/core/json.h"
#include "node/core/result.h"
#include "node/core/search.h"

namespace cacheindex::node {

/// Stopwords of one set, and words of one stemming dictionary, at most.
inline constexpr std::size_t kStopwordsMax = 10'000;
inline constexpr std::size_t kStemmingWordsMax = 100'000;

/// Reads the body of a stopword set; returns what is kept and shown: the single words of what was
/// sent, each once, in the form in which queries are compared with them.
/// Errors: kInvalidArgument naming the member.
Result<Json> ReadStopwords(const Json& body);

/// Reads the lines of a stemming dictionary as {"words":[{"word":...,"root":...}]}; returns what is
/// kept and shown.
/// Errors: kInvalidArgument naming the line.
Result<Json> ReadStemmingWords(const Json& body);

/// Make ready for searches what the functions above returned.
std::shared_ptr<const Stopwords> MakeStopwords(const Json& kept);
std::shared_ptr<const StemmingDictionary> MakeStemmingDictionary(const Json& kept);

}  // namespace cacheindex::node
