#pragma once

#include <span>
#include <string>
#include <vector>

#include "index/schema/schema.h"
#include "index/text/tokenizer.h"
#include "node/core/json.h"

namespace cacheindex::index {

/// The words of one string field of a document, in the order in which its words column has them:
/// element by element, then once more each element that reads differently when hyphens join
/// (tokenizer.h), so that both spellings are found, in phrases and whole values too.
///
/// Threads: one instance per thread, whose memory is reused.
class FieldWords {
 public:
  /// Calls `visit(nullptr)` between two elements or readings and `visit(&word)` for each word;
  /// stops and returns false when it returns false. Values that are no strings are passed over.
  template <class Visit>
  bool ForEach(const Field& field, std::span<const Json* const> values, Visit&& visit) {
    joined_.clear();
    bool is_first = true;
    for (const Json* value : values) {
      if (!value->is_string()) {
        continue;
      }
      // The separator also stands before the first word of a later element when the elements before
      // it had none, so that an element's place is not lost.
      if (!is_first && !visit(nullptr)) {
        return false;
      }
      is_first = false;
      Tokenizer::OfThread().Tokenize(value->get_ref<const std::string&>(), tokens_,
                                     RulesOf(field.storage));
      if (JoinHyphens(tokens_, joined_tokens_)) {
        joined_.push_back(joined_tokens_);
      }
      if (!VisitAll(tokens_, visit)) {
        return false;
      }
    }
    for (const std::vector<Token>& reading : joined_) {
      if (!visit(nullptr) || !VisitAll(reading, visit)) {
        return false;
      }
    }
    return true;
  }

 private:
  template <class Visit>
  static bool VisitAll(const std::vector<Token>& tokens, Visit& visit) {
    for (const Token& token : tokens) {
      if (!visit(&token.word)) {
        return false;
      }
    }
    return true;
  }

  std::vector<Token> tokens_;
  std::vector<Token> joined_tokens_;
  std::vector<std::vector<Token>> joined_;
};

}  // namespace cacheindex::index
