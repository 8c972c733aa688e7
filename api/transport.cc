#include "api/transport.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <algorithm>
#include <array>
#include <cerrno>

namespace cacheindex::api {
namespace {

constexpr std::size_t kPiecesPerWriteMax = 16;
constexpr std::size_t kSslBytesMax = std::size_t{1} << 30;  // Lengths are int there.

bool WouldBlock(int error) { return error == EAGAIN || error == EWOULDBLOCK || error == EINTR; }

}  // namespace

ConnectionCount::Ticket& ConnectionCount::Ticket::operator=(Ticket&& other) noexcept {
  if (this != &other) {
    Release();
    owner_ = std::exchange(other.owner_, nullptr);
  }
  return *this;
}

void ConnectionCount::Ticket::Release() noexcept {
  if (ConnectionCount* const owner = std::exchange(owner_, nullptr)) {
    // Under the lock, so that a waiter that destroys the count afterwards cannot overtake us.
    const std::lock_guard lock(owner->mutex_);
    owner->value_.fetch_sub(1, std::memory_order_relaxed);
    owner->changed_.notify_all();
  }
}

ConnectionCount::Ticket ConnectionCount::Take() noexcept {
  value_.fetch_add(1, std::memory_order_relaxed);
  return Ticket(this);
}

void FreeSsl::operator()(ssl_st* session) const noexcept { ::SSL_free(session); }

Transport::Transport(FileDescriptor socket, std::unique_ptr<ssl_st, FreeSsl> session,
                     ConnectionCount::Ticket ticket, Counters& counters, std::string peer) noexcept
    : ticket_(std::move(ticket)),
      socket_(std::move(socket)),
      session_(std::move(session)),
      counters_(&counters),
      peer_(std::move(peer)),
      needs_handshake_(session_ != nullptr) {}

Transport::State Transport::AfterFailure(int result) noexcept {
  const int reason = ::SSL_get_error(session_.get(), result);
  ::ERR_clear_error();
  return reason == SSL_ERROR_WANT_READ || reason == SSL_ERROR_WANT_WRITE ? State::kWouldBlock
                                                                         : State::kClosed;
}

Transport::State Transport::Handshake() noexcept {
  ::ERR_clear_error();
  const int result = ::SSL_accept(session_.get());
  if (result != 1) {
    return AfterFailure(result);
  }
  needs_handshake_ = false;
  return State::kOk;
}

Transport::Transfer Transport::Read(std::span<char> buffer) noexcept {
  if (session_) {
    return ReadEncrypted(buffer);
  }
  const ssize_t bytes = ::recv(socket_.get(), buffer.data(), buffer.size(), 0);
  if (bytes > 0) {
    counters_->bytes_received.fetch_add(static_cast<std::uint64_t>(bytes),
                                        std::memory_order_relaxed);
    return {State::kOk, static_cast<std::size_t>(bytes)};
  }
  return {bytes < 0 && WouldBlock(errno) ? State::kWouldBlock : State::kClosed, 0};
}

Transport::Transfer Transport::ReadEncrypted(std::span<char> buffer) noexcept {
  ::ERR_clear_error();
  const int bytes = ::SSL_read(session_.get(), buffer.data(),
                               static_cast<int>(std::min(buffer.size(), kSslBytesMax)));
  if (bytes <= 0) {
    return {AfterFailure(bytes), 0};
  }
  counters_->bytes_received.fetch_add(static_cast<std::uint64_t>(bytes), std::memory_order_relaxed);
  return {State::kOk, static_cast<std::size_t>(bytes)};
}

Transport::Transfer Transport::Write(std::span<const std::string_view> pieces) noexcept {
  if (session_) {
    return WriteEncrypted(pieces);
  }
  std::array<iovec, kPiecesPerWriteMax> parts{};
  const std::size_t count = std::min(pieces.size(), parts.size());
  for (std::size_t i = 0; i < count; ++i) {
    parts[i].iov_base = const_cast<char*>(pieces[i].data());  // sendmsg only reads it.
    parts[i].iov_len = pieces[i].size();
  }
  msghdr message{};
  message.msg_iov = parts.data();
  message.msg_iovlen = count;
  const ssize_t bytes = ::sendmsg(socket_.get(), &message, MSG_NOSIGNAL);
  if (bytes < 0) {
    return {WouldBlock(errno) ? State::kWouldBlock : State::kClosed, 0};
  }
  counters_->bytes_sent.fetch_add(static_cast<std::uint64_t>(bytes), std::memory_order_relaxed);
  return {State::kOk, static_cast<std::size_t>(bytes)};
}

Transport::Transfer Transport::WriteEncrypted(std::span<const std::string_view> pieces) noexcept {
  Transfer total;
  for (const std::string_view piece : pieces) {
    for (std::size_t sent = 0; sent < piece.size();) {
      ::ERR_clear_error();
      const int bytes = ::SSL_write(session_.get(), piece.data() + sent,
                                    static_cast<int>(std::min(piece.size() - sent, kSslBytesMax)));
      if (bytes <= 0) {
        const State state = AfterFailure(bytes);
        total.state = total.bytes > 0 && state == State::kWouldBlock ? State::kOk : state;
        return total;
      }
      counters_->bytes_sent.fetch_add(static_cast<std::uint64_t>(bytes), std::memory_order_relaxed);
      total.bytes += static_cast<std::size_t>(bytes);
      sent += static_cast<std::size_t>(bytes);
    }
  }
  return total;
}

void Transport::FinishWriting() noexcept {
  if (session_ && !needs_handshake_) {
    ::ERR_clear_error();
    ::SSL_shutdown(session_.get());
    ::ERR_clear_error();
  }
  ::shutdown(socket_.get(), SHUT_WR);
}

void Transport::Abort() noexcept {
  const linger reset{.l_onoff = 1, .l_linger = 0};
  ::setsockopt(socket_.get(), SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
  socket_.Close();
}

}  // namespace cacheindex::api
