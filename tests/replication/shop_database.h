#pragma once

#include <atomic>
#include <memory>
#include <stdexcept>
#include <string>

#include "replication/postgres/postgres_connection.h"
#include "tests/support/postgres_cluster.h"
#include "tests/support/postgres_session.h"

namespace cacheindex::replication {

/// A database of its own for one test in a cluster that all tests of the process share.
class ShopDatabase {
 public:
  /// `clauses` as in "ENCODING 'LATIN1'".
  explicit ShopDatabase(test::PostgresCluster& cluster = Cluster(), const std::string& clauses = {})
      : cluster_(cluster), name_("shop" + std::to_string(++Count())) {
    test::PostgresSession(cluster_.Connection())
        .Execute("CREATE DATABASE " + name_ + " " + clauses);
    Connect();
  }
  ~ShopDatabase() {
    try {
      session_->Execute(
          "SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots "
          "WHERE database = current_database() AND NOT active");
    } catch (const std::runtime_error&) {
      // The cluster may be down at the end of a test that failed.
    }
  }
  ShopDatabase(const ShopDatabase&) = delete;
  ShopDatabase& operator=(const ShopDatabase&) = delete;

  static test::PostgresCluster& Cluster() {
    static test::PostgresCluster cluster;
    return cluster;
  }

  const std::string& name() const { return name_; }
  std::string connection(const std::string& user = "postgres") const {
    return cluster_.Connection(name_, user);
  }
  test::PostgresCluster& cluster() { return cluster_; }
  /// Again, after the server was restarted.
  void Connect() { session_ = std::make_unique<test::PostgresSession>(connection()); }
  auto Execute(const std::string& sql) { return session_->Execute(sql); }
  std::string Value(const std::string& sql) { return session_->Value(sql); }

  PostgresConnection::Options options(bool is_replication = false) const {
    PostgresConnection::Options options;
    options.connection = connection();
    options.application_name = "cacheindex_test";
    options.is_replication = is_replication;
    return options;
  }

 private:
  static std::atomic<int>& Count() {
    static std::atomic<int> count = 0;
    return count;
  }

  test::PostgresCluster& cluster_;
  const std::string name_;
  std::unique_ptr<test::PostgresSession> session_;
};

}  // namespace cacheindex::replication
