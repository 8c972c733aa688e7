#include "api/description.h"

#include <algorithm>
#include <cctype>

#include "api/router.h"

namespace cacheindex::api {
namespace {

Json TypeOf(std::string_view type) { return {{"type", type}}; }

Json SchemaOf(const ParameterDescription& parameter) {
  Json schema = TypeOf(parameter.type);
  std::string_view rest = parameter.choices;
  while (!rest.empty()) {
    const std::string_view choice = rest.substr(0, rest.find(' '));
    schema["enum"].push_back(choice);
    rest.remove_prefix(std::min(rest.size(), choice.size() + 1));
  }
  return schema;
}

Json SchemaReference(std::string_view name) {
  return {{"$ref", "#/components/schemas/" + std::string(name)}};
}

Json JsonContent(std::string_view schema) {
  return {{"application/json", {{"schema", SchemaReference(schema)}}}};
}

Json TextContent() { return {{"text/plain", {{"schema", TypeOf("string")}}}}; }

// JSON lines: any type of content will do, and generators of clients know one or the other.
Json LinesContent() {
  Json content = TextContent();
  content["application/octet-stream"]["schema"] = {{"type", "string"}, {"format", "binary"}};
  return content;
}

// Calls `visit` with each segment of a pattern: its name, and whether that is a placeholder.
template <class Visit>
void ForEachSegment(std::string_view pattern, const Visit& visit) {
  while (!pattern.empty()) {
    pattern.remove_prefix(1);
    const std::string_view segment = pattern.substr(0, pattern.find('/'));
    pattern.remove_prefix(segment.size());
    const bool is_placeholder = segment.starts_with(':');
    visit(is_placeholder ? segment.substr(1) : segment, is_placeholder);
  }
}

std::string PathOf(std::string_view pattern) {
  std::string path;
  ForEachSegment(pattern, [&](std::string_view name, bool is_placeholder) {
    path += is_placeholder ? "/{" + std::string(name) + "}" : "/" + std::string(name);
  });
  return path;
}

// "GET /collections/:c/documents" becomes "get_collections_c_documents".
std::string OperationId(std::string_view label) {
  std::string id;
  for (const char byte : label) {
    if (std::isalnum(static_cast<unsigned char>(byte)) != 0) {
      id += static_cast<char>(std::tolower(static_cast<unsigned char>(byte)));
    } else if (!id.empty() && id.back() != '_') {
      id += '_';
    }
  }
  return id;
}

Json ParameterList(const Route& route, const RouteDescription& description) {
  Json list = Json::array();
  ForEachSegment(route.pattern(), [&](std::string_view name, bool is_placeholder) {
    if (is_placeholder) {
      list.push_back(
          {{"name", name}, {"in", "path"}, {"required", true}, {"schema", TypeOf("string")}});
    }
  });
  for (const ParameterDescription& parameter : ParametersOf(description.parameters)) {
    list.push_back({{"name", parameter.name},
                    {"in", "query"},
                    {"description", parameter.meaning},
                    {"schema", SchemaOf(parameter)}});
  }
  return list;
}

bool TakesLines(const Route& route, const RouteDescription& description) {
  return route.lane == Lane::kImport || description.parameters == ParameterGroup::kStemmingImport;
}

Json DescribeOperation(const Route& route, const RouteDescription& description) {
  Json operation = {{"operationId", OperationId(route.label)},
                    {"summary", description.summary},
                    {"parameters", ParameterList(route, description)}};
  if (!route.action.empty()) {
    operation["description"] = "Needs a key that allows `" + std::string(route.action) + "`.";
    operation["security"] = Json::array({{{"key", Json::array()}}});
  }
  if (!description.body.empty()) {
    operation["requestBody"] = {{"required", true}, {"content", JsonContent(description.body)}};
  } else if (TakesLines(route, description)) {
    operation["requestBody"] = {{"required", true}, {"content", LinesContent()}};
  }
  operation["responses"] = {
      {std::to_string(description.status),
       {{"description", "Done."},
        {"content", description.answer.empty() ? TextContent() : JsonContent(description.answer)}}},
      {"default",
       {{"description", "Refused or failed; the message says why."},
        {"content", JsonContent("Message")}}}};
  return operation;
}

std::string MethodOf(std::string_view label) {
  std::string method(label.substr(0, label.find(' ')));
  std::ranges::transform(method, method.begin(),
                         [](unsigned char byte) { return static_cast<char>(std::tolower(byte)); });
  return method;
}

// One search of many has the parameters of a search as members.
Json SearchSchema() {
  Json properties = Json::object();
  for (const ParameterDescription& parameter : ParametersOf(ParameterGroup::kSearch)) {
    Json& schema = properties[std::string(parameter.name)] = SchemaOf(parameter);
    schema["description"] = parameter.meaning;
  }
  properties["collection"] = TypeOf("string");
  properties["x-typesense-api-key"] = TypeOf("string");
  return {{"type", "object"}, {"properties", std::move(properties)}};
}

}  // namespace

Json DescribeInterface() {
  Json paths = Json::object();
  for (const Route& route : Routes()) {
    const auto descriptions = RouteDescriptions();
    const auto described = std::ranges::find(descriptions, route.label, &RouteDescription::label);
    if (described != descriptions.end()) {
      paths[PathOf(route.pattern())][MethodOf(route.label)] = DescribeOperation(route, *described);
    }
  }
  Json schemas = {{"Search", SearchSchema()}};
  for (const std::string_view text : {SchemasText(), SearchSchemasText()}) {
    if (const auto parsed = ParseJson(text)) {
      schemas.update(*parsed);
    }
  }
  return {
      {"openapi", "3.0.3"},
      {"info",
       {{"title", "cacheindex"},
        {"version", "1"},
        {"description",
         "Product cache and search node. Typesense-compatible where the routes are the same."}}},
      {"paths", std::move(paths)},
      {"components",
       {{"schemas", std::move(schemas)},
        {"securitySchemes",
         {{"key", {{"type", "apiKey"}, {"in", "header"}, {"name", "X-TYPESENSE-API-KEY"}}}}}}}};
}

}  // namespace cacheindex::api
