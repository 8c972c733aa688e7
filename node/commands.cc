#include "node/commands.h"

#include <pthread.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>
#include <sys/resource.h>

#include <CLI/CLI.hpp>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <string>
#include <utility>
#include <vector>

#include "cache/verify.h"
#include "node/backup.h"
#include "node/node.h"

namespace cacheindex::node {
namespace {

constexpr int kFailed = 1;

struct Arguments {
  std::string config_file;
  std::string data_directory;
  std::string api_key;
  std::string listen;
  std::string other_directory;
};

// One line per event, key=value, on standard error; standard output belongs to the commands.
void StartLog(const std::string& level) {
  auto logger = spdlog::stderr_logger_mt("cacheindex");
  logger->set_pattern("time=%Y-%m-%dT%H:%M:%S.%e%z level=%l %v");
  spdlog::set_default_logger(std::move(logger));
  spdlog::set_level(spdlog::level::from_str(level));
}

int Fail(const Error& error) {
  std::cerr << "cacheindex: " << error.message() << '\n';
  return kFailed;
}

// Defaults < file < environment < command line.
Result<Config> MakeConfig(const Arguments& arguments) {
  Config config;
  if (!arguments.config_file.empty()) {
    auto loaded = LoadConfig(arguments.config_file);
    if (!loaded) {
      return loaded;
    }
    config = std::move(*loaded);
  } else {
    config.http.port = 8108;
  }
  // NOLINTNEXTLINE(concurrency-mt-unsafe): read before any thread is started.
  if (const char* key = std::getenv(kApiKeyVariable); key != nullptr && *key != '\0') {
    config.http.api_key = key;
  }
  if (!arguments.api_key.empty()) {
    config.http.api_key = arguments.api_key;
  }
  if (!arguments.data_directory.empty()) {
    config.data_directory = arguments.data_directory;
  }
  if (!arguments.listen.empty()) {
    if (auto set = SetListenAddress(arguments.listen, config.http); !set) {
      return std::move(set).error().WithContext("--listen");
    }
  }
  return config;
}

// Each connection takes a descriptor, and so do the files of each text index. The hard limit is the
// operator's to raise.
void RaiseDescriptorLimit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < limit.rlim_max) {
    limit.rlim_cur = limit.rlim_max;
    if (setrlimit(RLIMIT_NOFILE, &limit) != 0) {
      spdlog::warn("event=descriptor_limit_not_raised errno={}", errno);
    }
  }
}

int Serve(const Arguments& arguments) {
  auto config = MakeConfig(arguments);
  if (!config) {
    return Fail(config.error());
  }
  StartLog(config->log.level);
  // Blocked before any thread exists, so that all inherit it and only the wait below receives them.
  sigset_t stop_signals;
  sigemptyset(&stop_signals);
  sigaddset(&stop_signals, SIGTERM);
  sigaddset(&stop_signals, SIGINT);
  pthread_sigmask(SIG_BLOCK, &stop_signals, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
  RaiseDescriptorLimit();

  auto node = Node::Start(*config);
  if (!node) {
    return Fail(node.error());
  }
  int received = 0;
  sigwait(&stop_signals, &received);
  spdlog::info("event=stopping signal={}", received);
  (*node)->Stop();
  spdlog::info("event=stopped");
  return EXIT_SUCCESS;
}

// Opens the stores of a data directory without serving them, and runs `use` on them.
template <class Use>
int WithStore(const Arguments& arguments, Use&& use) {
  auto config = MakeConfig(arguments);
  if (!config) {
    return Fail(config.error());
  }
  if (!std::filesystem::exists(config->data_directory / "stores")) {
    return Fail(Error(ErrorCode::kInvalidArgument,
                      config->data_directory.string() + " is no data directory of cacheindex"));
  }
  auto directory = DataDirectory::Lock(config->data_directory);
  if (!directory) {
    return Fail(directory.error());
  }
  auto native = NativeStore::Open(*directory, *config);
  if (!native) {
    return Fail(native.error());
  }
  return use(**native);
}

int Verify(NativeStore& native) {
  // What is durable but not yet searchable after a crash is no damage: let the text index catch up.
  auto caught_up = native.index().WaitSearchable(
      native.store().position(), std::chrono::steady_clock::now() + kSearchableWaitMax);
  if (!caught_up) {
    return Fail(caught_up.error());
  }
  auto snapshot = native.store().OpenSnapshot();
  if (!snapshot) {
    return Fail(snapshot.error());
  }
  const cache::VerifyReport report = cache::Verify(*snapshot);
  auto differences = native.index().Verify(*snapshot);
  if (!differences) {
    return Fail(differences.error());
  }
  const std::array<const std::vector<std::string>*, 2> all_findings = {&report.findings,
                                                                       &*differences};
  for (const std::vector<std::string>* findings : all_findings) {
    for (const std::string& finding : *findings) {
      std::cout << finding << '\n';
    }
  }
  const std::size_t count = report.findings.size() + differences->size();
  std::cout << "verified " << report.documents << " documents and " << report.column_pages
            << " column pages: " << count << (count == 1 ? " finding" : " findings") << '\n';
  return count == 0 ? EXIT_SUCCESS : kFailed;
}

int Backup(NativeStore& native, const Arguments& arguments) {
  std::error_code failure;
  const auto target = std::filesystem::absolute(arguments.other_directory, failure);
  if (auto written = WriteBackup(native, target); !written) {
    return Fail(written.error());
  }
  std::cout << "backed up to " << target.string() << '\n';
  return EXIT_SUCCESS;
}

int Restore(const Arguments& arguments) {
  auto config = MakeConfig(arguments);
  if (!config) {
    return Fail(config.error());
  }
  if (auto restored = RestoreBackup(arguments.other_directory, config->data_directory); !restored) {
    return Fail(restored.error());
  }
  std::cout << "restored to " << config->data_directory.string() << '\n';
  return EXIT_SUCCESS;
}

void AddDirectories(CLI::App& command, Arguments& arguments) {
  command.add_option("--config", arguments.config_file, "TOML file; see cacheindex.example.toml")
      ->check(CLI::ExistingFile);
  command.add_option("--data-dir", arguments.data_directory, "Where everything is kept");
}

}  // namespace

int RunCommand(int argument_count, const char* const* arguments_given) {
  Arguments arguments;
  CLI::App app("Live product cache and search node", "cacheindex");
  app.require_subcommand(1);
  CLI::App* serve = app.add_subcommand("serve", "Serve a data directory over HTTP");
  AddDirectories(*serve, arguments);
  serve->add_option("--api-key", arguments.api_key,
                    std::string("Key of every request; better set ") + kApiKeyVariable);
  serve->add_option("--listen", arguments.listen, "Address and port, by default 127.0.0.1:8108");
  CLI::App* verify = app.add_subcommand(
      "verify", "Check everything in the data directory of a stopped node against each other");
  AddDirectories(*verify, arguments);
  CLI::App* backup = app.add_subcommand("backup", "Copy the data directory of a stopped node");
  AddDirectories(*backup, arguments);
  backup->add_option("--to", arguments.other_directory, "Directory to create")->required();
  CLI::App* restore = app.add_subcommand("restore", "Make a data directory out of a backup");
  AddDirectories(*restore, arguments);
  restore->add_option("--from", arguments.other_directory, "A backup")->required();
  CLI11_PARSE(app, argument_count, arguments_given);

  if (serve->parsed()) {
    return Serve(arguments);
  }
  if (verify->parsed()) {
    return WithStore(arguments, Verify);
  }
  if (backup->parsed()) {
    return WithStore(arguments, [&](NativeStore& native) { return Backup(native, arguments); });
  }
  return Restore(arguments);
}

}  // namespace cacheindex::node
