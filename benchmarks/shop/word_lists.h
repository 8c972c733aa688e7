#pragma once

#include <string_view>

namespace cacheindex::shop {

// The shop's raw material, as text that vocabulary.cc and catalogue.cc take apart. Words are
// separated by blanks. A bilingual entry is English followed by Chinese: "soap dish 肥皂盒".

/// The category tree. "# Department 部门: attribute attribute ..." opens a department; each line
/// below it is "Aisle 分类 = product 产品, product 产品, ...". The products are the third level.
extern const std::string_view kCategoryTree;

/// "name: value 值, value 值, ..." for attributes of words, "name# first last unit" for numbers.
extern const std::string_view kAttributes;

/// "City 城市 CC latitude longitude" per line.
extern const std::string_view kWarehouses;

/// The most frequent words of English product texts, most frequent first.
extern const std::string_view kFrequentWords;
extern const std::string_view kRetailWords;
/// Bilingual, separated by commas.
extern const std::string_view kAdjectives;
extern const std::string_view kTags;
extern const std::string_view kCountries;

/// Parts of words: any stem, any middle and any ending make one that could be English.
extern const std::string_view kStems;
extern const std::string_view kMiddles;
extern const std::string_view kEndings;
extern const std::string_view kBrandEndings;

/// Whole Chinese words, and single characters that make compounds, first and second.
extern const std::string_view kChineseWords;
extern const std::string_view kChineseFirst;
extern const std::string_view kChineseSecond;

}  // namespace cacheindex::shop
