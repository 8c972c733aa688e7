#pragma once

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <pwd.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace cacheindex::test {

/// What exec takes: pointers to the words, and a null one. Valid as long as `words` is as it is.
inline std::vector<char*> Pointers(std::vector<std::string>& words) {
  std::vector<char*> pointers;
  pointers.reserve(words.size() + 1);
  for (std::string& word : words) {
    pointers.push_back(word.data());
  }
  pointers.push_back(nullptr);
  return pointers;
}

/// Runs `arguments` (the first one is looked up in PATH) with its output in the file `output`, and
/// returns its exit code; -1 when it was ended by a signal or could not be started.
inline int RunCommand(const std::vector<std::string>& arguments,
                      const std::filesystem::path& output) {
  std::vector<std::string> copy = arguments;
  std::vector<char*> pointers = Pointers(copy);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, output.c_str(),
                                   O_WRONLY | O_CREAT | O_APPEND, 0644);
  posix_spawn_file_actions_adddup2(&actions, STDOUT_FILENO, STDERR_FILENO);
  pid_t process = -1;
  const int failure =
      ::posix_spawnp(&process, pointers[0], &actions, nullptr, pointers.data(), ::environ);
  posix_spawn_file_actions_destroy(&actions);
  int status = -1;
  if (failure != 0 || ::waitpid(process, &status, 0) != process || !WIFEXITED(status)) {
    return -1;
  }
  return WEXITSTATUS(status);
}

/// The directory of all clusters of this process. A shell outside the process stops what still runs
/// in it and removes it when the process ends, even if it is killed.
class ClusterDirectory {
 public:
  /// Of this process; made when first asked for.
  static ClusterDirectory& Get() {
    static ClusterDirectory directory;
    return directory;
  }
  ~ClusterDirectory() {
    ::close(alive_);
    // The shell's end of this pipe closes when it is done.
    char byte = 0;
    while (::read(done_, &byte, 1) > 0) {
    }
    ::close(done_);
  }
  ClusterDirectory(const ClusterDirectory&) = delete;
  ClusterDirectory& operator=(const ClusterDirectory&) = delete;

  const std::filesystem::path& path() const { return path_; }

  std::filesystem::path NextName() { return path_ / ("cluster" + std::to_string(++clusters_)); }

  /// The server refuses to run as root; what may be put before its commands to run as its own user.
  static std::vector<std::string> AsServer(std::vector<std::string> command) {
    if (::geteuid() == 0) {
      const std::vector<std::string> prefix = {"setpriv", "--reuid=postgres", "--regid=postgres",
                                               "--clear-groups"};
      command.insert(command.begin(), prefix.begin(), prefix.end());
    }
    return command;
  }

  /// Returns a directory of a cluster that was never started; initialised once and then copied,
  /// because that is ten times faster.
  const std::filesystem::path& Template() {
    if (template_.empty()) {
      const std::filesystem::path path = path_ / "template";
      if (RunCommand(AsServer({kPrograms + "initdb", "--no-sync", "--auth=trust",
                               "--username=postgres", "--encoding=UTF8", "--locale=C.UTF-8",
                               "--wal-segsize=1", "--pgdata=" + path.string()}),
                     path_ / "initdb.log") != 0) {
        throw std::runtime_error("initdb failed: " + ReadFile(path_ / "initdb.log"));
      }
      template_ = path;
    }
    return template_;
  }

  static std::string ReadFile(const std::filesystem::path& path) {
    std::ifstream stream(path);
    return {std::istreambuf_iterator<char>(stream), {}};
  }

  inline static const std::string kPrograms = "/usr/lib/postgresql/15/bin/";

 private:
  ClusterDirectory() {
    std::string pattern = std::filesystem::temp_directory_path() / "cacheindex-postgres-XXXXXX";
    path_ = ::mkdtemp(pattern.data());
    if (::geteuid() == 0) {
      // NOLINTNEXTLINE(concurrency-mt-unsafe): before any cluster exists.
      const passwd* user = ::getpwnam("postgres");
      if (user == nullptr || ::chown(path_.c_str(), user->pw_uid, user->pw_gid) != 0) {
        throw std::runtime_error("the server's user 'postgres' is missing");
      }
    }
    Guard();
  }

  // A session of its own, and nobody's child, so that what kills this process's family spares it.
  void Guard() {
    static constexpr const char* kScript = R"(
      exec 3<&0
      (
        directory=$1
        shift
        cat <&3 >/dev/null
        for file in "$directory"/*/data/postmaster.pid; do
          [ -e "$file" ] || continue
          process=$(head -n 1 "$file")
          "$@" stop -s -w -t 5 -m immediate -D "${file%/*}" || kill -KILL "$process"
        done
        rm -rf "$directory"
      ) 2>/dev/null &)";
    int alive[2];
    int done[2];
    if (::pipe2(alive, O_CLOEXEC) != 0 || ::pipe2(done, O_CLOEXEC) != 0) {
      throw std::runtime_error("no pipe for the clusters' guard");
    }
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, alive[0], STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&actions, done[1], STDOUT_FILENO);
    posix_spawnattr_t attributes;
    posix_spawnattr_init(&attributes);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSID);
    std::vector<std::string> arguments = {"/bin/sh", "-c", kScript, "guard", path_.string()};
    for (std::string& word : AsServer({kPrograms + "pg_ctl"})) {
      arguments.push_back(std::move(word));
    }
    std::vector<char*> pointers = Pointers(arguments);
    pid_t shell = -1;
    const int failure =
        ::posix_spawn(&shell, "/bin/sh", &actions, &attributes, pointers.data(), ::environ);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    ::close(alive[0]);
    ::close(done[1]);
    if (failure != 0 || ::waitpid(shell, nullptr, 0) != shell) {
      throw std::runtime_error("no guard for the clusters");
    }
    alive_ = alive[1];
    done_ = done[0];
  }

  std::filesystem::path path_;
  std::filesystem::path template_;
  int clusters_ = 0;
  int alive_ = -1;
  int done_ = -1;
};

/// A private PostgreSQL 15 with logical decoding, small limits and no fsync, on a socket of its own
/// and on a free port of 127.0.0.1.
///
/// Threads: one at a time. Throws std::runtime_error with the server's log when a command fails.
/// Lifetime: the destructor stops and removes it; see ClusterDirectory for a process that dies.
class PostgresCluster {
 public:
  enum class StopMode : std::uint8_t {
    kFast,       ///< Sends what is committed to the followers, then ends.
    kImmediate,  ///< As a crash: recovers when it is started again.
  };

  /// `settings` as in "max_slot_wal_keep_size=1MB" come after, and win over, the defaults below.
  explicit PostgresCluster(std::vector<std::string> settings = {})
      : directory_(ClusterDirectory::Get().NextName()) {
    const std::filesystem::path& model = ClusterDirectory::Get().Template();
    Create([&] { Server({"cp", "-a", model.string(), data().string()}); });
    Configure(std::move(settings));
  }

  /// A physical standby of `primary`, as a base backup makes it.
  static PostgresCluster StandbyOf(const PostgresCluster& primary) { return {Standby{}, primary}; }

  ~PostgresCluster() {
    RunCommand(ClusterDirectory::AsServer(Control({"stop", "-m", "immediate"})),
               directory_ / "control.log");
    std::error_code ignored;
    std::filesystem::remove_all(directory_, ignored);
  }
  PostgresCluster(const PostgresCluster&) = delete;
  PostgresCluster& operator=(const PostgresCluster&) = delete;

  /// libpq's connection string through the socket.
  std::string Connection(const std::string& database = "postgres",
                         const std::string& user = "postgres") const {
    return "host=" + directory_.string() + " port=" + std::to_string(port_) +
           " dbname=" + database + " user=" + user;
  }

  std::uint16_t port() const { return port_; }
  std::filesystem::path data() const { return directory_ / "data"; }
  std::string Log() const { return ClusterDirectory::ReadFile(directory_ / "server.log"); }

  void Start() {
    // Somebody may have taken the port since it was looked up.
    static constexpr int kTries = 5;
    for (int i = 0; i < kTries; ++i) {
      if (RunCommand(ClusterDirectory::AsServer(
                         Control({"start", "-w", "-t", "60", "-l", directory_ / "server.log"})),
                     directory_ / "control.log") == 0) {
        return;
      }
      port_ = FreePort();
      Append("port=" + std::to_string(port_));
    }
    throw std::runtime_error("the server does not start: " + Log());
  }
  void Stop(StopMode mode = StopMode::kFast) {
    Server(Control({"stop", "-w", "-m", mode == StopMode::kFast ? "fast" : "immediate"}));
  }
  void Restart(StopMode mode = StopMode::kFast) {
    Stop(mode);
    Start();
  }
  /// Makes a standby a primary on a new timeline.
  void Promote() { Server(Control({"promote", "-w"})); }
  /// Reads settings and access rules again; they reach sessions a moment later.
  void Reload() { Server(Control({"reload"})); }

  /// Adds a line to the configuration; read at the next Reload or Restart.
  void Append(const std::string& setting) const {
    std::ofstream(data() / "postgresql.conf", std::ios::app) << setting << '\n';
  }
  /// Puts an access rule before all others; read at the next Reload or Restart.
  void PutAccessRule(const std::string& line) const {
    const std::filesystem::path file = data() / "pg_hba.conf";
    const std::string rest = ClusterDirectory::ReadFile(file);
    std::ofstream(file, std::ios::trunc) << line << '\n' << rest;
  }

 private:
  struct Standby {};

  PostgresCluster(Standby, const PostgresCluster& primary)
      : directory_(ClusterDirectory::Get().NextName()) {
    Create([&] {
      Server({ClusterDirectory::kPrograms + "pg_basebackup", "-h", primary.directory_.string(),
              "-p", std::to_string(primary.port_), "-U", "postgres", "-D", data().string(), "-X",
              "stream", "-c", "fast", "-R", "--no-sync"});
    });
    Configure({});
  }

  template <class Fill>
  void Create(const Fill& fill) {
    Server({"mkdir", "-m", "755", directory_.string()});
    fill();
  }

  void Configure(std::vector<std::string> settings) {
    port_ = FreePort();
    const std::vector<std::string> defaults = {
        "listen_addresses='127.0.0.1'",
        "port=" + std::to_string(port_),
        "unix_socket_directories='" + directory_.string() + "'",
        "fsync=off",
        "full_page_writes=off",
        "autovacuum=off",
        "jit=off",
        "shared_buffers=16MB",
        "max_connections=60",
        "max_prepared_transactions=10",
        "wal_level=logical",
        "max_wal_senders=12",
        "max_replication_slots=12",
        "wal_sender_timeout=5s",
        "logical_decoding_work_mem=64kB",
        "max_wal_size=64MB",
        "min_wal_size=8MB",
        "hot_standby=on",
        "log_min_messages=warning",
    };
    settings.insert(settings.begin(), defaults.begin(), defaults.end());
    for (const std::string& setting : settings) {
      Append(setting);
    }
    Start();
  }

  std::vector<std::string> Control(std::vector<std::string> rest) const {
    const std::vector<std::string> prefix = {ClusterDirectory::kPrograms + "pg_ctl", "-s", "-D",
                                             data().string()};
    rest.insert(rest.begin(), prefix.begin(), prefix.end());
    return rest;
  }

  // Runs a command as the server's user.
  void Server(const std::vector<std::string>& command) const {
    const std::filesystem::path log = std::filesystem::exists(directory_)
                                          ? directory_ / "control.log"
                                          : directory_.parent_path() / "control.log";
    if (RunCommand(ClusterDirectory::AsServer(command), log) != 0) {
      throw std::runtime_error(command.front() + " failed: " + ClusterDirectory::ReadFile(log) +
                               Log());
    }
  }

  static std::uint16_t FreePort() {
    const int probe = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    // NOLINTBEGIN(cppcoreguidelines-pro-type-reinterpret-cast): what the interface asks for.
    const bool is_bound = ::bind(probe, reinterpret_cast<sockaddr*>(&address), size) == 0 &&
                          ::getsockname(probe, reinterpret_cast<sockaddr*>(&address), &size) == 0;
    // NOLINTEND(cppcoreguidelines-pro-type-reinterpret-cast)
    ::close(probe);
    if (!is_bound) {
      throw std::runtime_error("no free port");
    }
    return ntohs(address.sin_port);
  }

  std::filesystem::path directory_;
  std::uint16_t port_ = 0;
};

}  // namespace cacheindex::test
