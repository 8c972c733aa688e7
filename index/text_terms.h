#pragma once

#include <string>
#include <vector>

#include "index/schema.h"
#include "index/tokenizer.h"
#include "node/core/json.h"

namespace cacheindex::index {

/// Finds what the text index holds of a document.
///
/// Threads: one instance per thread, whose memory is reused.
class TextTerms {
 public:
  /// Returns the distinct terms of `document`, sorted. Valid until the next call.
  const std::vector<std::string>& Of(const Schema& schema, const Json& document);

 private:
  std::vector<std::string> terms_;
  std::vector<Token> tokens_;
};

}  // namespace cacheindex::index
