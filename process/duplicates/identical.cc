#include "process/duplicates/identical.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <xxhash.h>

#include "schemas/identity.h"

namespace telex {
namespace {

// Key: XXH3-128 of the identity, canonical form. Value, integers little-endian:
//   0  version of this layout (1)      25  timestamp of the record last seen, ms; -1: it had none
//   1  XXH3-64 of the article's version  33  offset of the record first seen
//   9  XXH3-128 of its content
using Key = std::array<char, 16>;
constexpr char kLayoutVersion = 1;
constexpr std::size_t kValueBytes = 41;
static_assert(std::endian::native == std::endian::little, "values are copied as they lie");

struct Digest {
  std::uint64_t low = 0;
  std::uint64_t high = 0;
  bool operator==(const Digest&) const = default;
};

struct Seen {
  std::uint64_t version = 0;
  Digest content;
  UnixMillis timestamp = kNoTimestamp;
  Offset first;
};

// Kafka keeps whatever a producer sends as its time: what is negative, or
// further away than 2^53 ms, is no time.
UnixMillis sane(UnixMillis timestamp) {
  constexpr UnixMillis kLatest = UnixMillis{1} << 53U;
  return timestamp < 0 || timestamp > kLatest ? kNoTimestamp : timestamp;
}

std::array<char, kValueBytes> encode(const Seen& seen) {
  std::array<char, kValueBytes> bytes;
  bytes[0] = kLayoutVersion;
  char* to = bytes.data() + 1;
  const auto add = [&to](const auto& value) {
    std::memcpy(to, &value, sizeof(value));
    to += sizeof(value);
  };
  add(seen.version);
  add(seen.content.low);
  add(seen.content.high);
  add(seen.timestamp);
  add(seen.first.value);
  return bytes;
}

std::optional<Seen> decode(std::optional<std::string_view> bytes) {
  if (!bytes || bytes->size() != kValueBytes || bytes->front() != kLayoutVersion) return {};
  Seen seen;
  const char* from = bytes->data() + 1;
  const auto take = [&from](auto& value) {
    std::memcpy(&value, from, sizeof(value));
    from += sizeof(value);
  };
  take(seen.version);
  take(seen.content.low);
  take(seen.content.high);
  take(seen.timestamp);
  take(seen.first.value);
  seen.timestamp = sane(seen.timestamp);
  return seen;
}

std::string_view view(const auto& bytes) { return {bytes.data(), bytes.size()}; }

Key key_of(std::string_view identity) {
  XXH128_canonical_t canonical;
  XXH128_canonicalFromHash(&canonical, XXH3_128bits(identity.data(), identity.size()));
  Key key;
  static_assert(sizeof(canonical.digest) == sizeof(key));
  std::memcpy(key.data(), canonical.digest, key.size());
  return key;
}

// Digests a sequence of fields, each with its length, so that no two sequences run together.
class FieldDigest {
 public:
  FieldDigest() : state_(XXH3_createState()) {
    if (state_ == nullptr) throw std::bad_alloc();
  }
  void begin() { XXH3_128bits_reset(state_.get()); }
  void number(std::uint64_t value) { XXH3_128bits_update(state_.get(), &value, sizeof(value)); }
  void text(std::string_view text) {
    number(text.size());
    XXH3_128bits_update(state_.get(), text.data(), text.size());
  }
  Digest end() const {
    const XXH128_hash_t hash = XXH3_128bits_digest(state_.get());
    return {hash.low64, hash.high64};
  }

 private:
  struct Free {
    void operator()(XXH3_state_t* state) const { XXH3_freeState(state); }
  };
  std::unique_ptr<XXH3_state_t, Free> state_;
};

// All that becomes of an article downstream, but its version. The parts of ninjs stand in its
// members already; headings follow from the parts.
Digest digest_content(const Article& article, FieldDigest& digest) {
  const bool is_ninjs = article.format == InputFormat::ninjs;
  digest.begin();
  digest.number(static_cast<std::uint64_t>(article.pub_status) * 2 + (is_ninjs ? 1 : 0));
  digest.text(article.source);
  digest.text(article.language);
  digest.text(article.published.text);
  digest.text(article.version_created.text);
  digest.number(article.pass_through.size());
  for (const PassThrough& member : article.pass_through) {
    digest.text(member.name);
    digest.text(member.raw_json);
  }
  if (is_ninjs) return digest.end();
  for (const Part& part : article.parts) {
    digest.number(static_cast<std::uint64_t>(part.kind) << 32U |
                  static_cast<std::uint64_t>(part.format) << 16U | part.index);
    digest.text(part.text);
  }
  return digest.end();
}

bool is_older(const Seen& seen, UnixMillis now, UnixMillis than) {
  return seen.timestamp != kNoTimestamp && now != kNoTimestamp && now - seen.timestamp > than;
}

}  // namespace

struct IdenticalStage::Impl {
  Impl(StateStore& state, IdenticalOptions given)
      : store(state),
        options(std::move(given)),
        remember(std::chrono::milliseconds(options.remember).count()) {}

  struct Remembered {
    std::uint32_t row = 0;
    Key key;
  };
  // What a batch brings for one partition.
  struct Sweep {
    std::uint32_t rows = 0;
    UnixMillis oldest = kNoTimestamp;  // Of this batch.
    std::optional<Key> after;          // Where the last step ended.
  };

  // The identity says no more than where the record lies.
  bool is_place(std::string_view identity, std::string_view topic, const RawRecord& raw) {
    if (!identity.starts_with("urn:telex:")) return false;
    place.clear();
    IdentityInputs inputs;
    inputs.topic = topic;
    inputs.partition = raw.partition;
    inputs.offset = raw.offset;
    append_identity(inputs, place);
    return identity == place;
  }

  void run(Batch& batch, StageContext& context) {
    remembered.clear();
    unremembered = 0;
    for (std::uint32_t row = 0; row < batch.size(); ++row) {
      const VerdictKind kind = batch.verdict(row).kind;
      if (kind != VerdictKind::publish && kind != VerdictKind::deletion) continue;
      const Article article = batch.article(row);
      const RawRecord raw = batch.raw(row);
      note_for_sweep(raw);
      if (is_place(article.uri, batch.topic(row), raw)) continue;
      const Key key = key_of(article.uri);
      if (kind == VerdictKind::deletion) {
        store.erase(raw.partition, view(key));
      } else if (const auto first = repeated(raw, key, article)) {
        context.annotations.rows[row].duplicate = {DuplicateKind::identical, *first};
        if (options.action == IdenticalAction::suppress) {
          batch.set_verdict(row, VerdictKind::suppressed, Reason::none, kName, "");
        }
      } else {
        remember_as_new(row, raw, key);
      }
    }
    for (auto& [partition, sweep] : sweeps) run_sweep(partition, sweep);
    if (unremembered > 0 && options.on_full) options.on_full(unremembered);
  }

  // The offset of the article's first record if this is a repeat of it. Leaves in `seen` what is to
  // be remembered otherwise.
  std::optional<Offset> repeated(const RawRecord& raw, const Key& key, const Article& article) {
    const UnixMillis now = sane(raw.timestamp);
    seen.version = XXH3_64bits(article.version.data(), article.version.size());
    seen.content = digest_content(article, digest);
    seen.timestamp = now;
    seen.first = raw.offset;
    std::optional<Seen> before = decode(store.get(raw.partition, view(key)));
    if (!before || before->version != seen.version || before->content != seen.content) return {};
    if (before->first >= raw.offset || is_older(*before, now, remember)) return {};
    if (now != kNoTimestamp &&
        (before->timestamp == kNoTimestamp || is_older(*before, now, remember / 16))) {
      before->timestamp = now;
      // Where there is no room it is only forgotten a little earlier.
      std::ignore = store.put(raw.partition, view(key), view(encode(*before)));
    }
    return before->first;
  }

  void remember_as_new(std::uint32_t row, const RawRecord& raw, const Key& key) {
    if (store.put(raw.partition, view(key), view(encode(seen)))) {
      remembered.push_back({row, key});
      return;
    }
    // What is known of it is no longer its latest record, and must not be compared with.
    store.erase(raw.partition, view(key));
    ++unremembered;
  }

  void settle(const Batch& batch) {
    for (const Remembered& each : remembered) {
      const VerdictKind kind = batch.verdict(each.row).kind;
      if (kind != VerdictKind::faulty && kind != VerdictKind::filtered) continue;
      const RawRecord raw = batch.raw(each.row);
      const std::optional<Seen> now = decode(store.get(raw.partition, view(each.key)));
      if (now && now->first == raw.offset) store.erase(raw.partition, view(each.key));
    }
  }

  void note_for_sweep(const RawRecord& raw) {
    Sweep& sweep = sweeps[raw.partition];
    ++sweep.rows;
    const UnixMillis now = sane(raw.timestamp);
    if (now == kNoTimestamp) return;
    sweep.oldest = sweep.oldest == kNoTimestamp ? now : std::min(sweep.oldest, now);
  }

  void run_sweep(Partition partition, Sweep& sweep) {
    const UnixMillis now = std::exchange(sweep.oldest, kNoTimestamp);
    const std::uint32_t count = std::exchange(sweep.rows, 0) * kSweepKeysPerRow;
    if (now == kNoTimestamp || count == 0) return;
    const std::optional<Key> from = sweep.after;
    const std::uint32_t visited =
        store.visit(partition, from ? view(*from) : std::string_view(), count,
                    [&](std::string_view key, std::string_view value) {
                      if (key.size() == Key().size()) {
                        sweep.after.emplace();
                        std::copy(key.begin(), key.end(), sweep.after->begin());
                      }
                      look_at(partition, key, decode(value), now);
                    });
    if (visited < count) sweep.after.reset();
  }

  void look_at(Partition partition, std::string_view key, const std::optional<Seen>& found,
               UnixMillis now) {
    if (!found || is_older(*found, now, remember + remember / 8)) {
      store.erase(partition, key);
    } else if (found->timestamp == kNoTimestamp) {
      // Its time begins now; else it would stay for ever.
      Seen dated = *found;
      dated.timestamp = now;
      if (!store.put(partition, key, view(encode(dated)))) store.erase(partition, key);
    }
  }

  StateStore& store;
  const IdenticalOptions options;
  const UnixMillis remember;
  FieldDigest digest;
  Seen seen;
  std::vector<Remembered> remembered;  // By the latest batch.
  std::uint32_t unremembered = 0;
  std::map<Partition, Sweep> sweeps;
  std::string place;
};

IdenticalStage::IdenticalStage(StateStore& store, IdenticalOptions options)
    : impl_(std::make_unique<Impl>(store, std::move(options))) {}
IdenticalStage::IdenticalStage(IdenticalStage&&) noexcept = default;
IdenticalStage::~IdenticalStage() = default;

void IdenticalStage::operator()(Batch& batch, StageContext& context) noexcept {
  impl_->run(batch, context);
}

void IdenticalStage::settle(const Batch& batch) noexcept { impl_->settle(batch); }

}  // namespace telex
