#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include "tests/replication/applier_fixture.h"

// Documents that depend on the clock: the test moves it.

namespace cacheindex::replication {
namespace {

constexpr std::uint32_t kTimestampWithZone = 1184;
constexpr std::int64_t kMicroseconds = 1'000'000;
constexpr std::int64_t kDay = 86'400;
constexpr std::int64_t kBegin = 1'700'000'000;

constexpr const char* kDeclaration = R"json({
  "name": "products", "root": "product", "filter": "published is null or published <= now()",
  "fields": [
    {"name": "price", "type": "int32",
     "from": "first(price[where since <= now() and (until is null or now() < until)].amount)"},
    {"name": "next", "type": "int32", "from": "count(price[where since > now()])"},
    {"name": "is_new", "type": "bool", "from": "created >= now() - days(30)"},
    {"name": "is_now", "type": "bool", "from": "created = now()"}]})json";

// A moment as the source prints it.
std::string Print(std::int64_t microseconds) {
  namespace chrono = std::chrono;
  const chrono::sys_time<chrono::microseconds> moment{chrono::microseconds(microseconds)};
  const auto day = chrono::floor<chrono::days>(moment);
  const chrono::year_month_day date(day);
  const chrono::hh_mm_ss time(moment - day);
  char text[64];
  std::snprintf(text, sizeof text, "%04d-%02u-%02u %02d:%02d:%02d.%06d+00", int{date.year()},
                unsigned{date.month()}, unsigned{date.day()},
                static_cast<int>(time.hours().count()), static_cast<int>(time.minutes().count()),
                static_cast<int>(time.seconds().count()),
                static_cast<int>(time.subseconds().count()));
  return text;
}

struct Price {
  int product = 0;
  int amount = 0;
  std::int64_t from = 0;
  std::optional<std::int64_t> until;
};

struct Product {
  std::optional<std::int64_t> published;
  std::optional<std::int64_t> created;
};

class ClockTest : public ApplierTest {
 protected:
  ClockTest() {
    clock_ = kBegin;
    Open(Json::parse(kDeclaration),
         {MakeTable(1, "product",
                    {{"id", kInteger, true},
                     {"published", kTimestampWithZone},
                     {"created", kTimestampWithZone}}),
          MakeTable(
              2, "price",
              {{"id", kInteger, true},
               {"product_id", kInteger},
               {"amount", kInteger},
               {"since", kTimestampWithZone},
               {"until", kTimestampWithZone}},
              {{.columns = {"product_id"}, .referenced_oid = 1, .referenced_columns = {"id"}}})});
    GoLive();
  }

  static std::string PrintOrNull(const std::optional<std::int64_t>& moment) {
    return moment ? Print(*moment) : "NULL";
  }
  static Row RowOf(int id, const Product& product) {
    return MakeRow(
        {std::to_string(id), PrintOrNull(product.published), PrintOrNull(product.created)});
  }
  static Row RowOf(int id, const Price& price) {
    return MakeRow({std::to_string(id), std::to_string(price.product), std::to_string(price.amount),
                    Print(price.from), PrintOrNull(price.until)});
  }

  // What the document is at `second`, null for none.
  Json Expected(int id, std::int64_t second) const {
    const std::int64_t now = second * kMicroseconds;
    const Product& product = products_.at(id);
    if (product.published && *product.published > now) {
      return nullptr;
    }
    Json document = {{"id", std::to_string(id)}};
    int next = 0;
    for (const auto& [number, price] : prices_) {
      if (price.product != id) {
        continue;
      }
      next += price.from > now ? 1 : 0;
      if (!document.contains("price") && price.from <= now &&
          (!price.until || now < *price.until)) {
        document["price"] = price.amount;
      }
    }
    document["next"] = next;
    if (product.created) {
      document["is_new"] = *product.created >= now - 30 * kDay * kMicroseconds;
      document["is_now"] = *product.created == now;
    }
    return document;
  }

  void Compare(std::int64_t second) {
    for (const auto& [id, product] : products_) {
      EXPECT_EQ(Read(std::to_string(id)), Expected(id, second))
          << "as read at " << Print(second * kMicroseconds);
    }
    Drain();
    const auto stored = Stored();
    std::size_t expected_count = 0;
    for (const auto& [id, product] : products_) {
      const Json expected = Expected(id, second);
      const auto found = stored.find(std::to_string(id));
      expected_count += expected.is_null() ? 0U : 1U;
      EXPECT_EQ(found == stored.end() ? Json() : Json::parse(found->second), expected)
          << "as stored at " << Print(second * kMicroseconds);
    }
    EXPECT_EQ(stored.size(), expected_count);
  }

  std::map<int, Product> products_;
  std::map<int, Price> prices_;
};

TEST_F(ClockTest, APriceIsValidFromTheSecondOnThatItsRowSays) {
  products_[1] = {};
  prices_[1] = {.product = 1, .amount = 10, .from = (kBegin + 10) * kMicroseconds, .until = {}};
  prices_[1].until = (kBegin + 20) * kMicroseconds + 1;
  ASSERT_THAT(Commit({Insert(tables_[0], RowOf(1, products_[1])),
                      Insert(tables_[1], RowOf(1, prices_[1]))}),
              Succeeds());
  for (; clock_ < kBegin + 25; ++clock_) {
    EXPECT_THAT(applier_->KeepClock(), Succeeds());
    Compare(clock_);
  }
  EXPECT_FALSE(*applier_->KeepClock()) << "nothing is due any more";
  // Twice for the price, which begins and ends.
  EXPECT_LE(sink_.puts, 5U);
}

TEST_F(ClockTest, ManyDocumentsOfOneSecondAreReadAtOnce) {
  const std::int64_t sale = kBegin + 100;
  std::vector<Change> changes;
  for (int id = 1; id <= 3'000; ++id) {
    products_[id] = {.published = sale * kMicroseconds, .created = {}};
    changes.push_back(Insert(tables_[0], RowOf(id, products_[id])));
  }
  ASSERT_THAT(Commit(std::move(changes)), Succeeds());
  EXPECT_TRUE(Stored().empty());
  clock_ = sale;
  EXPECT_TRUE(*applier_->KeepClock());
  EXPECT_TRUE(Stored().empty());
  EXPECT_EQ(Read("3000"), Expected(3'000, sale)) << "before its turn to be stored comes";
  EXPECT_EQ(applier_->searchable(store_->position()), applier_->applied());
  Compare(sale);
}

TEST_F(ClockTest, InfinityIsNeverReached) {
  ASSERT_THAT(Commit({Insert(tables_[0], MakeRow({"1", "-infinity", "infinity"})),
                      Insert(tables_[0], MakeRow({"2", "infinity", "NULL"})),
                      Insert(tables_[1], MakeRow({"1", "1", "5", "-infinity", "infinity"}))}),
              Succeeds());
  EXPECT_EQ(Read("1"), Json::parse(R"({"id": "1", "price": 5, "next": 0, "is_new": true,
                                       "is_now": false})"));
  EXPECT_EQ(Read("2"), Json());
  clock_ = std::numeric_limits<std::int32_t>::max();
  EXPECT_FALSE(*applier_->KeepClock());
}

int Seeds() {
  // NOLINTNEXTLINE(concurrency-mt-unsafe): no thread changes the environment.
  const char* const seeds = std::getenv("CACHEINDEX_REPLICATION_SEEDS");
  return seeds == nullptr ? 20 : std::atoi(seeds);
}

// Moves rows and the clock by chance, most often next to the moments that matter.
class ClockModelTest : public ClockTest {
 protected:
  std::int64_t Below(std::int64_t end) {
    return std::uniform_int_distribution<std::int64_t>(0, end - 1)(random_);
  }

  std::int64_t Moment() {
    const std::int64_t second = clock_ + Below(20) - 8;
    return second * kMicroseconds + (Below(2) == 0 ? 0 : Below(kMicroseconds));
  }
  std::optional<std::int64_t> MaybeMoment() {
    return Below(3) == 0 ? std::nullopt : std::optional(Moment());
  }

  void ChangeRows() {
    const int id = static_cast<int>(1 + Below(6));
    std::vector<Change> changes;
    if (Below(3) == 0) {
      const bool is_known = products_.contains(id);
      products_[id] = {.published = MaybeMoment(), .created = MaybeMoment()};
      if (Below(2) == 0 && products_[id].created) {
        *products_[id].created -= 30 * kDay * kMicroseconds;
      }
      changes.push_back(is_known ? Update(tables_[0], RowOf(id, products_[id]))
                                 : Insert(tables_[0], RowOf(id, products_[id])));
    } else if (const auto known = prices_.find(id); known != prices_.end() && Below(4) == 0) {
      prices_.erase(known);
      changes.push_back(Delete(tables_[1], MakeRow({std::to_string(id), "", "", "", ""})));
    } else {
      const bool is_known = prices_.contains(id);
      prices_[id] = {.product = static_cast<int>(1 + Below(6)),
                     .amount = static_cast<int>(Below(100)),
                     .from = Moment(),
                     .until = MaybeMoment()};
      changes.push_back(is_known ? Update(tables_[1], RowOf(id, prices_[id]))
                                 : Insert(tables_[1], RowOf(id, prices_[id])));
    }
    ASSERT_THAT(Commit(std::move(changes)), Succeeds());
  }

  std::mt19937_64 random_;
};

TEST_F(ClockModelTest, DocumentsAreExactAtEverySecondOverRestartsAndAClockThatJumpsBack) {
  const int seeds = Seeds();
  std::uint64_t compared = 0;
  for (int seed = 1; seed <= seeds && !HasFailure(); ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    random_.seed(static_cast<std::uint64_t>(seed));
    // The same shop goes on, some days later.
    clock_ = std::max(clock_, *applier_->statistics().clock) + 2 * kDay;
    for (int step = 0; step < 60 && !HasFailure(); ++step) {
      switch (Below(6)) {
        case 0:
          clock_ += 1;
          break;
        case 1:
          clock_ += Below(10);
          break;
        case 2:
          clock_ -= Below(2) == 0 ? Below(10) : Below(2 * kDay);
          break;
        case 3:
          Reopen();
          ASSERT_THAT(applier_->SetTables(tables_), Succeeds());
          break;
        default:
          ChangeRows();
      }
      ASSERT_THAT(applier_->KeepClock(), Succeeds());
      // What has been shown stays while the clock is behind it.
      Compare(std::max(clock_, *applier_->statistics().clock));
      ++compared;
    }
  }
  std::cout << seeds << " seeds, " << compared << " moments compared\n";
}

}  // namespace
}  // namespace cacheindex::replication
