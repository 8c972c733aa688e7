#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace cacheindex::api {

enum class ContentEncoding { kIdentity, kGzip, kZstd };

/// Below this, compressing costs more than the bytes it saves.
inline constexpr std::size_t kEncodedBytesMin = std::size_t{2} << 10;

/// Returns the best encoding that the value of an Accept-Encoding header allows.
ContentEncoding ChooseEncoding(std::string_view accept_encoding);

/// Returns the name for Content-Encoding; empty for kIdentity.
std::string_view Name(ContentEncoding encoding) noexcept;

/// Returns `content` encoded; nullopt when that did not work or would not be shorter.
std::optional<std::string> Encode(ContentEncoding encoding, std::string_view content);

}  // namespace cacheindex::api
