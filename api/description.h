#pragma once

#include <span>
#include <string>
#include <string_view>

#include "node/core/json.h"

namespace cacheindex::api {

/// What a client may put into the query string of an operation.
enum class ParameterGroup {
  kNone,
  kSearch,
  kMultiSearch,
  kWrite,
  kImport,
  kExport,
  kFilter,
  kDelete,
  kProjection,
  kBatch,
  kPage,
  kListCollections,
  kCreateCollection,
  kDeleteDocument,
  kSnapshot,
  kStemmingImport,
};

/// One parameter: its type as JSON Schema names it, and one sentence.
struct ParameterDescription {
  std::string_view name;
  std::string_view type;
  std::string_view meaning;
  /// The words that it may be, with spaces between them; none means any value of its type.
  std::string_view choices = {};
};

/// The parameters of a group. Those of kSearch are also the members of one search of many, and in
/// the query string of many searches what these leave out.
std::span<const ParameterDescription> ParametersOf(ParameterGroup group) noexcept;

/// What a route of router.cc is for, under the same label. The names of bodies and answers are
/// schemas; no name means plain text, or nothing.
struct RouteDescription {
  std::string_view label;
  std::string_view summary;
  ParameterGroup parameters = ParameterGroup::kNone;
  std::string_view body = {};
  std::string_view answer = {};
  int status = 200;
};

std::span<const RouteDescription> RouteDescriptions() noexcept;

/// Both return JSON Schemas of bodies and answers, by name. An object without `properties` says in
/// `additionalProperties` what its members are: `true` is for what users make up.
std::string_view SchemasText() noexcept;
std::string_view SearchSchemasText() noexcept;

/// Returns the description of the whole interface as OpenAPI 3.0 has it: the routes of the router
/// in the words of RouteDescriptions.
Json DescribeInterface();

}  // namespace cacheindex::api
