#include "node/commands/commands.h"

#include <sys/resource.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <iostream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "node/commands/source_commands.h"
#include "node/commands/store_commands.h"
#include "node/config/config.h"
#include "node/config/config_check.h"
#include "node/core/json.h"
#include "node/core/nearest_name.h"
#include "node/logging/log.h"
#include "node/node.h"
#include "node/node_run.h"
#include "node/scrub/scrub_process.h"
#include "node/signals.h"

namespace cacheindex::node {
namespace {

constexpr int kFailed = 1;
constexpr int kMisused = 2;

struct Arguments {
  std::string config_file;
  std::string data_directory;
  std::string api_key;
  std::string listen;
  bool tls_ends_at_proxy = false;
  std::string other_directory;
  std::string source;
  std::string root;
  ScrubOrder scrub;
};

int Fail(const Error& error) {
  std::cerr << "cacheindex: " << error.message() << '\n';
  return kFailed;
}

constexpr std::string_view kVariablePrefix = "CACHEINDEX_";

// A key under a misspelt name is no key. Others of our prefix may be anybody's: systems that run
// containers name variables after what runs in them.
Result<void> CheckVariables() {
  const std::string own = std::string(kApiKeyVariable).substr(kVariablePrefix.size());
  for (char** variable = ::environ; *variable != nullptr; ++variable) {
    const std::string_view text(*variable);
    const std::string_view name = text.substr(0, text.find('='));
    if (!name.starts_with(kVariablePrefix) || name == kApiKeyVariable) {
      continue;
    }
    if (!NearestName(name.substr(kVariablePrefix.size()), {own}).empty()) {
      return Error(ErrorCode::kInvalidArgument, "there is no environment variable `" +
                                                    std::string(name) + "`; did you mean `" +
                                                    kApiKeyVariable + "`?");
    }
  }
  return {};
}

// Defaults < file < environment < command line.
Result<Config> MakeConfig(const Arguments& arguments,
                          Collections collections = Collections::kRequired) {
  if (auto checked = CheckVariables(); !checked) {
    return std::move(checked).error();
  }
  Config config;
  if (!arguments.config_file.empty()) {
    auto loaded = LoadConfig(arguments.config_file, collections);
    if (!loaded) {
      return loaded;
    }
    config = std::move(*loaded);
  } else {
    config.http.port = kDefaultPort;
  }
  // NOLINTNEXTLINE(concurrency-mt-unsafe): read before any thread is started.
  if (const char* key = std::getenv(kApiKeyVariable); key != nullptr && *key != '\0') {
    config.http.api_key = key;
  }
  if (!arguments.api_key.empty()) {
    config.http.api_key = arguments.api_key;
  }
  config.tls_ends_at_proxy |= arguments.tls_ends_at_proxy;
  if (!arguments.data_directory.empty()) {
    config.data_directory = arguments.data_directory;
  }
  // Names are formed beside it.
  config.data_directory = config.data_directory.lexically_normal();
  if (!config.data_directory.has_filename() && config.data_directory.has_relative_path()) {
    config.data_directory = config.data_directory.parent_path();
  }
  if (!arguments.listen.empty()) {
    if (auto set = SetListenAddress(arguments.listen, config.http); !set) {
      return std::move(set).error().WithContext("--listen");
    }
  }
  return config;
}

// Descriptors that connections leave to the stores, if there are so many, else half of them: a
// store that cannot open its files takes no more writes.
constexpr rlim_t kStoreDescriptors = 512;

// Each connection takes a descriptor, and so do the files of each text index. The hard limit is the
// operator's to raise.
void ShareDescriptors(api::Limits& limits) {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) {
    return;
  }
  if (const rlim_t before = std::exchange(limit.rlim_cur, limit.rlim_max);
      before < limit.rlim_max && setrlimit(RLIMIT_NOFILE, &limit) != 0) {
    limit.rlim_cur = before;
  }
  const rlim_t connections = limit.rlim_cur - std::min(kStoreDescriptors, limit.rlim_cur / 2);
  if (connections < limits.connections_max) {
    Log(LogPart::kNode, LogLevel::kWarning, "connections_limited",
        {{"connections_max", connections},
         {"descriptors", limit.rlim_cur},
         {"reason",
          "raise the hard limit of open files (LimitNOFILE), or lower "
          "http.connections_max"}});
    limits.connections_max = static_cast<std::uint32_t>(connections);
  }
}

int Serve(const Arguments& arguments) {
  auto config = MakeConfig(arguments);
  if (!config) {
    return Fail(config.error());
  }
  // Whatever takes the place of the file meanwhile.
  config->scrub.program = "/proc/self/exe";
  StartLog(config->log);
  auto signals = Signals::Block();
  if (!signals) {
    return Fail(signals.error());
  }
  std::signal(SIGPIPE, SIG_IGN);
  ShareDescriptors(config->http.limits);

  auto node = Node::Start(*config);
  if (!node) {
    Log(LogPart::kNode, LogLevel::kError, "not_started", {{"reason", node.error().message()}});
    return Fail(node.error());
  }
  RunUntilStopped(**node, *signals, [&] {
    auto fresh = MakeConfig(arguments);
    if (fresh) {
      ShareDescriptors(fresh->http.limits);
    }
    return fresh;
  });
  return EXIT_SUCCESS;
}

int Check(const Arguments& arguments) {
  auto config = MakeConfig(arguments);
  if (!config) {
    return Fail(config.error());
  }
  std::cout << "the configuration can be read\n";
  const std::vector<std::string> mistakes = FindMistakes(*config);
  const Obstacles obstacles = mistakes.empty() ? FindObstacles(*config) : Obstacles();
  for (const auto* errors : {&mistakes, &obstacles.mistakes}) {
    for (const std::string& error : *errors) {
      std::cout << "error: " << error << '\n';
    }
  }
  for (const std::string& note : obstacles.notes) {
    std::cout << "note: " << note << '\n';
  }
  const bool can_start = mistakes.empty() && obstacles.mistakes.empty();
  return CheckSources(*config, std::cout) && can_start ? EXIT_SUCCESS : kFailed;
}

int Draft(const Arguments& arguments) {
  auto config = MakeConfig(arguments, Collections::kOptional);
  if (!config) {
    return Fail(config.error());
  }
  const auto drafted =
      DraftCollection(*config, arguments.source, arguments.root, {std::cout, std::cerr});
  return drafted ? EXIT_SUCCESS : Fail(drafted.error());
}

int Rebuild(const Arguments& arguments) {
  auto config = MakeConfig(arguments);
  if (!config) {
    return Fail(config.error());
  }
  if (auto ordered = OrderRebuild(*config, arguments.source); !ordered) {
    return Fail(ordered.error());
  }
  std::cout << "the next start builds " << arguments.source << " anew\n";
  return EXIT_SUCCESS;
}

// Runs `command` on the stores of a stopped node.
template <class Command>
int WithConfig(const Arguments& arguments, Command&& command) {
  const auto config = MakeConfig(arguments);
  return config ? command(*config) : Fail(config.error());
}

void AddDirectories(CLI::App& command, Arguments& arguments) {
  command.add_option("--config", arguments.config_file, "TOML file; see cacheindex.example.toml")
      ->check(CLI::ExistingFile);
  command.add_option("--data-dir", arguments.data_directory, "Where everything is kept");
}

void AddServing(CLI::App& command, Arguments& arguments) {
  AddDirectories(command, arguments);
  command.add_option("--api-key", arguments.api_key,
                     std::string("Key of every request; better set ") + kApiKeyVariable);
  command.add_option("--listen", arguments.listen, "Address and port, by default 127.0.0.1:8108");
  command.add_flag("--tls-ends-at-proxy", arguments.tls_ends_at_proxy,
                   "A proxy in front of the node speaks TLS in its place");
}

// What a node starts by itself; nobody else needs to know of it.
CLI::App* AddScrub(CLI::App& app, ScrubOrder& order) {
  CLI::App* scrub = app.add_subcommand("scrub", "Look for damage in a store of a running node");
  scrub->group("");
  scrub->add_option("--generation", order.generation, "Directory")->required();
  scrub->add_option("--megabytes-per-second", order.megabytes_per_second, "At most")
      ->required()
      ->check(CLI::PositiveNumber);
  scrub->add_option("--parent", order.parent, "Process of the node")->required();
  scrub->add_option("--only", order.only, "Number of a collection");
  return scrub;
}

// Returns what may have been meant by the arguments that nobody knows.
std::string Meant(const CLI::App& app) {
  std::vector<std::string> commands;
  for (const CLI::App* command : app.get_subcommands(nullptr)) {
    commands.push_back(command->get_name());
  }
  std::vector<std::string> options;
  for (const CLI::App* command : app.get_subcommands()) {
    for (const CLI::Option* option : command->get_options()) {
      for (const std::string& name : option->get_lnames()) {
        options.push_back("--" + name);
      }
    }
  }
  std::string meant;
  for (const std::string& unknown : app.remaining(/*recurse=*/true)) {
    const std::string name = unknown.substr(0, unknown.find('='));
    const std::string nearest = NearestName(name, name.starts_with("--") ? options : commands);
    meant += nearest.empty() ? "" : "`" + name + "`: did you mean `" + nearest + "`?\n";
  }
  return meant;
}

int ExplainMisuse(const CLI::App& app, const CLI::ParseError& error) {
  const int code = app.exit(error);
  if (code == EXIT_SUCCESS) {
    return code;  // Who asks for help or the version gets it.
  }
  std::cerr << Meant(app);
  return kMisused;
}

}  // namespace

int RunCommand(int argument_count, const char* const* arguments_given) {
  Arguments arguments;
  CLI::App app("Live product cache and search node", "cacheindex");
  app.set_version_flag("--version", "cacheindex " CACHEINDEX_VERSION);
  app.require_subcommand(1);
  CLI::App* serve = app.add_subcommand("serve", "Serve a data directory over HTTP");
  AddServing(*serve, arguments);
  CLI::App* check = app.add_subcommand(
      "check", "Check whether a node would start, and whether its sources can be followed");
  AddServing(*check, arguments);
  CLI::App* draft = app.add_subcommand(
      "draft", "Print a declaration to begin with, from what the catalog of a source says");
  AddDirectories(*draft, arguments);
  draft->add_option("--source", arguments.source, "Name of the source")->required();
  draft->add_option("--root", arguments.root,
                    "Table of which each row is a document; by default the one that looks most so");
  CLI::App* rebuild =
      app.add_subcommand("rebuild", "Make the next start build the collections of a source anew");
  AddDirectories(*rebuild, arguments);
  rebuild->add_option("--source", arguments.source, "Name of the source")->required();
  CLI::App* verify = app.add_subcommand(
      "verify", "Check everything in the data directory of a stopped node against each other");
  AddDirectories(*verify, arguments);
  CLI::App* backup = app.add_subcommand("backup", "Copy the data directory of a stopped node");
  AddDirectories(*backup, arguments);
  backup->add_option("--to", arguments.other_directory, "Directory to create")->required();
  CLI::App* restore = app.add_subcommand("restore", "Make a data directory out of a backup");
  AddDirectories(*restore, arguments);
  restore->add_option("--from", arguments.other_directory, "A backup")->required();
  const CLI::App* scrub = AddScrub(app, arguments.scrub);
  try {
    app.parse(argument_count, arguments_given);
  } catch (const CLI::ParseError& error) {
    return ExplainMisuse(app, error);
  }

  if (scrub->parsed()) {
    return RunScrub(arguments.scrub);
  }
  if (serve->parsed()) {
    return Serve(arguments);
  }
  if (check->parsed()) {
    return Check(arguments);
  }
  if (draft->parsed()) {
    return Draft(arguments);
  }
  if (rebuild->parsed()) {
    return Rebuild(arguments);
  }
  if (verify->parsed()) {
    return WithConfig(arguments, VerifyStores);
  }
  if (backup->parsed()) {
    return WithConfig(arguments, [&](const Config& config) {
      return BackUpStores(config, arguments.other_directory);
    });
  }
  return WithConfig(arguments, [&](const Config& config) {
    return RestoreStores(config, arguments.other_directory);
  });
}

}  // namespace cacheindex::node
