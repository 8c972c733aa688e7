target_sources(cacheindex_index PRIVATE
  coercion.cc
  document_preparation.cc
  field_values.cc
  name_pattern.cc
  schema.cc
  schema_cache.cc
  schema_definition.cc
  schema_storage.cc
  value_dictionary.cc
  word_dictionary.cc)
