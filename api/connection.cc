#include "api/connection.h"

#include <algorithm>
#include <utility>

#include "api/front.h"
#include "api/request_options.h"
#include "api/transfer.h"

namespace cacheindex::api {
namespace {

// Answers to requests that came in one go are put together up to this, and then sent.
constexpr std::size_t kOutputBytesMax = std::size_t{256} << 10;
// Reads of one connection before the others have their turn.
constexpr int kReadsPerTurnMax = 16;
constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";

// A request on its way to a worker and back.
class RequestJob : public Job {
 public:
  RequestJob(EventLoop& loop, Connection& connection, std::unique_ptr<Request> request)
      : loop_(loop), connection_(connection), request_(std::move(request)) {}

  void Run() override {
    OutputQueue output;
    loop_.front().Serve(*request_, output);
    loop_.Complete(connection_, std::move(output), std::move(request_));
  }
  void Cancel() override {
    OutputQueue output;
    loop_.front().ServeAnswer(
        *request_, ErrorAnswer(Error(ErrorCode::kUnavailable, "Shutting down.")), output);
    loop_.Complete(connection_, std::move(output), std::move(request_));
  }
  void Shed(Shedding reason) override {
    OutputQueue output;
    loop_.front().ServeOverload(*request_, reason, output);
    loop_.Complete(connection_, std::move(output), std::move(request_));
  }

 private:
  EventLoop& loop_;
  Connection& connection_;
  std::unique_ptr<Request> request_;
};

}  // namespace

Connection::Connection(EventLoop& loop, EventLoop::Returned from)
    : loop_(loop),
      transport_(std::move(from.transport)),
      reader_(loop.front().limits()),
      input_(std::move(from.input)),
      output_(std::move(from.output)),
      state_(from.only_lingers ? State::kClosing : State::kOpen),
      lingers_(from.only_lingers) {}

Connection::~Connection() {
  ReleaseBody();
  output_ = OutputQueue();
  AccountUnsent();
}

void Connection::Advance() {
  if (state_ == State::kClosed || state_ == State::kHandedOver || !Handshake()) {
    return;
  }
  if (state_ == State::kLingering) {
    Discard();
    return;
  }
  if (!Flush()) {
    return;
  }
  for (int reads = 0; state_ == State::kOpen && !is_busy_; ++reads) {
    if (output_.bytes() >= kOutputBytesMax && !Flush()) {
      return;
    }
    if (reads == kReadsPerTurnMax) {
      loop_.Resume(*this);
      break;
    }
    if (!TakeInput()) {
      break;
    }
  }
  if (is_transfer_ && state_ == State::kOpen) {
    HandOver();
    return;
  }
  if (!Flush()) {
    return;
  }
  FinishClosing();
  ChooseDeadline();
}

bool Connection::Handshake() {
  if (!transport_->needs_handshake()) {
    return true;
  }
  const auto state = transport_->Handshake();
  if (state == Transport::State::kClosed) {
    Close();
  } else if (state == Transport::State::kWouldBlock && deadline_ != Deadline::kHead) {
    loop_.SetDeadline(*this, Deadline::kHead);
  }
  return state == Transport::State::kOk;
}

// Returns false when the rest has to wait, or when there is nobody left to send it to.
bool Connection::Flush() {
  if (output_.empty()) {
    AccountUnsent();
    return true;
  }
  const std::size_t before = output_.bytes();
  const auto state = output_.SendTo(*transport_);
  if (state == Transport::State::kClosed) {
    Close();
    return false;
  }
  if (!AccountUnsent()) {
    transport_->Abort();
    Close();
    return false;
  }
  if (state == Transport::State::kOk) {
    if (deadline_ == Deadline::kWrite) {
      loop_.ClearDeadline(*this);
    }
    return true;
  }
  progress_bytes_ += before - output_.bytes();
  if (deadline_ != Deadline::kWrite ||
      progress_bytes_ >= loop_.front().limits().progress_bytes_min) {
    loop_.SetDeadline(*this, Deadline::kWrite);
  }
  return false;
}

// Returns false when there is nothing to take, or no reason to take more.
bool Connection::TakeInput() {
  if (!input_.empty()) {
    const std::string pending = std::exchange(input_, {});
    const std::size_t consumed = Consume(pending);
    input_.append(pending, consumed);
    return consumed > 0;
  }
  const auto transfer = transport_->Read(loop_.scratch());
  if (transfer.state == Transport::State::kWouldBlock) {
    return false;
  }
  if (transfer.state == Transport::State::kClosed) {
    StopReading(false);
    return false;
  }
  const std::string_view data(loop_.scratch().data(), transfer.bytes);
  const std::size_t consumed = Consume(data);
  input_.append(data.substr(consumed));
  return !is_transfer_;
}

std::size_t Connection::Consume(std::string_view data) {
  std::size_t consumed = 0;
  while (consumed < data.size() && state_ == State::kOpen && !is_busy_ && !is_transfer_ &&
         output_.bytes() < kOutputBytesMax) {
    const std::size_t bytes = reader_.Feed(data.substr(consumed));
    consumed += bytes;
    progress_bytes_ += bytes;
    if (reader_.state() == RequestReader::State::kHeadDone) {
      OnHead();
    }
    if (reader_.state() == RequestReader::State::kBody) {
      AccountBody();
    }
    if (reader_.state() == RequestReader::State::kComplete) {
      OnRequest();
    }
    if (reader_.state() == RequestReader::State::kRejected) {
      OnRejection();
    }
  }
  return consumed;
}

void Connection::OnHead() {
  has_asked_ = true;
  Request& request = reader_.request();
  request.client_address = transport_->peer();
  Admission admission = loop_.front().Admit(request);
  if (admission.refusal) {
    const bool has_body = request.HasBody();
    request.keeps_alive = request.keeps_alive && !has_body;
    loop_.front().ServeAnswer(request, std::move(*admission.refusal), output_);
    if (request.keeps_alive) {
      reader_.Restart();
    } else {
      StopReading(has_body);
    }
    return;
  }
  lane_ = admission.lane;
  if (lane_ == Lane::kImport) {
    is_transfer_ = true;
    return;
  }
  reader_.ReadBody(admission.body_bytes_max, admission.body_too_large);
  if (reader_.state() == RequestReader::State::kBody && request.expects_continue &&
      !request.is_http_1_0) {
    output_.Append(kContinue);
  }
}

void Connection::OnRequest() {
  if (lane_ == Lane::kExport) {
    is_transfer_ = true;
    return;
  }
  if (lane_ == Lane::kWorker || lane_ == Lane::kSearch) {
    Submit();
    return;
  }
  Request& request = reader_.request();
  loop_.front().Serve(request, output_);
  ReleaseBody();
  const bool keeps_alive = request.keeps_alive;
  reader_.Restart();
  if (!keeps_alive) {
    StopReading(false);
  }
}

void Connection::OnRejection() {
  loop_.front().ServeRejection(reader_.rejection(), output_);
  ReleaseBody();
  StopReading(true);
}

void Connection::Submit() {
  const bool may_wait = AsksForPosition(reader_.request());
  const bool is_search = lane_ == Lane::kSearch;
  const SearchClient client =
      is_search ? loop_.front().SearchClientOf(reader_.request()) : SearchClient();
  auto job = std::make_unique<RequestJob>(loop_, *this, reader_.Take(loop_.TakeRecycled()));
  is_busy_ = true;
  loop_.ClearDeadline(*this);
  if (is_search) {
    loop_.front().PushSearch(std::move(job), client, may_wait);
  } else if (const auto refused = loop_.front().PushRequest(std::move(job), may_wait)) {
    refused->Shed(Shedding::kOverload);  // The answer comes by the usual way.
  }
}

void Connection::Complete(OutputQueue answer, std::unique_ptr<Request> request) {
  is_busy_ = false;
  ReleaseBody();
  const bool keeps_alive = request->keeps_alive;
  request->Clear();
  loop_.Recycle(std::move(request));
  if (state_ != State::kOpen) {
    return;
  }
  output_.Append(std::move(answer));
  if (!keeps_alive) {
    StopReading(false);
  }
  Advance();
}

void Connection::HandOver() {
  loop_.ClearDeadline(*this);
  ReleaseBody();
  state_ = State::kHandedOver;
  loop_.Unregister(*this);
  const bool may_wait = lane_ == Lane::kExport && AsksForPosition(reader_.request());
  auto transfer =
      std::make_unique<Transfer>(loop_,
                                 Transfer::Parts{std::move(*transport_), std::move(input_),
                                                 std::move(output_), reader_.Take()},
                                 may_wait ? nullptr : loop_.front().transfer_places());
  transport_.reset();
  const auto refused = loop_.front().PushTransfer(std::move(transfer), may_wait);
  if (refused) {
    refused->Shed(Shedding::kOverload);
  }
}

void Connection::AccountBody() {
  Counters& counters = loop_.front().counters();
  const std::uint64_t bytes = reader_.request().body.size();
  const std::uint64_t added = bytes - std::min(bytes, buffered_bytes_);
  buffered_bytes_ += added;
  const std::uint64_t total =
      counters.buffered_bytes.fetch_add(added, std::memory_order_relaxed) + added;
  if (added > 0 && total > loop_.front().limits().buffered_bytes_max) {
    Request& request = reader_.request();
    request.keeps_alive = false;
    loop_.front().ServeOverload(request, Shedding::kOverload, output_);
    request.Clear();
    ReleaseBody();
    StopReading(true);
  }
}

void Connection::ReleaseBody() noexcept {
  loop_.front().counters().buffered_bytes.fetch_sub(std::exchange(buffered_bytes_, 0),
                                                    std::memory_order_relaxed);
}

// Returns false when clients have left too much of their answers, and this one has a part in it.
bool Connection::AccountUnsent() {
  const std::uint64_t bytes = output_.bytes();
  if (bytes == unsent_bytes_) {
    return true;
  }
  auto& counter = loop_.front().counters().buffered_bytes;
  const std::uint64_t added = bytes - std::exchange(unsent_bytes_, bytes);  // May wrap, as the sum.
  const std::uint64_t total = counter.fetch_add(added, std::memory_order_relaxed) + added;
  return bytes == 0 || total <= loop_.front().limits().buffered_bytes_max;
}

void Connection::StopReading(bool lingers) noexcept {
  state_ = State::kClosing;
  lingers_ = lingers;
}

void Connection::FinishClosing() {
  if (state_ != State::kClosing || !output_.empty()) {
    return;
  }
  if (!lingers_) {
    Close();
    return;
  }
  // Closing with unread bytes would reset the connection and take the answer with it.
  state_ = State::kLingering;
  input_.clear();
  transport_->FinishWriting();
  loop_.SetDeadline(*this, Deadline::kLinger);
  Discard();
}

void Connection::Discard() {
  for (int reads = 0; reads < kReadsPerTurnMax; ++reads) {
    const auto transfer = transport_->Read(loop_.scratch());
    if (transfer.state == Transport::State::kWouldBlock) {
      return;
    }
    if (transfer.state == Transport::State::kClosed) {
      Close();
      return;
    }
  }
  loop_.Resume(*this);
}

void Connection::ChooseDeadline() {
  if (state_ != State::kOpen || is_busy_) {
    return;
  }
  if (reader_.is_idle() && loop_.front().is_draining()) {
    CloseUnlessNew();  // The front may have begun while the last request was being answered.
    return;
  }
  if (reader_.is_idle()) {
    loop_.SetDeadline(*this, Deadline::kIdle);
    return;
  }
  const bool is_body = reader_.state() == RequestReader::State::kBody;
  const Deadline kind = is_body ? Deadline::kBody : Deadline::kHead;
  const bool has_progress = is_body && progress_bytes_ >= loop_.front().limits().progress_bytes_min;
  if (deadline_ != kind || has_progress) {
    loop_.SetDeadline(*this, kind);
  }
}

void Connection::OnDeadline() {
  const bool is_request = (deadline_ == Deadline::kHead && !transport_->needs_handshake()) ||
                          deadline_ == Deadline::kBody;
  if (deadline_ == Deadline::kWrite) {
    transport_->Abort();
  }
  loop_.ClearDeadline(*this);
  if (!is_request) {
    Close();
    return;
  }
  loop_.front().ServeRejection({408, "The request took too long to arrive."}, output_);
  ReleaseBody();
  StopReading(true);
  Advance();
}

void Connection::CloseIfIdle() {
  if (state_ == State::kOpen && !is_busy_ && reader_.is_idle() && output_.empty() &&
      input_.empty()) {
    CloseUnlessNew();
  }
}

void Connection::CloseUnlessNew() {
  if (has_asked_ || EventLoop::Clock::now() - opened_at_ >= kFirstRequestWaitMax) {
    Close();
  } else if (deadline_ != Deadline::kFirst) {
    // Its first request may be on its way.
    loop_.SetDeadline(*this, Deadline::kFirst);
  }
}

void Connection::Close() noexcept {
  state_ = State::kClosed;
  loop_.ClearDeadline(*this);
  transport_.reset();
}

}  // namespace cacheindex::api
