#pragma once

#include <memory>
#include <string>

#include "api/answer.h"
#include "api/bulk_stream.h"
#include "api/event_loop.h"
#include "api/worker_pool.h"

namespace cacheindex::api {

class Front;

/// How a transfer left its connection.
enum class AfterTransfer {
  kKeep,    ///< Between two requests.
  kLinger,  ///< Answered, but there are bytes that nobody will read.
  kAbort,   ///< In the middle of an answer, which must not look complete.
};

/// Runs an import: reads the body of `request` line by line and answers it. Counts it.
AfterTransfer RunImport(Front& front, Request& request, BulkStream& stream);

/// Runs an export: writes its answer piece by piece, as fast as the client takes it. Counts it.
AfterTransfer RunExport(Front& front, Request& request, BulkStream& stream);

/// Sends an answer that is whole in memory.
AfterTransfer SendAnswer(Front& front, Request& request, BulkStream& stream, const Answer& answer);

/// An import or export on its way through a bulk thread and back to its loop.
class Transfer : public Job {
 public:
  struct Parts {
    Transport transport;
    std::string input;
    OutputQueue output;
    std::unique_ptr<Request> request;
  };

  /// `places` is whose places it works on; null when it has its thread to itself.
  Transfer(EventLoop& loop, Parts parts, TransferPlaces* places);

  void Run() override;
  void Cancel() override;
  void Shed(Shedding reason) override;

 private:
  /// Gives the connection back to its loop with an answer that `append` appends.
  template <class Append>
  void AnswerWithoutWaiting(const Append& append);

  AfterTransfer Work();

  EventLoop& loop_;
  std::unique_ptr<Request> request_;
  TransferPlaces* const places_;
  BulkStream stream_;
};

}  // namespace cacheindex::api
