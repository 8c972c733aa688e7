#include <string>
#include <string_view>

#include "api/answer_writer.h"
#include "api/front.h"
#include "api/http_status.h"
#include "api/json_writer.h"
#include "api/line_grouper.h"
#include "api/request_options.h"
#include "api/spool.h"
#include "api/transfer.h"

namespace cacheindex::api {
namespace {

constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";

struct ImportOptions {
  WriteOptions write;
  bool return_id = false;
};

Result<bool> ReadFlag(const Parameters& parameters, std::string_view name) {
  const auto value = parameters.Find(name);
  if (value && *value != "true" && *value != "false") {
    return Error(ErrorCode::kInvalidArgument,
                 "Parameter `" + std::string(name) + "` must be a true|false.");
  }
  return value == "true";
}

Result<ImportOptions> ReadOptions(const Request& request) {
  auto write = ReadWriteOptions(request, WriteAction::kCreate);
  const auto return_id = ReadFlag(request.parameters, "return_id");
  const auto return_document = ReadFlag(request.parameters, "return_doc");
  // Only checked: what is written together is decided here.
  const auto batch_size = request.parameters.GetUnsigned("batch_size", 40);
  if (!write) {
    return std::move(write).error();
  }
  if (!return_id || !return_document) {
    return return_id ? return_document.error() : return_id.error();
  }
  if (!batch_size || *batch_size == 0) {
    return Error(ErrorCode::kInvalidArgument, "Parameter `batch_size` must be a positive integer.");
  }
  ImportOptions options{*write, *return_id};
  options.write.return_document = *return_document;
  return options;
}

void AppendFailure(std::string& output, const Error& error, const std::string_view* line) {
  output += R"({"code":)";
  output += std::to_string(HttpStatus(error.code()));
  if (line != nullptr) {
    output += R"(,"document":)";
    AppendJsonString(output, *line);
  }
  output += R"(,"error":)";
  AppendJsonString(output, error.message());
  output += R"(,"success":false})";
}

void AppendSuccess(std::string& output, const ImportOptions& options, const WriteOutcome& outcome) {
  output += '{';
  if (options.write.return_document) {
    output += R"("document":)";
    output += outcome.document;
    output += ',';
  }
  if (options.return_id) {
    output += R"("id":)";
    AppendJsonString(output, outcome.id);
    output += ',';
  }
  output += R"("success":true})";
}

// One import from the first line to the last answer.
class Import {
 public:
  Import(ImportSession& session, const ImportOptions& options, Spool& spool)
      : session_(session), options_(options), spool_(spool) {}

  Result<void> Write(std::span<const std::string_view> lines) {
    auto outcomes = session_.Write(lines);
    if (!outcomes) {
      return std::move(outcomes).error();
    }
    std::string answers;
    for (std::size_t i = 0; i < lines.size(); ++i) {
      const WriteOutcome& outcome = outcomes->at(i);
      BeginAnswer(answers);
      if (outcome.error) {
        AppendFailure(answers, *outcome.error,
                      options_.write.return_document ? &lines[i] : nullptr);
      } else {
        AppendSuccess(answers, options_, outcome);
      }
    }
    return spool_.Append(answers);
  }

  Result<void> RefuseLongLine(std::size_t line_bytes_max) {
    std::string answer;
    BeginAnswer(answer);
    AppendFailure(answer,
                  Error(ErrorCode::kTooLarge,
                        "The line is longer than " + std::to_string(line_bytes_max) + " bytes."),
                  nullptr);
    return spool_.Append(answer);
  }

 private:
  void BeginAnswer(std::string& answers) {
    if (has_answers_) {
      answers += '\n';
    }
    has_answers_ = true;
  }

  ImportSession& session_;
  const ImportOptions& options_;
  Spool& spool_;
  bool has_answers_ = false;
};

// What went wrong, and whether it is worth reading on: with a client that went away, it is not.
struct Failure {
  Error error;
  bool is_from_stream = false;
};

std::optional<Failure> ImportBody(ImportSession& session, const ImportOptions& options,
                                  std::size_t line_bytes_max, BulkStream& stream, Spool& spool) {
  Import import(session, options, spool);
  LineGrouper grouper({.line_bytes_max = line_bytes_max},
                      {[&](std::span<const std::string_view> lines) { return import.Write(lines); },
                       [&] { return import.RefuseLongLine(line_bytes_max); }});
  while (true) {
    const auto piece = stream.ReadBody();
    if (!piece) {
      return Failure{piece.error(), true};
    }
    if (piece->empty()) {
      break;
    }
    if (auto added = grouper.Add(*piece); !added) {
      return Failure{added.error()};
    }
  }
  auto finished = grouper.Finish();
  finished = finished ? session.Finish() : std::move(finished);
  return finished ? std::nullopt : std::optional(Failure{finished.error()});
}

// Many clients send everything before they read anything: the answer waits until they have.
void Drain(BulkStream& stream, std::uint64_t bytes_max) {
  std::uint64_t bytes = 0;
  while (bytes < bytes_max) {
    const auto piece = stream.ReadBody();
    if (!piece || piece->empty()) {
      return;
    }
    bytes += piece->size();
  }
}

AfterTransfer Refuse(Front& front, Request& request, BulkStream& stream, const Error& error) {
  if (!request.expects_continue) {
    Drain(stream, front.limits().drained_bytes_max);
  }
  return SendAnswer(front, request, stream, ErrorAnswer(error));
}

AfterTransfer SendLines(Front& front, Request& request, BulkStream& stream, Spool& spool) {
  request.keeps_alive = request.keeps_alive && !front.is_stopping();
  Answer answer;
  answer.content_type = kTextType;
  std::string head;
  AppendHead(head, answer, request, front.access(), spool.bytes());
  front.Observe(request, OutcomeOf(answer));
  auto sent = stream.Write(head);
  if (sent) {
    sent = spool.ForEachPiece([&](std::string_view piece) { return stream.Write(piece); });
  }
  if (!sent) {
    return AfterTransfer::kAbort;
  }
  return request.keeps_alive ? AfterTransfer::kKeep : AfterTransfer::kLinger;
}

}  // namespace

AfterTransfer RunImport(Front& front, Request& request, BulkStream& stream) {
  stream.BeginBody(request);
  const auto options = ReadOptions(request);
  if (!options) {
    return Refuse(front, request, stream, options.error());
  }
  auto session = front.service().BeginImport(request.names[0], options->write);
  if (!session) {
    return Refuse(front, request, stream, session.error());
  }
  if (request.expects_continue && !request.is_http_1_0) {
    request.expects_continue = false;
    if (!stream.Write(kContinue)) {
      return AfterTransfer::kAbort;
    }
  }
  Spool spool({.directory = front.spool_directory()});
  const auto failure =
      ImportBody(**session, *options, front.limits().import_line_bytes_max, stream, spool);
  if (!failure) {
    return SendLines(front, request, stream, spool);
  }
  return failure->is_from_stream ? SendAnswer(front, request, stream, ErrorAnswer(failure->error))
                                 : Refuse(front, request, stream, failure->error);
}

}  // namespace cacheindex::api
