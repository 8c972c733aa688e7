#include <algorithm>
#include <utility>

#include "cache/compression.h"
#include "cache/environment.h"
#include "cache/records.h"
#include "cache/write_state.h"
#include "cache/write_transaction.h"

// The part of WriteTransaction that decides when a collection gets a (new) dictionary.
//
// The first is tried when there are enough documents to learn from, another when the collection has
// grown tenfold and recent documents compress clearly worse than those did that the dictionary was
// trained for. Either way it is measured on documents that it was not trained with, and kept only
// if it saves enough; if not, the next try waits for the next tenfold growth.

namespace cacheindex::cache {
namespace {

constexpr std::uint64_t kFirstTrainingDocuments = 1'000;
// Large documents say enough before there are a thousand of them.
constexpr std::uint64_t kFirstTrainingDocumentsMin = 100;
constexpr std::uint64_t kFirstTrainingBytes = std::uint64_t{2} << 20;
constexpr std::uint64_t kGrowthBetweenTrainings = 10;
// A hundred times the dictionary is what zstd asks for.
constexpr std::uint64_t kSampleBytesMax = std::uint64_t{2} << 20;
constexpr std::uint64_t kSamplesMax = 2'000;
constexpr std::size_t kOneSampleBytesMax = std::size_t{32} << 10;
constexpr std::size_t kRecentBytesMin = std::size_t{1} << 20;
// Recent documents take this much more room than at the training.
constexpr double kRatioLossToRetrain = 0.8;
constexpr double kSizeToKeep = 0.95;
// One sample in four measures, the others train.
constexpr std::size_t kMeasureEvery = 4;

bool IsDue(const CollectionCounters& counters) {
  if (counters.trained_documents == 0) {
    return counters.documents >= kFirstTrainingDocuments ||
           (counters.documents >= kFirstTrainingDocumentsMin &&
            counters.bytes_put >= kFirstTrainingBytes);
  }
  if (counters.documents < counters.trained_documents * kGrowthBetweenTrainings) {
    return false;
  }
  if (counters.dictionary == 0) {
    return true;
  }
  if (counters.recent_json_bytes < kRecentBytesMin || counters.recent_stored_bytes == 0) {
    return false;
  }
  const double recent = static_cast<double>(counters.recent_json_bytes) /
                        static_cast<double>(counters.recent_stored_bytes);
  return recent < kRatioLossToRetrain * counters.trained_ratio_thousandths / 1000;
}

std::size_t CompressedBytes(Compressor& compressor, const std::vector<std::string>& samples,
                            Dictionary* dictionary) {
  std::size_t bytes = 0;
  for (const std::string& sample : samples) {
    const std::size_t frame = compressor.Compress(sample, dictionary).size();
    bytes += frame == 0 ? sample.size() : frame;
  }
  return bytes;
}

std::size_t TotalBytes(const std::vector<std::string>& samples) {
  std::size_t bytes = 0;
  for (const std::string& sample : samples) {
    bytes += sample.size();
  }
  return bytes;
}

}  // namespace

Result<std::vector<std::string>> WriteTransaction::SampleDocuments(
    CollectionNumber collection, const CollectionCounters& counters) const {
  const DocumentNumber number_max = counters.number_max;
  std::vector<std::string> samples;
  auto cursor = OpenCursor(state_->handle(), state_->tables().numbers);
  if (!cursor) {
    return std::move(cursor).error();
  }
  const Key prefix = NumberKey(collection, 0);
  // As many as fit the bytes, spread over all numbers.
  const std::uint64_t document_bytes =
      std::clamp<std::uint64_t>(counters.bytes_put / counters.documents, 1, kOneSampleBytesMax);
  const std::uint64_t steps =
      std::min<std::uint64_t>({kSamplesMax, kSampleBytesMax / document_bytes, number_max});
  std::size_t bytes = 0;
  DocumentNumber last = 0;
  for (std::uint64_t i = 0; i < steps && bytes < kSampleBytesMax; ++i) {
    const auto wanted = static_cast<DocumentNumber>(1 + i * number_max / steps);
    const auto item = Seek(cursor->get(), NumberKey(collection, std::max(wanted, last + 1)).view());
    if (!item) {
      return item.error();
    }
    if (!*item || !(*item)->key.starts_with(prefix.view().substr(0, 4))) {
      break;
    }
    last = DecodeBigEndian<std::uint32_t>((*item)->key.substr(4));
    const auto id = Unseal((*item)->value, "id of a document number");
    if (!id) {
      return id.error();
    }
    auto document = Find(collection, *id);
    if (!document) {
      return std::move(document).error();
    }
    if (*document) {
      samples.push_back((*document)->json.substr(0, kOneSampleBytesMax));
      bytes += samples.back().size();
    }
  }
  return samples;
}

Result<void> WriteTransaction::TrainWhenItPays(CollectionNumber collection,
                                               CollectionCounters& counters) {
  if (!IsDue(counters)) {
    return {};
  }
  const auto samples = SampleDocuments(collection, counters);
  if (!samples) {
    return samples.error();
  }
  counters.trained_documents = counters.documents;
  std::vector<std::string> training;
  std::vector<std::string> measured;
  for (std::size_t i = 0; i < samples->size(); ++i) {
    (i % kMeasureEvery == 0 ? measured : training).push_back((*samples)[i]);
  }
  Dictionary* current = nullptr;
  if (counters.dictionary != 0) {
    const auto found = FindDictionary(collection, counters.dictionary);
    if (!found) {
      return found.error();
    }
    current = *found;
  }
  auto candidate = TrainDictionary(training);
  const std::size_t size_before = CompressedBytes(*state_->compressor, measured, current);
  const std::size_t size_after =
      candidate == nullptr ? size_before
                           : CompressedBytes(*state_->compressor, measured, candidate.get());
  const bool is_kept =
      static_cast<double>(size_after) < kSizeToKeep * static_cast<double>(size_before) &&
      state_->store.next_dictionary < kDictionariesMax;
  const std::size_t size = is_kept ? size_after : size_before;
  counters.trained_ratio_thousandths =
      size == 0 ? 1000 : static_cast<std::uint32_t>(1000 * TotalBytes(measured) / size);
  counters.recent_json_bytes = 0;
  counters.recent_stored_bytes = 0;
  if (!is_kept) {
    return {};
  }
  counters.dictionary = state_->store.next_dictionary++;
  state_->is_store_changed = true;
  if (auto written =
          state_->Put(state_->tables().meta, DictionaryKey(collection, counters.dictionary).view(),
                      Seal(candidate->bytes()));
      !written) {
    return written;
  }
  state_->dictionaries.emplace(counters.dictionary, std::move(candidate));
  return {};
}

}  // namespace cacheindex::cache
