#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "api/body_decoder.h"
#include "api/request.h"
#include "api/server.h"

namespace cacheindex::api {

/// Why a connection's bytes are not a request, with the answer they get. The connection closes
/// afterwards, because where the next request starts is unknown.
struct Rejection {
  int status = 400;
  std::string_view message;
};

inline constexpr Rejection kBodyTooLarge{413, "The body is too large."};

/// Makes requests out of a connection's bytes, however they are cut.
///
/// Strict, because whatever two readers of one stream understand differently can be used to smuggle
/// a request past one of them: exact line ends, one length, no folded lines, no blanks before
/// colons. A body is always read, whatever the method, so that one request yields one answer.
///
///   kHead --Feed--> kHeadDone --ReadBody--> kBody --Feed--> kComplete --Take--> kHead
///     `------------------------- any of Feed's -------------------------> kRejected
class RequestReader {
 public:
  enum class State { kHead, kHeadDone, kBody, kComplete, kRejected };

  explicit RequestReader(const Limits& limits) : limits_(limits) {}

  /// Takes bytes from the front of `data` and returns how many. Stops after the head and after the
  /// body, so that the caller can look at what came.
  std::size_t Feed(std::string_view data);

  /// Goes on from kHeadDone. Bodies over `body_bytes_max` are rejected, as `too_large` says.
  void ReadBody(std::uint64_t body_bytes_max, Rejection too_large = kBodyTooLarge);

  State state() const noexcept { return state_; }
  /// True when not a single byte of a request has come.
  bool is_idle() const noexcept { return state_ == State::kHead && request_->head.empty(); }
  const Rejection& rejection() const noexcept { return rejection_; }
  Request& request() noexcept { return *request_; }

  /// Hands out the request and starts with the next one, in the memory of `recycled` if given.
  std::unique_ptr<Request> Take(std::unique_ptr<Request> recycled = nullptr);

  /// Starts anew with the same memory, when nobody kept the request.
  void Restart();

 private:
  std::size_t FeedHead(std::string_view data);
  std::size_t FeedBody(std::string_view data);
  void ParseHead();
  bool ParseRequestLine(std::string_view line);
  bool ParseHeader(std::string_view line);
  bool CheckHeaders();
  bool CheckLength(const Request::Header& header);
  bool CheckConnection(std::string_view value);
  bool Reject(int status, std::string_view message);

  const Limits& limits_;
  State state_ = State::kHead;
  Rejection rejection_;
  std::unique_ptr<Request> request_ = std::make_unique<Request>();
  BodyDecoder body_;
  std::uint64_t body_bytes_max_ = 0;
  Rejection too_large_;
  // Where the current line of the head starts, and how many lines have ended.
  std::size_t line_start_ = 0;
  std::size_t lines_ = 0;
  bool has_skipped_line_ = false;
  // Headers that may come only once.
  std::size_t hosts_ = 0;
  std::size_t lengths_ = 0;
  std::size_t transfer_encodings_ = 0;
};

}  // namespace cacheindex::api
