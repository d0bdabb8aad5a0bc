// dlq replay: dead letters go back where they came from, once.

#include <algorithm>
#include <cstdio>
#include <thread>

#include <fmt/format.h>

#include "schemas/json_writer.h"
#include "service/commands/commands.h"
#include "service/commands/dlq.h"
#include "service/engine.h"
#include "service/exit_code.h"
#include "service/kafka_ports.h"
#include "service/redrive.h"
#include "service/stop_signals.h"
#include "service/terminal.h"
#include "service/topic_limits.h"
#include "service/wire.h"

namespace telex {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kTick{100};
// Dead letters are as large as records may be, and a batch's outputs are all in memory at once.
constexpr std::uint32_t kBatchRows = 16;
constexpr milliseconds kTransactionTime{500};
// For where a run goes on, if a transaction of a killed one may stand in the way: only its end,
// which the lane brings about, lets the broker say it.
constexpr milliseconds kPositionsPatience{2'000};
// How long a topic that was just made may take to be known.
constexpr std::chrono::seconds kTopicGrace{10};

// One `dlq replay`, from its arguments to its report.
class Replay {
 public:
  explicit Replay(const DlqReplayArguments& arguments) : arguments_(arguments) {}

  int run() {
    if (const int code = session_.open(arguments_, "telex dlq replay"); code != kExitGood) {
      return code;
    }
    if (!read_arguments()) return kExitUsage;
    if (!session_.find(ranges_) || !find_targets()) return kExitFailed;
    plan_ = std::make_shared<RedrivePlan>(options_);
    if (!find_positions()) return kExitFailed;
    return arguments_.dry_run ? dry_run() : replay();
  }

 private:
  bool refuse(const std::string& what) {
    session_.complain(what);
    return false;
  }

  bool read_arguments() {
    if (!session_.parse(arguments_.filter, options_.filter)) return false;
    options_.replays_max = arguments_.replays_max;
    options_.to = arguments_.to;
    options_.spool = session_.spool;
    options_.parking_topic = arguments_.parking;
    const Config& config = session_.config;
    const bool is_parking = session_.topic == config.parking_topic(config.dead_letter_topic());
    if (arguments_.parking.empty() && !is_parking) {
      options_.parking_topic = config.parking_topic(session_.topic);
    }
    if (options_.to == session_.topic || options_.parking_topic == session_.topic) {
      return refuse(session_.topic + " is where the dead letters are");
    }
    run_ = arguments_.run.empty() ? default_run_name(session_.topic, options_.filter, options_.to)
                                  : arguments_.run;
    if (!is_run_name(run_)) {
      return refuse("--run wants letters, digits and - _ . and at most 64 of them");
    }
    group_ = fmt::format("telex-{}-dlq-{}", session_.config.pipeline, run_);
    return true;
  }

  // Topics that are not there are no targets; with --to that one has to be.
  bool find_targets() {
    std::vector<std::string> names = session_.config.input.topics;
    if (!options_.to.empty()) names = {options_.to};
    std::vector<kafka::TopicInfo> topics;
    const auto admin = session_.broker->admin();
    const kafka::Error error = admin->topics(names, kDlqPatience, topics);
    if (!error.ok()) return refuse(describe(error));
    for (const kafka::TopicInfo& topic : topics) {
      if (topic.error.ok()) {
        RedriveTarget& target = options_.targets[topic.name];
        target.partition_count = topic.partition_count;
        // Without the right to read a topic's configuration, the broker has to say it.
        std::map<std::string, std::string> config;
        if (!admin->topic_config(topic.name, kDlqPatience, config).ok()) continue;
        target.record_bytes_max = record_limit(config).value_or(UINT64_MAX);
      } else if (!options_.to.empty() || topic.error.cause != kafka::ErrorCause::setup) {
        return refuse(fmt::format("topic {}: {}", topic.name, describe(topic.error)));
      }
    }
    return true;
  }

  // Where this run goes on. Positions that a transaction holds up (of a run that was killed a
  // moment ago) are waited for by the lane.
  bool find_positions() {
    kafka::ConsumerSettings settings;
    settings.group_id = group_;
    const auto consumer = session_.broker->consumer(settings);
    std::vector<TopicPartition> partitions;
    partitions.reserve(ranges_.size());
    for (const ReadRange& range : ranges_) partitions.push_back(range.partition);
    std::vector<kafka::PartitionOffset> committed;
    const kafka::Error error = consumer->committed(
        partitions, arguments_.dry_run ? milliseconds{kDlqPatience} : kPositionsPatience,
        committed);
    if (!error.ok()) {
      if (!arguments_.dry_run && error.cls == kafka::ErrorClass::retriable) return true;
      return refuse(describe(error));
    }
    for (std::size_t i = 0; i < committed.size() && i < ranges_.size(); ++i) {
      const Offset next = committed[i].next;
      if (next.value < 0) continue;
      resumes_ = true;
      if (next < ranges_[i].begin) {
        return refuse(fmt::format(
            "run {} stopped at {}/{}@{}, and the topic now begins at {}: what lay between was "
            "deleted. Begin anew with another --run NAME",
            run_, session_.topic, ranges_[i].partition.partition.value, next.value,
            ranges_[i].begin.value));
      }
      ranges_[i].begin = std::min(next, ranges_[i].end);
    }
    return true;
  }

  int dry_run() {
    FilterScratch scratch;
    Records records;
    RedriveCounts counts;
    const std::shared_ptr<ReadBounds> within = bounds();
    const bool good = session_.read(ranges_, [&](const DeadLetter& letter) {
      RawRecord record;
      record.partition = letter.partition;
      record.offset = letter.offset;
      record.timestamp = letter.timestamp;
      record.key = letter.key;
      record.value = letter.value;
      record.headers = letter.headers;
      if (within->admits({std::string(letter.topic), letter.partition}, record)) {
        records.clear();
        counts.add(letter, plan_->apply(letter, scratch, 0, records), plan_->routes());
      } else {
        ++not_reached_;
      }
      return true;
    });
    if (!good) return kExitFailed;
    report(counts);
    return exit_code(counts);
  }

  // What is no dead letter was never asked for; whatever else was left has to be looked at.
  static int exit_code(const RedriveCounts& counts) {
    return counts.of(Fate::left) > counts.of(LeftReason::unreadable) ? kExitFailed : kExitGood;
  }

  bool make_parking_topic() {
    const std::vector<std::string> names{options_.parking_topic};
    const auto admin = session_.broker->admin();
    const auto is_there = [&] {
      std::vector<kafka::TopicInfo> topics;
      return admin->topics(names, kDlqPatience, topics).ok() && !topics.empty() &&
             topics.front().error.ok();
    };
    if (is_there()) return true;
    kafka::NewTopic topic;
    topic.name = options_.parking_topic;
    topic.partition_count = static_cast<std::int32_t>(std::max<std::size_t>(ranges_.size(), 1));
    // Timestamps are those of the originals: with another retention they might be gone at once.
    std::map<std::string, std::string> config;
    if (admin->topic_config(session_.topic, kDlqPatience, config).ok()) {
      for (const char* name : {"retention.ms", "max.message.bytes"}) {
        if (config.contains(name)) topic.config[name] = config[name];
      }
    }
    const kafka::Error error = admin->create_topics({&topic, 1}, kDlqPatience);
    if (!error.ok() && error.code != "TOPIC_ALREADY_EXISTS") {
      return refuse(fmt::format("parking topic {} is not there and cannot be made: {}", topic.name,
                                describe(error)));
    }
    const auto until = std::chrono::steady_clock::now() + kTopicGrace;
    while (!is_there()) {
      if (std::chrono::steady_clock::now() > until) {
        return refuse("parking topic " + topic.name + " was made and does not show up");
      }
      std::this_thread::sleep_for(kTick);
    }
    fmt::print(stderr, "made topic {} for records that come back again and again\n", topic.name);
    return true;
  }

  std::shared_ptr<ReadBounds> bounds() {
    std::map<TopicPartition, Offset> ends;
    for (const ReadRange& range : ranges_) ends[range.partition] = range.end;
    auto made = std::make_shared<ReadBounds>(std::move(ends));
    if (arguments_.max) {
      made->stop_after(*arguments_.max, [plan = plan_, scratch = std::make_shared<FilterScratch>()](
                                            std::string_view topic, const RawRecord& record) {
        return plan->decide(read_dead_letter(topic, record), *scratch).fate == Fate::put_back;
      });
    }
    return made;
  }

  // The same lane that `run` has, with another source and another pipeline. One name a run,
  // wherever it is started: who starts it twice at the same time is shut out, and who starts it
  // again after a kill ends what that left open.
  LaneSetup lane() {
    KafkaLaneSettings settings = lane_settings(session_.config, 0);
    settings.name = fmt::format("telex.{}.dlq.{}", session_.config.pipeline, run_);
    settings.group = group_;
    settings.input_topics = {session_.topic};
    settings.bounds = bounds();
    settings.start = kafka::StartPolicy::earliest;
    settings.delivery = Delivery::exactly_once;
    settings.enriched_topic.clear();
    settings.dead_letter_topic.clear();
    settings.routes = plan_->routes();
    settings.changelogs.clear();  // It has no state.
    LaneSetup setup;
    setup.options.name = "dlq-" + run_;
    setup.options.batch.rows_max = kBatchRows;
    setup.options.batch.raw_bytes_max =
        static_cast<std::uint32_t>(session_.config.engine.batch_bytes);
    setup.options.transaction_time = kTransactionTime;
    setup.ports = kafka_lane_ports(session_.broker, settings, system_clock(), &process_faults());
    setup.observer = &observer_;
    return setup;
  }

  int replay() {
    if (!options_.parking_topic.empty() && !make_parking_topic()) return kExitFailed;
    const StopSignals signals;
    signals.block();
    RedriveTally tally;
    std::vector<LaneSetup> lanes;
    lanes.push_back(lane());
    Engine engine(std::move(lanes), publish_redrive(plan_, tally), system_clock(),
                  &process_faults());
    engine.start();
    bool stopped = false;
    ProgressLine progress("putting back");
    while (!engine.wait(milliseconds{0})) {
      if (signals.wait(kTick) != 0) {
        if (stopped) {
          engine.request_abort();
        } else {
          engine.request_stop();
        }
        stopped = true;
      }
      show(engine.status().front(), progress);
    }
    progress.clear();
    const LaneStatus status = engine.status().front();
    const std::string reason = engine.exit_reason();
    if (!reason.empty()) session_.complain(reason);
    if (!reason.empty() || stopped) {
      report_stopped(status.counts);
      return kExitFailed;
    }
    const RedriveCounts& counts = tally.counts();
    report(counts);
    if (counts.in != status.counts.in || !counts.balances()) {
      session_.complain("the numbers above do not agree with what was committed");
      return kExitFailed;
    }
    return exit_code(counts);
  }

  void show(const LaneStatus& status, ProgressLine& progress) const {
    std::uint64_t done = 0;
    std::uint64_t total = 0;
    for (const ReadRange& range : ranges_) {
      total += static_cast<std::uint64_t>(range.end.value - range.begin.value);
      for (const LanePartition& held : status.partitions) {
        if (held.partition != range.partition || held.committed < range.begin) continue;
        done += static_cast<std::uint64_t>(std::min(held.committed, range.end).value -
                                           range.begin.value);
      }
    }
    progress.show(done, total);
  }

  // Only what was committed is known of a run that did not come to its end.
  void report_stopped(const BatchCounts& counts) const {
    fmt::print(
        "stopped; the same command goes on from here\n"
        "{} in = {} put back + {} parked + {} passed over + {} left, so far\n",
        grouped(counts.in), grouped(counts.published), grouped(counts.suppressed),
        grouped(counts.filtered), grouped(counts.held));
  }

  void report(const RedriveCounts& counts) const {
    if (arguments_.json) {
      fmt::print("{}\n", json(counts));
    } else {
      fmt::print("{}", text(counts));
    }
  }

  std::string text(const RedriveCounts& counts) const;
  std::string json(const RedriveCounts& counts) const;

  // What goes wrong and is tried again; each sentence once.
  class Observer final : public LaneObserver {
   public:
    void on_problem(std::string_view problem) override {
      if (problem == said_) return;
      said_ = problem;
      fmt::print(stderr, "telex dlq replay: {}\n", safe_text(problem, false));
    }

   private:
    std::string said_;
  };

  const DlqReplayArguments& arguments_;
  DlqSession session_;
  RedriveOptions options_;
  std::string run_;
  std::string group_;
  std::vector<ReadRange> ranges_;
  bool resumes_ = false;
  std::uint64_t not_reached_ = 0;
  std::shared_ptr<const RedrivePlan> plan_;
  Observer observer_;
};

std::string Replay::text(const RedriveCounts& counts) const {
  const Terminal terminal = Terminal::standard_output();
  std::string out;
  if (arguments_.dry_run) {
    out += terminal.styled(Style::bold, "dry run: nothing was changed") + '\n';
  }
  out += fmt::format("{} → {}\n", safe_text(session_.topic, false),
                     options_.to.empty() ? "where they came from" : safe_text(options_.to, false));
  out += fmt::format("run {}{}\n", run_,
                     resumes_ ? ", goes on where it stopped"
                              : ", a new one: what other runs put back, it puts back too");
  if (!options_.filter.matches_all()) {
    out += fmt::format("those with {}\n", safe_text(options_.filter.to_text(), false));
  }
  const auto row = [&](std::string_view label, std::uint64_t count, const std::string& what) {
    if (count == 0) return;
    out += fmt::format("  {} {:>10}   {}\n", fitted(label, 12), grouped(count), what);
  };
  std::string reasons;
  for (const ReasonName& each : kReasonNames) {
    const std::uint64_t count = counts.by_reason[static_cast<std::size_t>(each.reason)];
    if (count == 0) continue;
    reasons += fmt::format("{}{} {}", reasons.empty() ? "" : " · ", each.name, grouped(count));
  }
  for (const auto& [topic, count] : counts.by_topic) {
    const bool parked = topic == options_.parking_topic;
    const std::string detail =
        parked ? fmt::format("{} (put back {} times or more before)", topic, options_.replays_max)
               : fmt::format("{}", topic);
    row(parked ? "parked" : "put back", count, detail);
  }
  if (!reasons.empty()) out += fmt::format("  {} {:>10}   {}\n", fitted("", 12), "", reasons);
  row("passed over", counts.of(Fate::passed_over), "the filter does not match them");
  row("not reached", not_reached_, "behind the last one that --max allows");
  for (std::size_t i = 1; i < kLeftReasons; ++i) {
    row("left", counts.by_left[i], std::string(to_string(static_cast<LeftReason>(i))));
  }
  if (!counts.first_left.empty()) {
    out += fmt::format("  {} {:>10}   the first: {}\n", fitted("", 12), "",
                       shown_bytes(counts.first_left, false));
  }
  out += fmt::format("{} in = {} put back + {} parked + {} passed over + {} left{}\n",
                     grouped(counts.in), grouped(counts.of(Fate::put_back)),
                     grouped(counts.of(Fate::parked)), grouped(counts.of(Fate::passed_over)),
                     grouped(counts.of(Fate::left)),
                     counts.balances() ? terminal.styled(Style::green, "   ✓") : "");
  return out;
}

std::string Replay::json(const RedriveCounts& counts) const {
  std::string out = R"({"topic":)";
  append_json_string(session_.topic, out);
  const auto member = [&out](std::string_view name, std::string_view value) {
    out += fmt::format(R"(,"{}":)", name);
    append_json_string(value, out);
  };
  member("filter", options_.filter.to_text());
  member("run", run_);
  member("group", group_);
  out += fmt::format(
      R"(,"dryRun":{},"resumed":{},"in":{},"putBack":{},"parked":{},"passedOver":{},"left":{},)"
      R"("notReached":{},"leftUnreadable":{},"leftForeignTopic":{},"leftNotInSpool":{},"leftTooOften":{},"leftTooLarge":{})",
      arguments_.dry_run, resumes_, counts.in, counts.of(Fate::put_back), counts.of(Fate::parked),
      counts.of(Fate::passed_over), counts.of(Fate::left), not_reached_,
      counts.of(LeftReason::unreadable), counts.of(LeftReason::foreign_topic),
      counts.of(LeftReason::not_in_spool), counts.of(LeftReason::too_often),
      counts.of(LeftReason::too_large));
  member("firstLeft", shown_bytes(counts.first_left, false));
  out += R"(,"topics":{)";
  bool first = true;
  for (const auto& [topic, count] : counts.by_topic) {
    if (!first) out += ',';
    first = false;
    append_json_string(topic, out);
    out += fmt::format(":{}", count);
  }
  out += R"(},"reasons":{)";
  first = true;
  for (const ReasonName& each : kReasonNames) {
    const std::uint64_t count = counts.by_reason[static_cast<std::size_t>(each.reason)];
    if (count == 0) continue;
    out += fmt::format(R"({}"{}":{})", first ? "" : ",", each.name, count);
    first = false;
  }
  return out + "}}";
}

}  // namespace

int dlq_replay_command(const DlqReplayArguments& arguments) { return Replay(arguments).run(); }

}  // namespace telex
