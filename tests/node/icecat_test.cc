// A real catalogue: 19,406 products with 5,354 different attributes. Compiled only where its file
// is (see CMakeLists.txt); answers are compared with sums over the plain JSON.

#include <gmock/gmock.h>
#include <sys/stat.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <functional>
#include <iostream>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "index/tokenizer.h"
#include "tests/node/running_node.h"

namespace cacheindex::test {
namespace {

constexpr std::size_t kDocuments = 19'406;
constexpr std::size_t kLinesPerImport = 2'000;
constexpr std::uint64_t kDirectoryBytesMax = 150'000'000;

constexpr const char* kSchema = R"({"name":"products","fields":[
  {"name":"title","type":"string"},
  {"name":"short_description","type":"string","optional":true},
  {"name":"supplier","type":"string","facet":true},
  {"name":"price","type":"int32","facet":true},
  {"name":"ean","type":"string[]"},
  {"name":"date_released","type":"string","sort":true},
  {"name":"attr_.*","type":"auto","facet":true}]})";

std::vector<std::string> ReadCatalogue() {
  struct Close {
    void operator()(std::FILE* file) const { ::pclose(file); }
  };
  const std::unique_ptr<std::FILE, Close> pipe(::popen("zcat '" CACHEINDEX_ICECAT_FILE "'", "r"));
  std::string text;
  std::vector<char> buffer(1 << 20);
  std::vector<std::string> lines;
  while (const std::size_t size = std::fread(buffer.data(), 1, buffer.size(), pipe.get())) {
    text.append(buffer.data(), size);
    std::size_t begin = 0;
    for (std::size_t end = text.find('\n'); end != std::string::npos;
         end = text.find('\n', begin)) {
      lines.push_back(text.substr(begin, end - begin));
      begin = end + 1;
    }
    text.erase(0, begin);
  }
  return lines;
}

// What the file occupies on disk, not what it could grow to.
std::uint64_t DirectoryBytes(const std::filesystem::path& directory) {
  std::uint64_t bytes = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(directory)) {
    struct stat status {};
    if (::stat(entry.path().c_str(), &status) == 0 && S_ISREG(status.st_mode)) {
      bytes += static_cast<std::uint64_t>(status.st_blocks) * 512;
    }
  }
  return bytes;
}

std::set<std::string> WordsOf(const Json& document, std::initializer_list<const char*> fields) {
  std::set<std::string> words;
  std::vector<index::Token> tokens;
  for (const char* field : fields) {
    if (document.contains(field)) {
      index::Tokenizer::OfThread().Tokenize(document.at(field).get<std::string>(), tokens);
      for (const index::Token& token : tokens) {
        words.insert(token.word);
      }
    }
  }
  return words;
}

// The imported catalogue, once for all tests.
class IcecatTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    catalogue_ = new Catalogue();
    catalogue_->Import();
  }
  static void TearDownTestSuite() {
    delete catalogue_;
    catalogue_ = nullptr;
  }

  struct Catalogue {
    void Import() {
      node.Get("POST", "/collections", kSchema);
      const auto lines = ReadCatalogue();
      const auto begin = std::chrono::steady_clock::now();
      for (std::size_t first = 0; first < lines.size(); first += kLinesPerImport) {
        std::string body;
        for (std::size_t i = first; i < std::min(first + kLinesPerImport, lines.size()); ++i) {
          body += lines[i] + "\n";
        }
        for (const std::string& answer :
             LinesOf(node.Ask("POST", "/collections/products/documents/import", body).body)) {
          accepted += answer == R"({"success":true})" ? 1U : 0U;
          if (answer != R"({"success":true})") {
            ADD_FAILURE() << answer;
          }
        }
      }
      const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
      for (const std::string& line : lines) {
        documents.push_back(Json::parse(line));
      }
      std::cout << accepted << " products accepted in " << took.count() << " s, "
                << DirectoryBytes(node.directory().path()) / 1'000'000 << " MB\n";
    }

    RunningNode node;
    std::vector<Json> documents;
    std::size_t accepted = 0;
  };

  using Condition = std::function<bool(const Json& document)>;

  static std::vector<const Json*> Select(const Condition& condition) {
    std::vector<const Json*> selected;
    for (const Json& document : catalogue_->documents) {
      if (condition(document)) {
        selected.push_back(&document);
      }
    }
    return selected;
  }

  // Value and count of the most frequent values: the contract's order.
  static Json TopValues(const std::vector<const Json*>& documents, const char* field) {
    std::map<std::string, std::uint64_t> counts;
    for (const Json* document : documents) {
      if (document->contains(field)) {
        const Json& value = document->at(field);
        ++counts[value.is_string() ? value.get<std::string>() : DumpJson(value)];
      }
    }
    std::vector<std::pair<std::string, std::uint64_t>> ordered(counts.begin(), counts.end());
    std::sort(ordered.begin(), ordered.end(), [](const auto& a, const auto& b) {
      if (a.second != b.second) {
        return a.second > b.second;
      }
      return a.first.size() != b.first.size() ? a.first.size() < b.first.size() : a.first > b.first;
    });
    Json top = Json::array();
    for (const auto& [value, count] : ordered) {
      if (top.size() < 10) {
        top.push_back({value, count});
      }
    }
    return top;
  }

  static Json ShownValues(const Json& facet) {
    Json shown = Json::array();
    for (const Json& value : facet.at("counts")) {
      shown.push_back({value.at("value"), value.at("count")});
    }
    return shown;
  }

  static Json Search(const Json& parameters) {
    return catalogue_->node.Search("products", parameters);
  }

  static Catalogue* catalogue_;
};

IcecatTest::Catalogue* IcecatTest::catalogue_ = nullptr;

TEST_F(IcecatTest, EveryProductIsAcceptedAndTheDirectoryStaysSmall) {
  EXPECT_EQ(catalogue_->accepted, kDocuments);
  EXPECT_EQ(Search({{"q", "*"}}).at("found"), kDocuments);
  EXPECT_LT(DirectoryBytes(catalogue_->node.directory().path()), kDirectoryBytesMax);
}

TEST_F(IcecatTest, EveryAttributeIsAFacetField) {
  std::set<std::string> attributes;
  for (const Json& document : catalogue_->documents) {
    for (const auto& [name, value] : document.items()) {
      if (name.starts_with("attr_")) {
        attributes.insert(name);
      }
    }
  }
  std::set<std::string> fields;
  const Json collection = catalogue_->node.Get("GET", "/collections/products");
  for (const Json& field : collection.at("fields")) {
    const auto name = field.at("name").get<std::string>();
    if (name.starts_with("attr_") && name != "attr_.*") {
      EXPECT_TRUE(field.at("facet")) << name;
      fields.insert(name);
    }
  }
  EXPECT_EQ(fields, attributes);
  EXPECT_EQ(fields.size(), 5'354U);
}

TEST_F(IcecatTest, AShopPageWithFacetsFilterAndSortIsRight) {
  const auto selected = Select([](const Json& document) {
    const auto words = WordsOf(document, {"title", "short_description"});
    return words.contains("laptop") && document.at("price") >= 1000 &&
           document.at("price") <= 100000;
  });
  ASSERT_FALSE(selected.empty());
  const Json answer =
      Search({{"q", "laptop"},
              {"query_by", "title,short_description"},
              {"prefix", "false"},
              {"filter_by", "price:[1000..100000]"},
              {"facet_by", "supplier,attr_t_product_colour,attr_n_weight,attr_t_type"},
              {"sort_by", "price:asc"},
              {"per_page", 50}});
  EXPECT_EQ(answer.at("found"), selected.size());
  const char* facets[] = {"supplier", "attr_t_product_colour", "attr_n_weight", "attr_t_type"};
  for (std::size_t i = 0; i < std::size(facets); ++i) {
    const Json& facet = answer.at("facet_counts").at(i);
    EXPECT_EQ(facet.at("field_name"), facets[i]);
    if (std::string(facets[i]) != "attr_n_weight") {
      EXPECT_EQ(ShownValues(facet), TopValues(selected, facets[i])) << facets[i];
    }
  }
  Json last = 0;
  for (const Json& hit : answer.at("hits")) {
    EXPECT_GE(hit.at("document").at("price"), last);
    last = hit.at("document").at("price");
  }
  EXPECT_EQ(answer.at("hits").size(), std::min<std::size_t>(selected.size(), 50));
}

TEST_F(IcecatTest, FiltersOnAttributesSelectAndCountWhatTheyShould) {
  const auto selected = Select([](const Json& document) {
    return document.contains("attr_n_weight") && document.at("attr_n_weight") >= 100 &&
           document.at("attr_n_weight") <= 2000 &&
           WordsOf(document, {"attr_t_product_colour"}) == std::set<std::string>{"black"};
  });
  ASSERT_FALSE(selected.empty());
  const Json answer = Search({{"q", "*"},
                              {"filter_by",
                               "attr_n_weight:[100..2000] && "
                               "attr_t_product_colour:=black"},
                              {"facet_by", "supplier,price"},
                              {"per_page", 0}});
  EXPECT_EQ(answer.at("found"), selected.size());
  EXPECT_EQ(ShownValues(answer.at("facet_counts").at(0)), TopValues(selected, "supplier"));
  EXPECT_EQ(ShownValues(answer.at("facet_counts").at(1)), TopValues(selected, "price"));
  double sum = 0;
  for (const Json* document : selected) {
    sum += document->at("price").get<double>();
  }
  EXPECT_DOUBLE_EQ(answer.at("facet_counts").at(1).at("stats").at("sum").get<double>(), sum);
}

TEST_F(IcecatTest, PrefixesAndSeveralWordsFindAcrossFields) {
  const auto selected = Select([](const Json& document) {
    const auto words = WordsOf(document, {"title", "short_description", "supplier"});
    const auto prefix = words.lower_bound("cab");
    return words.contains("usb") && prefix != words.end() && prefix->starts_with("cab");
  });
  ASSERT_FALSE(selected.empty());
  const Json answer = Search({{"q", "USB cab"},
                              {"query_by", "title,short_description,supplier"},
                              {"drop_tokens_threshold", 0},
                              {"facet_by", "supplier"}});
  EXPECT_EQ(answer.at("found"), selected.size());
  EXPECT_EQ(ShownValues(answer.at("facet_counts").at(0)), TopValues(selected, "supplier"));
}

TEST_F(IcecatTest, AProductIsFoundByItsNumber) {
  const Json& product = catalogue_->documents.at(kDocuments / 2);
  const auto ean = product.at("ean").at(0).get<std::string>();
  const auto selected = Select([&](const Json& document) {
    const Json& numbers = document.at("ean");
    return std::find(numbers.begin(), numbers.end(), ean) != numbers.end();
  });
  const Json answer =
      Search({{"q", ean}, {"query_by", "ean"}, {"prefix", "false"}, {"per_page", 250}});
  EXPECT_EQ(answer.at("found"), selected.size());
}

}  // namespace
}  // namespace cacheindex::test
