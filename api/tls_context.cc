#include "api/tls_context.h"

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <array>
#include <string>
#include <utility>

namespace cacheindex::api {
namespace {

// The name of the one protocol that is offered, with its length in front.
constexpr std::array<unsigned char, 9> kProtocols = {8, 'h', 't', 't', 'p', '/', '1', '.', '1'};

Error FromOpenSsl(const std::string& action) {
  std::array<char, 256> text{};
  ::ERR_error_string_n(::ERR_get_error(), text.data(), text.size());
  ::ERR_clear_error();
  return {ErrorCode::kInvalidArgument, action + ": " + text.data()};
}

int SelectProtocol(SSL* /*session*/, const unsigned char** selected, unsigned char* selected_bytes,
                   const unsigned char* offered, unsigned offered_bytes, void* /*argument*/) {
  unsigned char* match = nullptr;
  const int result = ::SSL_select_next_proto(&match, selected_bytes, kProtocols.data(),
                                             kProtocols.size(), offered, offered_bytes);
  *selected = match;
  return result == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_NOACK;
}

}  // namespace

void TlsContext::FreeContext::operator()(ssl_ctx_st* context) const noexcept {
  ::SSL_CTX_free(context);
}

Result<std::unique_ptr<TlsContext>> TlsContext::Load(const Files& files) {
  std::unique_ptr<TlsContext> loaded(new TlsContext);
  if (auto read = loaded->Reload(files); !read) {
    return std::move(read).error();
  }
  return loaded;
}

Result<void> TlsContext::Reload(const Files& files) {
  auto loaded = LoadContext(files);
  if (!loaded) {
    return std::move(loaded).error();
  }
  const std::lock_guard lock(mutex_);
  context_ = std::move(*loaded);
  return {};
}

Result<TlsContext::Context> TlsContext::LoadContext(const Files& files) {
  Context loaded(::SSL_CTX_new(::TLS_server_method()));
  SSL_CTX* const context = loaded.get();
  if (context == nullptr) {
    return FromOpenSsl("prepare TLS");
  }
  SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
  ::SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION |
                                     SSL_OP_CIPHER_SERVER_PREFERENCE |
                                     SSL_OP_IGNORE_UNEXPECTED_EOF);
  // An answer moves in memory between two attempts to send it; idle connections keep no buffers.
  SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                                SSL_MODE_RELEASE_BUFFERS);
  ::SSL_CTX_set_alpn_select_cb(context, SelectProtocol, nullptr);
  ::ERR_clear_error();
  if (::SSL_CTX_use_certificate_chain_file(context, files.certificate.c_str()) != 1) {
    return FromOpenSsl("read TLS certificate " + files.certificate.string());
  }
  if (::SSL_CTX_use_PrivateKey_file(context, files.key.c_str(), SSL_FILETYPE_PEM) != 1) {
    return FromOpenSsl("read TLS key " + files.key.string());
  }
  if (::SSL_CTX_check_private_key(context) != 1) {
    return FromOpenSsl("the TLS key does not belong to the certificate");
  }
  return loaded;
}

std::unique_ptr<ssl_st, FreeSsl> TlsContext::NewSession(int socket) const noexcept {
  std::unique_ptr<ssl_st, FreeSsl> session;
  {
    const std::lock_guard lock(mutex_);
    session.reset(::SSL_new(context_.get()));
  }
  if (session == nullptr || ::SSL_set_fd(session.get(), socket) != 1) {
    ::ERR_clear_error();
    return nullptr;
  }
  ::SSL_set_accept_state(session.get());
  return session;
}

}  // namespace cacheindex::api
