#include "node/core/highlight.h"

namespace cacheindex {
namespace {

std::size_t BytesOf(const HighlightFragment& text) {
  std::size_t bytes = text.snippet.size() + (text.value ? text.value->size() : 0);
  for (const std::string& token : text.matched_tokens) {
    bytes += sizeof token + token.size();
  }
  return bytes;
}

std::size_t BytesOf(const HighlightTree& tree) {
  std::size_t bytes = sizeof tree + BytesOf(tree.text);
  for (const HighlightTree::Part& part : tree.parts) {
    bytes += sizeof part - sizeof tree + part.name.size() + BytesOf(part.tree);
  }
  return bytes;
}

}  // namespace

std::size_t BytesOf(const Highlights& highlights) {
  std::size_t bytes = BytesOf(highlights.tree);
  for (const std::string& name : highlights.members) {
    bytes += sizeof name + name.size();
  }
  return bytes;
}

}  // namespace cacheindex
