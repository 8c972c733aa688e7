#include "index/text/xapian_guard.h"

#include <cerrno>
#include <string>
#include <string_view>
#include <system_error>

namespace cacheindex::index {
namespace {

// Xapian keeps only the text of errno, and only while nothing has overwritten it.
bool IsCausedBy(const Xapian::Error& failure, std::errc cause) {
  const char* text = failure.get_error_string();
  return text != nullptr && std::string_view(text) == std::make_error_condition(cause).message();
}

// What could not be written says nothing about what is stored: the last commit is still there.
bool IsFailedWrite(const Xapian::Error& failure) {
  const std::string_view message = failure.get_msg();
  return message.starts_with("Modifications failed") || message.starts_with("Can't commit");
}

ErrorCode CodeOf(const Xapian::Error& failure) {
  const std::string_view type = failure.get_type();
  if (type == "DatabaseModifiedError" || type == "DatabaseLockError") {
    return ErrorCode::kUnavailable;
  }
  if (type == "DatabaseCorruptError" || type == "DatabaseVersionError") {
    return ErrorCode::kCorruption;
  }
  if (type == "DatabaseNotFoundError" || type == "DocNotFoundError") {
    return ErrorCode::kNotFound;
  }
  if (type == "QueryParserError" || type == "InvalidArgumentError") {
    return ErrorCode::kInvalidArgument;
  }
  // A part of the database is gone although its directory is there.
  if (type == "DatabaseOpeningError" && IsCausedBy(failure, std::errc::no_such_file_or_directory)) {
    return ErrorCode::kNotFound;
  }
  if (IsCausedBy(failure, std::errc::no_space_on_device)) {
    return ErrorCode::kExhausted;
  }
  if (IsFailedWrite(failure)) {
    return failure.get_msg().find(
               std::make_error_condition(std::errc::no_space_on_device).message()) ==
                   std::string::npos
               ? ErrorCode::kIo
               : ErrorCode::kExhausted;
  }
  // A file that ends too early: the system refused nothing, there is just less than there must be.
  if (type == "DatabaseError" && failure.get_error_string() == nullptr) {
    return ErrorCode::kCorruption;
  }
  return ErrorCode::kIo;
}

}  // namespace

Error FromXapian(const Xapian::Error& failure) {
  return {CodeOf(failure), failure.get_description()};
}

}  // namespace cacheindex::index
