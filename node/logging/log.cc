#include "node/logging/log.h"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cmath>
#include <optional>
#include <utility>

namespace cacheindex::node {
namespace {

using Level = spdlog::level::level_enum;

constexpr std::size_t kParts = 5;
constexpr std::array<std::string_view, kParts> kPartNames = {"node", "requests", "stores",
                                                             "sources", "audit"};
// As the configuration spells them.
constexpr std::array<std::pair<std::string_view, Level>, 6> kLevelNames = {{{"trace", Level::trace},
                                                                            {"debug", Level::debug},
                                                                            {"info", Level::info},
                                                                            {"warn", Level::warn},
                                                                            {"error", Level::err},
                                                                            {"off", Level::off}}};

constexpr const char* kTextPattern = "time=%Y-%m-%dT%H:%M:%S.%e%z level=%l %v";
constexpr const char* kJsonPattern = R"({"time":"%Y-%m-%dT%H:%M:%S.%e%z","level":"%l",%v})";

std::array<std::atomic<Level>, kParts>& Levels() {
  static std::array<std::atomic<Level>, kParts> levels = {Level::warn, Level::warn, Level::warn,
                                                          Level::warn, Level::warn};
  return levels;
}

std::atomic<bool>& IsJson() {
  static std::atomic<bool> is_json{false};
  return is_json;
}

Level ToLibrary(LogLevel level) noexcept {
  switch (level) {
    case LogLevel::kDebug:
      return Level::debug;
    case LogLevel::kInfo:
      return Level::info;
    case LogLevel::kWarning:
      return Level::warn;
    case LogLevel::kError:
      return Level::err;
  }
  return Level::err;
}

std::optional<Level> ParseLevel(const Json& name) {
  const auto* const found =
      std::find_if(kLevelNames.begin(), kLevelNames.end(),
                   [&](const auto& known) { return name == std::string(known.first); });
  return found == kLevelNames.end() ? std::nullopt : std::optional(found->second);
}

// Who changed what is written whatever else is not worth a line.
Level LevelOf(std::size_t part, Level level) {
  const bool is_audit = part == static_cast<std::size_t>(LogPart::kAudit);
  return is_audit && level != Level::off ? std::min(level, Level::info) : level;
}

bool IsPlain(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char byte) {
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
           (byte >= '0' && byte <= '9') ||
           std::string_view("-_.:/+").find(byte) != std::string_view::npos;
  });
}

// Names come from clients, of any bytes: what is no UTF-8 is replaced.
std::string Quoted(const Json& value) {
  if (!value.is_string() ||
      value.get_ref<const std::string&>().size() <= LogField::kValueBytesMax) {
    return value.dump(-1, ' ', false, Json::error_handler_t::replace);
  }
  const Json cut = value.get_ref<const std::string&>().substr(0, LogField::kValueBytesMax) + "...";
  return cut.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string AsText(std::string_view event, std::initializer_list<LogField> fields) {
  std::string line = "event=" + std::string(event);
  for (const LogField& field : fields) {
    line += ' ';
    line += field.name;
    line += '=';
    const auto* const text = field.value.get_ptr<const std::string*>();
    // A reason is always quoted, so that it can be looked for in one way.
    line +=
        text != nullptr && IsPlain(*text) && field.name != "reason" ? *text : Quoted(field.value);
  }
  return line;
}

std::string AsJson(std::string_view event, std::initializer_list<LogField> fields) {
  std::string line = R"("event":)" + Quoted(Json(event));
  for (const LogField& field : fields) {
    line += ',' + Quoted(Json(field.name)) + ':' + Quoted(field.value);
  }
  return line;
}

}  // namespace

void StartLog(const LogOptions& options) {
  auto logger = spdlog::stderr_logger_mt("cacheindex");
  logger->set_level(Level::trace);  // What is written is decided by parts.
  IsJson() = options.format == "json";
  logger->set_pattern(IsJson() ? kJsonPattern : kTextPattern);
  spdlog::set_default_logger(std::move(logger));
  SetLogLevel(options.level);
}

void SetLogLevel(std::string_view level) {
  const Level parsed = ParseLevel(Json(level)).value_or(Level::info);
  for (std::size_t part = 0; part < kParts; ++part) {
    Levels()[part] = LevelOf(part, parsed);
  }
}

bool IsLogged(LogPart part, LogLevel level) noexcept {
  return ToLibrary(level) >=
         Levels()[static_cast<std::size_t>(part)].load(std::memory_order_relaxed);
}

void Log(LogPart part, LogLevel level, std::string_view event,
         std::initializer_list<LogField> fields) {
  if (IsLogged(part, level)) {
    // One argument, not a format: what clients send may hold braces.
    spdlog::default_logger_raw()->log(
        ToLibrary(level),
        std::string_view(IsJson() ? AsJson(event, fields) : AsText(event, fields)));
  }
}

double Rounded(double seconds) {
  constexpr double kPlaces = 1e3;
  return std::round(seconds * kPlaces) / kPlaces;
}

Json LogLevels() {
  Json levels = Json::object();
  for (std::size_t part = 0; part < kParts; ++part) {
    const Level level = Levels()[part];
    const auto* const known = std::find_if(kLevelNames.begin(), kLevelNames.end(),
                                           [&](const auto& each) { return each.second == level; });
    levels[std::string(kPartNames[part])] = known->first;
  }
  return levels;
}

Result<void> SetLogLevels(const Json& body) {
  const Error expected(ErrorCode::kInvalidArgument,
                       R"(Expected {"PART": "LEVEL"}: node, requests, stores, sources or audit, )"
                       "and trace, debug, info, warn, error or off.");
  if (!body.is_object()) {
    return expected;
  }
  std::array<std::optional<Level>, kParts> wanted;
  for (const auto& [name, value] : body.items()) {
    const auto* const part = std::find(kPartNames.begin(), kPartNames.end(), name);
    const auto level = ParseLevel(value);
    if (part == kPartNames.end() || !level) {
      return expected;
    }
    wanted[static_cast<std::size_t>(part - kPartNames.begin())] = level;
  }
  for (std::size_t part = 0; part < kParts; ++part) {
    if (wanted[part]) {
      Levels()[part] = *wanted[part];
    }
  }
  return {};
}

}  // namespace cacheindex::node
