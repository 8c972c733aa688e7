#pragma once

#include <zstd.h>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "node/core/result.h"

namespace cacheindex::cache {

/// Bytes of a dictionary, at most: larger ones gain 1 % and leave the first-level data cache.
inline constexpr std::size_t kDictionaryBytes = std::size_t{16} << 10;
/// Dictionaries a store may ever have. With all of them, new collections go without.
inline constexpr std::uint32_t kDictionariesMax = 16'384;

/// A zstd dictionary in the digested forms that make small frames fast.
///
/// Threads: immutable, except that the encoder is made by the first to ask: one thread only.
class Dictionary {
 public:
  /// Returns nullptr when zstd does not accept the bytes.
  static std::unique_ptr<Dictionary> FromBytes(std::string_view bytes);

  const ZSTD_DDict* decoder() const noexcept { return decoder_.get(); }
  /// Returns nullptr when there is no memory for it.
  const ZSTD_CDict* encoder();
  std::string_view bytes() const noexcept { return bytes_; }

 private:
  struct FreeDecoder {
    void operator()(ZSTD_DDict* decoder) const noexcept { ZSTD_freeDDict(decoder); }
  };
  struct FreeEncoder {
    void operator()(ZSTD_CDict* encoder) const noexcept { ZSTD_freeCDict(encoder); }
  };

  Dictionary() = default;

  std::string bytes_;
  std::unique_ptr<ZSTD_DDict, FreeDecoder> decoder_;
  std::unique_ptr<ZSTD_CDict, FreeEncoder> encoder_;
};

/// The dictionaries of a store that were used since it was opened, by number. A dictionary stays
/// until the store closes, so readers need no lock and no reference count.
///
/// Threads: all methods may be called concurrently.
class DictionaryTable {
 public:
  DictionaryTable();

  /// Returns nullptr when it was not added yet.
  Dictionary* Find(std::uint32_t number) const noexcept {
    return number < kDictionariesMax ? slots_[number].load(std::memory_order_acquire) : nullptr;
  }
  /// Returns the dictionary under `number`: the given one, or the one that was there already.
  Dictionary* Add(std::uint32_t number, std::unique_ptr<Dictionary> dictionary);

 private:
  std::vector<std::atomic<Dictionary*>> slots_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<Dictionary>> owned_;
};

/// Threads: one at a time.
class Compressor {
 public:
  /// Returns a zstd frame, empty when it would not be smaller than `bytes`. Valid until the next
  /// call. `dictionary` may be nullptr.
  std::string_view Compress(std::string_view bytes, Dictionary* dictionary);

 private:
  struct Free {
    void operator()(ZSTD_CCtx* context) const noexcept { ZSTD_freeCCtx(context); }
  };
  std::unique_ptr<ZSTD_CCtx, Free> context_;
  std::string frame_;
};

/// Threads: one at a time.
class Decompressor {
 public:
  /// Makes `bytes` what `frame` holds. Errors: kCorruption when that is not exactly `size` bytes.
  Result<void> Decompress(std::string_view frame, std::size_t size, const Dictionary* dictionary,
                          std::string& bytes);

 private:
  struct Free {
    void operator()(ZSTD_DCtx* context) const noexcept { ZSTD_freeDCtx(context); }
  };
  std::unique_ptr<ZSTD_DCtx, Free> context_;
};

/// Returns a dictionary for bytes like the samples, nullptr when they have too little in common.
std::unique_ptr<Dictionary> TrainDictionary(const std::vector<std::string>& samples);

}  // namespace cacheindex::cache
