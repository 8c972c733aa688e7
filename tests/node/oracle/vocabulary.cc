#include "tests/node/oracle/vocabulary.h"

namespace cacheindex::test {

const std::vector<std::string>& Words() {
  static const std::vector<std::string> kWords = {"red",         "Red",
                                                  "RÉD",         "rédish",
                                                  "blue",        "Blues",
                                                  "café",        "cafe",
                                                  "CAFETERIA",   "shoe",
                                                  "shoes",       "Shoelace",
                                                  "run",         "running",
                                                  "runner",      "straße",
                                                  "strasse",     "ñandú",
                                                  "men's",       "mens",
                                                  "men",         "wi-fi",
                                                  "wifi",        "KC-2500",
                                                  "2500",        "25",
                                                  "1.5",         "1",
                                                  "4k",          "x",
                                                  "a",           "the",
                                                  "红色",        "运动鞋",
                                                  "运动",        "手机",
                                                  "手机壳",      "苹果",
                                                  "果",          "テスト",
                                                  "手機",        "kc2500",
                                                  "てすと",      "t-shirt",
                                                  "T恤",         "noise-cancelling",
                                                  "ＡＢＣ",      "abc",
                                                  "abcd",        "Ünïcode",
                                                  "under_score", "R&D",
                                                  "longestword", "1½",
                                                  "1 1/2",       "11/2",
                                                  "3/8″",        "3/8 in",
                                                  "24 inch",     "10×15",
                                                  "10x15",       "1,5",
                                                  "1,000",       "1000",
                                                  "U.S.A.",      "usa",
                                                  "rock'n'roll", "rock n roll",
                                                  "5 kg",        "10µF",
                                                  "50%",         "サーバー",
                                                  "サーバ",      "ґанок",
                                                  "ганок",       "★★★",
                                                  "1-2",         "12",
                                                  "A+++",        "C++",
                                                  "-2.50",       "2.50",
                                                  "京東",        "東京"};
  return kWords;
}

std::string RandomText(Random& random, std::size_t words_max) {
  static const std::vector<std::string> kSeparators = {" ",  " ", " ",  " ",  ", ", " - ", "/",
                                                       "  ", "",  " (", ") ", "! ", "\n"};
  static const std::vector<std::string> kWordless = {"",  "-",  "!!!",   " ", "&",   "…", "+",
                                                     "★", "★★", "★★★★★", "👍", "+++", "?"};
  if (random.Chance(6)) {
    return random.Pick(kWordless);
  }
  std::string text;
  const std::size_t words = 1 + random.Below(words_max);
  for (std::size_t i = 0; i < words; ++i) {
    text += (i == 0 ? "" : random.Pick(kSeparators)) + random.Pick(Words());
  }
  return text;
}

Phrases::Phrases(Random& random, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) {
    phrases_.push_back(RandomText(random, 3));
  }
}

}  // namespace cacheindex::test
