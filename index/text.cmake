target_sources(cacheindex_index PRIVATE
  text_folder.cc tokenizer.cc word_segmenter.cc xapian_guard.cc)
