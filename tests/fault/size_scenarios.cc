// Records that Kafka cannot hold: F9 (around the limits of their topics) and F7 (no room left for
// what does not fit).
#include <array>
#include <filesystem>

#include "sink/spool.h"
#include "tests/fault/scenarios.h"

namespace telex::fault {
namespace {

namespace fs = std::filesystem;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr int kTopicLimit = 20'000;  // Bytes of a record in the outlets, as Kafka counts them.

// The folders of a trial's spool: where telex puts originals, and where a person moves them to.
struct SpoolFolders {
  explicit SpoolFolders(const std::string& trial)
      : spool(trial + "/spool"), moved(trial + "/moved") {
    fs::create_directories(moved);
  }
  // The record that a claim check stands for, or as it was read.
  SeenRecord read(Outlet outlet, const kafka::ConsumerRecord& record) const {
    SeenRecord seen = as_seen(outlet, record);
    if (!is_claim_check(record.headers)) return seen;
    std::string error;
    const auto claim = parse_claim_check(record.value, error);
    if (!claim) return seen;  // The checker finds it corrupt, or unknown.
    auto original = read_claimed(spool, *claim, error);
    if (!original) original = read_claimed(moved, *claim, error);
    if (!original) return seen;
    std::string_view id;
    for (const Header& header : original->entry.headers) {
      if (header.name == kIdHeader) id = header.value;
    }
    return read_record(outlet, seen.partition, seen.offset, original->entry.key,
                       original->entry.value, id);
  }
  std::size_t files() const {
    std::size_t count = 0;
    if (!fs::exists(spool)) return 0;
    for (const auto& each : fs::directory_iterator(spool)) {
      if (each.path().extension() == ".record") ++count;
    }
    return count;
  }
  // Half a file is no record, so that only whole ones go; a rename keeps them whole.
  void move_all() const {
    for (const auto& each : fs::directory_iterator(spool)) {
      if (each.path().extension() == ".record") {
        fs::rename(each.path(), moved / each.path().filename());
      }
    }
  }

  fs::path spool;
  fs::path moved;
};

TopicSetup limited(const SpoolFolders& folders) {
  const std::string limit = std::to_string(kTopicLimit);
  TopicSetup setup;
  setup.broken_percent = 0;
  setup.input_config = {{"max.message.bytes", "4000000"}};
  setup.output_config = {{"max.message.bytes", limit}};
  setup.dead_letter_config = {{"max.message.bytes", limit}};
  setup.read = [&folders](Outlet outlet, const kafka::ConsumerRecord& record) {
    return folders.read(outlet, record);
  };
  return setup;
}

WorkerPlan spooling(const Trial& trial, const SpoolFolders& folders, int spool_bytes_max) {
  WorkerPlan plan = trial.plan("a");
  plan.settings = "record_bytes_max = " + std::to_string(kTopicLimit) +
                  "\n[dead_letters]\nspool = \"" + folders.spool.string() +
                  "\"\nspool_bytes_max = " + std::to_string(spool_bytes_max) + "\n";
  return plan;
}

std::string broken_article(ArticleId id, std::size_t text_bytes) {
  return "{broken " + make_article(id, text_bytes);
}

// F9. Articles and dead letters of growing size, byte by byte through the limits of their topics,
// among small ones; now and then one that is far above.
Outcome around_limits(Stage& stage, const TrialOptions& options) {
  const SpoolFolders folders(options.folder);
  Trial trial(stage.kafka, options, limited(folders));
  Worker& worker = trial.start(spooling(trial, folders, 1 << 30));
  // What an article grows by on its way is somewhere in these; the sweep covers all of it.
  constexpr std::size_t kArticleFrom = kTopicLimit - 1300;
  constexpr std::size_t kBrokenFrom = kTopicLimit - 1000;
  std::uint64_t large = 0;
  for (std::uint64_t fed = 0; fed < options.records; fed += 14) {
    trial.feed(12, 100);
    const auto partition = static_cast<std::int32_t>(large % 4);
    const ArticleId id = trial.next_id(partition);
    trial.feed_record(partition, Due::anywhere, key_of(id),
                      make_article(id, kArticleFrom + large * 2 + options.iteration % 2));
    const ArticleId next = trial.next_id(partition);
    const std::size_t size =
        large % 20 == 19 ? 400'000 : kBrokenFrom + large * 4 + options.iteration % 4;
    trial.feed_record(partition, Due::dead_letters, key_of(next), broken_article(next, size));
    ++large;
  }
  trial.outcome().faults = 2 * large;
  if (!trial.wait_settled(seconds{90})) trial.complain("large records stop the wire", &worker);
  const double aborted = worker.metric("telex_transactions_total", "outcome=\"aborted\"");
  trial.outcome().facts["aborted_transactions"] = static_cast<std::int64_t>(aborted);
  trial.outcome().facts["spooled"] = static_cast<std::int64_t>(folders.files());
  // At most one a record, or it goes round in circles.
  if (aborted > static_cast<double>(2 * large))
    trial.complain("a large record aborts again and again");
  if (folders.files() == 0) trial.complain("nothing was too large: nothing was tested");
  return trial.finish();
}

// F7. The spool is full: its partition stops and says so, the others go on; when there is room it
// goes on by itself.
Outcome spool_full(Stage& stage, const TrialOptions& options) {
  const SpoolFolders folders(options.folder);
  Trial trial(stage.kafka, options, limited(folders));
  WorkerPlan plan = spooling(trial, folders, 1 << 20);
  // What one transaction spools must fit at once: after an abort it is spooled again.
  plan.commit_records = 2;
  Worker& worker = trial.start(plan);
  trial.feed(options.records / 2);
  if (!trial.wait_settled(seconds{60})) trial.complain("not settled at first", &worker);
  const auto partition = static_cast<std::int32_t>(trial.random(0, 3));
  for (int i = 0; i < 6; ++i) {
    const ArticleId id = trial.next_id(partition);
    trial.feed_record(partition, Due::dead_letters, key_of(id), broken_article(id, 300'000));
    trial.fault_done();
  }
  if (!testing::eventually([&] { return worker.log_has("spool_full"); }, seconds{40})) {
    trial.complain("a full spool is not said", &worker);
  }
  if (worker.status_of("/livez") != 200) trial.complain("not alive with a full spool", &worker);
  if (worker.status_of("/readyz") == 200) trial.complain("ready with a full spool", &worker);
  // A quarter of these is for the partition that stands.
  const std::uint64_t more = options.records / 2;
  trial.feed(more);
  if (!trial.wait_visible(more / 2, seconds{40})) {
    trial.complain("the other partitions do not go on", &worker);
  }
  if (trial.settled()) trial.complain("nothing was held up: nothing was tested", &worker);
  trial.mark_recovery();
  const auto end = std::chrono::steady_clock::now() + seconds{90};
  // 1.8 MB go through a spool of 1 MiB: somebody has to make room twice.
  while (!trial.settled() && std::chrono::steady_clock::now() < end) {
    folders.move_all();
    trial.tend();
    std::this_thread::sleep_for(milliseconds{500});
  }
  return trial.finish();
}

constexpr std::array kScenarios{
    Scenario{"F7", "a spool that is full, and emptied", spool_full, 800, false},
    Scenario{"F9", "articles and dead letters around the limits of their topics", around_limits,
             4200, false},
};

}  // namespace

std::span<const Scenario> size_scenarios() { return kScenarios; }

}  // namespace telex::fault
