#include "cache/compression.h"

#include <zdict.h>

#include <utility>

#include "cache/view.h"

namespace cacheindex::cache {
namespace {

constexpr int kCompressionLevel = 3;

}  // namespace

std::unique_ptr<Dictionary> Dictionary::FromBytes(std::string_view bytes) {
  std::unique_ptr<Dictionary> dictionary(new Dictionary);
  dictionary->bytes_ = bytes;
  dictionary->decoder_.reset(
      ZSTD_createDDict(dictionary->bytes_.data(), dictionary->bytes_.size()));
  return dictionary->decoder_ == nullptr ? nullptr : std::move(dictionary);
}

const ZSTD_CDict* Dictionary::encoder() {
  if (encoder_ == nullptr) {
    encoder_.reset(ZSTD_createCDict(bytes_.data(), bytes_.size(), kCompressionLevel));
  }
  return encoder_.get();
}

DictionaryTable::DictionaryTable() : slots_(kDictionariesMax) {}

Dictionary* DictionaryTable::Add(std::uint32_t number, std::unique_ptr<Dictionary> dictionary) {
  const std::scoped_lock lock(mutex_);
  if (Dictionary* const present = slots_[number].load(std::memory_order_relaxed)) {
    return present;
  }
  owned_.push_back(std::move(dictionary));
  slots_[number].store(owned_.back().get(), std::memory_order_release);
  return owned_.back().get();
}

std::string_view Compressor::Compress(std::string_view bytes, Dictionary* dictionary) {
  if (context_ == nullptr) {
    context_.reset(ZSTD_createCCtx());
    if (context_ == nullptr) {
      return {};
    }
    ZSTD_CCtx_setParameter(context_.get(), ZSTD_c_compressionLevel, kCompressionLevel);
    // The document record has these already.
    ZSTD_CCtx_setParameter(context_.get(), ZSTD_c_contentSizeFlag, 0);
    ZSTD_CCtx_setParameter(context_.get(), ZSTD_c_dictIDFlag, 0);
  }
  const ZSTD_CDict* const encoder = dictionary == nullptr ? nullptr : dictionary->encoder();
  if (dictionary != nullptr && encoder == nullptr) {
    return {};
  }
  // A frame that did not fit has left the context in its middle, where it refuses another
  // dictionary and would go on with the last one.
  ZSTD_CCtx_reset(context_.get(), ZSTD_reset_session_only);
  if (ZSTD_isError(ZSTD_CCtx_refCDict(context_.get(), encoder)) != 0U) {
    return {};
  }
  // One byte less than the original: a frame that does not fit is not wanted.
  if (bytes.size() < 2) {
    return {};
  }
  if (frame_.size() < bytes.size() - 1) {
    frame_.resize(bytes.size() - 1);
  }
  const std::size_t size =
      ZSTD_compress2(context_.get(), frame_.data(), bytes.size() - 1, bytes.data(), bytes.size());
  return ZSTD_isError(size) != 0U ? std::string_view() : std::string_view(frame_.data(), size);
}

Result<void> Decompressor::Decompress(std::string_view frame, std::size_t size,
                                      const Dictionary* dictionary, std::string& bytes) {
  if (size > kDocumentBytesMax) {
    return Error(ErrorCode::kCorruption, "claims " + std::to_string(size) + " bytes");
  }
  if (context_ == nullptr) {
    context_.reset(ZSTD_createDCtx());
    if (context_ == nullptr) {
      return Error(ErrorCode::kExhausted, "no memory to decompress");
    }
  }
  bytes.resize(size);
  const std::size_t written = ZSTD_decompress_usingDDict(
      context_.get(), bytes.data(), bytes.size(), frame.data(), frame.size(),
      dictionary == nullptr ? nullptr : dictionary->decoder());
  if (ZSTD_isError(written) != 0U) {
    return Error(ErrorCode::kCorruption, ZSTD_getErrorName(written));
  }
  if (written != size) {
    return Error(ErrorCode::kCorruption, "has fewer bytes than it claims");
  }
  return {};
}

std::unique_ptr<Dictionary> TrainDictionary(const std::vector<std::string>& samples) {
  std::string joined;
  std::vector<std::size_t> sizes;
  sizes.reserve(samples.size());
  for (const std::string& sample : samples) {
    joined += sample;
    sizes.push_back(sample.size());
  }
  std::string bytes(kDictionaryBytes, '\0');
  const std::size_t size = ZDICT_trainFromBuffer(bytes.data(), bytes.size(), joined.data(),
                                                 sizes.data(), static_cast<unsigned>(sizes.size()));
  if (ZDICT_isError(size) != 0U) {
    return nullptr;
  }
  bytes.resize(size);
  return Dictionary::FromBytes(bytes);
}

}  // namespace cacheindex::cache
