#include "api/body_decoder.h"

#include <algorithm>

#include "api/request.h"

namespace cacheindex::api {
namespace {

// 15 digits spell less than 2^60, so that a size never wraps.
constexpr std::size_t kChunkSizeDigitsMax = 15;
constexpr std::size_t kChunkExtensionBytesMax = 256;
constexpr std::size_t kTrailerBytesMax = std::size_t{8} << 10;

int HexDigit(char digit) {
  if (digit >= '0' && digit <= '9') {
    return digit - '0';
  }
  const int lower = digit | 0x20;
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

bool IsControl(char byte) {
  const auto code = static_cast<unsigned char>(byte);
  return (code < 0x20 && byte != '\t') || code == 0x7F;
}

}  // namespace

BodyDecoder::BodyDecoder(const Request& request) {
  if (request.is_chunked) {
    state_ = State::kSizeFirst;
  } else if (request.content_length.value_or(0) > 0) {
    state_ = State::kPlain;
    remaining_ = *request.content_length;
  }
}

BodyDecoder::Piece BodyDecoder::Next(std::string_view data) {
  std::size_t consumed = 0;
  while (consumed < data.size() && !done() && !failed()) {
    if (state_ == State::kPlain || state_ == State::kData) {
      const auto bytes =
          static_cast<std::size_t>(std::min<std::uint64_t>(remaining_, data.size() - consumed));
      remaining_ -= bytes;
      if (remaining_ == 0) {
        state_ = state_ == State::kPlain ? State::kDone : State::kDataReturn;
      }
      return {consumed + bytes, data.substr(consumed, bytes)};
    }
    state_ = AfterByte(data[consumed]);
    ++consumed;
  }
  return {consumed, {}};
}

BodyDecoder::State BodyDecoder::AfterByte(char byte) {
  switch (state_) {
    case State::kSizeFirst:
    case State::kSize:
    case State::kExtension:
    case State::kSizeLineFeed:
      return AfterSizeByte(byte);
    case State::kDataReturn:
      return byte == '\r' ? State::kDataLineFeed : State::kFailed;
    case State::kDataLineFeed:
      return byte == '\n' ? State::kSizeFirst : State::kFailed;
    case State::kTrailerStart:
    case State::kTrailer:
    case State::kTrailerLineFeed:
    case State::kLastLineFeed:
      return AfterTrailerByte(byte);
    case State::kPlain:
    case State::kData:
    case State::kDone:
    case State::kFailed:
      break;
  }
  return State::kFailed;
}

BodyDecoder::State BodyDecoder::AfterSizeByte(char byte) {
  if (state_ == State::kSizeLineFeed) {
    if (byte != '\n') {
      return State::kFailed;
    }
    counted_ = 0;
    return remaining_ == 0 ? State::kTrailerStart : State::kData;
  }
  if (state_ == State::kExtension) {
    if (byte == '\r') {
      return State::kSizeLineFeed;
    }
    return ++counted_ > kChunkExtensionBytesMax || IsControl(byte) ? State::kFailed
                                                                   : State::kExtension;
  }
  if (state_ == State::kSizeFirst) {
    remaining_ = 0;
    counted_ = 0;
  }
  if (const int digit = HexDigit(byte); digit >= 0) {
    remaining_ = remaining_ * 16 + static_cast<std::uint64_t>(digit);
    return ++counted_ > kChunkSizeDigitsMax ? State::kFailed : State::kSize;
  }
  if (state_ == State::kSize && byte == '\r') {
    return State::kSizeLineFeed;
  }
  if (state_ == State::kSize && byte == ';') {
    counted_ = 0;
    return State::kExtension;
  }
  return State::kFailed;
}

BodyDecoder::State BodyDecoder::AfterTrailerByte(char byte) {
  switch (state_) {
    case State::kTrailerStart:
      if (byte == '\r') {
        return State::kLastLineFeed;
      }
      break;
    case State::kTrailer:
      if (byte == '\r') {
        return State::kTrailerLineFeed;
      }
      break;
    case State::kTrailerLineFeed:
      return byte == '\n' ? State::kTrailerStart : State::kFailed;
    case State::kLastLineFeed:
      return byte == '\n' ? State::kDone : State::kFailed;
    case State::kPlain:
    case State::kSizeFirst:
    case State::kSize:
    case State::kExtension:
    case State::kSizeLineFeed:
    case State::kData:
    case State::kDataReturn:
    case State::kDataLineFeed:
    case State::kDone:
    case State::kFailed:
      return State::kFailed;
  }
  return ++counted_ > kTrailerBytesMax || IsControl(byte) ? State::kFailed : State::kTrailer;
}

}  // namespace cacheindex::api
