#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "index/documents/field_words.h"
#include "index/schema/schema.h"
#include "node/core/json.h"

namespace cacheindex::index {

/// The words of all text fields of one document, field by field and element by element, packed into
/// one string: all that the text index needs to know of the document.
///
/// Threads: immutable while it is read by several.
class DocumentWords {
 public:
  /// Begins the words of the field with this FieldStorage::number; each field once.
  void BeginField(std::uint32_t number) {
    bytes_.push_back(kField);
    for (int shift = 24; shift >= 0; shift -= 8) {
      bytes_.push_back(static_cast<char>(number >> shift));
    }
  }
  /// Adds a word of 1 to kWordBytesMax bytes to the field's last element.
  void AddWord(std::string_view word) {
    bytes_.push_back(static_cast<char>(word.size()));
    bytes_ += word;
  }
  /// Ends an element that another one follows in the same field.
  void EndElement() { bytes_.push_back(kElementEnd); }

  void Clear() noexcept { bytes_.clear(); }
  bool empty() const noexcept { return bytes_.empty(); }
  std::size_t byte_count() const noexcept { return bytes_.size(); }

  /// Calls visitor.OnField(number), OnWord(word) and OnElementEnd() for what was added, in order.
  /// The words borrow from this.
  template <class Visitor>
  void ForEach(Visitor&& visitor) const {
    for (std::size_t i = 0; i < bytes_.size();) {
      const char mark = bytes_[i++];
      if (mark == kElementEnd) {
        visitor.OnElementEnd();
      } else if (mark == kField) {
        std::uint32_t number = 0;
        for (const std::size_t end = i + 4; i < end; ++i) {
          number = number << 8 | static_cast<unsigned char>(bytes_[i]);
        }
        visitor.OnField(number);
      } else {
        const std::size_t size = static_cast<unsigned char>(mark);
        visitor.OnWord(std::string_view(bytes_).substr(i, size));
        i += size;
      }
    }
  }

 private:
  // What stands before a word is its size.
  static constexpr char kElementEnd = 0;
  static constexpr char kField = kWordBytesMax + 1;
  static_assert(kField > 0);

  std::string bytes_;
};

/// Splits the texts of documents into their words.
///
/// Threads: one instance per thread, whose memory is reused.
class DocumentSplitter {
 public:
  /// Replaces the content of `words` by the words of `document`.
  void Split(const Schema& schema, const Json& document, DocumentWords& words);

 private:
  FieldWords field_words_;
};

}  // namespace cacheindex::index
