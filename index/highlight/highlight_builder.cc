#include "index/highlight/highlight_builder.h"

#include <optional>
#include <utility>

#include "index/schema/field_values.h"

namespace cacheindex::index {
namespace {

using Kind = HighlightTree::Kind;
using MarkedField = MarkedDocument::MarkedField;

// What a page shows of a value that is no text.
std::string Plain(const Json& value) {
  if (value.is_string()) {
    return value.get<std::string>();
  }
  return value.is_null() ? std::string() : DumpJson(value);
}

class Builder {
 public:
  explicit Builder(MarkedDocument& marked) : marked_(&marked) {}

  // Returns what is shown of an object, or of the objects in an array, at path_; nothing where none
  // of the fields is.
  std::optional<HighlightTree> Inside(const Json& value) {
    if (value.is_object()) {
      return Members(value);
    }
    return value.is_array() ? Elements(value) : std::nullopt;
  }

 private:
  std::optional<HighlightTree> Members(const Json& object) {
    HighlightTree tree{.kind = Kind::kObject, .text = {}, .parts = {}};
    const std::size_t length = path_.size();
    for (const auto& [key, child] : object.items()) {
      path_ += length == 0 ? "" : ".";
      path_ += key;
      if (auto shown = Member(child)) {
        tree.parts.push_back({.name = key, .place = 0, .tree = *std::move(shown)});
      }
      path_.resize(length);
    }
    return tree.parts.empty() ? std::nullopt : std::optional(std::move(tree));
  }

  std::optional<HighlightTree> Member(const Json& value) {
    const auto field = marked_->fields.find(path_);
    if (field != marked_->fields.end() && !HoldsObjects(value)) {
      return value.is_null() ? std::nullopt : Texts(value, field->second);
    }
    return marked_->has_nested_fields && IsAboveField() ? Inside(value) : std::nullopt;
  }

  bool IsAboveField() {
    path_ += '.';
    const auto below = marked_->fields.lower_bound(path_);
    const bool is_above = below != marked_->fields.end() && below->first.starts_with(path_);
    path_.pop_back();
    return is_above;
  }

  std::optional<HighlightTree> Elements(const Json& array) {
    HighlightTree tree{.kind = Kind::kArray, .text = {}, .parts = {}};
    bool is_any_shown = false;
    for (std::uint32_t place = 0; place < array.size(); ++place) {
      auto shown = Inside(array[place]);
      is_any_shown = is_any_shown || shown;
      if (shown || HasRoom(0)) {
        tree.parts.push_back(
            {.name = {}, .place = place, .tree = std::move(shown).value_or(HighlightTree())});
      }
    }
    return is_any_shown ? std::optional(std::move(tree)) : std::nullopt;
  }

  // Returns what is shown of a field's value.
  std::optional<HighlightTree> Texts(const Json& value, const MarkedField& field) {
    if (!value.is_array()) {
      return Text(value, field);
    }
    HighlightTree tree{.kind = Kind::kArray, .text = {}, .parts = {}};
    for (std::uint32_t place = 0; place < value.size(); ++place) {
      if (auto shown = Text(value[place], field)) {
        tree.parts.push_back({.name = {}, .place = place, .tree = *std::move(shown)});
      }
    }
    return tree;
  }

  std::optional<HighlightTree> Text(const Json& value, const MarkedField& field) {
    HighlightTree tree{.kind = Kind::kText, .text = {}, .parts = {}};
    if (const auto text = marked_->texts.find(&value); text != marked_->texts.end()) {
      tree.text = std::move(text->second);
      return tree;
    }
    tree.text.snippet = Plain(value);
    if (!HasRoom(tree.text.snippet.size() * (field.is_full ? 2 : 1))) {
      return std::nullopt;
    }
    if (field.is_full) {
      tree.text.value = tree.text.snippet;
    }
    return tree;
  }

  // Takes the room of one more part in which nothing matched, if there is any. Once there is none,
  // smaller ones do not fit either: what is left out is the end.
  bool HasRoom(std::size_t text_bytes) {
    const std::size_t bytes = sizeof(HighlightTree::Part) + text_bytes;
    room_bytes_ = bytes > room_bytes_ ? 0 : room_bytes_ - bytes;
    return room_bytes_ > 0;
  }

  MarkedDocument* marked_;
  std::string path_;
  std::size_t room_bytes_ = kUnmarkedBytesMax;
};

}  // namespace

HighlightTree BuildHighlights(const Json& document, MarkedDocument& marked) {
  return Builder(marked).Inside(document).value_or(HighlightTree());
}

}  // namespace cacheindex::index
