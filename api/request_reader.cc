#include "api/request_reader.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace cacheindex::api {
namespace {

struct MethodName {
  std::string_view name;
  Method method;
};
constexpr std::array kMethods = {
    MethodName{"GET", Method::kGet},        MethodName{"POST", Method::kPost},
    MethodName{"HEAD", Method::kHead},      MethodName{"PUT", Method::kPut},
    MethodName{"PATCH", Method::kPatch},    MethodName{"DELETE", Method::kDelete},
    MethodName{"OPTIONS", Method::kOptions}};

// 2^63 has 19 digits: fewer cannot wrap.
constexpr std::size_t kLengthDigitsMax = 18;

bool IsTokenByte(char byte) {
  const auto code = static_cast<unsigned char>(byte);
  if ((code >= 'a' && code <= 'z') || (code >= 'A' && code <= 'Z') ||
      (code >= '0' && code <= '9')) {
    return true;
  }
  return byte != '\0' && std::string_view("!#$%&'*+-.^_`|~").find(byte) != std::string_view::npos;
}

bool IsMethodLetter(char byte) { return byte >= 'A' && byte <= 'Z'; }

bool IsControl(char byte) {
  const auto code = static_cast<unsigned char>(byte);
  return (code < 0x20 && byte != '\t') || code == 0x7F;
}

bool IsTargetByte(char byte) {
  const auto code = static_cast<unsigned char>(byte);
  return code > 0x20 && code != 0x7F;
}

std::string_view Trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) {
    text.remove_prefix(1);
  }
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) {
    text.remove_suffix(1);
  }
  return text;
}

// Line ends in disguise. Nothing here decodes header values, but a log or a proxy behind might.
bool HidesLineEnd(std::string_view value) {
  for (std::size_t i = value.find('%'); i != std::string_view::npos; i = value.find('%', i + 1)) {
    const std::string_view code = value.substr(i, 3);
    if (EqualsIgnoringCase(code, "%0d") || EqualsIgnoringCase(code, "%0a")) {
      return true;
    }
  }
  return false;
}

}  // namespace

std::size_t RequestReader::Feed(std::string_view data) {
  if (state_ == State::kHead) {
    return FeedHead(data);
  }
  return state_ == State::kBody ? FeedBody(data) : 0;
}

std::size_t RequestReader::FeedHead(std::string_view data) {
  std::string& head = request_->head;
  std::size_t consumed = 0;
  while (consumed < data.size()) {
    const std::string_view rest = data.substr(consumed);
    const std::size_t line_feed = rest.find('\n');
    const std::size_t bytes = std::min(line_feed, rest.size() - 1) + 1;
    const std::size_t line_bytes = head.size() + bytes - line_start_;
    if (lines_ == 0 && line_bytes > limits_.request_line_bytes_max) {
      Reject(414, "The request line is too long.");
      return data.size();
    }
    if (lines_ > 0 &&
        head.size() + bytes > limits_.request_line_bytes_max + limits_.header_bytes_max) {
      Reject(431, "The headers are too large.");
      return data.size();
    }
    head.append(rest.substr(0, bytes));
    consumed += bytes;
    if (line_feed == std::string_view::npos) {
      break;
    }
    if (line_bytes < 2 || head[head.size() - 2] != '\r') {
      Reject(400, "A line does not end with CR LF.");
      return data.size();
    }
    if (line_bytes == 2 && lines_ > 0) {
      ParseHead();
      break;
    }
    if (line_bytes == 2 && !has_skipped_line_) {
      head.clear();  // One empty line before a request is forgiven, as RFC 9112 2.2 asks.
      has_skipped_line_ = true;
      continue;
    }
    if (lines_ == 0 && !IsMethodLetter(head.front())) {
      // Some other protocol, whose end of head may never come.
      Reject(400, "The request line is malformed.");
      return data.size();
    }
    line_start_ = head.size();
    if (++lines_ > limits_.headers_max + 1) {
      Reject(431, "There are too many headers.");
      return data.size();
    }
  }
  return consumed;
}

void RequestReader::ParseHead() {
  std::string_view rest = request_->head;
  for (bool is_first = true;; is_first = false) {
    const std::size_t end = rest.find('\n') - 1;
    const std::string_view line = rest.substr(0, end);
    rest.remove_prefix(end + 2);
    if (line.empty()) {
      break;
    }
    if (!(is_first ? ParseRequestLine(line) : ParseHeader(line))) {
      return;
    }
  }
  if (!CheckHeaders()) {
    return;
  }
  auto parameters = Parameters::FromQuery(request_->query);
  if (!parameters) {
    // The message lives in the request: a view of it must not outlive this function.
    request_->body = parameters.error().message();
    Reject(400, request_->body);
    return;
  }
  request_->parameters = std::move(*parameters);
  request_->MakeId();
  request_->received_at = std::chrono::steady_clock::now();
  state_ = State::kHeadDone;
}

bool RequestReader::ParseRequestLine(std::string_view line) {
  const std::size_t first = std::min(line.find(' '), line.size());
  const std::size_t last = line.rfind(' ');
  if (first == line.size() || first == last) {
    return Reject(400, "The request line is malformed.");
  }
  const std::string_view method = line.substr(0, first);
  const std::string_view target = line.substr(first + 1, last - first - 1);
  const std::string_view version = line.substr(last + 1);
  if (!std::all_of(target.begin(), target.end(), IsTargetByte) ||
      !std::all_of(method.begin(), method.end(), IsTokenByte) || method.empty()) {
    return Reject(400, "The request line is malformed.");
  }
  if (version != "HTTP/1.1" && version != "HTTP/1.0") {
    return Reject(version.starts_with("HTTP/") ? 505 : 400, "Only HTTP/1.1 and 1.0 are spoken.");
  }
  request_->is_http_1_0 = version == "HTTP/1.0";
  request_->keeps_alive = !request_->is_http_1_0;
  const auto* const known =
      std::find_if(kMethods.begin(), kMethods.end(),
                   [&](const MethodName& entry) { return entry.name == method; });
  if (known == kMethods.end()) {
    return Reject(501, "The method is not supported.");
  }
  request_->method = known->method;
  if (!target.starts_with('/') && !(target == "*" && request_->method == Method::kOptions)) {
    return Reject(400, "The target must be a path.");
  }
  const std::size_t question = std::min(target.find('?'), target.size());
  request_->path = target.substr(0, question);
  request_->query = target.substr(std::min(question + 1, target.size()));
  return true;
}

bool RequestReader::ParseHeader(std::string_view line) {
  if (line.front() == ' ' || line.front() == '\t') {
    return Reject(400, "Folded headers are not accepted.");
  }
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos || colon == 0) {
    return Reject(400, "A header is malformed.");
  }
  const Request::Header header{line.substr(0, colon), Trim(line.substr(colon + 1))};
  if (!std::all_of(header.name.begin(), header.name.end(), IsTokenByte) ||
      std::any_of(header.value.begin(), header.value.end(), IsControl)) {
    return Reject(400, "A header is malformed.");
  }
  // A browser's Referer is the address of a page, which may well hold an encoded line end.
  if (HidesLineEnd(header.value) && !EqualsIgnoringCase(header.name, "referer")) {
    return Reject(400, "A header holds an encoded line end.");
  }
  request_->headers.push_back(header);
  return true;
}

bool RequestReader::CheckHeaders() {
  for (const Request::Header& header : request_->headers) {
    bool is_good = true;
    if (EqualsIgnoringCase(header.name, "host")) {
      ++hosts_;
    } else if (EqualsIgnoringCase(header.name, "content-length") ||
               EqualsIgnoringCase(header.name, "transfer-encoding")) {
      is_good = CheckLength(header);
    } else if (EqualsIgnoringCase(header.name, "connection")) {
      is_good = CheckConnection(header.value);
    } else if (EqualsIgnoringCase(header.name, "x-request-id")) {
      request_->TakeId(header.value);
    } else if (EqualsIgnoringCase(header.name, "expect")) {
      request_->expects_continue = EqualsIgnoringCase(header.value, "100-continue");
      is_good = request_->expects_continue || Reject(417, "The expectation is not supported.");
    } else if (EqualsIgnoringCase(header.name, "content-encoding") &&
               !EqualsIgnoringCase(header.value, "identity")) {
      is_good = Reject(415, "Send the body without a content encoding.");
    }
    if (!is_good) {
      return false;
    }
  }
  if (hosts_ > 1 || (hosts_ == 0 && !request_->is_http_1_0)) {
    return Reject(400, "There must be one Host header.");
  }
  if (lengths_ > 0 && transfer_encodings_ > 0) {
    return Reject(400, "Content-Length and Transfer-Encoding exclude each other.");
  }
  return true;
}

bool RequestReader::CheckLength(const Request::Header& header) {
  if (EqualsIgnoringCase(header.name, "transfer-encoding")) {
    if (++transfer_encodings_ > 1 || request_->is_http_1_0) {
      return Reject(400, "The Transfer-Encoding is ambiguous.");
    }
    request_->is_chunked = EqualsIgnoringCase(header.value, "chunked");
    return request_->is_chunked || Reject(501, "The only known Transfer-Encoding is chunked.");
  }
  const std::string_view digits = header.value;
  if (++lengths_ > 1 || digits.empty() ||
      !std::all_of(digits.begin(), digits.end(), [](char d) { return d >= '0' && d <= '9'; })) {
    return Reject(400, "The Content-Length is malformed.");
  }
  if (digits.size() > kLengthDigitsMax) {
    return Reject(413, "The body is too large.");
  }
  std::uint64_t length = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), length);
  request_->content_length = length;
  return true;
}

bool RequestReader::CheckConnection(std::string_view value) {
  for (const std::string& option : SplitList(value)) {
    if (EqualsIgnoringCase(option, "close")) {
      request_->keeps_alive = false;
      return true;
    }
    request_->keeps_alive |= EqualsIgnoringCase(option, "keep-alive");
  }
  return true;
}

void RequestReader::ReadBody(std::uint64_t body_bytes_max, Rejection too_large) {
  body_bytes_max_ = body_bytes_max;
  too_large_ = too_large;
  if (request_->content_length.value_or(0) > body_bytes_max) {
    Reject(too_large_.status, too_large_.message);
    return;
  }
  body_ = BodyDecoder(*request_);
  state_ = body_.done() ? State::kComplete : State::kBody;
}

std::size_t RequestReader::FeedBody(std::string_view data) {
  std::size_t consumed = 0;
  while (consumed < data.size() && state_ == State::kBody) {
    const BodyDecoder::Piece piece = body_.Next(data.substr(consumed));
    consumed += piece.consumed;
    if (request_->body.size() + piece.payload.size() > body_bytes_max_) {
      Reject(too_large_.status, too_large_.message);
    } else if (body_.failed()) {
      Reject(400, "The chunks of the body are malformed.");
    } else {
      request_->body.append(piece.payload);
      state_ = body_.done() ? State::kComplete : State::kBody;
    }
  }
  return consumed;
}

bool RequestReader::Reject(int status, std::string_view message) {
  state_ = State::kRejected;
  rejection_ = {status, message};
  return false;
}

std::unique_ptr<Request> RequestReader::Take(std::unique_ptr<Request> recycled) {
  std::unique_ptr<Request> taken = std::move(request_);
  request_ = recycled ? std::move(recycled) : std::make_unique<Request>();
  Restart();
  return taken;
}

void RequestReader::Restart() {
  request_->Clear();
  state_ = State::kHead;
  line_start_ = 0;
  lines_ = 0;
  has_skipped_line_ = false;
  hosts_ = 0;
  lengths_ = 0;
  transfer_encodings_ = 0;
}

}  // namespace cacheindex::api
