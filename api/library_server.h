#pragma once

#include <functional>
#include <memory>

#include "api/answer.h"
#include "api/output_queue.h"
#include "api/request.h"

namespace cacheindex::api {

class Access;

/// cpp-httplib as the writer of answers: its handler chain, exception fence and response rules,
/// without its sockets, its threads and its reading of what clients send.
///
/// Only requests that passed our own framing get here, and the library sees of them what it cannot
/// misread: the method. Its own reading of targets rejects a second '?', its reading of headers
/// decodes percent signs and lets a client name its own address, and its answers are compressed
/// behind our back when it sees an Accept-Encoding.
///
/// Threads: Respond may be called concurrently.
class LibraryServer {
 public:
  explicit LibraryServer(const Access& access);
  ~LibraryServer();
  LibraryServer(const LibraryServer&) = delete;
  LibraryServer& operator=(const LibraryServer&) = delete;

  /// Appends what `produce` answers to `request`, or a bare 500 when it throws; returns the status.
  int Respond(const Request& request, const std::function<Answer()>& produce, OutputQueue& output);

 private:
  class Subclass;

  std::unique_ptr<Subclass> server_;
};

}  // namespace cacheindex::api
