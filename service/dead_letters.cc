#include "service/dead_letters.h"

#include <algorithm>
#include <array>
#include <map>

#include <fmt/format.h>

#include "process/text/fold.h"
#include "service/terminal.h"

namespace telex {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

// The order of kFields.
enum class Name : std::uint8_t {
  reason,
  source,
  topic,
  partition,
  offset,
  time,
  stage,
  message,
  attempt,
  replays,
  key,
  value,
  size,
  claim,
  config,
  version,
  dlq_partition,
  dlq_offset,
};

constexpr auto kReasonCodes = [] {
  std::array<std::string_view, kReasonNames.size() - 1> codes;
  for (std::size_t i = 0; i < codes.size(); ++i) codes[i] = kReasonNames[i + 1].name;
  return codes;
}();
constexpr std::array<std::string_view, 2> kYesNo{"yes", "no"};

constexpr std::array<FilterField, 18> kFields{{
    {"reason", FilterKind::code, "Why the record was refused.", kReasonCodes},
    {"source", FilterKind::text, "Who sent the article; where that is not known, its topic."},
    {"topic", FilterKind::text, "Topic that the record came from."},
    {"partition", FilterKind::number, "Its partition there."},
    {"offset", FilterKind::number, "Its offset there."},
    {"time", FilterKind::time, "Timestamp of the record."},
    {"stage", FilterKind::text, "Stage that refused it."},
    {"message", FilterKind::text, "What exactly was wrong."},
    {"attempt", FilterKind::number, "Which attempt this was; the first is 1."},
    {"replays", FilterKind::number, "How often it was put back before."},
    {"key", FilterKind::text, "Key of the record."},
    {"value", FilterKind::text, "Value of the record, up to its first KiB if it is in the spool."},
    {"size", FilterKind::number, "Bytes of the value."},
    {"claim", FilterKind::code, "Whether the original lies in the spool: yes or no.", kYesNo},
    {"config", FilterKind::text, "Digest of the configuration that refused it."},
    {"version", FilterKind::text, "Version of telex that refused it."},
    {"dlq_partition", FilterKind::number, "Partition of the dead letter itself."},
    {"dlq_offset", FilterKind::number, "Offset of the dead letter itself."},
}};

// Nobody listens: a reader of no group has no rebalances.
class NoRebalance final : public kafka::RebalanceListener {
 public:
  void on_assigned(std::span<const TopicPartition>) override {}
  void on_revoked(std::span<const TopicPartition>, bool) override {}
};

kafka::ConsumerSettings reader_settings() {
  kafka::ConsumerSettings settings;
  settings.prefetch_bytes = 16U << 20;
  return settings;
}

}  // namespace

std::string_view DeadLetter::source() const {
  if (!info) return "";
  return info->source.empty() ? std::string_view(info->topic) : std::string_view(info->source);
}

std::uint64_t DeadLetter::value_bytes() const {
  return claim ? (claim->null_value ? 0 : claim->bytes) : value.size();
}

DeadLetter read_dead_letter(const kafka::ConsumerRecord& record) {
  DeadLetter letter;
  letter.topic = record.topic;
  letter.partition = record.partition;
  letter.offset = record.offset;
  letter.timestamp = record.timestamp;
  letter.key = record.key;
  letter.value = record.value;
  letter.headers = record.headers;
  letter.info = parse_dead_letter(record.headers, letter.unreadable);
  // Anybody may send a header of this name: what is no claim check is a record like any other.
  std::string none;
  if (letter.info && is_claim_check(record.headers) && record.value.data() != nullptr) {
    letter.claim = parse_claim_check(record.value, none);
  }
  return letter;
}

DeadLetter read_dead_letter(std::string_view topic, const RawRecord& record) {
  return read_dead_letter(kafka::ConsumerRecord{topic, record.partition, record.offset,
                                                record.timestamp, record.key, record.value,
                                                record.headers});
}

std::span<const FilterField> dead_letter_fields() { return kFields; }
FilterPlace dead_letter_place() { return {kFields, {}}; }

std::uint32_t DeadLetterSubject::count(std::size_t field) const {
  const auto is = [](bool there) { return there ? 1U : 0U; };
  switch (static_cast<Name>(field)) {
    case Name::time:
      return is(letter_.timestamp != kNoTimestamp);
    case Name::key:
      return is(letter_.key.data() != nullptr);
    case Name::value:
      return is(letter_.value.data() != nullptr && !(letter_.claim && letter_.claim->null_value));
    case Name::size:
    case Name::dlq_partition:
    case Name::dlq_offset:
      return 1;
    case Name::config:
      return is(letter_.info && !letter_.info->config_digest.empty());
    case Name::version:
      return is(letter_.info && !letter_.info->version.empty());
    default:
      return is(letter_.info.has_value());
  }
}

std::string_view DeadLetterSubject::text(std::size_t field, std::uint32_t) const {
  switch (static_cast<Name>(field)) {
    case Name::key:
      return letter_.key;
    case Name::value:
      return letter_.claim ? std::string_view(letter_.claim->head) : letter_.value;
    case Name::reason:
      return to_string(letter_.info->reason);
    case Name::source:
      return letter_.source();
    case Name::topic:
      return letter_.info->topic;
    case Name::stage:
      return letter_.info->stage;
    case Name::message:
      return letter_.info->message;
    case Name::claim:
      return letter_.claim ? "yes" : "no";
    case Name::config:
      return letter_.info->config_digest;
    case Name::version:
      return letter_.info->version;
    default:
      return "";
  }
}

std::int64_t DeadLetterSubject::number(std::size_t field, std::uint32_t) const {
  switch (static_cast<Name>(field)) {
    case Name::time:
      return letter_.timestamp;
    case Name::size:
      return static_cast<std::int64_t>(letter_.value_bytes());
    case Name::dlq_partition:
      return letter_.partition.value;
    case Name::dlq_offset:
      return letter_.offset.value;
    case Name::partition:
      return letter_.info->partition.value;
    case Name::offset:
      return letter_.info->offset.value;
    case Name::attempt:
      return letter_.info->attempt;
    case Name::replays:
      return letter_.info->replays;
    default:
      return 0;
  }
}

bool find_ranges(kafka::Broker& broker, const std::string& topic, milliseconds limit,
                 std::vector<ReadRange>& ranges, std::string& error) {
  ranges.clear();
  std::vector<kafka::TopicInfo> topics;
  const std::vector<std::string> names{topic};
  kafka::Error failed = broker.admin()->topics(names, limit, topics);
  if (failed.ok() && !topics.empty()) failed = topics.front().error;
  if (!failed.ok()) {
    error = fmt::format("topic {}: {}", topic, describe(failed));
    return false;
  }
  const auto reader = broker.consumer(reader_settings());
  const int count = topics.empty() ? 0 : topics.front().partition_count;
  for (int i = 0; i < count; ++i) {
    const TopicPartition partition{topic, Partition{i}};
    kafka::Watermarks marks;
    failed = reader->watermarks(partition, limit, marks);
    if (!failed.ok()) {
      error = describe(failed);
      return false;
    }
    ranges.push_back({partition, marks.low, marks.high});
  }
  return true;
}

bool read_ranges(kafka::Broker& broker, std::span<const ReadRange> ranges,
                 const std::function<bool(const DeadLetter&)>& visit,
                 const std::function<void(const ReadProgress&)>& progress, std::string& error) {
  const auto reader = broker.consumer(reader_settings());
  std::vector<kafka::PartitionOffset> begin;
  std::map<TopicPartition, ReadRange> open;
  ReadProgress read;
  for (const ReadRange& range : ranges) {
    if (range.begin >= range.end) continue;
    begin.push_back({range.partition, range.begin});
    open[range.partition] = range;
    read.total += static_cast<std::uint64_t>(range.end.value - range.begin.value);
  }
  if (open.empty()) return true;
  const kafka::Error assigned = reader->assign(begin);
  if (!assigned.ok()) {
    error = describe(assigned);
    return false;
  }

  // `range` was read up to `next`.
  const auto advance = [&](std::map<TopicPartition, ReadRange>::iterator range, Offset next) {
    const Offset upto = std::min(next, range->second.end);
    if (upto > range->second.begin) {
      read.done += static_cast<std::uint64_t>(upto.value - range->second.begin.value);
      range->second.begin = upto;
    }
    if (range->second.begin >= range->second.end) open.erase(range);
  };
  NoRebalance deaf;
  constexpr milliseconds kPoll{100};
  constexpr std::uint32_t kProgressEvery = 256;
  auto heard = steady_clock::now();
  std::string last_problem;
  bool goes_on = true;
  for (std::uint32_t turn = 0; goes_on && !open.empty(); ++turn) {
    kafka::ConsumerRecord record;
    kafka::Error problem;
    const kafka::PollStatus status = reader->poll(kPoll, deaf, record, problem);
    if (status == kafka::PollStatus::record || status == kafka::PollStatus::end) {
      heard = steady_clock::now();
      const auto range = open.find({std::string(record.topic), record.partition});
      if (range == open.end()) continue;
      const bool is_record = status == kafka::PollStatus::record;
      if (is_record && record.offset < range->second.end) goes_on = visit(read_dead_letter(record));
      advance(range, is_record ? Offset{record.offset.value + 1} : record.offset);
    } else if (status == kafka::PollStatus::error) {
      last_problem = describe(problem);
      const bool hopeless = problem.cls == kafka::ErrorClass::fatal ||
                            problem.cause == kafka::ErrorCause::setup ||
                            problem.cause == kafka::ErrorCause::out_of_range;
      if (hopeless) {
        error = last_problem;
        return false;
      }
    }
    if (steady_clock::now() - heard > kSilenceMax) {
      error = fmt::format("nothing came for {} s{}{}", kSilenceMax.count(),
                          last_problem.empty() ? "" : "; the latest problem: ", last_problem);
      return false;
    }
    if (progress && (turn % kProgressEvery == 0 || status != kafka::PollStatus::record)) {
      progress(read);
    }
  }
  reader->close(kPoll);
  return true;
}

std::string shown_bytes(std::string_view bytes, bool lines) {
  std::string out;
  while (!bytes.empty()) {
    const std::size_t good = first_invalid_utf8(bytes);
    out += safe_text(bytes.substr(0, good), lines);
    bytes.remove_prefix(good);
    if (bytes.empty()) break;
    out += fmt::format("‹{:02X}›", static_cast<unsigned>(static_cast<unsigned char>(bytes[0])));
    bytes.remove_prefix(1);
  }
  return out;
}

std::string shown_time(UnixMillis time) {
  using namespace std::chrono;
  if (time == kNoTimestamp) return "-";
  // Anybody may write any timestamp; beyond four digits of a year a number says more.
  constexpr UnixMillis kYear10000 = 253'402'300'800'000;
  if (time < 0 || time >= kYear10000) return fmt::format("{} ms", time);
  const sys_time<milliseconds> moment{milliseconds{time}};
  const auto day = floor<days>(moment);
  const year_month_day date{day};
  const hh_mm_ss clock{moment - day};
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                     clock.hours().count(), clock.minutes().count(), clock.seconds().count(),
                     clock.subseconds().count());
}

std::string shown_size(std::uint64_t bytes) {
  if (bytes < 1000) return fmt::format("{} bytes", bytes);
  constexpr std::array<std::string_view, 4> kUnits{"kB", "MB", "GB", "TB"};
  double size = static_cast<double>(bytes) / 1000;
  std::size_t unit = 0;
  while (size >= 999.95 && unit + 1 < kUnits.size()) {
    size /= 1000;
    ++unit;
  }
  return fmt::format("{:.1f} {}", size, kUnits[unit]);
}

}  // namespace telex
