#include "node/config/config.h"

#include <gtest/gtest.h>

#include <fstream>
#include <string>

#include "tests/support/result_matchers.h"
#include "tests/support/temp_directory.h"

namespace cacheindex::test {
namespace {

using node::Config;
using node::LoadConfig;

class ConfigTest : public testing::Test {
 protected:
  Result<Config> Load(const std::string& text) {
    const auto path = directory_.path() / "node.toml";
    std::ofstream(path) << text;
    return LoadConfig(path);
  }

  /// A source that is right, with `line` in its section.
  Result<Config> LoadSource(const std::string& line, const std::string& name = "shop") {
    return Load("[source." + name + "]\nkind = \"postgres\"\nconnection = \"dbname=shop\"\n" +
                "publication = \"p\"\n" + line + "\n[[source." + name +
                ".collection]]\nname = \"products\"\nroot = \"product\"\n" +
                "fields = [{ name = \"title\" }]\n");
  }

  TempDirectory directory_;
};

TEST_F(ConfigTest, TheExampleIsReadAndShowsTheDefaults) {
  const auto config = LoadConfig(CACHEINDEX_EXAMPLE_FILE);
  ASSERT_THAT(config, Succeeds());
  const Config defaults;
  EXPECT_EQ(config->store.map_size_bytes, defaults.store.map_size_bytes);
  EXPECT_EQ(config->stop_timeout, defaults.stop_timeout);
  ASSERT_EQ(config->sources.size(), 1U);
  const node::SourceConfig& source = config->sources[0];
  const node::SourceConfig plain;
  EXPECT_EQ(source.name, "shop");
  EXPECT_EQ(source.publication, "cacheindex");
  EXPECT_EQ(source.queue_bytes_max, plain.queue_bytes_max);
  EXPECT_EQ(source.transaction_bytes_max, plain.transaction_bytes_max);
  EXPECT_EQ(source.spool_bytes_max, plain.spool_bytes_max);
  EXPECT_EQ(source.status_interval, plain.status_interval);
  EXPECT_EQ(source.catalog_interval, plain.catalog_interval);
  EXPECT_EQ(source.lock_timeout, plain.lock_timeout);
  EXPECT_EQ(source.backoff_min, plain.backoff_min);
  EXPECT_EQ(source.backoff_max, plain.backoff_max);
  EXPECT_EQ(source.readiness_lag_bytes_max, plain.readiness_lag_bytes_max);
  EXPECT_EQ(source.readiness_heartbeat_age_max, plain.readiness_heartbeat_age_max);
  ASSERT_EQ(source.collections.size(), 1U);
  EXPECT_EQ(source.collections[0].name, "products");
  EXPECT_EQ(source.collections[0].root, "product");
  EXPECT_EQ(source.collections[0].fields.size(), 8U);
}

TEST_F(ConfigTest, UnknownKeysOfADeclarationAreRefusedWithTheNearestName) {
  const auto message = [this](const std::string& keys, const std::string& field) {
    const auto loaded = Load(
        "[source.shop]\nkind = \"postgres\"\nconnection = \"dbname=shop\"\n"
        "publication = \"p\"\n[[source.shop.collection]]\nname = \"products\"\n"
        "root = \"product\"\n" +
        keys + "\nfields = [{ name = \"title\", " + field + " }]\n");
    return loaded ? std::string() : loaded.error().message();
  };
  const auto has = [](const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
  };
  EXPECT_EQ(message("filter = \"published\"", "facet = true"), "");
  const std::string filters = message("filters = \"published\"", "facet = true");
  EXPECT_TRUE(has(filters,
                  "collection \"products\": there is no key `filters`; did you mean "
                  "`filter`?"))
      << filters;
  const std::string facets = message("", "facets = true");
  EXPECT_TRUE(has(facets, "field \"title\": there is no key `facets`; did you mean `facet`?"))
      << facets;
  const std::string reference = message("", "reference = \"x.id\"");
  EXPECT_TRUE(has(reference, "there is no key `reference`")) << reference;
  const std::string sorting = message("default_sorting_field = \"titel\"", "facet = true");
  EXPECT_TRUE(has(sorting, "names no field; did you mean `title`?")) << sorting;
  const auto source = LoadSource("publicatoin = \"p\"");
  ASSERT_THAT(source, FailsWith(ErrorCode::kInvalidArgument));
  EXPECT_TRUE(has(source.error().message(), "did you mean `publication`?"));
  const auto server = Load("[http]\nlisten_at = \"127.0.0.1:1\"\nlisten = 1\n");
  ASSERT_THAT(server, FailsWith(ErrorCode::kInvalidArgument));
}

TEST_F(ConfigTest, AFileThatSaysNothingOfItListensWhereTheReadmeSays) {
  const auto config = Load("[log]\nlevel = \"warn\"\n");
  ASSERT_THAT(config, Succeeds());
  EXPECT_EQ(config->http.listen_address, "127.0.0.1");
  EXPECT_EQ(config->http.port, 8108);
  EXPECT_EQ(config->log.level, "warn");
}

TEST_F(ConfigTest, ALogLevelThatDoesNotExistIsRefusedAndNotTakenForSilence) {
  for (const char* wrong : {"\"warning\"", "\"\"", "\"INFO\"", "1"}) {
    const auto config = Load(std::string("[log]\nlevel = ") + wrong + "\n");
    ASSERT_THAT(config, FailsWith(ErrorCode::kInvalidArgument)) << wrong;
    EXPECT_THAT(config.error().message(),
                testing::HasSubstr("`log.level` must be one of: trace, debug, info, warn, error, "
                                   "off"));
  }
}

TEST_F(ConfigTest, ASourceSaysWhichKeyIsWrong) {
  EXPECT_THAT(LoadSource(""), Succeeds());
  const auto message = [&](const Result<Config>& config) {
    EXPECT_THAT(config, FailsWith(ErrorCode::kInvalidArgument));
    return config ? std::string() : config.error().message();
  };
  EXPECT_THAT(message(LoadSource("colour = 1")), testing::HasSubstr("`source.shop.colour`"));
  EXPECT_THAT(message(LoadSource("queue_bytes_max = 1")),
              testing::HasSubstr("`source.shop.queue_bytes_max` must be a whole number"));
  EXPECT_THAT(message(LoadSource("backoff_min_ms = 99999")), testing::HasSubstr("backoff_min_ms"));
  EXPECT_THAT(message(LoadSource("", "Shop")), testing::HasSubstr("a-z, 0-9 and _"));
  EXPECT_THAT(message(LoadSource("", "native")), testing::HasSubstr("`native`"));
  EXPECT_THAT(message(Load("[source.shop]\nkind = \"postgres\"\n")),
              testing::HasSubstr("`source.shop.connection` is required"));
  EXPECT_THAT(message(Load("[source.shop]\nkind = \"mysql\"\n")),
              testing::HasSubstr("`source.shop.kind` must be \"postgres\""));
}

TEST_F(ConfigTest, APasswordDoesNotStandInTheFile) {
  for (const std::string connection :
       {"host=h password=secret", "postgres://user:secret@host/shop"}) {
    const auto config =
        Load("[source.shop]\nkind = \"postgres\"\nconnection = \"" + connection + "\"\n");
    ASSERT_THAT(config, FailsWith(ErrorCode::kInvalidArgument));
    EXPECT_THAT(config.error().message(), testing::HasSubstr("PGPASSWORD"));
    EXPECT_THAT(config.error().message(), testing::Not(testing::HasSubstr("secret")));
  }
}

TEST_F(ConfigTest, TwoSourcesMayNotDeclareOneCollection) {
  const std::string section =
      "kind = \"postgres\"\nconnection = \"dbname=shop\"\npublication = \"p\"\n"
      "collection = [{ name = \"products\", root = \"product\", fields = [{ name = \"a\" }] }]\n";
  const auto config = Load("[source.one]\n" + section + "[source.two]\n" + section);
  ASSERT_THAT(config, FailsWith(ErrorCode::kInvalidArgument));
  EXPECT_THAT(config.error().message(), testing::HasSubstr("declared by two sources"));
}

}  // namespace
}  // namespace cacheindex::test
