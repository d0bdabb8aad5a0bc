// demo: the main job over a small feed, in one process: builds the pack, starts the in-process
// cluster, publishes the feed, lets the same wire as `run` work it off, and reads the outcome back
// from the output topics. Every number printed is counted here.

#include <algorithm>
#include <chrono>
#include <csignal>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <map>
#include <thread>

#include <fmt/format.h>

#include "ingest/archive/line_source.h"
#include "kafka/client.h"
#include "schemas/dead_letter.h"
#include "service/commands/commands.h"
#include "service/config.h"
#include "service/default_pack.h"
#include "service/demo_report.h"
#include "service/exit_code.h"
#include "service/log.h"
#include "service/pipelines.h"
#include "service/wire.h"

namespace telex {
namespace {

using std::chrono::milliseconds;
using Seconds = std::chrono::duration<double>;

constexpr milliseconds kPatience{60'000};  // For anything of the demo that waits.
constexpr milliseconds kStep{100};
constexpr std::int32_t kInputPartitions = 4;
constexpr std::size_t kShown = 3;
constexpr std::chrono::seconds kKeepPace{2};

double since(std::chrono::steady_clock::time_point begin) {
  return Seconds(std::chrono::steady_clock::now() - begin).count();
}

// A feed in memory: bounded by what one batch of the in-process cluster can hold.
struct Feed {
  std::string name;
  std::vector<std::string> records;
};

bool read_feed(const std::string& path, bool lines, Feed& feed, std::string& error) {
  LineSourceOptions options;
  const std::vector<std::string> paths{path};
  options.inputs = archive_inputs(paths);
  options.layout = lines ? ArchiveLayout::lines : ArchiveLayout::whole_file;
  LineSource source(options);
  Batch batch;
  bool over = false;
  while (!over) {
    batch.clear();
    source.poll(batch, kStep, [&](const SourceEvent& event) {
      over = over || event.kind == SourceEventKind::end || event.kind == SourceEventKind::fatal;
      if (event.kind == SourceEventKind::fatal) error = event.message;
    });
    for (std::uint32_t row = 0; row < batch.size(); ++row) {
      feed.records.emplace_back(batch.raw(row).value);
    }
  }
  return error.empty();
}

class NoRebalance final : public kafka::RebalanceListener {
 public:
  explicit NoRebalance(kafka::Consumer& consumer) : consumer_(consumer) {}
  void on_assigned(std::span<const TopicPartition> partitions) override {
    positions_.clear();
    for (const TopicPartition& partition : partitions) positions_.push_back({partition, Offset{0}});
    pending_ = true;
  }
  void on_revoked(std::span<const TopicPartition>, bool) override {}
  // Outside of poll(), as the seam asks for.
  void apply() {
    if (!pending_) return;
    pending_ = false;
    consumer_.assign(positions_);
    assigned_ = true;
  }
  bool assigned() const { return assigned_; }

 private:
  kafka::Consumer& consumer_;
  std::vector<kafka::PartitionOffset> positions_;
  bool pending_ = false;
  bool assigned_ = false;
};

struct DeadLetter {
  std::string id;
  DeadLetterInfo info;
};

class Demo {
 public:
  explicit Demo(const DemoArguments& arguments)
      : arguments_(arguments), begin_(std::chrono::steady_clock::now()) {}

  int run() {
    set_up_log("warn", "text");
    if (!build_pack() || !load_feeds() || !start_wire() || !join_reader() || !publish() ||
        !settle()) {
      return kExitFailed;
    }
    report();
    if (!write_outputs()) return kExitFailed;
    if (arguments_.keep) keep();
    wire_->engine().request_stop();
    wire_->engine().wait(kPatience);
    return balanced() ? kExitGood : kExitFailed;
  }

 private:
  bool fail(std::string_view what) {
    fmt::print(stderr, "telex demo: {}\n", safe_text(what, false));
    return false;
  }
  void line(std::string_view label, std::string_view text, double seconds) {
    fmt::print("  {} {}{}\n", fitted(label, 10), text,
               seconds < 0
                   ? ""
                   : fmt::format("  {} {:.1f} s", terminal_.styled(Style::green, "✓"), seconds));
    std::fflush(stdout);
  }

  bool build_pack() {
    const auto begin = std::chrono::steady_clock::now();
    const PackBuild build = build_default_pack("");
    if (!build.ok()) return fail(build.refusals.front());
    std::string error;
    if (!write_pack(build, default_pack_path(), error)) return fail(error);
    line("knowledge", pack_summary(build), since(begin));
    return true;
  }

  bool load_feeds() {
    std::vector<std::string> paths = arguments_.files;
    if (paths.empty()) paths.push_back(arguments_.samples);
    std::string error;
    for (const std::string& path : paths) {
      const bool lines = path.ends_with(".jsonl") || path.ends_with(".ndjson");
      if (!read_feed(path, lines, feed_, error)) return fail(error);
      feed_.name += fmt::format("{}{}", feed_.name.empty() ? "" : ", ",
                                std::filesystem::path(path).filename().string());
    }
    if (feed_.records.empty()) return fail("nothing to read in " + feed_.name);
    return true;
  }

  bool start_wire() {
    const auto begin = std::chrono::steady_clock::now();
    config_.pipeline = "demo";
    config_.kafka.bootstrap_servers = "embedded";
    config_.admin.listen = arguments_.keep ? "127.0.0.1:9464" : "";
    std::string error;
    wire_ = Wire::start(config_, error);
    if (wire_ == nullptr && arguments_.keep) {
      config_.admin.listen = "127.0.0.1:0";  // Somebody else has the usual port.
      wire_ = Wire::start(config_, error);
    }
    if (wire_ == nullptr) return fail(error);
    line("broker",
         "embedded (the in-process cluster of librdkafka: for trying out, at-least-once;\n"
         "             with your Kafka telex is exactly-once, which ./deploy/test proves)",
         since(begin));
    return true;
  }

  // A second consumer group, as any reader downstream.
  bool join_reader() {
    kafka::ConsumerSettings settings;
    settings.group_id = "demo-reader";
    reader_ = wire_->broker().consumer(settings);
    listener_ = std::make_unique<NoRebalance>(*reader_);
    const std::vector<std::string> topics{config_.output.enriched, config_.dead_letter_topic()};
    const kafka::Error error = reader_->subscribe(topics);
    if (!error.ok()) return fail(kafka::describe(error));
    const auto begin = std::chrono::steady_clock::now();
    while (!(listener_->assigned() && wire_->engine().ready())) {
      if (since(begin) * 1000 > static_cast<double>(kPatience.count()))
        return fail("no assignment within a minute");
      if (wire_->engine().wait(milliseconds(0))) return fail(wire_->engine().exit_reason());
      read_one(milliseconds(20));
    }
    return true;
  }

  void read_one(milliseconds timeout) {
    kafka::ConsumerRecord record;
    kafka::Error error;
    const kafka::PollStatus status = reader_->poll(timeout, *listener_, record, error);
    listener_->apply();
    if (status != kafka::PollStatus::record) return;
    if (record.topic == config_.output.enriched) {
      enriched_.emplace_back(record.value);
    } else {
      DeadLetter letter;
      std::string why;
      letter.info = parse_dead_letter(record.headers, why).value_or(DeadLetterInfo{});
      dead_.push_back(std::move(letter));
    }
  }

  bool publish() {
    const auto begin = std::chrono::steady_clock::now();
    producer_ = wire_->broker().producer({});
    for (const std::string& value : feed_.records) {
      if (!send(value)) return false;
    }
    const kafka::Error flushed = producer_->flush(kPatience);
    if (!flushed.ok()) return fail(kafka::describe(flushed));
    line("feed",
         fmt::format("{} → {}: {} record{}", feed_.name, config_.input.topics.front(),
                     feed_.records.size(), feed_.records.size() == 1 ? "" : "s"),
         since(begin));
    published_at_ = std::chrono::steady_clock::now();
    return true;
  }

  bool send(const std::string& value) {
    kafka::ProducerRecord record;
    record.topic = config_.input.topics.front();
    record.partition = Partition{static_cast<std::int32_t>(sent_++ % kInputPartitions)};
    record.timestamp = system_clock().utc();
    record.value = value;
    const kafka::Error error = producer_->produce(record);
    return error.ok() || fail(kafka::describe(error));
  }

  BatchCounts counts() {
    BatchCounts sum;
    for (const LaneStatus& lane : wire_->engine().status()) sum += lane.counts;
    return sum;
  }

  // Until everything is committed and has been read back.
  bool settle() {
    const auto begin = std::chrono::steady_clock::now();
    while (enriched_.size() + dead_.size() < feed_.records.size() ||
           counts().in < feed_.records.size()) {
      if (since(begin) * 1000 > static_cast<double>(kPatience.count())) {
        return fail(fmt::format("after a minute {} of {} records have come back",
                                enriched_.size() + dead_.size(), feed_.records.size()));
      }
      if (wire_->engine().wait(milliseconds(0))) return fail(wire_->engine().exit_reason());
      read_one(kStep);
    }
    settled_seconds_ = since(published_at_);
    return true;
  }

  bool balanced() {
    const BatchCounts sum = counts();
    return sum.balances() && sum.published + sum.deletions == enriched_.size() &&
           sum.dead_lettered == dead_.size();
  }

  void report() {
    DemoCounts found;
    std::map<std::string, std::string> shown;  // One article a language, the first that came.
    std::vector<std::string> order;
    sort_as_sent();
    for (const std::string& record : enriched_) {
      const DemoArticle article = demo_article(record, terminal_);
      found.mentions += article.counts.mentions;
      found.linked += article.counts.linked;
      found.unlinked += article.counts.unlinked;
      found.topics += article.counts.topics;
      if (article.good && shown.emplace(article.language, article.text).second)
        order.push_back(article.language);
    }
    fmt::print("\n");
    for (std::size_t i = 0; i < order.size() && i < kShown; ++i) fmt::print("{}", shown[order[i]]);
    fmt::print("{}\n", terminal_.styled(
                           Style::dim, fmt::format("  ({} of {} shown, one a language; all: {})",
                                                   std::min(order.size(), kShown), enriched_.size(),
                                                   enriched_path())));
    for (const DeadLetter& letter : dead_) {
      fmt::print("  {} {} {}  {}  {} → {} (original kept)\n", terminal_.styled(Style::red, "✗"),
                 letter.info.topic,
                 fmt::format("{}@{}", letter.info.partition.value, letter.info.offset.value),
                 to_string(letter.info.reason), safe_text(letter.info.message, false),
                 config_.dead_letter_topic());
    }
    const BatchCounts sum = counts();
    fmt::print("\n  {} in = {} enriched + {} duplicates + {} withheld + {} dead letters    {}\n",
               sum.in, sum.published + sum.deletions, sum.suppressed, sum.held + sum.filtered,
               sum.dead_lettered,
               balanced() ? terminal_.styled(Style::green, "✓ nothing lost")
                          : terminal_.styled(Style::red, "✗ does not balance"));
    fmt::print("  {} entity mentions ({} linked, {} without an id) · {} topics\n", found.mentions,
               found.linked, found.unlinked, found.topics);
    fmt::print("  {:.1f} s from the first record sent to the last one read back; {}\n",
               settled_seconds_, tagging_speed());
    fmt::print("  {:.1f} s in all\n\n", since(begin_));
    next_steps();
  }

  // Partitions are read in any order; people want the feed's. The place of a record in the feed is
  // its partition and offset, which its provenance names.
  void sort_as_sent() {
    std::vector<std::pair<std::uint64_t, std::string>> rows;
    rows.reserve(enriched_.size());
    for (std::string& record : enriched_) {
      const std::uint64_t place = demo_article(record, terminal_).place(kInputPartitions);
      rows.emplace_back(place, std::move(record));
    }
    std::stable_sort(rows.begin(), rows.end(),
                     [](const auto& a, const auto& b) { return a.first < b.first; });
    enriched_.clear();
    for (auto& row : rows) enriched_.push_back(std::move(row.second));
  }

  // The pipeline alone, over the same feed, for a quarter of a second.
  std::string tagging_speed() {
    std::string error;
    const auto generation = make_generation(config_, 1, error);
    const auto pipeline = make_pipeline(generation, config_);
    Batch batch;
    Records out;
    std::uint64_t articles = 0;
    double first = 0;
    const auto begin = std::chrono::steady_clock::now();
    while (since(begin) < 0.25) {
      batch.clear();
      out.clear();
      RawRecord record;
      record.topic = batch.intern_topic("speed");
      record.partition = Partition{0};
      for (const std::string& value : feed_.records) {
        record.value = value;
        record.offset.value = static_cast<std::int64_t>(batch.size());
        if (!batch.append(record)) break;
      }
      pipeline->run(batch, out);
      articles += batch.size();
      if (first == 0) first = since(begin);
    }
    return fmt::format(
        "tagging alone {:.1f} ms, {} articles/s on one core (this machine)", first * 1000,
        grouped(static_cast<std::uint64_t>(static_cast<double>(articles) / since(begin))));
  }

  void next_steps() {
    const std::string program =
        std::filesystem::relative(std::filesystem::read_symlink("/proc/self/exe"),
                                  std::filesystem::current_path())
            .string();
    if (arguments_.keep) {
      fmt::print(
          "  up     one article every {} s; http://{}/status · /metrics · /readyz; Ctrl-C ends "
          "it\n",
          kKeepPace.count(), wire_->admin_address());
    } else {
      fmt::print(
          "  next   ./deploy/demo --keep                stay up, with metrics and status over "
          "HTTP\n");
    }
    fmt::print("         {} tag YOUR-FILE.txt   tag your own text, with reasons\n", program);
    fmt::print("         {} init > telex.toml   point it at your Kafka\n", program);
    std::fflush(stdout);
  }

  std::string enriched_path() const {
    return (std::filesystem::path(arguments_.out) / "enriched.jsonl").string();
  }

  bool write_outputs() {
    std::error_code failed;
    std::filesystem::create_directories(arguments_.out, failed);
    std::ofstream out(enriched_path(), std::ios::binary | std::ios::trunc);
    for (const std::string& record : enriched_) out << record << '\n';
    out.close();
    return out.good() || fail("cannot write " + enriched_path());
  }

  void keep() {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    const timespec pace{kKeepPace.count(), 0};
    std::size_t next = 0;
    while (sigtimedwait(&set, nullptr, &pace) < 0) {
      if (!send(feed_.records[next++ % feed_.records.size()])) return;
      producer_->serve(milliseconds(0));
      wire_->refresh_metrics();
      if (wire_->engine().wait(milliseconds(0))) {
        fail(wire_->engine().exit_reason());
        return;
      }
    }
  }

  const DemoArguments& arguments_;
  const std::chrono::steady_clock::time_point begin_;
  const Terminal terminal_ = Terminal::standard_output();
  Config config_;
  Feed feed_;
  std::unique_ptr<Wire> wire_;
  std::unique_ptr<kafka::Consumer> reader_;
  std::unique_ptr<NoRebalance> listener_;
  std::unique_ptr<kafka::Producer> producer_;
  std::vector<std::string> enriched_;
  std::vector<DeadLetter> dead_;
  std::size_t sent_ = 0;
  std::chrono::steady_clock::time_point published_at_;
  double settled_seconds_ = 0;
};

}  // namespace

int demo_command(const DemoArguments& arguments) {
  // Before any thread starts, so that keep() alone takes them.
  if (arguments.keep) {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &set, nullptr);
  }
  return Demo(arguments).run();
}

}  // namespace telex
