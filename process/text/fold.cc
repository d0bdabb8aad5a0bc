#include "process/text/fold.h"

#include <simdjson.h>
#include <utf8proc.h>
#define XXH_INLINE_ALL
#include <algorithm>
#include <array>
#include <cstring>
#include <vector>

#include <xxhash.h>

#include "process/text/unicode.h"

namespace telex {
namespace {

constexpr std::size_t kShortBytes = 256;
// The one mark that case folding makes a letter (iota): ᾳ and ΑΙ are one word.
constexpr std::uint32_t kYpogegrammeni = 0x345;
constexpr std::uint32_t kIota = 0x3B9;
// Room for words that grow: letters grow to twice their bytes at most, musical symbols beyond that.
// What does not fit goes the way of long text.
constexpr std::size_t kGrowth = 2;

char lower_ascii(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool is_ascii(std::string_view text) {
  unsigned char all = 0;
  for (const char c : text) all = static_cast<unsigned char>(all | static_cast<unsigned char>(c));
  return all < 0x80;
}

// Where folded bytes go: a string, or room on the stack.
class StringSink {
 public:
  explicit StringSink(std::string& out) : out_(out) {}
  std::size_t size() const { return out_.size(); }
  void truncate(std::size_t size) { out_.resize(size); }
  void append(const char* bytes, std::size_t size) { out_.append(bytes, size); }

 private:
  std::string& out_;
};

class StackSink {
 public:
  std::size_t size() const { return size_; }
  void truncate(std::size_t size) { size_ = size; }
  void append(const char* bytes, std::size_t size) {
    if (size > bytes_.size() - size_) {
      overflowed_ = true;
      return;
    }
    std::memcpy(bytes_.data() + size_, bytes, size);
    size_ += size;
  }
  bool overflowed() const { return overflowed_; }
  std::string_view view() const { return {bytes_.data(), size_}; }

 private:
  std::array<char, kShortBytes * kGrowth + 16> bytes_;
  std::size_t size_ = 0;
  bool overflowed_ = false;
};

int combining_class(std::int32_t code_point) {
  return utf8proc_get_property(code_point)->combining_class;
}

// A base and what joins it, folded by the book: decomposed, in canonical order, without the marks
// that are shed, composed. utf8proc_decompose() is not used because its reordering is quadratic in
// the number of marks, which a hostile text chooses.
template <class Sink>
void fold_cluster(std::string_view cluster, Sink& out) {
  std::array<std::int32_t, kShortBytes * 4> room;
  std::vector<std::int32_t> more;
  std::int32_t* code_points = room.data();
  if (cluster.size() * 4 > room.size()) {
    more.resize(cluster.size() * 4);
    code_points = more.data();
  }
  std::size_t count = 0;
  const unicode::Table& table = unicode::table();
  for (std::size_t i = 0; i < cluster.size();) {
    const unicode::Decoded decoded = unicode::decode(cluster, i);
    i += decoded.size;
    if (decoded.code_point == unicode::kInvalid) continue;
    if (unicode::info(table, decoded.code_point).cls() == unicode::Class::ignorable) continue;
    if (decoded.code_point == kYpogegrammeni) {  // A letter only after the marks are in order.
      code_points[count++] = static_cast<std::int32_t>(kYpogegrammeni);
      continue;
    }
    std::array<std::int32_t, unicode::kDecomposedMax> parts;
    const std::size_t size = unicode::decompose(decoded.code_point, parts);
    std::copy_n(parts.begin(), size, code_points + count);
    count += size;
  }
  for (std::size_t i = 0; i < count;) {  // Canonical order, run of marks by run of marks.
    std::size_t last = i;
    while (last < count && combining_class(code_points[last]) != 0) ++last;
    const auto by_class = [](std::int32_t a, std::int32_t b) {
      return combining_class(a) < combining_class(b);
    };
    if (last - i > 16) {
      std::stable_sort(code_points + i, code_points + last, by_class);
    } else {
      for (std::size_t j = i + 1; j < last; ++j) {  // stable_sort would allocate.
        std::rotate(std::upper_bound(code_points + i, code_points + j, code_points[j], by_class),
                    code_points + j, code_points + j + 1);
      }
    }
    i = last + 1;
  }
  std::size_t kept = 0;
  std::uint32_t base = 0;
  bool keeps = false;  // The base has its one mark already.
  for (std::size_t i = 0; i < count; ++i) {
    const auto code_point = static_cast<std::uint32_t>(code_points[i]);
    if (code_point == kYpogegrammeni) {
      base = kIota;
      keeps = false;
      code_points[kept++] = static_cast<std::int32_t>(kIota);
      continue;
    }
    if (!unicode::is_mark(code_point)) {
      base = code_point;
      keeps = false;
    } else if (unicode::sheds_marks(base)) {
      if (keeps || !unicode::keeps_mark(base, code_point)) continue;
      keeps = true;
    }
    code_points[kept++] = code_points[i];
  }
  const utf8proc_ssize_t composed =
      utf8proc_normalize_utf32(code_points, static_cast<utf8proc_ssize_t>(kept),
                               static_cast<utf8proc_option_t>(UTF8PROC_STABLE | UTF8PROC_COMPOSE));
  for (utf8proc_ssize_t i = 0; i < composed; ++i) {
    char bytes[4];
    out.append(bytes, unicode::encode(static_cast<std::uint32_t>(code_points[i]), bytes));
  }
}

template <class Sink>
void fold_into(std::string_view text, Sink& out) {
  const unicode::Table& table = unicode::table();
  std::size_t base_at = 0;            // Where the last base stands in the text ...
  std::size_t base_out = out.size();  // ... and its folded form in `out`.
  unicode::Info base;
  for (std::size_t i = 0; i < text.size();) {
    const unicode::Decoded decoded = unicode::decode(text, i);
    const std::size_t at = i;
    i += decoded.size;
    if (decoded.code_point == unicode::kInvalid) continue;
    const unicode::Info info = unicode::info(table, decoded.code_point);
    if (info.cls() == unicode::Class::ignorable) continue;
    if (!info.has(unicode::Info::kJoins)) {
      base_at = at;
      base_out = out.size();
      base = info;
      if (info.has(unicode::Info::kItself)) {
        out.append(text.data() + at, decoded.size);
      } else if (info.has(unicode::Info::kSequence)) {
        const unicode::Sequence& sequence = table.sequences[info.folded()];
        out.append(sequence.bytes.data(), sequence.size);
      } else {
        char bytes[4];
        out.append(bytes, unicode::encode(info.folded(), bytes));
      }
      continue;
    }
    const bool plain_mark =
        info.cls() == unicode::Class::mark && info.folded() == decoded.code_point;
    if (plain_mark && base.has(unicode::Info::kSheds) && !base.has(unicode::Info::kKeeps)) continue;
    while (i < text.size()) {  // The cluster ends before the next code point that joins nothing.
      const unicode::Decoded next = unicode::decode(text, i);
      if (next.code_point != unicode::kInvalid) {
        const unicode::Info follows = unicode::info(table, next.code_point);
        if (!follows.has(unicode::Info::kJoins) && follows.cls() != unicode::Class::ignorable)
          break;
      }
      i += next.size;
    }
    out.truncate(base_out);
    fold_cluster(text.substr(base_at, i - base_at), out);
    base_at = i;
    base_out = out.size();
    base = unicode::Info{};
  }
}

}  // namespace

void append_folded(std::string_view text, std::string& out) {
  StringSink sink(out);
  if (!is_ascii(text)) return fold_into(text, sink);
  const std::size_t first = out.size();
  out.append(text);
  std::transform(out.begin() + static_cast<std::ptrdiff_t>(first), out.end(),
                 out.begin() + static_cast<std::ptrdiff_t>(first), lower_ascii);
}

std::string folded(std::string_view text) {
  std::string out;
  append_folded(text, out);
  return out;
}

std::uint64_t folded_hash(std::string_view token) {
  if (token.size() <= kShortBytes) {
    if (is_ascii(token)) {
      std::array<char, kShortBytes> lower;
      std::transform(token.begin(), token.end(), lower.begin(), lower_ascii);
      return XXH3_64bits(lower.data(), token.size());
    }
    StackSink sink;
    fold_into(token, sink);
    if (!sink.overflowed()) return XXH3_64bits(sink.view().data(), sink.view().size());
  }
  const std::string whole = folded(token);
  return XXH3_64bits(whole.data(), whole.size());
}

std::size_t first_invalid_utf8(std::string_view text) {
  if (simdjson::validate_utf8(text.data(), text.size())) return text.size();
  for (std::size_t i = 0; i < text.size();) {
    const unicode::Decoded decoded = unicode::decode(text, i);
    if (decoded.code_point == unicode::kInvalid) return i;
    i += decoded.size;
  }
  return text.size();
}

std::uint32_t count_code_points(std::string_view text) {
  std::uint32_t count = 0;
  for (const char c : text) count += (static_cast<unsigned char>(c) & 0xC0U) != 0x80U ? 1U : 0U;
  return count;
}

}  // namespace telex
