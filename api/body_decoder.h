#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace cacheindex::api {

struct Request;

/// Finds a request's body in the bytes that follow its head, piece by piece and without copying.
///
/// Strict about chunks: hexadecimal digits only, sizes that cannot wrap, CRLF line ends, short
/// extensions and trailers, which are dropped.
class BodyDecoder {
 public:
  struct Piece {
    /// Bytes of the input that are dealt with.
    std::size_t consumed = 0;
    /// A part of the input; may be empty.
    std::string_view payload;
  };

  BodyDecoder() = default;
  explicit BodyDecoder(const Request& request);

  /// Takes bytes from the front of `data`; call again with the rest until all of it is consumed or
  /// done() or failed().
  Piece Next(std::string_view data);

  bool done() const noexcept { return state_ == State::kDone; }
  /// The chunks are malformed; nothing after them can be trusted.
  bool failed() const noexcept { return state_ == State::kFailed; }

 private:
  enum class State {
    kPlain,
    kSizeFirst,
    kSize,
    kExtension,
    kSizeLineFeed,
    kData,
    kDataReturn,
    kDataLineFeed,
    kTrailerStart,
    kTrailer,
    kTrailerLineFeed,
    kLastLineFeed,
    kDone,
    kFailed
  };

  State AfterByte(char byte);
  State AfterSizeByte(char byte);
  State AfterTrailerByte(char byte);

  State state_ = State::kDone;
  /// Of the plain body or of the current chunk.
  std::uint64_t remaining_ = 0;
  /// Digits of a size, or bytes of an extension or of all trailers: whatever is bounded just now.
  std::size_t counted_ = 0;
};

}  // namespace cacheindex::api
