#include "node/config/config.h"

#include <arpa/inet.h>
#include <toml++/toml.h>

#include <algorithm>
#include <array>
#include <functional>
#include <limits>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <sstream>
#include <string_view>
#include <utility>

#include "node/core/nearest_name.h"
#include "node/core/number_text.h"

namespace cacheindex::node {
namespace {

Error Invalid(std::string message) { return {ErrorCode::kInvalidArgument, std::move(message)}; }

std::string Where(const std::filesystem::path& file, const toml::node& node) {
  return file.string() + ":" + std::to_string(node.source().begin.line);
}

// Takes the value of one key; returns what is wrong with it.
using Take = std::function<std::optional<std::string>(const toml::node&)>;

template <class Number>
Take Count(Number& target, std::int64_t minimum, std::int64_t maximum) {
  return [&target, minimum, maximum](const toml::node& node) -> std::optional<std::string> {
    const auto value = node.value_exact<std::int64_t>();
    if (!value || *value < minimum || *value > maximum) {
      return "must be a whole number from " + std::to_string(minimum) + " to " +
             std::to_string(maximum);
    }
    target = static_cast<Number>(*value);
    return std::nullopt;
  };
}

constexpr std::int64_t kDayMs = 86'400'000;

Take Milliseconds(std::chrono::milliseconds& target, std::int64_t minimum = 0,
                  std::int64_t maximum = kDayMs) {
  return [&target, minimum, maximum](const toml::node& node) -> std::optional<std::string> {
    std::int64_t milliseconds = 0;
    auto failure = Count(milliseconds, minimum, maximum)(node);
    if (!failure) {
      target = std::chrono::milliseconds(milliseconds);
    }
    return failure;
  };
}

template <class Target>
Take Text(Target& target) {
  return [&target](const toml::node& node) -> std::optional<std::string> {
    const auto value = node.value_exact<std::string>();
    if (!value) {
      return "must be a string";
    }
    target = Target(*value);
    return std::nullopt;
  };
}

Take OneOf(std::string& target, std::span<const std::string_view> words) {
  return [&target, words](const toml::node& node) -> std::optional<std::string> {
    const auto value = node.value_exact<std::string>();
    if (!value || std::find(words.begin(), words.end(), *value) == words.end()) {
      std::string expected;
      for (const std::string_view word : words) {
        expected += (expected.empty() ? "" : ", ") + std::string(word);
      }
      return "must be one of: " + expected;
    }
    target = *value;
    return std::nullopt;
  };
}

Take Flag(bool& target) {
  return [&target](const toml::node& node) -> std::optional<std::string> {
    const auto value = node.value_exact<bool>();
    if (!value) {
      return "must be true or false";
    }
    target = *value;
    return std::nullopt;
  };
}

Take TextList(std::vector<std::string>& target) {
  return [&target](const toml::node& node) -> std::optional<std::string> {
    const toml::array* list = node.as_array();
    if (list == nullptr) {
      return "must be a list of strings";
    }
    for (const toml::node& element : *list) {
      const auto value = element.value_exact<std::string>();
      if (!value) {
        return "must be a list of strings";
      }
      target.push_back(*value);
    }
    return std::nullopt;
  };
}

Take Listen(api::Server::Options& options) {
  return [&options](const toml::node& node) -> std::optional<std::string> {
    const auto value = node.value_exact<std::string>();
    if (!value) {
      return "must be a string such as \"127.0.0.1:8108\"";
    }
    auto set = SetListenAddress(*value, options);
    return set ? std::nullopt : std::optional(set.error().message());
  };
}

// A port alone is one of this machine.
Take ListenForOperations(std::optional<api::OperationsServer::Options>& operations) {
  return [&operations](const toml::node& node) -> std::optional<std::string> {
    const auto value = node.value_exact<std::string>();
    if (!value) {
      return "must be a string such as \"127.0.0.1:8109\" or \"8109\"";
    }
    operations.reset();
    if (value->empty()) {
      return std::nullopt;
    }
    api::Server::Options address;
    const bool has_address = value->find(':') != std::string::npos;
    auto set = SetListenAddress(has_address ? *value : "127.0.0.1:" + *value, address);
    if (!set) {
      return set.error().message();
    }
    operations = api::OperationsServer::Options{.listen_address = address.listen_address,
                                                .port = address.port};
    return std::nullopt;
  };
}

constexpr std::int64_t kNumberMax = std::numeric_limits<std::int64_t>::max();
// Address space that a process has for one store, on machines of 64 bits, with room for others.
constexpr std::int64_t kMapSizeMax = std::int64_t{1} << 46;
constexpr std::int64_t kThreadsMax = 256;
constexpr std::int64_t kScrubIntervalMaxMs = 31 * kDayMs;
// Those of the log's library: it takes any other word for "off".
constexpr std::array<std::string_view, 6> kLogLevels = {"trace", "debug", "info",
                                                        "warn",  "error", "off"};
constexpr std::array<std::string_view, 2> kLogFormats = {"text", "json"};

// Every key there is. cacheindex.example.toml explains them in the same order, with these defaults.
std::map<std::string, Take> Keys(Config& config) {
  api::Server::Options& http = config.http;
  api::Limits& limits = http.limits;
  return {
      {"node.data_directory", Text(config.data_directory)},
      {"node.stop_delay_ms", Milliseconds(config.stop_delay)},
      {"node.stop_timeout_ms", Milliseconds(config.stop_timeout)},
      {"node.readiness_waiting_documents_max",
       Count(config.readiness_waiting_documents_max, 0, kNumberMax)},
      {"node.answer_cache_bytes", Count(config.answer_cache_bytes, 0, kNumberMax)},
      {"node.search_time_max_ms", Milliseconds(config.search_time_max, 1)},
      {"store.map_size_bytes", Count(config.store.map_size_bytes, 1 << 20, kMapSizeMax)},
      {"store.map_size_max_bytes", Count(config.store.map_size_max_bytes, 1 << 20, kMapSizeMax)},
      {"store.snapshots_max", Count(config.store.snapshots_max, 16, 4096)},
      {"scrub.interval_ms", Milliseconds(config.scrub.interval, 0, kScrubIntervalMaxMs)},
      {"scrub.megabytes_per_second", Count(config.scrub.megabytes_per_second, 1, 100'000)},
      {"http.listen", Listen(http)},
      {"http.api_key", Text(http.api_key)},
      {"http.certificate_file", Text(http.certificate_file)},
      {"http.certificate_key_file", Text(http.certificate_key_file)},
      {"http.tls_ends_at_proxy", Flag(config.tls_ends_at_proxy)},
      {"http.loop_threads", Count(http.loop_threads, 0, kThreadsMax)},
      {"http.worker_threads", Count(http.worker_threads, 0, kThreadsMax)},
      {"http.search_threads", Count(http.search_threads, 0, kThreadsMax)},
      {"http.bulk_threads", Count(http.bulk_threads, 1, kThreadsMax)},
      {"http.cors_enabled", Flag(http.cors.enabled)},
      {"http.cors_allowed_origins", TextList(http.cors.allowed_origins)},
      {"http.connections_max", Count(limits.connections_max, 1, 1'000'000)},
      {"http.queued_requests_max", Count(limits.queued_requests_max, 1, 1'000'000)},
      {"http.queued_searches_per_client_max",
       Count(limits.queued_searches_per_client_max, 1, 1'000'000)},
      {"http.search_wait_max_ms", Milliseconds(limits.search_wait_max, 1)},
      {"http.queued_transfers_max", Count(limits.queued_transfers_max, 1, 100'000)},
      {"http.body_bytes_max", Count(limits.body_bytes_max, 1'024, kNumberMax)},
      {"http.query_body_bytes_max", Count(limits.query_body_bytes_max, 1'024, kNumberMax)},
      {"http.unkeyed_body_bytes_max", Count(limits.unkeyed_body_bytes_max, 1'024, kNumberMax)},
      {"http.multi_searches_max", Count(limits.multi_searches_max, 1, 250)},
      {"http.buffered_bytes_max", Count(limits.buffered_bytes_max, 1 << 20, kNumberMax)},
      {"http.import_line_bytes_max", Count(limits.import_line_bytes_max, 1'024, kNumberMax)},
      {"http.head_timeout_ms", Milliseconds(limits.head_timeout, 1)},
      {"http.body_timeout_ms", Milliseconds(limits.body_timeout, 1)},
      {"http.write_timeout_ms", Milliseconds(limits.write_timeout, 1)},
      {"http.idle_timeout_ms", Milliseconds(limits.idle_timeout, 1)},
      {"http.transfer_bytes_per_second_min",
       Count(limits.transfer_bytes_per_second_min, 0, 1'000'000'000)},
      {"http.transfer_window_ms", Milliseconds(limits.transfer_window, 1)},
      {"log.level", OneOf(config.log.level, kLogLevels)},
      {"log.format", OneOf(config.log.format, kLogFormats)},
      {"log.slow_requests_ms", Milliseconds(config.slow_requests)},
      {"operations.listen", ListenForOperations(config.operations)},
  };
}

Result<void> ReadTable(const std::filesystem::path& file, std::string_view section,
                       const toml::table& table, const std::map<std::string, Take>& keys) {
  for (const auto& [name, node] : table) {
    const std::string key = std::string(section) + "." + std::string(name.str());
    const auto known = keys.find(key);
    if (known == keys.end()) {
      std::vector<std::string> names;
      for (const auto& [name_of_key, take] : keys) {
        names.push_back(name_of_key);
      }
      return Invalid(Where(file, node) + ": there is no key `" + key + "`" +
                     DidYouMean(key, names, '`'));
    }
    if (const auto failure = known->second(node)) {
      return Invalid(Where(file, node) + ": `" + key + "` " + *failure);
    }
  }
  return {};
}

constexpr std::string_view kSourceSection = "source";

// Also of a section without keys, which would be wished for and not done.
Result<void> CheckSection(const std::filesystem::path& file, std::string_view section,
                          const toml::node& node, const std::map<std::string, Take>& keys) {
  std::vector<std::string> names = {std::string(kSourceSection)};
  for (const auto& [key, take] : keys) {
    names.push_back(key.substr(0, key.find('.')));
  }
  if (std::ranges::find(names, section) != names.end()) {
    return {};
  }
  return Invalid(Where(file, node) + ": there is no section `" + std::string(section) + "`" +
                 DidYouMean(section, names, '`'));
}

// Of what a table of a source may hold; dates and times mean nothing there.
std::optional<Json> ToJson(const toml::node& node) {
  if (const toml::table* table = node.as_table()) {
    Json object = Json::object();
    for (const auto& [name, member] : *table) {
      auto value = ToJson(member);
      if (!value) {
        return std::nullopt;
      }
      object[std::string(name.str())] = std::move(*value);
    }
    return object;
  }
  if (const toml::array* array = node.as_array()) {
    Json list = Json::array();
    for (const toml::node& element : *array) {
      auto value = ToJson(element);
      if (!value) {
        return std::nullopt;
      }
      list.push_back(std::move(*value));
    }
    return list;
  }
  if (const auto text = node.value_exact<std::string>()) {
    return *text;
  }
  if (const auto number = node.value_exact<std::int64_t>()) {
    return *number;
  }
  if (const auto number = node.value_exact<double>()) {
    return *number;
  }
  const auto flag = node.value_exact<bool>();
  return flag ? std::optional<Json>(*flag) : std::nullopt;
}

Result<void> ReadSources(const std::filesystem::path& file, const toml::table& sources,
                         Collections needed, std::vector<SourceConfig>& target) {
  std::set<std::string> collections;
  // Those of all sources: whoever mends one wants to know of the others.
  std::string mistakes;
  const auto add = [&](const std::string& mistake) {
    mistakes += (mistakes.empty() ? "" : "\n") + mistake;
  };
  for (const auto& [name, node] : sources) {
    const auto section = ToJson(node);
    if (!section || !section->is_object()) {
      add(Where(file, node) + ": `source." + std::string(name.str()) +
          "` must be a section of strings, numbers, true and false");
      continue;
    }
    auto source = ParseSourceConfig(name.str(), *section, needed);
    if (!source) {
      add(Where(file, node) + ": " + source.error().message());
      continue;
    }
    for (const auto& collection : source->collections) {
      if (!collections.insert(collection.name).second) {
        add(Where(file, node) + ": the collection `" + collection.name +
            "` is declared by two sources");
      }
    }
    target.push_back(std::move(*source));
  }
  if (!mistakes.empty()) {
    return Invalid(std::move(mistakes));
  }
  return target.size() <= kSourcesMax
             ? Result<void>()
             : Invalid(file.string() + ": at most " + std::to_string(kSourcesMax) + " sources");
}

}  // namespace

Result<void> SetListenAddress(std::string_view text, api::Server::Options& options) {
  const auto colon = text.rfind(':');
  if (colon != std::string_view::npos) {
    if (const auto port = ToNumber<std::uint16_t>(text.substr(colon + 1))) {
      std::string_view address = text.substr(0, colon);
      if (address.starts_with('[') && address.ends_with(']')) {
        address = address.substr(1, address.size() - 2);
      }
      const std::string numeric(address);
      in6_addr parsed{};
      if (::inet_pton(AF_INET, numeric.c_str(), &parsed) == 1 ||
          ::inet_pton(AF_INET6, numeric.c_str(), &parsed) == 1) {
        options.listen_address = numeric;
        options.port = *port;
        return {};
      }
    }
  }
  return Invalid(
      "must be a numeric address and a port such as 127.0.0.1:8108 or [::1]:8108, not `" +
      std::string(text) + "`");
}

Result<Config> LoadConfig(const std::filesystem::path& path, Collections collections) {
  Config config;
  config.http.port = kDefaultPort;
  const std::map<std::string, Take> keys = Keys(config);
  try {
    const toml::table document = toml::parse_file(path.string());
    for (const auto& [name, node] : document) {
      const toml::table* table = node.as_table();
      if (table == nullptr) {
        return Invalid(Where(path, node) + ": `" + std::string(name.str()) +
                       "` must stand in a section such as [http]");
      }
      if (auto known = CheckSection(path, name.str(), node, keys); !known) {
        return std::move(known).error();
      }
      auto read = name.str() == kSourceSection
                      ? ReadSources(path, *table, collections, config.sources)
                      : ReadTable(path, name.str(), *table, keys);
      if (!read) {
        return std::move(read).error();
      }
    }
  } catch (const toml::parse_error& failure) {
    std::ostringstream message;
    message << path.string() << ":" << failure.source().begin.line << ": " << failure.description();
    return Invalid(message.str());
  }
  return config;
}

}  // namespace cacheindex::node
