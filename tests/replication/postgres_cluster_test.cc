#include "tests/support/postgres_cluster.h"

#include <gmock/gmock.h>

#include <filesystem>
#include <string>

#include "tests/support/postgres_session.h"

namespace cacheindex::test {
namespace {

TEST(PostgresClusterTest, StartsRestartsAndIsPromoted) {
  std::filesystem::path data;
  {
    PostgresCluster primary;
    data = primary.data();
    PostgresSession(primary.Connection())
        .Execute("CREATE TABLE t (i int); INSERT INTO t VALUES(1)");
    primary.Restart(PostgresCluster::StopMode::kImmediate);
    EXPECT_EQ(PostgresSession(primary.Connection()).Value("SELECT sum(i) FROM t"), "1");

    PostgresCluster standby = PostgresCluster::StandbyOf(primary);
    EXPECT_EQ(PostgresSession(standby.Connection()).Value("SELECT pg_is_in_recovery()"), "t");
    standby.Promote();
    EXPECT_EQ(PostgresSession(standby.Connection()).Value("SELECT pg_is_in_recovery()"), "f");
  }
  EXPECT_FALSE(std::filesystem::exists(data));
}

}  // namespace
}  // namespace cacheindex::test
