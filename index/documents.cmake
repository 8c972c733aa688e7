target_sources(cacheindex_index PRIVATE
  coercion.cc
  document_columns.cc
  document_preparation.cc
  document_writer.cc
  field_values.cc
  name_pattern.cc
  number_cache.cc
  schema.cc
  schema_cache.cc
  schema_change.cc
  schema_definition.cc
  schema_storage.cc
  value_dictionary.cc
  word_dictionary.cc
  writer_schemas.cc)
