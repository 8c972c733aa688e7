#pragma once

#include <functional>
#include <string_view>

#include "api/access.h"
#include "api/answer.h"
#include "api/output_queue.h"
#include "api/request.h"

namespace cacheindex::api {

using HeaderSink = std::function<void(std::string_view name, std::string_view value)>;

/// Calls `sink` for each header of `answer` except the ones that frame it: length, connection and
/// content type.
void ForEachHeader(const Answer& answer, const Request& request, const Access& access,
                   const HeaderSink& sink);

/// Appends the whole answer, framed for `request`: without a body for HEAD and 304, closing when
/// the request does not keep its connection.
void AppendAnswer(OutputQueue& output, Answer answer, const Request& request, const Access& access);

/// Appends the head of an answer whose body of `body_bytes` follows; nullopt for chunks, or for a
/// body that ends with the connection when the client speaks HTTP/1.0.
void AppendHead(std::string& output, const Answer& answer, const Request& request,
                const Access& access, std::optional<std::uint64_t> body_bytes);

}  // namespace cacheindex::api
