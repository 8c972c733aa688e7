#include "node/commands/commands.h"

// jemalloc looks for this name. What the text index keeps until its next commit is millions of
// small nodes that are visited at random; on huge pages an import takes an eighth less CPU time
// (benchmarks: import).
extern "C" const char* malloc_conf;
const char* malloc_conf = "thp:always";

int main(int argument_count, char** arguments) {
  return cacheindex::node::RunCommand(argument_count, arguments);
}
