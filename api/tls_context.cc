#include "api/tls_context.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <memory>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

namespace cacheindex::api {
namespace {

// The name of the one protocol that is offered, with its length in front.
constexpr std::array<unsigned char, 9> kProtocols = {8, 'h', 't', 't', 'p', '/', '1', '.', '1'};

// Of TLS 1.2; those of TLS 1.3 are all of the kind. Each with a key for the session alone, so that
// the server's key does not open what was recorded.
constexpr const char* kCiphers =
    "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:"
    "ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384:"
    "ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305";

Error Invalid(std::string message) { return {ErrorCode::kInvalidArgument, std::move(message)}; }

Error FromOpenSsl(const std::string& action) {
  const char* const reason = ::ERR_reason_error_string(::ERR_get_error());
  ::ERR_clear_error();
  return Invalid(action + ": " + (reason == nullptr ? "unknown error" : reason));
}

int SelectProtocol(SSL* /*session*/, const unsigned char** selected, unsigned char* selected_bytes,
                   const unsigned char* offered, unsigned offered_bytes, void* /*argument*/) {
  unsigned char* match = nullptr;
  const int result = ::SSL_select_next_proto(&match, selected_bytes, kProtocols.data(),
                                             kProtocols.size(), offered, offered_bytes);
  *selected = match;
  return result == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_NOACK;
}

Error KeyError(const TlsContext::Files& files) {
  const int reason = ERR_GET_REASON(::ERR_peek_error());
  if (reason == X509_R_KEY_VALUES_MISMATCH || reason == X509_R_KEY_TYPE_MISMATCH) {
    ::ERR_clear_error();
    return Invalid("the TLS key " + files.key.string() + " does not belong to the certificate " +
                   files.certificate.string());
  }
  return FromOpenSsl("read TLS key " + files.key.string() + ", a PEM file without a password");
}

// Nobody is there to type one.
int RefusePassword(char* /*buffer*/, int /*bytes*/, int /*is_for_writing*/, void* /*data*/) {
  return -1;
}

Result<void> CheckReadable(const std::filesystem::path& file, std::string_view what) {
  std::FILE* const opened = std::fopen(file.c_str(), "re");
  if (opened == nullptr) {
    return Invalid("read TLS " + std::string(what) + " " + file.string() + ": " +
                   std::generic_category().message(errno));
  }
  std::fclose(opened);
  return {};
}

std::string ToText(const ASN1_TIME* time) {
  std::array<char, 64> text{};
  std::unique_ptr<BIO, decltype(&::BIO_free_all)> sink(::BIO_new(::BIO_s_mem()), ::BIO_free_all);
  ::ASN1_TIME_print(sink.get(), time);
  ::BIO_read(sink.get(), text.data(), text.size() - 1);
  return text.data();
}

// Clients refuse it, too, and say less.
Result<void> CheckDates(SSL_CTX* context, const std::string& file) {
  const X509* const certificate = ::SSL_CTX_get0_certificate(context);
  const ASN1_TIME* const end = ::X509_get0_notAfter(certificate);
  const ASN1_TIME* const begin = ::X509_get0_notBefore(certificate);
  if (::X509_cmp_current_time(end) < 0) {
    return Invalid("the TLS certificate " + file + " expired at " + ToText(end) + "; renew it");
  }
  if (::X509_cmp_current_time(begin) > 0) {
    return Invalid("the TLS certificate " + file + " is not valid before " + ToText(begin) +
                   "; look whether the machine's clock is right");
  }
  return {};
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
  ::SSL_CTX_set_default_passwd_cb(context, RefusePassword);
  ::ERR_clear_error();
  if (::SSL_CTX_set_cipher_list(context, kCiphers) != 1) {
    return FromOpenSsl("choose the ciphers of TLS");
  }
  auto checked = CheckReadable(files.certificate, "certificate");
  checked = checked ? CheckReadable(files.key, "key") : std::move(checked);
  if (!checked) {
    return std::move(checked).error();
  }
  if (::SSL_CTX_use_certificate_chain_file(context, files.certificate.c_str()) != 1) {
    return FromOpenSsl("read TLS certificate " + files.certificate.string());
  }
  if (::SSL_CTX_use_PrivateKey_file(context, files.key.c_str(), SSL_FILETYPE_PEM) != 1) {
    return KeyError(files);
  }
  if (::SSL_CTX_check_private_key(context) != 1) {
    return KeyError(files);
  }
  if (auto valid = CheckDates(context, files.certificate.string()); !valid) {
    return std::move(valid).error();
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
