#include "index/words/unit_spellings.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <unordered_map>
#include <vector>

namespace cacheindex::index {
namespace {

struct Unit {
  std::string_view word;
  /// With spaces between.
  std::string_view spellings;
  std::string_view signs;
};

constexpr std::array kUnits = {
    // Two primes, apostrophes or minute signs are typed for one of seconds.
    Unit{kInch, "in inch inches zoll", "\" \u2033 \u201d '' \u2019\u2019 \u2032\u2032"},
    Unit{kFeet, "ft foot feet", "' \u2019 \u2032"},
    Unit{"yard", "yd yds yard yards", ""},
    Unit{"millimeter", "mm millimeter millimeters millimetre millimetres", ""},
    Unit{"centimeter", "cm centimeter centimeters centimetre centimetres", ""},
    Unit{"meter", "m meter meters metre metres", ""},
    Unit{"kilometer", "km kilometer kilometers kilometre kilometres", ""},
    Unit{"milligram", "mg milligram milligrams", ""},
    Unit{"gram", "g gram grams gramm", ""},
    Unit{"kilogram", "kg kgs kilo kilos kilogram kilograms kilogramm", ""},
    Unit{"ounce", "oz ounce ounces", ""},
    Unit{"pound", "lb lbs pound pounds", ""},
    Unit{"milliliter", "ml milliliter milliliters millilitre millilitres", ""},
    Unit{"centiliter", "cl centiliter centiliters centilitre centilitres", ""},
    Unit{"liter", "l ltr liter liters litre litres", ""},
    Unit{"gallon", "gal gallon gallons", ""},
    Unit{"volt", "v volt volts", ""},
    Unit{"watt", "w watt watts", ""},
    Unit{"kilowatt", "kw kilowatt kilowatts", ""},
    // Ω is spelled in letters before (letter_spellings.h).
    Unit{"ohm", "ohm ohms", ""},
    Unit{"kohm", "kohm kohms", ""},
    Unit{"mohm", "mohm mohms", ""},
    Unit{"hertz", "hz hertz", ""},
    Unit{"megabyte", "mb megabyte megabytes", ""},
    Unit{"gigabyte", "gb gigabyte gigabytes", ""},
    Unit{"terabyte", "tb terabyte terabytes", ""},
    // The others are on keyboards that have no degree sign.
    Unit{kDegree, "deg degree degrees", "\u00b0 \u00ba \u02da"},
    Unit{kPercent, "percent pct", "% \uff05"},
};

// Calls visit(piece) for what stands between spaces.
template <class Visit>
void ForEachPiece(std::string_view text, const Visit& visit) {
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find(' ', begin), text.size());
    visit(text.substr(begin, end - begin));
    begin = end + 1;
  }
}

std::vector<UnitSign> MakeSigns() {
  std::vector<UnitSign> signs;
  for (const Unit& unit : kUnits) {
    ForEachPiece(unit.signs, [&](std::string_view sign) { signs.push_back({sign, unit.word}); });
  }
  std::stable_sort(signs.begin(), signs.end(), [](const UnitSign& left, const UnitSign& right) {
    return left.sign.size() > right.sign.size();
  });
  return signs;
}

}  // namespace

std::string_view UnitOf(std::string_view spelling) {
  static const auto kWords = [] {
    std::unordered_map<std::string_view, std::string_view> words;
    for (const Unit& unit : kUnits) {
      ForEachPiece(unit.spellings,
                   [&](std::string_view piece) { words.emplace(piece, unit.word); });
    }
    return words;
  }();
  const auto found = kWords.find(spelling);
  return found == kWords.end() ? std::string_view() : found->second;
}

UnitSign UnitSignOf(std::string_view text) {
  static const std::vector<UnitSign> kSigns = MakeSigns();
  const auto found = std::find_if(kSigns.begin(), kSigns.end(), [text](const UnitSign& unit) {
    return text.starts_with(unit.sign);
  });
  return found == kSigns.end() ? UnitSign() : *found;
}

}  // namespace cacheindex::index
