#include "cache/column_page.h"

#include <xxhash.h>

#include <algorithm>
#include <array>

#include "cache/column_page_builder.h"

// A page, little-endian:
//
//   bytes  what
//   0      version, 1
//   1      kind: 1 dense single, 2 sparse single, 3 dense multi, 4 sparse multi
//   2      width of a packed value in bytes: 0, 1, 2, 4 or 8
//   3      flags: 1 = presence bits follow, 2 = ends have four bytes instead of two
//   4..5   documents with values
//   6..7   slots: one past the highest offset with a value, at most 960
//   8..11  values
//   12..15 zero
//   16..23 minimum, signed
//   24..31 maximum, signed
//   32..39 xxh3 (64 bit) of bytes 40.. with bytes 0..31 hashed as its seed
//   40..   dense single:  [presence bits in 64-bit words] packed value of each slot
//          sparse single: offset (2 bytes) of each document, packed value of each
//          dense multi:   end of each slot's values, packed values
//          sparse multi:  offset (2 bytes) of each document, end of its values, packed values
//
// A packed value is (value - minimum) modulo 2^64. A full page of 960 values of 4 bytes takes
// 3,880 bytes and so one LMDB overflow page of 4,080.

namespace cacheindex::cache {
namespace {

constexpr std::uint8_t kVersion = 1;
constexpr std::size_t kHeaderBytes = 40;
constexpr std::size_t kChecksumOffset = 32;
constexpr std::uint8_t kFlagPresence = 1;
constexpr std::uint8_t kFlagLongEnds = 2;

static_assert(std::endian::native == std::endian::little, "pages are read as they are stored");

template <class T>
T LoadAt(const std::byte* bytes, std::size_t offset) noexcept {
  T value;
  std::memcpy(&value, bytes + offset, sizeof(T));
  return value;
}

template <class T>
void StoreAt(std::string& bytes, std::size_t offset, T value) noexcept {
  std::memcpy(bytes.data() + offset, &value, sizeof(T));
}

std::uint64_t Checksum(const void* page, std::size_t size) noexcept {
  const auto* bytes = static_cast<const char*>(page);
  const std::uint64_t seed = XXH3_64bits(bytes, kChecksumOffset);
  return XXH3_64bits_withSeed(bytes + kHeaderBytes, size - kHeaderBytes, seed);
}

std::uint32_t WidthFor(std::uint64_t range) noexcept {
  if (range == 0) {
    return 0;
  }
  if (range <= 0xFF) {
    return 1;
  }
  if (range <= 0xFFFF) {
    return 2;
  }
  return range <= 0xFFFF'FFFF ? 4 : 8;
}

Error Damaged(const char* what) {
  return Error(ErrorCode::kCorruption, std::string("column page: ") + what);
}

// One bit for each of 64 values: whether it is at most `span` above `low`, unsigned. The loop over
// bytes is what compilers turn into vector instructions; the multiplication moves the lowest bits
// of eight bytes into one.
template <class Packed>
[[gnu::always_inline]] inline std::uint64_t CompareBlock(const std::byte* packed,
                                                         std::uint32_t count, Packed low,
                                                         Packed span) noexcept {
  std::array<Packed, 64> values{};
  std::memcpy(values.data(), packed, count * sizeof(Packed));
  std::array<std::uint8_t, 64> inside{};
  for (std::size_t i = 0; i < values.size(); ++i) {
    inside[i] = static_cast<Packed>(values[i] - low) <= span ? 1 : 0;
  }
  std::uint64_t bits = 0;
  for (std::size_t i = 0; i < 8; ++i) {
    std::uint64_t eight = 0;
    std::memcpy(&eight, inside.data() + i * 8, sizeof(eight));
    bits |= (eight * 0x0102040810204080U) >> 56U << (i * 8);
  }
  return bits;
}

template <class Packed>
using BlockComparison = std::uint64_t (*)(const std::byte*, std::uint32_t, Packed, Packed) noexcept;

template <class Packed>
std::uint64_t CompareBlockAnywhere(const std::byte* packed, std::uint32_t count, Packed low,
                                   Packed span) noexcept {
  return CompareBlock(packed, count, low, span);
}

#if defined(__x86_64__)
// The same code for processors with wide registers, which the distribution's baseline lacks.
template <class Packed>
[[gnu::target("avx2")]] std::uint64_t CompareBlockWide(const std::byte* packed, std::uint32_t count,
                                                       Packed low, Packed span) noexcept {
  return CompareBlock(packed, count, low, span);
}
#endif

template <class Packed>
BlockComparison<Packed> BestComparison() noexcept {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx2") != 0) {
    return CompareBlockWide<Packed>;
  }
#endif
  return CompareBlockAnywhere<Packed>;
}

// Fewer values of a block are compared one by one.
constexpr int kBlockWorthwhile = 16;

}  // namespace

Result<ColumnPage> ColumnPage::Parse(std::span<const std::byte> bytes) {
  if (bytes.size() < kHeaderBytes || bytes.size() > UINT32_MAX) {
    return Damaged("its size is impossible");
  }
  const std::byte* const data = bytes.data();
  const auto kind = LoadAt<std::uint8_t>(data, 1);
  const auto width = LoadAt<std::uint8_t>(data, 2);
  const auto flags = LoadAt<std::uint8_t>(data, 3);
  if (LoadAt<std::uint8_t>(data, 0) != kVersion) {
    return Damaged("unknown version");
  }
  if (kind < 1 || kind > 4 || width > 8 || std::popcount(width) > 1 ||
      flags > (kFlagPresence | kFlagLongEnds)) {
    return Damaged("unknown encoding");
  }
  ColumnPage page;
  page.bytes_ = data;
  page.size_bytes_ = static_cast<std::uint32_t>(bytes.size());
  page.kind_ = static_cast<Kind>(kind);
  page.width_ = width;
  page.has_long_ends_ = (flags & kFlagLongEnds) != 0;
  page.documents_ = LoadAt<std::uint16_t>(data, 4);
  page.slots_ = LoadAt<std::uint16_t>(data, 6);
  page.values_ = LoadAt<std::uint32_t>(data, 8);
  page.minimum_ = LoadAt<std::int64_t>(data, 16);
  page.maximum_ = LoadAt<std::int64_t>(data, 24);
  if (page.documents_ == 0 || page.documents_ > page.slots_ || page.slots_ > kWidePageDocuments ||
      page.values_ < page.documents_ ||
      (page.is_single_valued() && page.values_ != page.documents_)) {
    return Damaged("its counts contradict each other");
  }

  const bool is_sparse = page.kind_ == Kind::kSparseSingle || page.kind_ == Kind::kSparseMulti;
  std::size_t at = kHeaderBytes;
  if (is_sparse || (flags & kFlagPresence) != 0) {
    page.places_ = data + at;
    at += is_sparse ? std::size_t{page.documents_} * 2 : std::size_t{(page.slots_ + 63U) / 64} * 8;
  }
  if (!page.is_single_valued()) {
    page.ends_ = data + at;
    at += std::size_t{is_sparse ? page.documents_ : page.slots_} * (page.has_long_ends_ ? 4U : 2U);
  }
  page.packed_ = data + at;
  at += (page.kind_ == Kind::kDenseSingle ? std::size_t{page.slots_} : page.values_) * width;
  if (at != bytes.size()) {
    return Damaged("its size contradicts its header");
  }
  return page;
}

bool ColumnPage::VerifyChecksum() const noexcept {
  static_assert(kChecksumPlace * sizeof(std::uint64_t) == kChecksumOffset);
  return checksum() == Checksum(bytes_, size_bytes_);
}

ColumnValues ColumnPage::Find(std::uint32_t offset) const noexcept {
  if (offset >= slots_) {
    return {};
  }
  std::uint32_t place = offset;
  if (kind_ == Kind::kSparseSingle || kind_ == Kind::kSparseMulti) {
    std::uint32_t low = 0;
    std::uint32_t high = documents_;
    while (low < high) {
      const std::uint32_t middle = (low + high) / 2;
      (Load<std::uint16_t>(places_, middle) < offset ? low : high) =
          middle + (Load<std::uint16_t>(places_, middle) < offset ? 1 : 0);
    }
    if (low == documents_ || Load<std::uint16_t>(places_, low) != offset) {
      return {};
    }
    place = low;
  } else if (places_ != nullptr &&
             (Load<std::uint64_t>(places_, offset / 64) >> (offset % 64) & 1) == 0) {
    return {};
  }
  return is_single_valued() ? ValuesOf(place, place + 1) : ValuesOf(Begin(place), End(place));
}

template <class Packed>
void ColumnPage::SelectDense(std::uint64_t low, std::uint64_t span, const std::uint64_t* selection,
                             std::uint64_t* matches) const noexcept {
  static const BlockComparison<Packed> kCompare = BestComparison<Packed>();
  const std::uint32_t slots = slots_;
  for (std::uint32_t base = 0; base < slots; base += 64) {
    const std::uint32_t word = base / 64;
    const std::uint32_t count = std::min(slots - base, std::uint32_t{64});
    std::uint64_t mask = selection[word] & (~std::uint64_t{0} >> (64 - count));
    if (places_ != nullptr) {
      mask &= Load<std::uint64_t>(places_, word);
    }
    if (std::popcount(mask) >= kBlockWorthwhile) {
      matches[word] |= mask & kCompare(packed_ + std::size_t{base} * sizeof(Packed), count,
                                       static_cast<Packed>(low), static_cast<Packed>(span));
      continue;
    }
    for (; mask != 0; mask &= mask - 1) {
      const auto bit = static_cast<std::uint32_t>(std::countr_zero(mask));
      const std::uint64_t distance = std::uint64_t{Load<Packed>(packed_, base + bit)} - low;
      matches[word] |= std::uint64_t{distance <= span} << bit;
    }
  }
}

void ColumnPage::SelectRange(std::int64_t low, std::int64_t high, const std::uint64_t* selection,
                             std::uint64_t* matches) const noexcept {
  if (values_ == 0 || low > maximum_ || high < minimum_) {
    return;
  }
  // What is stored is the distance from the smallest value.
  const auto first =
      static_cast<std::uint64_t>(std::max(low, minimum_)) - static_cast<std::uint64_t>(minimum_);
  const auto last =
      static_cast<std::uint64_t>(std::min(high, maximum_)) - static_cast<std::uint64_t>(minimum_);
  if (kind_ == Kind::kDenseSingle && width_ == 1) {
    return SelectDense<std::uint8_t>(first, last - first, selection, matches);
  }
  if (kind_ == Kind::kDenseSingle && width_ == 2) {
    return SelectDense<std::uint16_t>(first, last - first, selection, matches);
  }
  if (kind_ == Kind::kDenseSingle && width_ == 4) {
    return SelectDense<std::uint32_t>(first, last - first, selection, matches);
  }
  if (kind_ == Kind::kDenseSingle && width_ == 8) {
    return SelectDense<std::uint64_t>(first, last - first, selection, matches);
  }
  const auto bottom = static_cast<std::uint64_t>(low);
  const std::uint64_t span = static_cast<std::uint64_t>(high) - bottom;
  ForEachValue(selection, [=](std::uint32_t offset, std::int64_t value) {
    const bool is_inside = static_cast<std::uint64_t>(value) - bottom <= span;
    matches[offset / 64] |= std::uint64_t{is_inside} << (offset % 64);
  });
}

void ColumnPageBuilder::Clear() noexcept {
  ranges_.fill({});
  values_.clear();
}

void ColumnPageBuilder::Load(const ColumnPage& page) {
  std::array<std::uint64_t, kWidePageDocuments / 64> everything{};
  everything.fill(~std::uint64_t{0});
  values_.reserve(values_.size() + page.values());
  page.ForEachValue(everything.data(), [this](std::uint32_t offset, std::int64_t value) {
    Range& range = ranges_[offset];
    if (range.count == 0) {
      range.begin = values_.size();
    }
    ++range.count;
    values_.push_back(value);
  });
}

void ColumnPageBuilder::Set(std::uint32_t offset, std::span<const std::int64_t> values) {
  ranges_[offset] = {values_.size(), values.size()};
  values_.insert(values_.end(), values.begin(), values.end());
}

ColumnPageBuilder::Shape ColumnPageBuilder::Measure() const noexcept {
  Shape shape;
  std::int64_t minimum = INT64_MAX;
  std::int64_t maximum = INT64_MIN;
  for (std::uint32_t offset = 0; offset < kWidePageDocuments; ++offset) {
    const Range& range = ranges_[offset];
    if (range.count == 0) {
      continue;
    }
    shape.slots = offset + 1;
    ++shape.documents;
    shape.values += range.count;
    for (std::size_t i = range.begin; i < range.begin + range.count; ++i) {
      minimum = std::min(minimum, values_[i]);
      maximum = std::max(maximum, values_[i]);
    }
  }
  if (shape.values == 0) {
    return shape;
  }
  shape.minimum = minimum;
  shape.maximum = maximum;
  shape.width = WidthFor(static_cast<std::uint64_t>(maximum) - static_cast<std::uint64_t>(minimum));
  shape.end_width = shape.values > 0xFFFF ? 4 : 2;

  const bool is_single = shape.values == shape.documents;
  const std::size_t presence =
      shape.documents < shape.slots ? std::size_t{(shape.slots + 63) / 64} * 8 : 0;
  const std::size_t dense =
      is_single ? presence + std::size_t{shape.slots} * shape.width
                : std::size_t{shape.slots} * shape.end_width + shape.values * shape.width;
  const std::size_t sparse =
      std::size_t{shape.documents} * (2 + (is_single ? 0 : shape.end_width)) +
      shape.values * shape.width;
  // Equal sizes: dense, which is faster to read.
  const bool is_dense = dense <= sparse;
  shape.has_presence = is_single && is_dense && presence > 0;
  shape.body_bytes = is_dense ? dense : sparse;
  if (is_single) {
    shape.kind = static_cast<std::uint8_t>(is_dense ? ColumnPage::Kind::kDenseSingle
                                                    : ColumnPage::Kind::kSparseSingle);
  } else {
    shape.kind = static_cast<std::uint8_t>(is_dense ? ColumnPage::Kind::kDenseMulti
                                                    : ColumnPage::Kind::kSparseMulti);
  }
  return shape;
}

void ColumnPageBuilder::WriteBody(const Shape& shape, std::string& page) const {
  const auto kind = static_cast<ColumnPage::Kind>(shape.kind);
  const bool is_sparse =
      kind == ColumnPage::Kind::kSparseSingle || kind == ColumnPage::Kind::kSparseMulti;
  const bool is_multi =
      kind == ColumnPage::Kind::kDenseMulti || kind == ColumnPage::Kind::kSparseMulti;
  const std::size_t places = kHeaderBytes;
  std::size_t ends = places;
  if (is_sparse) {
    ends += std::size_t{shape.documents} * 2;
  } else if (shape.has_presence) {
    ends += std::size_t{(shape.slots + 63) / 64} * 8;
  }
  const std::size_t packed =
      ends +
      (is_multi ? std::size_t{is_sparse ? shape.documents : shape.slots} * shape.end_width : 0);

  std::size_t document = 0;
  std::size_t written = 0;
  for (std::uint32_t offset = 0; offset < shape.slots; ++offset) {
    const Range& range = ranges_[offset];
    if (is_sparse && range.count == 0) {
      continue;
    }
    if (is_sparse) {
      StoreAt(page, places + document * 2, static_cast<std::uint16_t>(offset));
    } else if (shape.has_presence && range.count > 0) {
      char& byte = page[places + offset / 8];
      byte = static_cast<char>(static_cast<unsigned char>(byte) | 1U << (offset % 8));
    }
    // A dense page of single values has a place for the absent ones too; it stays zero.
    std::size_t place = kind == ColumnPage::Kind::kDenseSingle ? offset : written;
    for (std::size_t i = range.begin; i < range.begin + range.count; ++i, ++place) {
      const std::uint64_t delta =
          static_cast<std::uint64_t>(values_[i]) - static_cast<std::uint64_t>(shape.minimum);
      std::memcpy(page.data() + packed + place * shape.width, &delta, shape.width);
    }
    written += range.count;
    if (is_multi) {
      const auto end = static_cast<std::uint32_t>(written);
      std::memcpy(page.data() + ends + document * shape.end_width, &end, shape.end_width);
    }
    ++document;
  }
}

std::string_view ColumnPageBuilder::Encode() {
  const Shape shape = Measure();
  if (shape.values == 0) {
    return {};
  }
  page_.assign(kHeaderBytes + shape.body_bytes, '\0');
  StoreAt(page_, 0, kVersion);
  StoreAt(page_, 1, shape.kind);
  StoreAt(page_, 2, static_cast<std::uint8_t>(shape.width));
  StoreAt(page_, 3,
          static_cast<std::uint8_t>((shape.has_presence ? kFlagPresence : 0) |
                                    (shape.end_width == 4 ? kFlagLongEnds : 0)));
  StoreAt(page_, 4, static_cast<std::uint16_t>(shape.documents));
  StoreAt(page_, 6, static_cast<std::uint16_t>(shape.slots));
  StoreAt(page_, 8, static_cast<std::uint32_t>(shape.values));
  StoreAt(page_, 16, shape.minimum);
  StoreAt(page_, 24, shape.maximum);
  WriteBody(shape, page_);
  StoreAt(page_, kChecksumOffset, Checksum(page_.data(), page_.size()));
  return page_;
}

}  // namespace cacheindex::cache
