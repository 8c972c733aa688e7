#include "index/words/stemming_language.h"

#include <algorithm>
#include <array>

namespace cacheindex::index {
namespace {

struct Language {
  std::string_view locale;
  std::string_view name;
};

constexpr std::array kLanguages = {
    Language{"ar", "arabic"},     Language{"ca", "catalan"},    Language{"da", "danish"},
    Language{"de", "german"},     Language{"en", "english"},    Language{"es", "spanish"},
    Language{"eu", "basque"},     Language{"fi", "finnish"},    Language{"fr", "french"},
    Language{"ga", "irish"},      Language{"hu", "hungarian"},  Language{"hy", "armenian"},
    Language{"id", "indonesian"}, Language{"it", "italian"},    Language{"lt", "lithuanian"},
    Language{"nb", "norwegian"},  Language{"ne", "nepali"},     Language{"nl", "dutch"},
    Language{"no", "norwegian"},  Language{"pt", "portuguese"}, Language{"ro", "romanian"},
    Language{"ru", "russian"},    Language{"sv", "swedish"},    Language{"ta", "tamil"},
    Language{"tr", "turkish"}};

}  // namespace

std::string_view StemmingLanguage(std::string_view locale) {
  const std::string_view language =
      locale.empty() ? "en" : locale.substr(0, locale.find_first_of("-_"));
  const auto* const found =
      std::find_if(kLanguages.begin(), kLanguages.end(),
                   [&](const Language& known) { return known.locale == language; });
  return found == kLanguages.end() ? std::string_view() : found->name;
}

}  // namespace cacheindex::index
