#include "api/access.h"

#include <algorithm>

namespace cacheindex::api {

bool Access::Permits(const Request& request) const noexcept {
  if (const auto header = request.FindHeader("x-typesense-api-key")) {
    return IsKey(*header);
  }
  const auto parameter = request.parameters.Find("x-typesense-api-key");
  return parameter && IsKey(*parameter);
}

bool Access::IsKey(std::string_view candidate) const noexcept {
  // Looks at every byte of the candidate, whose length its sender knows anyway. Volatile, so that
  // no compiler finds out that it may stop early.
  volatile unsigned difference = candidate.size() == api_key_.size() ? 0 : 1;
  for (std::size_t i = 0; i < candidate.size(); ++i) {
    const auto own = static_cast<unsigned char>(api_key_[i % api_key_.size()]);
    difference = difference | (static_cast<unsigned char>(candidate[i]) ^ own);
  }
  return difference == 0;
}

std::string_view Access::AllowedOrigin(const Request& request) const noexcept {
  if (!cors_.enabled) {
    return {};
  }
  if (cors_.allowed_origins.empty()) {
    return "*";
  }
  const auto origin = request.FindHeader("origin");
  const bool is_allowed =
      origin && std::find(cors_.allowed_origins.begin(), cors_.allowed_origins.end(), *origin) !=
                    cors_.allowed_origins.end();
  return is_allowed ? *origin : std::string_view();
}

}  // namespace cacheindex::api
