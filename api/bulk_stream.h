#pragma once

#include <chrono>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "api/body_decoder.h"
#include "api/output_queue.h"
#include "api/request.h"
#include "api/server.h"
#include "api/transfer_places.h"
#include "api/transport.h"
#include "node/core/result.h"

namespace cacheindex::api {

/// A connection as a bulk thread sees it: reads and writes that wait, but not for ever.
///
/// A client must send or take `progress_bytes_min` within the timeout that it is waited for, and
/// `transfer_bytes_per_second_min` over each `transfer_window` of such waiting; what the thread
/// itself does in between does not count against it. While it waits, its place is another's.
///
/// Errors of all methods: kTimeout for a client that stalls or is too slow, kIo when it is gone,
/// kUnavailable when the front stops.
///
/// Threads: one at a time.
class BulkStream {
 public:
  struct Parts {
    Transport transport;
    /// Read already.
    std::string input;
    /// To be sent before anything else.
    OutputQueue output;
  };

  /// `places` may be null: then there is one for each thread.
  BulkStream(Parts parts, const Limits& limits, TransferPlaces* places, int stop_event);

  /// Starts the body of `request`; afterwards ReadBody returns its pieces.
  void BeginBody(const Request& request) { body_ = BodyDecoder(request); }
  /// Returns the next piece, valid until the next call; empty at the end of the body.
  /// Errors: also kInvalidArgument for malformed chunks.
  Result<std::string_view> ReadBody();
  bool is_body_read() const noexcept { return body_.done(); }

  /// Sends all of it, after what was left to send.
  Result<void> Write(std::string_view bytes);

  /// Ends with the transport and what was read too far.
  Parts Finish();
  Transport& transport() noexcept { return transport_; }

 private:
  /// Time that is left for a client, in one direction.
  struct Patience {
    std::chrono::milliseconds left{0};
    std::size_t progress_bytes = 0;
    /// Of the window that is under way.
    std::chrono::milliseconds waited = {};
    std::uint64_t window_bytes = 0;
  };

  Result<void> Fill();
  Result<void> Await(short events, Patience& patience);
  Result<void> CheckRate(Patience& patience) const;
  void Progress(std::size_t bytes, std::chrono::milliseconds timeout, Patience& patience) const;

  Transport transport_;
  OutputQueue output_;
  const Limits& limits_;
  TransferPlaces* const places_;
  const int stop_event_;
  std::string buffer_;
  /// The part of the buffer that is not looked at yet.
  std::string_view unread_;
  BodyDecoder body_;
  Patience read_patience_;
  Patience write_patience_;
};

}  // namespace cacheindex::api
