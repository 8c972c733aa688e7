#include "node/config.h"

#include <toml++/toml.h>

#include <charconv>
#include <functional>
#include <limits>
#include <map>
#include <optional>
#include <sstream>
#include <string_view>
#include <utility>

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

Take Milliseconds(std::chrono::milliseconds& target) {
  constexpr std::int64_t kDayMs = 86'400'000;
  return [&target](const toml::node& node) -> std::optional<std::string> {
    std::int64_t milliseconds = 0;
    auto failure = Count(milliseconds, 0, kDayMs)(node);
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

constexpr std::int64_t kNumberMax = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t kThreadsMax = 256;

// Every key there is. cacheindex.example.toml explains them in the same order; a test holds the two
// together.
std::map<std::string, Take> Keys(Config& config) {
  api::Server::Options& http = config.http;
  api::Limits& limits = http.limits;
  return {
      {"node.data_directory", Text(config.data_directory)},
      {"node.stop_timeout_ms", Milliseconds(config.stop_timeout)},
      {"node.readiness_waiting_documents_max",
       Count(config.readiness_waiting_documents_max, 0, kNumberMax)},
      {"store.map_size_bytes", Count(config.store.map_size_bytes, 1 << 20, kNumberMax)},
      {"store.map_size_max_bytes", Count(config.store.map_size_max_bytes, 1 << 20, kNumberMax)},
      {"store.snapshots_max", Count(config.store.snapshots_max, 16, 4096)},
      {"http.listen", Listen(http)},
      {"http.api_key", Text(http.api_key)},
      {"http.certificate_file", Text(http.certificate_file)},
      {"http.certificate_key_file", Text(http.certificate_key_file)},
      {"http.loop_threads", Count(http.loop_threads, 0, kThreadsMax)},
      {"http.worker_threads", Count(http.worker_threads, 0, kThreadsMax)},
      {"http.bulk_threads", Count(http.bulk_threads, 1, kThreadsMax)},
      {"http.cors_enabled", Flag(http.cors.enabled)},
      {"http.cors_allowed_origins", TextList(http.cors.allowed_origins)},
      {"http.connections_max", Count(limits.connections_max, 1, 1'000'000)},
      {"http.queued_requests_max", Count(limits.queued_requests_max, 1, 1'000'000)},
      {"http.queued_transfers_max", Count(limits.queued_transfers_max, 1, 100'000)},
      {"http.body_bytes_max", Count(limits.body_bytes_max, 1'024, kNumberMax)},
      {"http.query_body_bytes_max", Count(limits.query_body_bytes_max, 1'024, kNumberMax)},
      {"http.buffered_bytes_max", Count(limits.buffered_bytes_max, 1 << 20, kNumberMax)},
      {"http.import_line_bytes_max", Count(limits.import_line_bytes_max, 1'024, kNumberMax)},
      {"http.head_timeout_ms", Milliseconds(limits.head_timeout)},
      {"http.body_timeout_ms", Milliseconds(limits.body_timeout)},
      {"http.write_timeout_ms", Milliseconds(limits.write_timeout)},
      {"http.idle_timeout_ms", Milliseconds(limits.idle_timeout)},
      {"log.level", Text(config.log.level)},
      {"log.slow_requests_ms", Milliseconds(config.log.slow_requests)},
  };
}

Result<void> ReadTable(const std::filesystem::path& file, std::string_view section,
                       const toml::table& table, const std::map<std::string, Take>& keys) {
  for (const auto& [name, node] : table) {
    const std::string key = std::string(section) + "." + std::string(name.str());
    const auto known = keys.find(key);
    if (known == keys.end()) {
      return Invalid(Where(file, node) + ": there is no key `" + key + "`");
    }
    if (const auto failure = known->second(node)) {
      return Invalid(Where(file, node) + ": `" + key + "` " + *failure);
    }
  }
  return {};
}

}  // namespace

Result<void> SetListenAddress(std::string_view text, api::Server::Options& options) {
  const auto colon = text.rfind(':');
  std::uint16_t port = 0;
  if (colon != std::string_view::npos) {
    const std::string_view digits = text.substr(colon + 1);
    const auto [stop, failure] =
        std::from_chars(digits.data(), digits.data() + digits.size(), port);
    if (failure == std::errc() && stop == digits.data() + digits.size() && !digits.empty()) {
      std::string_view address = text.substr(0, colon);
      if (address.starts_with('[') && address.ends_with(']')) {
        address = address.substr(1, address.size() - 2);
      }
      options.listen_address = std::string(address);
      options.port = port;
      return {};
    }
  }
  return Invalid("must be an address and a port such as 127.0.0.1:8108, not `" + std::string(text) +
                 "`");
}

Result<Config> LoadConfig(const std::filesystem::path& path) {
  Config config;
  const std::map<std::string, Take> keys = Keys(config);
  try {
    const toml::table document = toml::parse_file(path.string());
    for (const auto& [name, node] : document) {
      const toml::table* table = node.as_table();
      if (table == nullptr) {
        return Invalid(Where(path, node) + ": `" + std::string(name.str()) +
                       "` must stand in a section such as [http]");
      }
      if (auto read = ReadTable(path, name.str(), *table, keys); !read) {
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
