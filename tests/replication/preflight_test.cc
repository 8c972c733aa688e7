#include "replication/following/preflight.h"

#include <gmock/gmock.h>

#include <string>
#include <vector>

#include "tests/replication/followed_shop.h"

namespace cacheindex::replication {
namespace {

using test::FailsWith;
using test::Succeeds;
using ::testing::AllOf;
using ::testing::Contains;
using ::testing::Each;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;

class PreflightTest : public ::testing::Test {
 protected:
  // "error: message | remedy" of everything that is found.
  static std::vector<std::string> Find(const std::string& connection,
                                       const std::string& publication = "p",
                                       const std::string& slot = "s",
                                       const std::vector<std::string>& roots = {}) {
    Source::Options options;
    options.name = "shop";
    options.connection = connection;
    options.publication = publication;
    options.slot = slot;
    for (const std::string& root : roots) {
      CollectionDeclaration& declaration = options.collections.emplace_back();
      declaration.name = root;
      declaration.root = root;
    }
    Result<std::vector<PreflightFinding>> findings = Source::Check(options, {});
    EXPECT_THAT(findings, Succeeds());
    std::vector<std::string> printed;
    for (const PreflightFinding& finding : *findings) {
      const bool is_error = finding.severity == PreflightFinding::Severity::kError;
      printed.push_back((is_error ? "error: " : "warning: ") + finding.message + " | " +
                        finding.remedy);
    }
    return printed;
  }
  static std::vector<std::string> Errors(std::vector<std::string> findings) {
    std::erase_if(findings, [](const std::string& finding) { return finding[0] != 'e'; });
    return findings;
  }
};

TEST_F(PreflightTest, RequirementC34_EachTableThatCannotBeFollowedIsNamedWithItsStatement) {
  ShopDatabase database;
  database.Execute(R"(
    CREATE TABLE fine (id int PRIMARY KEY);
    CREATE TABLE keyless (x text);
    CREATE TABLE "Odd name" (id int PRIMARY KEY);
    ALTER TABLE "Odd name" REPLICA IDENTITY NOTHING;
    CREATE TABLE whole (x text); ALTER TABLE whole REPLICA IDENTITY FULL;
    CREATE TABLE event (id int, day int, PRIMARY KEY (id, day)) PARTITION BY LIST (day);
    CREATE TABLE event1 PARTITION OF event FOR VALUES IN (1);
    ALTER TABLE event1 REPLICA IDENTITY FULL;
    CREATE PUBLICATION p FOR ALL TABLES WITH (publish_via_partition_root = true))");
  const std::string before = database.Value(
      "SELECT string_agg(relreplident::text, '') FROM "
      "pg_class WHERE relnamespace = 'public'::regnamespace");
  const std::vector<std::string> errors = Errors(
      Find(database.connection(), "p", "s", {"fine", "keyless", "Odd name", "whole", "event"}));
  EXPECT_THAT(errors, Contains(AllOf(HasSubstr("public.keyless has no primary key"),
                                     HasSubstr("ALTER TABLE \"public\".\"keyless\" ADD PRIMARY"))));
  EXPECT_THAT(errors,
              Contains(HasSubstr("ALTER TABLE \"public\".\"Odd name\" REPLICA IDENTITY DEFAULT;")));
  EXPECT_THAT(errors, Each(Not(HasSubstr("whole")))) << "its values tell its rows apart";
  EXPECT_THAT(errors, Contains(HasSubstr("ALTER TABLE public.event1 REPLICA IDENTITY DEFAULT;")));
  EXPECT_THAT(errors, Each(Not(HasSubstr("fine"))));
  EXPECT_EQ(database.Value("SELECT string_agg(relreplident::text, '') FROM pg_class WHERE "
                           "relnamespace = 'public'::regnamespace"),
            before)
      << "the user's tables are never altered";
}

TEST_F(PreflightTest, ATableThatNothingIsMadeOfIsNoError) {
  ShopDatabase database;
  database.Execute(R"(
    CREATE TABLE fine (id int PRIMARY KEY);
    CREATE TABLE keyless (x text);
    CREATE TABLE whole (x text); ALTER TABLE whole REPLICA IDENTITY FULL;
    CREATE PUBLICATION p FOR ALL TABLES)");
  const std::vector<std::string> findings = Find(database.connection(), "p", "s", {"fine"});
  EXPECT_THAT(Errors(findings), IsEmpty());
  EXPECT_THAT(findings, Contains(AllOf(StartsWith("warning: public.keyless has no primary key"),
                                       HasSubstr("the server refuses its updates and deletes"))));
  EXPECT_THAT(findings, Each(Not(HasSubstr("whole"))));
}

TEST_F(PreflightTest, RequirementC35_WhatARoleMissesIsSaid) {
  ShopDatabase database;
  const std::string role = "role_" + database.name();
  database.Execute("CREATE ROLE " + role +
                   " LOGIN; CREATE TABLE t (id int PRIMARY KEY); CREATE PUBLICATION p FOR TABLE t");
  const std::vector<std::string> errors = Errors(Find(database.connection(role), "p", "s", {"t"}));
  EXPECT_THAT(errors, Contains(HasSubstr("ALTER ROLE \"" + role + "\" REPLICATION;")));
  EXPECT_THAT(errors, Contains(HasSubstr("GRANT SELECT ON \"public\".\"t\" TO \"" + role + "\";")));
  database.Execute("ALTER ROLE " + role + " REPLICATION; GRANT SELECT ON t TO " + role);
  EXPECT_THAT(Errors(Find(database.connection(role))), IsEmpty());
  database.Execute("ALTER TABLE t ENABLE ROW LEVEL SECURITY");
  EXPECT_THAT(Errors(Find(database.connection(role), "p", "s", {"t"})),
              Contains(AllOf(HasSubstr("policies of public.t hide rows"),
                             HasSubstr("ALTER ROLE \"" + role + "\" BYPASSRLS;"))));
}

TEST_F(PreflightTest, RequirementC35_PublicationsAreChecked) {
  ShopDatabase database;
  EXPECT_THAT(Errors(Find(database.connection())), Contains(HasSubstr("CREATE PUBLICATION \"p\"")));
  database.Execute("CREATE PUBLICATION p WITH (publish = 'insert')");
  const std::vector<std::string> errors = Errors(Find(database.connection()));
  EXPECT_THAT(errors, Contains(HasSubstr("ALTER PUBLICATION \"p\" SET (publish = ")));
  EXPECT_THAT(errors, Contains(HasSubstr("ALTER PUBLICATION \"p\" ADD TABLE")));
}

TEST_F(PreflightTest, RequirementC35_SettingsOfTheServerAreChecked) {
  test::PostgresCluster cluster({"wal_level=replica", "max_replication_slots=1",
                                 "max_wal_senders=1", "synchronous_standby_names='*'"});
  test::PostgresSession session(cluster.Connection());
  session.Execute("SET synchronous_commit = local; CREATE TABLE t (id int PRIMARY KEY)");
  session.Execute("SET synchronous_commit = local; CREATE PUBLICATION p FOR TABLE t");
  const std::vector<std::string> findings = Find(cluster.Connection());
  EXPECT_THAT(findings, Contains(AllOf(StartsWith("error"),
                                       HasSubstr("ALTER SYSTEM SET wal_level = logical;"))));
  EXPECT_THAT(findings, Contains(HasSubstr("ALTER SYSTEM SET max_replication_slots = 4;")));
  EXPECT_THAT(findings, Contains(HasSubstr("ALTER SYSTEM SET max_wal_senders = 4;")));
  EXPECT_THAT(findings,
              Contains(AllOf(StartsWith("warning"), HasSubstr("synchronous_standby_names"),
                             HasSubstr("cacheindex_s"))))
      << "RequirementC39";
  EXPECT_THAT(findings, Contains(AllOf(StartsWith("warning"),
                                       HasSubstr("SET max_slot_wal_keep_size = '20GB';"))));
}

TEST_F(PreflightTest, SlotsThatNobodyReadsAreShown) {
  ShopDatabase database;
  database.Execute("CREATE TABLE t (id int PRIMARY KEY); CREATE PUBLICATION p FOR TABLE t");
  database.Execute("SELECT pg_create_logical_replication_slot('forgotten', 'pgoutput')");
  database.Execute("SELECT pg_create_logical_replication_slot('taken', 'test_decoding')");
  const std::vector<std::string> findings = Find(database.connection(), "p", "taken");
  EXPECT_THAT(findings, Contains(HasSubstr("SELECT pg_drop_replication_slot('forgotten');")));
  EXPECT_THAT(Errors(findings), Contains(HasSubstr("somebody else's")));
}

TEST_F(PreflightTest, OptionsAndServersThatCannotBeAreRefused) {
  Source::Options options;
  options.name = "shop";
  options.publication = "p";
  options.slot = "No slot";
  EXPECT_THAT(Source::Check(options, {}), FailsWith(ErrorCode::kInvalidArgument));
  options.slot = std::string(64, 'a');
  EXPECT_THAT(Source::Check(options, {}), FailsWith(ErrorCode::kInvalidArgument));
  options.slot = "s";
  options.publication = "";
  EXPECT_THAT(Source::Check(options, {}), FailsWith(ErrorCode::kInvalidArgument));
  options.publication = "p";
  options.connection = "host=127.0.0.1 port=1";
  const auto unreachable = Source::Check(options, {});
  ASSERT_THAT(unreachable, Succeeds());
  ASSERT_EQ(unreachable->size(), 1U);
  EXPECT_THAT(unreachable->front().message, HasSubstr("the server cannot be asked"));
  EXPECT_EQ(unreachable->front().remedy, "psql \"host=127.0.0.1 port=1\"");
}

}  // namespace
}  // namespace cacheindex::replication
