#include "api/transfer.h"

#include <utility>

#include "api/answer_writer.h"
#include "api/front.h"

namespace cacheindex::api {

AfterTransfer SendAnswer(Front& front, Request& request, BulkStream& stream, const Answer& answer) {
  request.keeps_alive = request.keeps_alive && stream.is_body_read() && !front.is_stopping();
  std::string bytes;
  AppendHead(bytes, answer, request, front.access(), answer.body.size());
  bytes += answer.body;
  front.Observe(request, OutcomeOf(answer));
  if (!stream.Write(bytes)) {
    return AfterTransfer::kAbort;
  }
  return request.keeps_alive ? AfterTransfer::kKeep : AfterTransfer::kLinger;
}

Transfer::Transfer(EventLoop& loop, Parts parts, TransferPlaces* places)
    : loop_(loop),
      request_(std::move(parts.request)),
      places_(places),
      stream_({std::move(parts.transport), std::move(parts.input), std::move(parts.output)},
              loop.front().limits(), places, loop.front().stop_event()) {}

AfterTransfer Transfer::Work() {
  Front& front = loop_.front();
  try {
    return request_->route->lane == Lane::kImport ? RunImport(front, *request_, stream_)
                                                  : RunExport(front, *request_, stream_);
  } catch (...) {  // How much of the answer is out is unknown; only a reset says "not all".
    front.Observe(*request_, {.failure = "Internal error"});
    return AfterTransfer::kAbort;
  }
}

void Transfer::Run() {
  if (places_ != nullptr) {
    places_->Take();
  }
  const AfterTransfer after = Work();
  if (places_ != nullptr) {
    places_->Give();
  }
  if (after == AfterTransfer::kAbort) {
    stream_.transport().Abort();
    return;
  }
  BulkStream::Parts parts = stream_.Finish();
  loop_.Adopt({std::move(parts.transport), std::move(parts.input), std::move(parts.output),
               after == AfterTransfer::kLinger});
}

template <class Append>
void Transfer::AnswerWithoutWaiting(const Append& append) {
  request_->keeps_alive = false;
  BulkStream::Parts parts = stream_.Finish();
  append(parts.output);
  loop_.Adopt({std::move(parts.transport), {}, std::move(parts.output), true});
}

void Transfer::Cancel() {
  AnswerWithoutWaiting([this](OutputQueue& output) {
    loop_.front().ServeAnswer(
        *request_, ErrorAnswer(Error(ErrorCode::kUnavailable, "Shutting down.")), output);
  });
}

void Transfer::Shed(Shedding reason) {
  AnswerWithoutWaiting([this, reason](OutputQueue& output) {
    loop_.front().ServeOverload(*request_, reason, output);
  });
}

}  // namespace cacheindex::api
