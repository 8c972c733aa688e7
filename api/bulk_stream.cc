#include "api/bulk_stream.h"

#include <poll.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <string>
#include <utility>

namespace cacheindex::api {
namespace {

constexpr std::size_t kBufferBytes = std::size_t{256} << 10;
constexpr std::uint64_t kMillisecondsPerSecond = 1'000;

}  // namespace

BulkStream::BulkStream(Parts parts, const Limits& limits, TransferPlaces* places, int stop_event)
    : transport_(std::move(parts.transport)),
      output_(std::move(parts.output)),
      limits_(limits),
      places_(places),
      stop_event_(stop_event),
      buffer_(std::move(parts.input)),
      read_patience_{limits.body_timeout, 0},
      write_patience_{limits.write_timeout, 0} {
  unread_ = buffer_;
}

Result<std::string_view> BulkStream::ReadBody() {
  while (!body_.done()) {
    if (unread_.empty()) {
      if (auto filled = Fill(); !filled) {
        return std::move(filled).error();
      }
    }
    const BodyDecoder::Piece piece = body_.Next(unread_);
    unread_.remove_prefix(piece.consumed);
    if (body_.failed()) {
      return Error(ErrorCode::kInvalidArgument, "The chunks of the body are malformed.");
    }
    if (!piece.payload.empty()) {
      return piece.payload;
    }
  }
  return std::string_view();
}

Result<void> BulkStream::Fill() {
  buffer_.resize(kBufferBytes);
  unread_ = {};
  while (true) {
    const auto transfer = transport_.Read(buffer_);
    if (transfer.state == Transport::State::kOk) {
      unread_ = std::string_view(buffer_).substr(0, transfer.bytes);
      Progress(transfer.bytes, limits_.body_timeout, read_patience_);
      return {};
    }
    if (transfer.state == Transport::State::kClosed) {
      return Error(ErrorCode::kInvalidArgument, "The connection was closed within the body.");
    }
    if (auto ready = Await(POLLIN, read_patience_); !ready) {
      return ready;
    }
  }
}

Result<void> BulkStream::Write(std::string_view bytes) {
  output_.Append(bytes);
  while (!output_.empty()) {
    const std::size_t before = output_.bytes();
    const auto state = output_.SendTo(transport_);
    if (state == Transport::State::kClosed) {
      return Error(ErrorCode::kIo, "The connection was closed within the answer.");
    }
    Progress(before - output_.bytes(), limits_.write_timeout, write_patience_);
    if (state == Transport::State::kWouldBlock) {
      if (auto ready = Await(POLLOUT, write_patience_); !ready) {
        return ready;
      }
    }
  }
  return {};
}

void BulkStream::Progress(std::size_t bytes, std::chrono::milliseconds timeout,
                          Patience& patience) const {
  patience.progress_bytes += bytes;
  patience.window_bytes += bytes;
  if (patience.progress_bytes >= limits_.progress_bytes_min) {
    patience.left = timeout;
    patience.progress_bytes = 0;
  }
}

Result<void> BulkStream::CheckRate(Patience& patience) const {
  if (patience.waited < limits_.transfer_window) {
    return {};
  }
  const auto bytes_min = limits_.transfer_bytes_per_second_min *
                         static_cast<std::uint64_t>(patience.waited.count()) /
                         kMillisecondsPerSecond;
  if (patience.window_bytes < bytes_min) {
    return Error(ErrorCode::kTimeout, "The client was slower than " +
                                          std::to_string(limits_.transfer_bytes_per_second_min) +
                                          " bytes per second.");
  }
  patience.waited = {};
  patience.window_bytes = 0;
  return {};
}

Result<void> BulkStream::Await(short events, Patience& patience) {
  if (auto fast_enough = CheckRate(patience); !fast_enough) {
    return fast_enough;
  }
  std::array<pollfd, 2> watched = {pollfd{.fd = transport_.fd(), .events = events, .revents = 0},
                                   pollfd{.fd = stop_event_, .events = POLLIN, .revents = 0}};
  if (places_ != nullptr) {
    places_->Give();
  }
  const auto started = std::chrono::steady_clock::now();
  const int ready = ::poll(watched.data(), watched.size(),
                           static_cast<int>(std::max<std::int64_t>(patience.left.count(), 0)));
  const bool has_failed = ready < 0 && errno != EINTR;
  const auto waited =
      std::chrono::ceil<std::chrono::milliseconds>(std::chrono::steady_clock::now() - started);
  if (places_ != nullptr) {
    places_->Take();
  }
  patience.left -= waited;
  patience.waited += waited;
  if (has_failed) {
    return Error(ErrorCode::kIo, "The connection cannot be waited for.");
  }
  if (watched[1].revents != 0) {
    return Error(ErrorCode::kUnavailable, "Shutting down.");
  }
  if (ready == 0) {
    return Error(ErrorCode::kTimeout, "The client took too long.");
  }
  return {};
}

BulkStream::Parts BulkStream::Finish() {
  return {std::move(transport_), std::string(unread_), std::move(output_)};
}

}  // namespace cacheindex::api
