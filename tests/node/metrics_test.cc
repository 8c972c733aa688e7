#include "node/watch/metrics.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace cacheindex::node {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

constexpr std::string_view kSearch = "GET /collections/:c/documents/search";
constexpr std::string_view kHotRead = "GET /collections/:c/documents/:id";

std::size_t PlaceOf(std::string_view label) {
  const auto routes = api::CountedRoutes();
  const auto found = std::ranges::find(routes, label, &api::CountedRoute::label);
  EXPECT_NE(found, routes.end()) << label;
  return static_cast<std::size_t>(found - routes.begin());
}

class MetricsTest : public testing::Test {
 protected:
  void Answer(std::string_view label, milliseconds after_start, microseconds latency,
              int status = 200) {
    metrics_.Observe({.route = PlaceOf(label),
                      .status = status,
                      .answered_at = start_ + after_start,
                      .latency = latency});
  }

  Json StatsAt(milliseconds after_start) { return metrics_.Stats(3, start_ + after_start); }

  // Starts in the middle of a second of the clock, as any node does.
  const Metrics::Clock::time_point start_ =
      Metrics::Clock::time_point(seconds(1'000)) + milliseconds(400);
  Metrics metrics_{start_};
};

TEST_F(MetricsTest, ShowsEachKindOfRequestWithItsMeanLatency) {
  Answer(kSearch, seconds(1), milliseconds(2));
  Answer(kSearch, seconds(2), milliseconds(4));
  Answer("POST /multi_search", seconds(2), milliseconds(9));
  Answer("POST /collections/:c/documents/import", seconds(3), milliseconds(500));
  Answer("POST /collections/:c/documents", seconds(3), milliseconds(7));
  Answer("PATCH /collections/:c/documents/:id", seconds(3), milliseconds(8));
  Answer("PATCH /collections/:c/documents", seconds(3), milliseconds(9));
  Answer("DELETE /collections/:c/documents/:id", seconds(3), milliseconds(1));
  Answer("DELETE /collections/:c/documents", seconds(3), milliseconds(3));
  Answer("DELETE /collections/:c", seconds(3), milliseconds(70));
  Answer("(unknown)", seconds(3), microseconds(10), 404);
  const Json stats = StatsAt(seconds(5));
  EXPECT_DOUBLE_EQ(stats["search_requests_per_second"], 0.3);
  EXPECT_DOUBLE_EQ(stats["search_latency_ms"], 5);
  EXPECT_DOUBLE_EQ(stats["import_requests_per_second"], 0.1);
  EXPECT_DOUBLE_EQ(stats["import_latency_ms"], 500);
  EXPECT_DOUBLE_EQ(stats["write_requests_per_second"], 0.3);
  EXPECT_DOUBLE_EQ(stats["write_latency_ms"], 8);
  EXPECT_DOUBLE_EQ(stats["delete_requests_per_second"], 0.2);
  EXPECT_DOUBLE_EQ(stats["delete_latency_ms"], 2);
  EXPECT_DOUBLE_EQ(stats["total_requests_per_second"], 1.1);
  EXPECT_DOUBLE_EQ(stats["latency_ms"][std::string(kSearch)], 3);
  EXPECT_DOUBLE_EQ(stats["requests_per_second"][std::string(kSearch)], 0.2);
  EXPECT_FALSE(stats["latency_ms"].contains(std::string(kHotRead))) << "nobody asked";
  EXPECT_EQ(stats["pending_write_batches"], 3);
}

TEST_F(MetricsTest, ANodeThatNobodyAskedShowsEveryMemberAsZero) {
  const Json stats = StatsAt(seconds(0));
  for (const std::string kind : {"delete", "import", "search", "write"}) {
    EXPECT_EQ(stats.at(kind + "_latency_ms"), 0);
    EXPECT_EQ(stats.at(kind + "_requests_per_second"), 0);
  }
  EXPECT_EQ(stats.at("total_requests_per_second"), 0);
  EXPECT_EQ(stats.at("overloaded_requests_per_second"), 0);
  EXPECT_EQ(stats.at("latency_ms"), Json::object());
  EXPECT_EQ(stats.at("requests_per_second"), Json::object());
}

TEST_F(MetricsTest, ForgetsWhatIsOlderThanItsWindow) {
  for (int second = 0; second < 30; ++second) {
    // Two slow ones in the first ten seconds, quick ones later.
    Answer(kSearch, seconds(second), milliseconds(second < 10 ? 100 : 1));
    const double requests = std::min(second + 1, 11);
    EXPECT_NEAR(StatsAt(seconds(second) + milliseconds(500))["search_requests_per_second"],
                requests / 10.5, 1e-9)
        << second;
  }
  EXPECT_DOUBLE_EQ(StatsAt(seconds(29))["search_latency_ms"], 1);
  EXPECT_GT(StatsAt(seconds(39))["search_requests_per_second"], 0);
  const Json later = StatsAt(seconds(40));
  EXPECT_EQ(later["search_requests_per_second"], 0);
  EXPECT_EQ(later["search_latency_ms"], 0);
  EXPECT_EQ(later["requests_per_second"], Json::object());
}

TEST_F(MetricsTest, ALongPauseLeavesNothingBehind) {
  Answer(kHotRead, seconds(0), milliseconds(5));
  Answer(kHotRead, seconds(3'600), milliseconds(1));
  const Json stats = StatsAt(seconds(3'601));
  EXPECT_DOUBLE_EQ(stats["requests_per_second"][std::string(kHotRead)], 0.1);
  EXPECT_DOUBLE_EQ(stats["latency_ms"][std::string(kHotRead)], 1);
}

TEST_F(MetricsTest, WhatWasRefusedForOverloadCountsThereAndNowhereElse) {
  Answer(kSearch, seconds(1), milliseconds(8));
  for (int i = 0; i < 5; ++i) {
    metrics_.Observe({.route = PlaceOf(kSearch),
                      .status = 503,
                      .is_shed = true,
                      .answered_at = start_ + seconds(1),
                      .latency = microseconds(20)});
  }
  const Json stats = StatsAt(seconds(2));
  EXPECT_DOUBLE_EQ(stats["overloaded_requests_per_second"], 0.5);
  EXPECT_DOUBLE_EQ(stats["total_requests_per_second"], 0.1);
  EXPECT_DOUBLE_EQ(stats["search_latency_ms"], 8);
  EXPECT_EQ(StatsAt(seconds(12))["overloaded_requests_per_second"], 0);
  const std::string text = metrics_.Text({});
  EXPECT_THAT(text, HasSubstr("cacheindex_requests_total{route=\"" + std::string(kSearch) +
                              "\",status=\"503\"} 5"));
  EXPECT_THAT(text, HasSubstr("cacheindex_request_duration_seconds_count{route=\"" +
                              std::string(kSearch) + "\"} 1"));
}

TEST_F(MetricsTest, TheTextHasEveryStatusAndCumulativeBuckets) {
  Answer(kHotRead, seconds(0), microseconds(50));
  Answer(kHotRead, seconds(0), microseconds(51));
  Answer(kHotRead, seconds(0), seconds(60), 404);
  const std::string text =
      metrics_.Text({.gauges = {{.name = "one", .help = "One.", .value = 1}},
                     .counters = {{.name = "two", .help = "Two.", .value = 2}}});
  EXPECT_THAT(text, AllOf(HasSubstr("# TYPE one gauge\none 1\n"),
                          HasSubstr("# TYPE two counter\ntwo 2\n")));
  const auto line = [](std::string_view name, std::string_view more, std::string_view value) {
    return "cacheindex_" + std::string(name) + "{route=\"" + std::string(kHotRead) + "\"" +
           std::string(more) + "} " + std::string(value) + "\n";
  };
  EXPECT_THAT(text, HasSubstr("one 1\n"));
  EXPECT_THAT(text, HasSubstr(line("requests_total", ",status=\"200\"", "2")));
  EXPECT_THAT(text, HasSubstr(line("requests_total", ",status=\"404\"", "1")));
  EXPECT_THAT(text, HasSubstr(line("request_duration_seconds_bucket", ",le=\"5e-05\"", "1")));
  EXPECT_THAT(text, HasSubstr(line("request_duration_seconds_bucket", ",le=\"0.0001\"", "2")));
  EXPECT_THAT(text, HasSubstr(line("request_duration_seconds_bucket", ",le=\"10\"", "2")));
  EXPECT_THAT(text, HasSubstr(line("request_duration_seconds_bucket", ",le=\"+Inf\"", "3")));
  EXPECT_THAT(text, HasSubstr(line("request_duration_seconds_sum", "", "60.000101")));
  EXPECT_THAT(text, Not(HasSubstr(std::string(kSearch))));
}

TEST_F(MetricsTest, ThreadsLoseNothing) {
  constexpr int kThreads = 4;
  constexpr int kAnswers = 5'000;
  const std::vector<std::string_view> labels = {kSearch, kHotRead};
  std::vector<std::jthread> threads;
  for (int thread = 0; thread < kThreads; ++thread) {
    threads.emplace_back([&, thread] {
      for (int i = 0; i < kAnswers; ++i) {
        // Seconds begin while all of them count.
        Answer(labels[static_cast<std::size_t>(i % 2)], milliseconds(i), microseconds(1),
               200 + (i + thread) % 5);
        if (i % 1'000 == 0) {
          StatsAt(milliseconds(i));
        }
      }
    });
  }
  threads.clear();
  EXPECT_DOUBLE_EQ(StatsAt(seconds(5))["total_requests_per_second"], kThreads * kAnswers / 10.0);
  const std::string text = metrics_.Text({});
  EXPECT_THAT(text, HasSubstr("_count{route=\"" + std::string(kHotRead) + "\"} 10000"));
  for (const char* status : {"200", "201", "202", "203", "204"}) {
    EXPECT_THAT(text, HasSubstr("cacheindex_requests_total{route=\"" + std::string(kSearch) +
                                "\",status=\"" + status + "\"} 2000\n"));
  }
}

}  // namespace
}  // namespace cacheindex::node
