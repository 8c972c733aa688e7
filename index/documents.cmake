target_sources(cacheindex_index PRIVATE
  coercion.cc
  document_columns.cc
  document_preparation.cc
  document_writer.cc
  field_values.cc
  index_verifier.cc
  name_pattern.cc
  number_cache.cc
  schema.cc
  schema_cache.cc
  schema_change.cc
  schema_definition.cc
  schema_storage.cc
  search_index.cc
  search_plan.cc
  value_dictionary.cc
  word_dictionary.cc
  writer_schemas.cc)
target_sources(cacheindex_index
  PUBLIC FILE_SET HEADERS BASE_DIRS ${PROJECT_SOURCE_DIR}
  FILES document_set.h document_writer.h projection.h schema.h name_pattern.h search_index.h
        writer_schemas.h)
