#pragma once

#include <cstddef>
#include <deque>
#include <string>
#include <string_view>

#include "api/transport.h"

namespace cacheindex::api {

/// Bytes on their way to a client: small ones are put together, large ones are moved in uncopied,
/// and all that is there leaves with one system call if the socket takes it.
class OutputQueue {
 public:
  bool empty() const noexcept { return bytes_ == 0; }
  std::size_t bytes() const noexcept { return bytes_; }

  /// Where small things are written; call Written afterwards.
  std::string& tail();
  /// Counts what was appended to tail() since the last call.
  void Written() noexcept;
  void Append(std::string_view bytes);
  void Append(std::string&& bytes);
  void Append(OutputQueue&& other);

  /// Sends until all is sent (kOk), the socket is full or broken.
  Transport::State SendTo(Transport& transport);

 private:
  void Drop(std::size_t bytes);

  /// The first piece lacks `offset_` bytes that are sent already.
  std::deque<std::string> pieces_;
  std::size_t offset_ = 0;
  std::size_t bytes_ = 0;
  std::size_t tail_counted_ = 0;
};

}  // namespace cacheindex::api
