#include "schemas/dead_letter.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <charconv>
#include <limits>

namespace telex {
namespace {

// Names behind kDeadLetterPrefix, in the order in which they stand in the record.
enum class Field : std::uint8_t {
  topic,
  partition,
  offset,
  stage,
  reason,
  message,
  attempt,
  replays,
  config_digest,
  version,
  source,
};
constexpr std::array<std::string_view, 11> kFields{
    "telex-dlq-topic",         "telex-dlq-partition", "telex-dlq-offset",  "telex-dlq-stage",
    "telex-dlq-reason",        "telex-dlq-message",   "telex-dlq-attempt", kReplaysHeader,
    "telex-dlq-config-digest", "telex-dlq-version",   "telex-dlq-source"};

constexpr std::string_view name_of(Field field) { return kFields[static_cast<std::size_t>(field)]; }

class Decimal {
 public:
  explicit Decimal(std::int64_t value)
      : end_(std::to_chars(digits_.begin(), digits_.end(), value).ptr) {}
  std::string_view view() const {
    return {digits_.data(), static_cast<std::size_t>(end_ - digits_.data())};
  }

 private:
  std::array<char, 24> digits_{};
  char* end_;
};

template <class Int>
bool read_decimal(std::string_view text, Int& value) {
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), value);
  return fault == std::errc() && end == text.data() + text.size() && !text.empty();
}

std::uint32_t one_more(std::uint32_t count) {
  return count == std::numeric_limits<std::uint32_t>::max() ? count : count + 1;
}

// A counter of an earlier dead letter plus one; `first` where there is none that can be read.
std::uint32_t counted_on(std::span<const Header> headers, Field field, std::uint32_t first) {
  std::uint32_t earlier = 0;
  bool found = false;
  for (const Header& header : headers) {
    if (header.name == name_of(field)) found = read_decimal(header.value, earlier);
  }
  return found ? one_more(earlier) : first;
}

// At most kSourceBytesMax of `text`, whole characters.
std::string_view cut(std::string_view text) {
  if (text.size() <= kSourceBytesMax) return text;
  std::size_t end = kSourceBytesMax;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;
  return text.substr(0, end);
}

}  // namespace

bool is_dead_letter_header(std::string_view name) {
  return name.starts_with(kDeadLetterPrefix) &&
         std::find(kFields.begin(), kFields.end(), name) != kFields.end();
}

void add_dead_letter(const Batch& batch, std::uint32_t row, const Provenance& provenance,
                     Records& out) {
  const RawRecord raw = batch.raw(row);
  const Verdict& verdict = batch.verdict(row);
  assert(verdict.kind == VerdictKind::faulty);
  out.open();
  if (raw.key.data() != nullptr) {
    out.buffer().append(raw.key);
    out.end_key();
  }
  if (raw.value.data() != nullptr) {
    out.buffer().append(raw.value);
    out.end_value();
  }
  for (const Header& header : raw.headers) {
    if (!is_dead_letter_header(header.name)) out.add_header(header.name, header.value);
  }
  const std::uint32_t replays = counted_on(raw.headers, Field::replays, 0);
  // Each time it was put back was an attempt, where the record does not say it itself.
  const std::uint32_t attempt = counted_on(raw.headers, Field::attempt, one_more(replays));
  const auto add = [&out](Field field, std::string_view value) {
    out.add_header(name_of(field), value.data() == nullptr ? std::string_view("") : value);
  };
  add(Field::topic, batch.topic(row));
  add(Field::partition, Decimal(raw.partition.value).view());
  add(Field::offset, Decimal(raw.offset.value).view());
  add(Field::stage, verdict.stage);
  add(Field::reason, to_string(verdict.reason));
  add(Field::message, verdict.message);
  add(Field::attempt, Decimal(attempt).view());
  add(Field::replays, Decimal(replays).view());
  add(Field::config_digest, provenance.config_digest);
  add(Field::version, provenance.telex_version);
  if (const std::string_view source = batch.article(row).source; !source.empty()) {
    add(Field::source, cut(source));
  }
  out.close(Destination::dead_letter, 0, Partition{}, raw.timestamp, row);
}

std::optional<DeadLetterInfo> parse_dead_letter(std::span<const Header> headers,
                                                std::string& error) {
  std::array<std::string_view, kFields.size()> values;
  for (const Header& header : headers) {
    for (std::size_t i = 0; i < kFields.size(); ++i) {
      if (header.name == kFields[i] && header.value.data() != nullptr) values[i] = header.value;
    }
  }
  const auto value = [&values](Field field) { return values[static_cast<std::size_t>(field)]; };
  const auto refuse = [&](Field field) {
    const bool missing = value(field).data() == nullptr;
    error = std::string(name_of(field)) + (missing ? " is missing" : " cannot be read");
    return std::nullopt;
  };
  DeadLetterInfo info;
  for (const Field field : {Field::topic, Field::stage, Field::message}) {
    if (value(field).data() == nullptr) return refuse(field);
  }
  info.topic = value(Field::topic);
  info.stage = value(Field::stage);
  info.message = value(Field::message);
  if (!read_decimal(value(Field::partition), info.partition.value)) return refuse(Field::partition);
  if (!read_decimal(value(Field::offset), info.offset.value)) return refuse(Field::offset);
  if (!read_decimal(value(Field::attempt), info.attempt)) return refuse(Field::attempt);
  if (!read_decimal(value(Field::replays), info.replays)) return refuse(Field::replays);
  const auto reason = reason_from(value(Field::reason));
  if (!reason || *reason == Reason::none) return refuse(Field::reason);
  info.reason = *reason;
  info.source = value(Field::source);
  info.config_digest = value(Field::config_digest);
  info.version = value(Field::version);
  return info;
}

}  // namespace telex
