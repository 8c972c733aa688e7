// Stopword sets and stemming dictionaries: kept like other resources, in bodies of their own shape.

#include <algorithm>
#include <string>
#include <utility>

#include "api/request_options.h"
#include "api/routes.h"
#include "node/core/utf8.h"

namespace cacheindex::api {
namespace {

// Who asks for what does not exist learns the name in the contract's words.
Error Missing(const Error& error, std::string_view name) {
  return error.code() == ErrorCode::kNotFound
             ? Error(ErrorCode::kNotFound,
                     "Could not find the stopword set named `" + std::string(name) + "`.")
             : error;
}

// Returns the lines of JSON as one body.
Result<Json> ReadLines(std::string_view text) {
  Json words = Json::array();
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.find_first_not_of(" \t\r") == std::string_view::npos) {
      continue;
    }
    auto word = ParseJson(line);
    if (!word) {
      return std::move(word).error().WithContext("Bad JSON in line " +
                                                 std::to_string(words.size() + 1));
    }
    words.push_back(std::move(*word));
  }
  return Json{{"words", std::move(words)}};
}

}  // namespace

Answer ListStopwords(const RouteContext& context, const Request& /*request*/) {
  auto sets = context.service.ListResources(ResourceKind::kStopwordSet);
  return sets ? JsonAnswer(Json{{"stopwords", std::move(*sets)}}) : ErrorAnswer(sets.error());
}

Answer GetStopwords(const RouteContext& context, const Request& request) {
  auto set = context.service.GetResource(ResourceKind::kStopwordSet, request.names[0]);
  return set ? JsonAnswer(Json{{"stopwords", std::move(*set)}})
             : ErrorAnswer(Missing(set.error(), request.names[0]));
}

Answer PutStopwords(const RouteContext& context, const Request& request) {
  if (const auto wrong = CheckNames(request)) {
    return ErrorAnswer(*wrong);
  }
  auto body = ReadJsonBody(request);
  if (!body) {
    return ErrorAnswer(body.error());
  }
  const auto kept =
      context.service.PutResource(ResourceKind::kStopwordSet, request.names[0], *body);
  return kept ? EchoAnswer(request.names[0], std::move(*body)) : ErrorAnswer(kept.error());
}

Answer DeleteStopwords(const RouteContext& context, const Request& request) {
  const auto deleted = context.service.DeleteResource(ResourceKind::kStopwordSet, request.names[0]);
  return deleted ? JsonAnswer(*deleted) : ErrorAnswer(Missing(deleted.error(), request.names[0]));
}

Answer ListStemmingDictionaries(const RouteContext& context, const Request& /*request*/) {
  const auto dictionaries = context.service.ListResources(ResourceKind::kStemmingDictionary);
  if (!dictionaries) {
    return ErrorAnswer(dictionaries.error());
  }
  Json ids = Json::array();
  for (const Json& dictionary : *dictionaries) {
    ids.push_back(dictionary["id"]);
  }
  return JsonAnswer(Json{{"dictionaries", std::move(ids)}});
}

// Answers each line that came in with the line as it was kept.
Answer ImportStemmingDictionary(const RouteContext& context, const Request& request) {
  const auto id = request.parameters.Find("id");
  if (!id || id->empty() || !IsUtf8(*id)) {
    return ErrorAnswer(
        Error(ErrorCode::kInvalidArgument, "Parameter `id` must name the stemming dictionary."));
  }
  const auto body = ReadLines(request.body);
  if (!body) {
    return ErrorAnswer(body.error());
  }
  const auto kept = context.service.PutResource(ResourceKind::kStemmingDictionary, *id, *body);
  if (!kept) {
    return ErrorAnswer(kept.error());
  }
  std::string lines;
  for (const Json& word : (*kept)["words"]) {
    lines += (lines.empty() ? "" : "\n") + DumpJson(word);
  }
  Answer answer;
  answer.content_type = kTextType;
  answer.body = std::move(lines);
  answer.made = *id;
  return answer;
}

}  // namespace cacheindex::api
