#include "node/merchandising/item_reader.h"

#include <algorithm>

namespace cacheindex::node {
namespace {

bool IsShortText(const Json& value) {
  return value.is_string() &&
         value.get_ref<const std::string&>().size() <= ItemReader::kTextBytesMax;
}

}  // namespace

const Json* ItemReader::Find(std::string_view name) const {
  const auto found = object_.find(name);
  return found == object_.end() || found->is_null() ? nullptr : &*found;
}

Error ItemReader::Wrong(std::string_view name, std::string_view expected) const {
  return {ErrorCode::kInvalidArgument,
          "`" + std::string(name) + "` of " + what_ + " must be " + std::string(expected) + "."};
}

Result<Json> ItemReader::Text(std::string_view name) const {
  const Json* const value = Find(name);
  if (value == nullptr) {
    return Json();
  }
  return IsShortText(*value)
             ? Result<Json>(*value)
             : Wrong(name, "a string of at most " + std::to_string(kTextBytesMax) + " bytes");
}

Result<Json> ItemReader::TextList(std::string_view name) const {
  const Json* const value = Find(name);
  if (value == nullptr) {
    return Json();
  }
  const bool is_list = value->is_array() && value->size() <= kListSizeMax &&
                       std::all_of(value->begin(), value->end(), IsShortText);
  return is_list ? Result<Json>(*value)
                 : Wrong(name, "a list of at most " + std::to_string(kListSizeMax) + " strings");
}

Result<Json> ItemReader::Boolean(std::string_view name) const {
  const Json* const value = Find(name);
  if (value == nullptr) {
    return Json();
  }
  return value->is_boolean() ? Result<Json>(*value) : Wrong(name, "true or false");
}

Result<Json> ItemReader::Integer(std::string_view name) const {
  const Json* const value = Find(name);
  if (value == nullptr) {
    return Json();
  }
  return value->is_number_integer() ? Result<Json>(*value) : Wrong(name, "an integer");
}

Result<Json> ItemReader::Object(std::string_view name) const {
  const Json* const value = Find(name);
  if (value == nullptr) {
    return Json();
  }
  return value->is_object() ? Result<Json>(*value) : Wrong(name, "an object");
}

}  // namespace cacheindex::node
