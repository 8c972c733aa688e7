#include "api/content_encoding.h"

#include <zlib.h>
#include <zstd.h>

#include <cstdlib>
#include <memory>

#include "api/parameters.h"
#include "api/request.h"

namespace cacheindex::api {
namespace {

// The fastest levels: a loop thread waits for them.
constexpr int kGzipLevel = 1;
constexpr int kZstdLevel = 1;
// Tells zlib to write a gzip header, with the largest window.
constexpr int kGzipWindowBits = 15 + 16;
constexpr int kGzipMemoryLevel = 8;

std::optional<std::string> EncodeZstd(std::string_view content) {
  struct Free {
    void operator()(ZSTD_CCtx* context) const noexcept { ::ZSTD_freeCCtx(context); }
  };
  thread_local std::unique_ptr<ZSTD_CCtx, Free> context(::ZSTD_createCCtx());
  if (!context) {
    return std::nullopt;
  }
  std::string encoded(::ZSTD_compressBound(content.size()), '\0');
  const std::size_t bytes = ::ZSTD_compressCCtx(context.get(), encoded.data(), encoded.size(),
                                                content.data(), content.size(), kZstdLevel);
  if (::ZSTD_isError(bytes) != 0U) {
    return std::nullopt;
  }
  encoded.resize(bytes);
  return encoded;
}

std::optional<std::string> EncodeGzip(std::string_view content) {
  z_stream stream{};
  if (::deflateInit2(&stream, kGzipLevel, Z_DEFLATED, kGzipWindowBits, kGzipMemoryLevel,
                     Z_DEFAULT_STRATEGY) != Z_OK) {
    return std::nullopt;
  }
  std::string encoded(::deflateBound(&stream, content.size()), '\0');
  // zlib never writes through next_in; its type only lacks the const.
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(content.data()));
  stream.avail_in = static_cast<uInt>(content.size());
  stream.next_out = reinterpret_cast<Bytef*>(encoded.data());
  stream.avail_out = static_cast<uInt>(encoded.size());
  const int result = ::deflate(&stream, Z_FINISH);
  encoded.resize(stream.total_out);
  ::deflateEnd(&stream);
  return result == Z_STREAM_END ? std::optional(std::move(encoded)) : std::nullopt;
}

}  // namespace

ContentEncoding ChooseEncoding(std::string_view accept_encoding) {
  bool takes_gzip = false;
  bool takes_zstd = false;
  for (const std::string& choice : SplitList(accept_encoding)) {
    const std::string_view name = std::string_view(choice).substr(0, choice.find_first_of("; "));
    const std::size_t quality = choice.find("q=");
    const bool is_wanted =
        quality == std::string::npos || std::strtod(choice.c_str() + quality + 2, nullptr) > 0;
    takes_gzip |= is_wanted && EqualsIgnoringCase(name, "gzip");
    takes_zstd |= is_wanted && EqualsIgnoringCase(name, "zstd");
  }
  if (takes_zstd) {
    return ContentEncoding::kZstd;
  }
  return takes_gzip ? ContentEncoding::kGzip : ContentEncoding::kIdentity;
}

std::string_view Name(ContentEncoding encoding) noexcept {
  switch (encoding) {
    case ContentEncoding::kIdentity:
      return {};
    case ContentEncoding::kGzip:
      return "gzip";
    case ContentEncoding::kZstd:
      return "zstd";
  }
  return {};
}

std::optional<std::string> Encode(ContentEncoding encoding, std::string_view content) {
  std::optional<std::string> encoded;
  if (encoding == ContentEncoding::kZstd) {
    encoded = EncodeZstd(content);
  } else if (encoding == ContentEncoding::kGzip) {
    encoded = EncodeGzip(content);
  }
  return encoded && encoded->size() < content.size() ? std::move(encoded) : std::nullopt;
}

}  // namespace cacheindex::api
