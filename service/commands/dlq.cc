// dlq list, dlq show: looking at dead letters without leaving a trace. (dlq replay: dlq_replay.cc)

#include "service/commands/dlq.h"

#include <unistd.h>

#include <algorithm>
#include <cstdio>

#include <fmt/format.h>

#include "service/commands/commands.h"
#include "service/config.h"
#include "service/dead_letter_census.h"
#include "service/dead_letter_show.h"
#include "service/exit_code.h"
#include "service/terminal.h"
#include "sink/spool.h"

namespace telex {

// ---------------------------------------------------------------------------------------------
// What the three commands share.

int DlqSession::open(const DlqArguments& arguments, const char* name) {
  command = name;
  if (!load_or_explain(arguments.config, config)) return kExitConfiguration;
  if (config.kafka.embedded()) {
    fmt::print(stderr,
               "{}: the embedded cluster lives inside of the process that started it; dead letters "
               "of others are on a broker (kafka.bootstrap_servers)\n",
               command);
    return kExitConfiguration;
  }
  topic = arguments.topic.empty() ? config.dead_letter_topic() : arguments.topic;
  spool = arguments.spool.empty() ? config.dead_letters.spool : arguments.spool;
  kafka::BrokerSettings settings;
  settings.bootstrap_servers = config.kafka.bootstrap_servers;
  settings.properties = config.kafka.properties;
  settings.log = [](int level, std::string_view, std::string_view line) {
    constexpr int kSyslogError = 3;
    if (level <= kSyslogError) fmt::print(stderr, "{}\n", safe_text(line, false));
  };
  broker = kafka::connect(settings);
  return kExitGood;
}

bool DlqSession::parse(const std::string& text, Filter& filter) const {
  FilterError error;
  const std::optional<Filter> parsed = Filter::parse(text, dead_letter_place(), error);
  if (!parsed) {
    fmt::print(stderr, "{}: filter {}\n", command, safe_text(error.text(), true));
    return false;
  }
  filter = *parsed;
  return true;
}

bool DlqSession::find(std::vector<ReadRange>& ranges) const {
  std::string error;
  if (find_ranges(*broker, topic, kDlqPatience, ranges, error)) return true;
  complain(error);
  return false;
}

bool DlqSession::read(std::span<const ReadRange> ranges,
                      const std::function<bool(const DeadLetter&)>& visit) const {
  ProgressLine progress("reading");
  std::string error;
  const bool good = read_ranges(
      *broker, ranges, visit,
      [&](const ReadProgress& read) { progress.show(read.done, read.total); }, error);
  progress.clear();
  if (!good) complain(error);
  return good;
}

void DlqSession::complain(const std::string& what) const {
  fmt::print(stderr, "{}: {}\n", command, safe_text(what, false));
}

void ProgressLine::show(std::uint64_t done, std::uint64_t total) {
  if (!is_terminal_ || total == 0) return;
  const std::uint64_t percent = std::min<std::uint64_t>(done * 100 / total, 100);
  if (percent == shown_) return;
  shown_ = percent;
  constexpr std::uint64_t kColumns = 25;
  const std::uint64_t bar = percent * kColumns / 100;
  fmt::print(stderr, "\r{} [{}{}] {:>3} %", what_, std::string(bar, '#'),
             std::string(kColumns - bar, ' '), percent);
  std::fflush(stderr);
}

void ProgressLine::clear() {
  if (!is_terminal_ || shown_ == kNothing) return;
  fmt::print(stderr, "\r\x1b[K");
  std::fflush(stderr);
  shown_ = kNothing;
}

ProgressLine::ProgressLine(const char* what) : what_(what), is_terminal_(isatty(2) == 1) {}

std::string dlq_filter_help() {
  std::string out =
      "FILTER says which dead letters are meant, such as\n"
      "  'reason in (not_utf8, malformed_json) and source = \"anp\" and not offset < 100'\n"
      "with and, or, not, parentheses and = != < <= > >= in ~ (docs/filters.md). Fields:\n";
  for (const FilterField& field : dead_letter_fields()) {
    out += fmt::format("  {:<14} {}\n", field.name, field.meaning);
  }
  return out;
}

// ---------------------------------------------------------------------------------------------
// list

int dlq_list_command(const DlqArguments& arguments) {
  DlqSession session;
  if (const int code = session.open(arguments, "telex dlq list"); code != kExitGood) return code;
  Filter filter;
  if (!session.parse(arguments.filter, filter)) return kExitUsage;
  std::vector<ReadRange> ranges;
  if (!session.find(ranges)) return kExitFailed;

  DeadLetterCensus census;
  FilterScratch scratch;
  const bool good = session.read(ranges, [&](const DeadLetter& letter) {
    if (!letter.info) {
      census.add_unreadable(letter);
    } else if (filter.matches(DeadLetterSubject(letter), scratch)) {
      census.add(letter);
    } else {
      census.add_other();
    }
    return true;
  });
  if (!good) return kExitFailed;
  if (arguments.json) {
    fmt::print("{}\n", census.json(session.topic, filter.to_text()));
    return kExitGood;
  }
  const Terminal terminal = Terminal::standard_output();
  fmt::print("{}", census.report(session.topic, filter.to_text(), arguments.replays_max, terminal));
  if (census.matched() > 0) {
    const std::string from = arguments.config.empty() ? "" : " -c " + arguments.config;
    fmt::print(
        "\nnext   telex dlq show{0} FILTER               what they look like\n"
        "       telex dlq replay{0} --dry-run FILTER   what would go back, once it is mended\n",
        from);
  }
  return kExitGood;
}

// ---------------------------------------------------------------------------------------------
// show

namespace {

// What `show` was asked for: a filter, or one record by its place in the dead-letter topic or in
// the topic that it came from.
struct Wanted {
  Filter filter;
  std::optional<Coordinates> place;
  bool place_is_ours = false;  // Of the dead letter itself.

  bool has(const DeadLetter& letter, FilterScratch& scratch) const {
    if (!place) return filter.matches(DeadLetterSubject(letter), scratch);
    if (place_is_ours) return letter.offset == place->offset;
    return letter.info && letter.info->topic == place->partition.topic &&
           letter.info->partition == place->partition.partition &&
           letter.info->offset == place->offset;
  }
};

// The original's value, wherever it lies. False: explained.
bool original_value(const DlqSession& session, const DeadLetter& letter, std::string& value) {
  std::string_view bytes = letter.value;
  std::optional<SpooledRecord> spooled;
  if (letter.claim) {
    std::string why = "no spool folder is given (--spool)";
    if (!session.spool.empty()) spooled = read_claimed(session.spool, *letter.claim, why);
    if (!spooled) {
      session.complain(fmt::format("the original is {} in the spool of {}: {}", letter.claim->file,
                                   letter.claim->host, why));
      return false;
    }
    bytes = spooled->entry.value;
  }
  if (bytes.data() == nullptr) session.complain("the value is null: nothing to write");
  value = bytes;
  return true;
}

// Only the record at `place`, if that is in these ranges.
std::vector<ReadRange> narrowed(const std::vector<ReadRange>& ranges, const Coordinates& place) {
  for (const ReadRange& range : ranges) {
    if (range.partition != place.partition) continue;
    if (place.offset < range.begin || place.offset >= range.end) return {};
    return {{range.partition, place.offset, Offset{place.offset.value + 1}}};
  }
  return {};
}

}  // namespace

int dlq_show_command(const DlqShowArguments& arguments) {
  DlqSession session;
  if (const int code = session.open(arguments, "telex dlq show"); code != kExitGood) return code;
  Wanted wanted;
  wanted.place = parse_coordinates(arguments.filter);
  wanted.place_is_ours = wanted.place && wanted.place->partition.topic == session.topic;
  if (!wanted.place && !session.parse(arguments.filter, wanted.filter)) return kExitUsage;
  std::vector<ReadRange> ranges;
  if (!session.find(ranges)) return kExitFailed;
  if (wanted.place_is_ours) ranges = narrowed(ranges, *wanted.place);

  // One more than asked for tells that there are more.
  const std::uint64_t max = arguments.raw ? 1 : arguments.max;
  std::uint64_t found = 0;
  std::string value;  // Of --raw; written once it is known that no other record is meant as well.
  bool has_value = true;
  const Terminal terminal = Terminal::standard_output();
  FilterScratch scratch;
  const bool good = session.read(ranges, [&](const DeadLetter& letter) {
    if (!wanted.has(letter, scratch)) return true;
    if (found++ == max) return false;
    if (arguments.raw) {
      has_value = original_value(session, letter, value);
    } else if (arguments.json) {
      fmt::print("{}\n", dead_letter_json(letter));
    } else {
      fmt::print("{}{}", found > 1 ? "\n" : "", show_dead_letter(letter, terminal));
    }
    return true;
  });
  if (!good || !has_value) return kExitFailed;
  if (found == 0) {
    session.complain(wanted.place ? "there is no such dead letter" : "no dead letter matches");
    return kExitFailed;
  }
  if (arguments.raw) {
    if (found > 1) {
      session.complain("more than one dead letter is meant; name one: topic/partition@offset");
      return kExitFailed;
    }
    const bool written = std::fwrite(value.data(), 1, value.size(), stdout) == value.size();
    return written && std::fflush(stdout) == 0 ? kExitGood : kExitFailed;
  }
  if (found > max && !arguments.json) fmt::print("\nthe first {}; more with --max\n", max);
  return kExitGood;
}

}  // namespace telex
