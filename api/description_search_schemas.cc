#include "api/description.h"

namespace cacheindex::api {

namespace {

// What is marked has the shape of the document: objects and arrays stand where they stand there.
constexpr std::string_view kSchemas = R"({
"FacetValue":{"type":"object","required":["count","highlighted","value"],
  "additionalProperties":false,"properties":{"count":{"type":"integer"},
  "highlighted":{"type":"string"},"value":{"type":"string"},
  "parent":{"$ref":"#/components/schemas/AnyObject"}}},
"FacetStatistics":{"type":"object","required":["total_values"],"additionalProperties":false,
  "properties":{"avg":{"type":"number"},"max":{"type":"number"},"min":{"type":"number"},
  "sum":{"type":"number"},"total_values":{"type":"integer"}}},
"Facet":{"type":"object","required":["counts","field_name","sampled","stats"],
  "additionalProperties":false,"properties":{"field_name":{"type":"string"},
  "counts":{"type":"array","items":{"$ref":"#/components/schemas/FacetValue"}},
  "sampled":{"type":"boolean"},"stats":{"$ref":"#/components/schemas/FacetStatistics"}}},

"MarkedText":{"type":"object","required":["matched_tokens","snippet"],
  "additionalProperties":false,"properties":{
  "matched_tokens":{"$ref":"#/components/schemas/StringList"},"snippet":{"type":"string"},
  "value":{"type":"string"}}},
"Highlight":{"type":"object","additionalProperties":{"oneOf":[
  {"$ref":"#/components/schemas/MarkedText"},
  {"type":"array","items":{"nullable":true,"oneOf":[
    {"$ref":"#/components/schemas/MarkedText"},{"$ref":"#/components/schemas/Highlight"}]}},
  {"$ref":"#/components/schemas/Highlight"}]}},
"MarkedField":{"type":"object","required":["field","matched_tokens","snippet"],
  "additionalProperties":false,"properties":{"field":{"type":"string"},
  "matched_tokens":{"$ref":"#/components/schemas/StringList"},"snippet":{"type":"string"},
  "value":{"type":"string"}}},
"MarkedArrayField":{"type":"object","required":["field","indices","matched_tokens","snippets"],
  "additionalProperties":false,"properties":{"field":{"type":"string"},
  "indices":{"type":"array","items":{"type":"integer"}},
  "matched_tokens":{"type":"array","items":{"$ref":"#/components/schemas/StringList"}},
  "snippets":{"$ref":"#/components/schemas/StringList"},
  "values":{"$ref":"#/components/schemas/StringList"}}},
"TextMatchInfo":{"type":"object","additionalProperties":false,
  "required":["best_field_score","best_field_weight","fields_matched","num_tokens_dropped","score",
  "tokens_matched","typo_prefix_score"],
  "properties":{"best_field_score":{"type":"string"},"best_field_weight":{"type":"integer"},
  "fields_matched":{"type":"integer"},"num_tokens_dropped":{"type":"integer"},
  "score":{"type":"string"},"tokens_matched":{"type":"integer"},
  "typo_prefix_score":{"type":"integer"}}},
"Hit":{"type":"object","required":["document","highlight"],"additionalProperties":false,
  "properties":{"document":{"$ref":"#/components/schemas/Document"},
  "curated":{"type":"boolean"},
  "geo_distance_meters":{"type":"object","additionalProperties":{"type":"integer"}},
  "highlight":{"$ref":"#/components/schemas/Highlight"},
  "highlights":{"type":"array","items":{"oneOf":[
    {"$ref":"#/components/schemas/MarkedField"},
    {"$ref":"#/components/schemas/MarkedArrayField"}]}},
  "text_match":{"type":"integer"},
  "text_match_info":{"$ref":"#/components/schemas/TextMatchInfo"},
  "collection":{"type":"string"},"search_index":{"type":"integer"}}},
"HitList":{"type":"array","items":{"$ref":"#/components/schemas/Hit"}},
"GroupValue":{"oneOf":[{"type":"string"},{"type":"number"},{"type":"boolean"}]},
"Group":{"type":"object","required":["found","group_key","hits"],"additionalProperties":false,
  "properties":{"found":{"type":"integer"},
  "group_key":{"type":"array","items":{"oneOf":[{"$ref":"#/components/schemas/GroupValue"},
    {"type":"array","items":{"$ref":"#/components/schemas/GroupValue"}}]}},
  "hits":{"$ref":"#/components/schemas/HitList"}}},
"GroupList":{"type":"array","items":{"$ref":"#/components/schemas/Group"}},

"SearchRequestParameters":{"type":"object","additionalProperties":false,
  "required":["collection_name","first_q","per_page","q"],
  "properties":{"collection_name":{"type":"string"},"first_q":{"type":"string"},
  "per_page":{"type":"integer"},"q":{"type":"string"}}},
"SearchAnswer":{"type":"object","additionalProperties":false,
  "required":["facet_counts","found","request_params","search_cutoff"],
  "properties":{
  "facet_counts":{"type":"array","items":{"$ref":"#/components/schemas/Facet"}},
  "found":{"type":"integer"},"found_docs":{"type":"integer"},
  "grouped_hits":{"$ref":"#/components/schemas/GroupList"},
  "hits":{"$ref":"#/components/schemas/HitList"},
  "metadata":{"$ref":"#/components/schemas/AnyObject"},"offset":{"type":"integer"},
  "out_of":{"type":"integer"},"page":{"type":"integer"},"search_cutoff":{"type":"boolean"},
  "search_time_ms":{"type":"integer"},
  "request_params":{"$ref":"#/components/schemas/SearchRequestParameters"}}},
"SearchFailure":{"type":"object","required":["code","error"],"additionalProperties":false,
  "properties":{"code":{"type":"integer"},"error":{"type":"string"}}},
"MultiSearch":{"type":"object","properties":{"union":{"type":"boolean"},
  "searches":{"type":"array","items":{"$ref":"#/components/schemas/Search"}}}},
"ResultList":{"type":"object","required":["results"],"additionalProperties":false,"properties":{
  "results":{"type":"array","items":{"oneOf":[{"$ref":"#/components/schemas/SearchAnswer"},
    {"$ref":"#/components/schemas/SearchFailure"}]}}}},
"UnionRequestParameters":{"type":"object","additionalProperties":false,
  "required":["collection","collection_name","first_q","found","per_page","q"],
  "properties":{"collection":{"type":"string"},"collection_name":{"type":"string"},
  "first_q":{"type":"string"},"found":{"type":"integer"},"per_page":{"type":"integer"},
  "q":{"type":"string"}}},
"UnionAnswer":{"type":"object","additionalProperties":false,
  "required":["facet_counts","found","out_of","search_cutoff","search_time_ms",
  "union_request_params"],
  "properties":{
  "facet_counts":{"type":"array","items":{"$ref":"#/components/schemas/Facet"}},
  "found":{"type":"integer"},"found_docs":{"type":"integer"},
  "grouped_hits":{"$ref":"#/components/schemas/GroupList"},
  "hits":{"$ref":"#/components/schemas/HitList"},"offset":{"type":"integer"},
  "out_of":{"type":"integer"},"page":{"type":"integer"},"search_cutoff":{"type":"boolean"},
  "search_time_ms":{"type":"integer"},"union_request_params":{"type":"array",
    "items":{"$ref":"#/components/schemas/UnionRequestParameters"}}}},
"MultiSearchAnswer":{"oneOf":[{"$ref":"#/components/schemas/ResultList"},
  {"$ref":"#/components/schemas/UnionAnswer"},{"$ref":"#/components/schemas/SearchFailure"}]}
})";

}  // namespace

std::string_view SearchSchemasText() noexcept { return kSchemas; }

}  // namespace cacheindex::api
