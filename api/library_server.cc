#include "api/library_server.h"

#include <httplib.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <string_view>
#include <utility>

#include "api/access.h"
#include "api/answer_writer.h"

namespace cacheindex::api {
namespace {

// What the library announces in Keep-Alive; our own loop is what decides.
constexpr std::size_t kKeepAliveRequests = 1'000'000;
constexpr std::time_t kKeepAliveSeconds = 75;

constexpr std::array<std::string_view, 7> kMethodNames = {"GET",   "HEAD",   "POST",   "PUT",
                                                          "PATCH", "DELETE", "OPTIONS"};

// A request on its way through the library, which has no place for it in its own types.
struct Call {
  const Request& request;
  const std::function<Answer()>& produce;
  int status = 500;
};
thread_local Call* current_call = nullptr;

// A request that is all here, and a place for its answer.
class MemoryStream : public httplib::Stream {
 public:
  MemoryStream(std::string_view input, OutputQueue& output) : input_(input), output_(output) {}

  bool is_readable() const override { return true; }
  bool is_writable() const override { return true; }
  ssize_t read(char* target, std::size_t bytes) override {
    bytes = std::min(bytes, input_.size());
    std::memcpy(target, input_.data(), bytes);
    input_.remove_prefix(bytes);
    return static_cast<ssize_t>(bytes);
  }
  ssize_t write(const char* source, std::size_t bytes) override {
    output_.Append(std::string_view(source, bytes));
    return static_cast<ssize_t>(bytes);
  }
  void get_remote_ip_and_port(std::string& /*ip*/, int& /*port*/) const override {}
  void get_local_ip_and_port(std::string& /*ip*/, int& /*port*/) const override {}
  socket_t socket() const override { return INVALID_SOCKET; }

 private:
  std::string_view input_;
  OutputQueue& output_;
};

}  // namespace

class LibraryServer::Subclass : public httplib::Server {
 public:
  explicit Subclass(const Access& access) {
    set_keep_alive_max_count(kKeepAliveRequests);
    set_keep_alive_timeout(kKeepAliveSeconds);
    set_pre_routing_handler([&access](const httplib::Request&, httplib::Response& response) {
      Call& call = *current_call;
      Answer answer = call.produce();
      call.status = answer.status;
      response.status = answer.status;
      ForEachHeader(answer, call.request, access,
                    [&](std::string_view name, std::string_view value) {
                      response.set_header(std::string(name), std::string(value));
                    });
      response.set_header("Content-Type", std::string(answer.content_type));
      response.body = std::move(answer.body);
      return HandlerResponse::Handled;
    });
    set_exception_handler([&access](const httplib::Request&, httplib::Response& response,
                                    const std::exception_ptr& /*failure*/) {
      // What it says may hold anything; the client gets none of it.
      Answer answer = ErrorAnswer(500, "Internal error");
      response.status = answer.status;
      response.headers.clear();
      ForEachHeader(answer, current_call->request, access,
                    [&](std::string_view name, std::string_view value) {
                      response.set_header(std::string(name), std::string(value));
                    });
      response.set_content(answer.body, std::string(answer.content_type));
    });
  }

  void Process(MemoryStream& stream, bool closes) {
    bool is_closed = false;
    process_request(stream, closes, is_closed, nullptr);
  }
};

LibraryServer::LibraryServer(const Access& access) : server_(std::make_unique<Subclass>(access)) {}

LibraryServer::~LibraryServer() = default;

int LibraryServer::Respond(const Request& request, const std::function<Answer()>& produce,
                           OutputQueue& output) {
  std::string head(kMethodNames[static_cast<std::size_t>(request.method)]);
  head += " / HTTP/1.1\r\n";
  head += request.keeps_alive ? "\r\n" : "Connection: close\r\n\r\n";
  MemoryStream stream(head, output);
  Call call{request, produce};
  current_call = &call;
  server_->Process(stream, !request.keeps_alive);
  current_call = nullptr;
  return call.status;
}

}  // namespace cacheindex::api
