#pragma once

#include <filesystem>
#include <memory>
#include <mutex>

#include "api/transport.h"
#include "node/core/result.h"

struct ssl_ctx_st;

namespace cacheindex::api {

/// A certificate with its key, and the rules under which it is used: TLS 1.2 or later, and only
/// ciphers that keep what they encrypt from being altered (AEAD).
///
/// Threads: NewSession and Reload may be called concurrently.
class TlsContext {
 public:
  struct Files {
    std::filesystem::path certificate;
    std::filesystem::path key;
  };

  /// Errors: kInvalidArgument when a file cannot be read, the two do not belong together, or the
  /// certificate is not valid now.
  static Result<std::unique_ptr<TlsContext>> Load(const Files& files);

  /// Takes what the files hold now for sessions from here on; those that there are go on as they
  /// are. Errors: as Load, and then nothing changes.
  Result<void> Reload(const Files& files);

  /// Returns the server's side of a session on the connected `socket`; null when out of memory.
  std::unique_ptr<ssl_st, FreeSsl> NewSession(int socket) const noexcept;

 private:
  struct FreeContext {
    void operator()(ssl_ctx_st* context) const noexcept;
  };

  using Context = std::unique_ptr<ssl_ctx_st, FreeContext>;

  TlsContext() = default;

  static Result<Context> LoadContext(const Files& files);

  /// Held for moments only; a session keeps the context that it was made with.
  mutable std::mutex mutex_;
  Context context_;
};

}  // namespace cacheindex::api
