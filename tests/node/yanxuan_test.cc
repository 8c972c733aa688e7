// A real Chinese household shop: its goods are found by words and by characters, whatever form
// these are written in. Skipped where its file is not (see CMakeLists.txt).

#include <gmock/gmock.h>

#include <cstdio>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "index/words/tokenizer.h"
#include "tests/node/running_node.h"

namespace cacheindex::test {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;

constexpr std::size_t kGoods = 239;

std::string ReadFile(const std::string& path) {
  struct Close {
    void operator()(std::FILE* file) const { ::pclose(file); }
  };
  const std::unique_ptr<std::FILE, Close> pipe(::popen(("zcat '" + path + "'").c_str(), "r"));
  std::string text;
  std::vector<char> buffer(1 << 20);
  while (const std::size_t size = std::fread(buffer.data(), 1, buffer.size(), pipe.get())) {
    text.append(buffer.data(), size);
  }
  return text;
}

// Reads CSV whose quoted values may hold commas, doubled quotes and line ends.
std::vector<std::vector<std::string>> ReadRows(const std::string& text) {
  std::vector<std::vector<std::string>> rows;
  std::vector<std::string> row(1);
  bool is_quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char byte = text[i];
    if (byte == '"') {
      const bool is_doubled = is_quoted && i + 1 < text.size() && text[i + 1] == '"';
      if (is_doubled) {
        row.back().push_back('"');
        ++i;
      } else {
        is_quoted = !is_quoted;
      }
    } else if (!is_quoted && byte == ',') {
      row.emplace_back();
    } else if (!is_quoted && byte == '\n') {
      rows.push_back(std::move(row));
      row.assign(1, "");
    } else if (is_quoted || byte != '\r') {
      row.back().push_back(byte);
    }
  }
  return rows;
}

std::string CharacterAt(const std::string& text, const index::Token& token) {
  return text.substr(token.begin, token.end - token.begin);
}

class YanxuanTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    node_ = std::make_unique<RunningNode>();
    node_->Get("POST", "/collections", R"({"name":"goods","fields":[
      {"name":"name","type":"string"},{"name":"details","type":"string[]","optional":true}]})");
    std::string lines;
    const auto rows = ReadRows(ReadFile(CACHEINDEX_REAL_DATA "/yanxuan/goods.csv.gz"));
    for (std::size_t i = 1; i < rows.size(); ++i) {
      names_[rows[i][0]] = rows[i][2];
      lines += DumpJson({{"id", rows[i][0]}, {"name", rows[i][2]}}) + "\n";
    }
    lines += DumpJson({{"id", "set"},
                       {"name", "全棉贡缎床品4件套"},
                       {"details", {"适用1.5 m床", "被套 160*210", "KC-2500"}}});
    node_->Ask("POST", "/collections/goods/documents/import", lines);
  }
  static void TearDownTestSuite() { node_.reset(); }

  void SetUp() override { ASSERT_EQ(names_.size(), kGoods); }

  static Json Search(const std::string& query, const Json& more = Json::object()) {
    Json parameters = {{"q", query},      {"query_by", "name,details"},
                       {"per_page", 250}, {"include_fields", "id"},
                       {"num_typos", 0},  {"drop_tokens_threshold", 0}};
    parameters.update(more);
    return node_->Search("goods", parameters);
  }
  static std::set<std::string> Find(const std::string& query) {
    std::set<std::string> ids;
    const Json answer = Search(query);
    for (const Json& hit : answer["hits"]) {
      ids.insert(hit["document"]["id"].get<std::string>());
    }
    return ids;
  }
  // The marked-up value of the field of one hit.
  static std::string Marked(const std::string& query, const std::string& id,
                            const std::string& field) {
    const Json answer = Search(query, {{"highlight_full_fields", field}});
    for (const Json& hit : answer["hits"]) {
      if (hit["document"]["id"] == id) {
        return hit["highlight"].value(field, Json::object()).value("value", "");
      }
    }
    return "not found";
  }

  static inline std::unique_ptr<RunningNode> node_;
  static inline std::map<std::string, std::string> names_;
};

TEST_F(YanxuanTest, EveryNameIsFoundByEachOfItsWordsAndCharacters) {
  // What is asked for, and who must answer.
  std::map<std::string, std::set<std::string>> expected;
  for (const auto& [id, name] : names_) {
    std::vector<index::Token> tokens;
    index::Tokenizer::OfThread().Tokenize(name, tokens);
    std::map<std::uint32_t, std::string> words;
    for (const index::Token& token : tokens) {
      if (!token.is_sign) {
        expected[CharacterAt(name, token)].insert(id);
      }
      words[token.group] += CharacterAt(name, token);
    }
    for (const auto& [group, word] : words) {
      expected[word].insert(id);
    }
  }
  EXPECT_GT(expected.size(), 600U);
  for (const auto& [query, ids] : expected) {
    const auto found = Find(query);
    for (const std::string& id : ids) {
      EXPECT_TRUE(found.contains(id)) << query << " does not find " << names_[id];
    }
  }
}

TEST_F(YanxuanTest, EveryNameIsFoundByItselfAndMarkedAllOver) {
  for (const auto& [id, name] : names_) {
    std::string marked = Marked(name, id, "name");
    EXPECT_THAT(marked, HasSubstr("<mark>")) << name;
    for (const std::string tag : {"<mark>", "</mark>"}) {
      for (auto at = marked.find(tag); at != std::string::npos; at = marked.find(tag)) {
        marked.erase(at, tag.size());
      }
    }
    EXPECT_EQ(marked, name);
  }
}

TEST_F(YanxuanTest, TraditionalQueriesFindSimplifiedNames) {
  const std::map<std::string, std::string> kQueries = {{"輕奢純棉刺繡水洗四件套", "1006002"},
                                                       {"澳洲羊毛被", "1006007"},
                                                       {"雙宮繭桑蠶絲被", "1006013"}};
  for (const auto& [query, id] : kQueries) {
    EXPECT_THAT(Find(query), Contains(id)) << query;
  }
  EXPECT_EQ(Find("寵物窩"), Find("宠物窝"));
  EXPECT_EQ(Find("絲"), Find("丝"));
  EXPECT_GT(Find("寵物窩").size(), 3U);
  EXPECT_EQ(Marked("純棉", "1006002", "name"), "轻奢<mark>纯</mark><mark>棉</mark>刺绣水洗四件套");
}

TEST_F(YanxuanTest, MixedQueriesFindEverySpelling) {
  for (const char* query : {"4件套 1.5m", "四件套 1.5M", "4件套 1.5 m", "４件套 １．５ｍ",
                            "件套 kc2500", "kc-2500", "KC 2500", "160*210 被套"}) {
    EXPECT_THAT(Find(query), Contains("set")) << query;
  }
  EXPECT_EQ(Find("4件套"), Find("四件套"));
  EXPECT_GT(Find("4件套").size(), 20U);
  EXPECT_EQ(Find("carat鑽石").size(), 5U);
  EXPECT_EQ(Marked("4件套", "1006002", "name"),
            "轻奢纯棉刺绣水洗<mark>四</mark><mark>件</mark><mark>套</mark>");
}

}  // namespace
}  // namespace cacheindex::test
