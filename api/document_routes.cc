#include <algorithm>

#include "api/content_encoding.h"
#include "api/json_writer.h"
#include "api/request_options.h"
#include "api/routes.h"

namespace cacheindex::api {
namespace {

constexpr std::size_t kBatchIdsMax = 1000;
constexpr std::string_view kFilterMissing = "Parameter `filter_by` must be provided.";

Error NoSuchDocument(std::string_view id) {
  return {ErrorCode::kNotFound, "Could not find a document with id: " + std::string(id)};
}

void EncodeBody(const Request& request, Answer& answer) {
  answer.varies_by_encoding = true;
  const auto accepted = request.FindHeader("accept-encoding");
  if (!accepted || answer.body.size() < kEncodedBytesMin) {
    return;
  }
  const ContentEncoding encoding = ChooseEncoding(*accepted);
  if (auto encoded = Encode(encoding, answer.body)) {
    answer.body = std::move(*encoded);
    answer.content_encoding = Name(encoding);
  }
}

struct KnownTags {
  std::vector<std::string> etags;
  bool is_any = false;
};

// A tag of an encoded answer names the encoding after the hash: other bytes, other strong tag.
KnownTags ReadKnownTags(const Request& request) {
  KnownTags known;
  const auto header = request.FindHeader("if-none-match");
  if (!header) {
    return known;
  }
  for (const std::string& item : SplitList(*header)) {
    std::string_view tag = item;
    known.is_any |= tag == "*";
    tag.remove_prefix(tag.starts_with("W/") ? 2 : 0);
    if (tag.size() >= 2 && tag.front() == '"' && tag.back() == '"') {
      tag = tag.substr(1, tag.size() - 2);
      known.etags.emplace_back(tag.substr(0, tag.find('-')));
    }
  }
  return known;
}

std::string QuotedTag(std::string_view hash, std::string_view encoding) {
  std::string tag = "\"";
  tag += hash;
  if (!encoding.empty()) {
    tag += '-';
    tag += encoding;
  }
  tag += '"';
  return tag;
}

Result<std::vector<std::string>> ReadIds(const Request& request) {
  if (request.method != Method::kPost) {
    return request.parameters.GetList("ids");
  }
  auto body = ReadJsonBody(request);
  if (!body) {
    return std::move(body).error();
  }
  const auto list = body->is_object() ? body->find("ids") : body->end();
  if (!body->is_object() || list == body->end() || !list->is_array()) {
    return Error(ErrorCode::kInvalidArgument, "The body must be {\"ids\": [...]}.");
  }
  std::vector<std::string> ids;
  for (const Json& id : *list) {
    if (!id.is_string()) {
      return Error(ErrorCode::kInvalidArgument, "Every one of `ids` must be a string.");
    }
    ids.push_back(id.get<std::string>());
  }
  return ids;
}

}  // namespace

Answer ReadDocument(const RouteContext& context, const Request& request) {
  auto freshness = ReadFreshness(request);
  if (!freshness) {
    return ErrorAnswer(freshness.error());
  }
  KnownTags known = ReadKnownTags(request);
  auto read = context.service.ReadDocument({.collection = request.names[0],
                                            .id = request.names[1],
                                            .projection = ReadProjection(request),
                                            .freshness = std::move(*freshness),
                                            .known_etags = std::move(known.etags)});
  if (!read) {
    return ErrorAnswer(read.error());
  }
  Answer answer;
  answer.positions = std::move(read->positions);
  if (read->is_known || known.is_any) {
    answer.status = 304;
    answer.etag = QuotedTag(read->etag, {});
    answer.varies_by_encoding = true;
    return answer;
  }
  answer.body = std::move(read->body);
  EncodeBody(request, answer);
  answer.etag = QuotedTag(read->etag, answer.content_encoding);
  return answer;
}

Answer ReadBatch(const RouteContext& context, const Request& request) {
  const auto ids = ReadIds(request);
  const auto freshness = ReadFreshness(request);
  if (!ids || !freshness) {
    return ErrorAnswer(ids ? freshness.error() : ids.error());
  }
  if (ids->empty()) {
    return ErrorAnswer(400, "Parameter `ids` is required.");
  }
  if (ids->size() > kBatchIdsMax) {
    return ErrorAnswer(400, "Only upto 1000 documents can be fetched at once.");
  }
  auto read =
      context.service.ReadDocuments(request.names[0], *ids, ReadProjection(request), *freshness);
  if (!read) {
    return ErrorAnswer(read.error());
  }
  Answer answer;
  answer.positions = std::move(read->positions);
  answer.body = "[";
  for (const std::optional<std::string>& document : read->documents) {
    answer.body += answer.body.size() > 1 ? "," : "";
    answer.body += document ? std::string_view(*document) : "null";
  }
  answer.body += ']';
  EncodeBody(request, answer);
  return answer;
}

namespace {

Answer Write(const RouteContext& context, const Request& request, WriteAction action,
             std::optional<std::string_view> id) {
  auto options = ReadWriteOptions(request, action);
  if (!options) {
    return ErrorAnswer(options.error());
  }
  options->return_document = true;
  auto outcome = context.service.WriteDocument(request.names[0], request.body, id, *options);
  if (!outcome) {
    return ErrorAnswer(outcome.error());
  }
  if (outcome->error) {
    return ErrorAnswer(*outcome->error);
  }
  return JsonAnswer(std::move(outcome->document), id ? 200 : 201);
}

Answer CountAnswer(std::string_view name, const Result<std::uint64_t>& count) {
  return count ? JsonAnswer("{\"" + std::string(name) + "\":" + std::to_string(*count) + "}")
               : ErrorAnswer(count.error());
}

}  // namespace

Answer WriteDocument(const RouteContext& context, const Request& request) {
  return Write(context, request, WriteAction::kCreate, std::nullopt);
}

Answer PatchDocument(const RouteContext& context, const Request& request) {
  return Write(context, request, WriteAction::kUpdate, request.names[1]);
}

Answer DeleteDocument(const RouteContext& context, const Request& request) {
  const std::string& id = request.names[1];
  auto deleted = context.service.DeleteDocument(request.names[0], id);
  if (!deleted) {
    return ErrorAnswer(deleted.error());
  }
  if (*deleted) {
    return JsonAnswer(std::move(**deleted));
  }
  if (!request.parameters.GetBool("ignore_not_found", false)) {
    return ErrorAnswer(NoSuchDocument(id));
  }
  std::string body = R"({"id":)";
  AppendJsonString(body, id);
  body += '}';
  return JsonAnswer(std::move(body));
}

Answer UpdateDocuments(const RouteContext& context, const Request& request) {
  const DocumentFilter filter = ReadFilter(request);
  if (filter.filter_by.empty()) {
    return ErrorAnswer(400, kFilterMissing);
  }
  const auto options = ReadWriteOptions(request, WriteAction::kUpdate);
  return options ? CountAnswer("num_updated", context.service.UpdateByFilter(
                                                  request.names[0], filter, request.body, *options))
                 : ErrorAnswer(options.error());
}

Answer DeleteDocuments(const RouteContext& context, const Request& request) {
  if (request.parameters.GetBool("truncate", false)) {
    return CountAnswer("num_deleted", context.service.Truncate(request.names[0]));
  }
  const DocumentFilter filter = ReadFilter(request);
  if (filter.filter_by.empty()) {
    return ErrorAnswer(400, kFilterMissing);
  }
  return CountAnswer("num_deleted", context.service.DeleteByFilter(request.names[0], filter));
}

}  // namespace cacheindex::api
