#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

#include "node/core/json.h"
#include "node/core/result.h"

namespace cacheindex::node {

/// What a line of the log is about. Each part has a level of its own.
enum class LogPart : std::uint8_t {
  kNode,      ///< Start, stop, configuration, readiness, snapshots.
  kRequests,  ///< Overload, failures, slow requests; at debug, every request.
  kStores,    ///< Writes that are refused, text indexes that are built again, damage.
  kSources,   ///< What is followed.
  kAudit,     ///< Who changed what; at debug, single documents too.
};

enum class LogLevel : std::uint8_t { kDebug, kInfo, kWarning, kError };

/// The log of this process: lines on standard error, each one event, as `name=value` or as JSON.
///
/// The value of a key is in no line: what is logged of a key is its number and description. A value
/// longer than kValueBytesMax is cut.
///
/// Threads: all functions may be called concurrently. Until StartLog, as in tests that run a node
/// inside themselves, only warnings are written.
struct LogField {
  static constexpr std::size_t kValueBytesMax = 4096;

  std::string_view name;
  Json value;
};

/// What the configuration says of it.
struct LogOptions {
  /// trace, debug, info, warn, error or off: of all parts. The audit log is written at error, too.
  std::string level = "info";
  /// text or json.
  std::string format = "text";
};

/// Before any other thread is started.
void StartLog(const LogOptions& options);
/// Sets the level of all parts, as StartLog does.
void SetLogLevel(std::string_view level);

bool IsLogged(LogPart part, LogLevel level) noexcept;
void Log(LogPart part, LogLevel level, std::string_view event,
         std::initializer_list<LogField> fields = {});

/// Seconds to three places.
double Rounded(double seconds);

/// Returns the level of each part by its name.
Json LogLevels();
/// Changes the levels that `body` names; nothing when one of them is wrong.
/// Errors: kInvalidArgument.
Result<void> SetLogLevels(const Json& body);

}  // namespace cacheindex::node
