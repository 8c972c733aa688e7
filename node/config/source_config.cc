#include "node/config/source_config.h"

#include <algorithm>
#include <functional>
#include <limits>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "index/schema/schema_properties.h"
#include "node/core/nearest_name.h"

namespace cacheindex::node {
namespace {

constexpr std::int64_t kNumberMax = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t kDayMs = 86'400'000;

Error Invalid(std::string message) { return {ErrorCode::kInvalidArgument, std::move(message)}; }

// One line for each.
std::string Joined(const std::vector<std::string>& mistakes) {
  std::string text;
  for (const std::string& mistake : mistakes) {
    text += (text.empty() ? "" : "\n") + mistake;
  }
  return text;
}

// Takes the value of one key; returns what is wrong with it.
using Take = std::function<std::optional<std::string>(const Json&)>;

Take Text(std::string& target) {
  return [&target](const Json& value) -> std::optional<std::string> {
    if (!value.is_string() || value.get_ref<const std::string&>().empty()) {
      return "must be a string that is not empty";
    }
    target = value.get<std::string>();
    return std::nullopt;
  };
}

Take Kind() {
  return [](const Json& value) -> std::optional<std::string> {
    return value == "postgres" ? std::nullopt : std::optional<std::string>("must be \"postgres\"");
  };
}

// A password in a file that is shown around, or in a log, is a password lost.
Take Connection(std::string& target) {
  return [&target](const Json& value) -> std::optional<std::string> {
    if (auto failure = Text(target)(value)) {
      return failure;
    }
    const bool is_address = target.find("://") != std::string::npos;
    const std::size_t at = target.find('@');
    const bool has_password =
        target.find("password") != std::string::npos ||
        (is_address && at != std::string::npos &&
         target.substr(target.find("://") + 3, at - target.find("://") - 3).find(':') !=
             std::string::npos);
    if (has_password) {
      return "must not hold a password: put it into the environment variable PGPASSWORD or into "
             "a password file (passfile=...)";
    }
    return std::nullopt;
  };
}

template <class Number>
Take Count(Number& target, std::int64_t minimum, std::int64_t maximum) {
  return [&target, minimum, maximum](const Json& value) -> std::optional<std::string> {
    if (!value.is_number_integer() || value.get<std::int64_t>() < minimum ||
        value.get<std::int64_t>() > maximum) {
      return "must be a whole number from " + std::to_string(minimum) + " to " +
             std::to_string(maximum);
    }
    target = Number(value.get<std::int64_t>());
    return std::nullopt;
  };
}

// Adds the keys of `schema` that mean nothing, which would be wished for and not done.
void FindUnknownKeys(const Json& schema, const std::vector<std::string>& known,
                     std::initializer_list<const char*> own, const std::string& where,
                     std::vector<std::string>& mistakes) {
  std::vector<std::string> all = known;
  all.insert(all.end(), own.begin(), own.end());
  for (const auto& [key, value] : schema.items()) {
    if (std::find(known.begin(), known.end(), key) == known.end()) {
      mistakes.push_back(where + "there is no key `" + key + "`" + DidYouMean(key, all, '`'));
    }
  }
}

// The same in what the declaration leaves to the schema.
void FindUnknownKeys(const replication::CollectionDeclaration& declaration,
                     std::vector<std::string>& mistakes) {
  const std::string collection = "collection \"" + declaration.name + "\": ";
  FindUnknownKeys(declaration.schema, index::CollectionPropertyNames(),
                  {"root", "filter", "references", "id"}, collection, mistakes);
  std::vector<std::string> names;
  for (const replication::FieldDeclaration& field : declaration.fields) {
    names.push_back(field.name);
    FindUnknownKeys(field.schema, index::FieldPropertyNames(), {"from", "default"},
                    collection + "field \"" + field.name + "\": ", mistakes);
  }
  // A field that could not be read may be the one.
  const bool are_all_known = mistakes.empty();
  const Json sorting = declaration.schema.value("default_sorting_field", Json());
  if (are_all_known && sorting.is_string() && sorting != "" &&
      std::find(names.begin(), names.end(), sorting.get<std::string>()) == names.end()) {
    mistakes.push_back(collection + "`default_sorting_field` names no field" +
                       DidYouMean(sorting.get<std::string>(), names, '`'));
  }
}

Take Declarations(std::vector<replication::CollectionDeclaration>& target) {
  return [&target](const Json& value) -> std::optional<std::string> {
    if (!value.is_array() || value.empty()) {
      return "must be one or more tables, each begun with [[source.NAME.collection]]";
    }
    std::string mistakes;
    for (const Json& table : value) {
      auto [declaration, found] = replication::ReadCollectionDeclaration(table);
      FindUnknownKeys(declaration, found);
      for (const std::string& mistake : found) {
        mistakes += (mistakes.empty() ? "" : "\n  ") + mistake;
      }
      if (found.empty()) {
        target.push_back(std::move(declaration));
      }
    }
    return mistakes.empty() ? std::nullopt : std::optional("has a mistake: " + mistakes);
  };
}

std::map<std::string, Take> Keys(SourceConfig& source) {
  return {
      {"kind", Kind()},
      {"connection", Connection(source.connection)},
      {"publication", Text(source.publication)},
      {"queue_bytes_max", Count(source.queue_bytes_max, 1 << 20, kNumberMax)},
      {"transaction_bytes_max", Count(source.transaction_bytes_max, 1 << 16, kNumberMax)},
      {"spool_bytes_max", Count(source.spool_bytes_max, 1 << 20, kNumberMax)},
      {"status_interval_ms", Count(source.status_interval, 10, kDayMs)},
      {"catalog_interval_ms", Count(source.catalog_interval, 0, kDayMs)},
      {"lock_timeout_ms", Count(source.lock_timeout, 1, kDayMs)},
      {"backoff_min_ms", Count(source.backoff_min, 1, kDayMs)},
      {"backoff_max_ms", Count(source.backoff_max, 1, kDayMs)},
      {"readiness_lag_bytes_max", Count(source.readiness_lag_bytes_max, 0, kNumberMax)},
      {"readiness_heartbeat_age_max_ms", Count(source.readiness_heartbeat_age_max, 1, kDayMs)},
      {"collection", Declarations(source.collections)},
  };
}

bool IsPlainName(std::string_view name) {
  return !name.empty() && name.size() <= kSourceNameBytesMax &&
         std::all_of(name.begin(), name.end(), [](char letter) {
           return (letter >= 'a' && letter <= 'z') || (letter >= '0' && letter <= '9') ||
                  letter == '_';
         });
}

}  // namespace

Result<SourceConfig> ParseSourceConfig(std::string_view name, const Json& section,
                                       Collections collections) {
  const std::string prefix = "source." + std::string(name);
  if (!IsPlainName(name)) {
    return Invalid("`" + prefix +
                   "`: the name of a source has the letters a-z, 0-9 and _, at most " +
                   std::to_string(kSourceNameBytesMax) + " of them");
  }
  if (name == "native") {
    return Invalid("`" + prefix + "`: the name `native` is the native collections' own");
  }
  SourceConfig source;
  source.name = std::string(name);
  source.section = section;
  const std::map<std::string, Take> keys = Keys(source);
  std::vector<std::string> mistakes;
  for (const auto& [key, value] : section.items()) {
    const auto known = keys.find(key);
    if (known == keys.end()) {
      std::vector<std::string> names;
      for (const auto& [name_of_key, take] : keys) {
        names.push_back(name_of_key);
      }
      mistakes.push_back("there is no key `" + prefix + "." + key + "`" +
                         DidYouMean(key, names, '`'));
    } else if (const auto failure = known->second(value)) {
      mistakes.push_back("`" + prefix + "." + key + "` " + *failure);
    }
  }
  for (const std::string_view required : {"kind", "connection", "publication", "collection"}) {
    const bool is_optional = required == "collection" && collections == Collections::kOptional;
    if (!is_optional && !section.contains(required)) {
      mistakes.push_back("`" + prefix + "." + std::string(required) + "` is required");
    }
  }
  if (source.backoff_min > source.backoff_max) {
    mistakes.push_back("`" + prefix + ".backoff_min_ms` must not be above backoff_max_ms");
  }
  std::set<std::string> names;
  for (const auto& collection : source.collections) {
    if (!names.insert(collection.name).second) {
      mistakes.push_back("`" + prefix + ".collection`: `" + collection.name +
                         "` is declared twice");
    }
  }
  if (!mistakes.empty()) {
    return Invalid(Joined(mistakes));
  }
  return source;
}

}  // namespace cacheindex::node
