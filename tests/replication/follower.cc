#include <poll.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <memory>
#include <string>

#include "tests/replication/model_shop.h"

// follower CONNECTION SLOT DIRECTORY: follows the model's tables until it is killed.
int main(int count, char** arguments) {
  using namespace cacheindex;  // NOLINT(google-build-using-namespace): a program of one function.
  // The test may be killed too.
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (count != 4) {
    return 2;
  }
  replication::Source::Options options;
  options.name = "model";
  options.connection = arguments[1];
  options.publication = "p";
  options.slot = arguments[2];
  const std::filesystem::path directory = arguments[3];
  options.spool_directory = directory / "spool";
  replication::LimitForModel(options);
  for (const replication::ModelTable& table : replication::ModelTables()) {
    options.collections.push_back(replication::Mirror(table.name, table.columns));
  }
  replication::PlainGenerations generations(directory / "store");
  const auto source = replication::Source::Start(options, generations);
  if (!source) {
    std::fprintf(stderr, "%s\n", source.error().message().c_str());
    return 1;
  }
  bool has_said_why = false;
  while (true) {
    ::poll(nullptr, 0, 5);
    const std::string reason = (*source)->Status().rebuild_reason;
    if (!reason.empty() && !has_said_why) {
      has_said_why = true;
      std::fprintf(stderr, "rebuilds: %s\n", reason.c_str());
    }
  }
}
