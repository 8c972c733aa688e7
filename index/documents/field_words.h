#pragma once

#include <span>
#include <string>
#include <vector>

#include "index/schema/schema.h"
#include "index/words/readings.h"
#include "index/words/tokenizer.h"
#include "node/core/json.h"

namespace cacheindex::index {

/// The words of one string field of a document, in the order in which its words column has them:
/// element by element, then the other ways to find its elements (readings.h), each as an element of
/// its own, so that every spelling is found, in phrases too.
///
/// Threads: one instance per thread, whose memory is reused.
class FieldWords {
 public:
  /// Calls `visit(nullptr)` between two elements or readings and `visit(&word)` for each word;
  /// stops and returns false when it returns false. Values that are no strings are passed over.
  template <class Visit>
  bool ForEach(const Field& field, std::span<const Json* const> values, Visit&& visit) {
    readings_.clear();
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
      const auto& text = value->get_ref<const std::string&>();
      Tokenizer::OfThread().Tokenize(text, tokens_, RulesOf(field.storage));
      AddReadings(text, tokens_, field.definition.infix, readings_);
      for (const Token& token : tokens_) {
        if (!visit(&token.word)) {
          return false;
        }
      }
    }
    for (const Reading& reading : readings_) {
      if (!visit(nullptr)) {
        return false;
      }
      for (const std::string& word : reading) {
        if (!visit(&word)) {
          return false;
        }
      }
    }
    return true;
  }

 private:
  std::vector<Token> tokens_;
  std::vector<Reading> readings_;
};

}  // namespace cacheindex::index
