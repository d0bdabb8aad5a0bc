#include "tests/fault/trial.h"

#include <signal.h>

#include <algorithm>
#include <cstdio>
#include <future>
#include <stdexcept>
#include <utility>

namespace telex::fault {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using std::chrono::steady_clock;

constexpr milliseconds kDrainLimit{27'000};  // The default budget of 25 s, and a loaded machine.
constexpr milliseconds kQuestion{5'000};
constexpr milliseconds kRestartPause{200};
constexpr milliseconds kFillerInterval{300};
constexpr int kFillers = 40;  // A partition.
// Longer than an outage and the start of a broker on a busy machine.
constexpr seconds kFlushLimit{45};
// What a producer that was given up had sent must be in the log, or lost, before its end is read.
constexpr seconds kLastRequests{3};
constexpr int kFeedTries = 5;

std::int64_t ms_between(SteadyTime from, SteadyTime to) {
  return std::chrono::duration_cast<milliseconds>(to - from).count();
}

std::string quoted(const std::string& text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
  }
  return out + "\"";
}

// The last lines of a log, for people.
std::string tail(const std::string& text, int lines) {
  std::size_t at = text.size();
  while (lines > 0 && at > 0) {
    at = text.rfind('\n', at - 1);
    if (at == std::string::npos) return text;
    --lines;
  }
  return text.substr(std::min(at + 1, text.size()));
}

}  // namespace

std::string Outcome::json() const {
  std::string out = "{\"scenario\":" + quoted(scenario) + ",\"variant\":" + quoted(variant) +
                    ",\"subject\":" + quoted(subject);
  const auto add = [&](const std::string& name, std::int64_t value) {
    out += ",\"" + name + "\":" + std::to_string(value);
  };
  const auto count = [&](const char* name, std::uint64_t value) {
    add(name, static_cast<std::int64_t>(value));
  };
  count("iteration", iteration);
  count("seed", seed);
  out += std::string(",\"passed\":") + (passed() ? "true" : "false");
  count("records", findings.sent);
  count("faults", faults);
  count("aborted", findings.hidden);
  count("lost", findings.lost);
  count("doubled", findings.doubled);
  count("misplaced", findings.misplaced);
  count("unknown", findings.unknown);
  count("corrupt", findings.corrupt);
  count("outOfOrder", findings.out_of_order);
  count("keysMoved", findings.keys_moved);
  count("witnessDiffers", findings.witness_differs);
  count("groupBehind", findings.group_behind);
  add("recoveryMs", recovery_ms);
  add("tookMs", took_ms);
  out += ",\"facts\":{";
  bool first = true;
  for (const auto& [name, value] : facts) {
    out += (first ? "" : ",") + quoted(name) + ":" + std::to_string(value);
    first = false;
  }
  out += "},\"complaints\":[";
  for (std::size_t i = 0; i < complaints.size(); ++i) {
    out += (i > 0 ? "," : "") + quoted(complaints[i]);
  }
  return out + "]}";
}

Trial::Trial(testing::RealKafka& kafka, TrialOptions options, TopicSetup setup)
    : kafka_(kafka),
      options_(std::move(options)),
      setup_(std::move(setup)),
      random_(options_.seed * 1'000'003 + options_.iteration),
      begun_(steady_clock::now()),
      next_seq_(static_cast<std::size_t>(setup_.partitions)) {
  outcome_.scenario = options_.scenario;
  outcome_.subject = to_string(options_.subject);
  outcome_.iteration = options_.iteration;
  outcome_.seed = options_.seed;
  const std::string stem = kafka.unique(options_.scenario);
  names_ = {stem + ".in", stem + ".out", stem + ".dlq", stem + ".group"};
  kafka.create_topic(names_.input, setup_.partitions, setup_.input_config);
  kafka.create_topic(names_.output, setup_.partitions, setup_.output_config);
  kafka.create_topic(names_.dead_letters, setup_.partitions, setup_.dead_letter_config);
  inputs_ = kafka.partitions_of(names_.input);
  producer_ = kafka.broker().producer({});
  kafka::ConsumerSettings consumer;
  consumer.group_id = names_.group;
  positions_ = kafka.broker().consumer(consumer);
  if (setup_.witness) {
    witness_ = std::make_unique<Witness>(kafka, names_.output, names_.dead_letters, setup_.read);
  }
}

Trial::~Trial() {
  stop_feeding_ = true;
  if (feeder_.joinable()) feeder_.join();
}

std::int64_t Trial::random(std::int64_t low, std::int64_t high) {
  return low + static_cast<std::int64_t>(random_() % static_cast<std::uint64_t>(high - low + 1));
}

// ---------------------------------------------------------------------------------------------
// Workers.

WorkerPlan Trial::plan(const std::string& instance) const {
  WorkerPlan plan;
  plan.subject = options_.subject;
  plan.instance = instance;
  plan.bootstrap = kafka_.bootstrap();
  plan.partitions = setup_.partitions;
  return plan;
}

Worker& Trial::start(const WorkerPlan& plan) {
  workers_.push_back(
      std::make_unique<Worker>(options_.tools, names_, plan, options_.folder, started_++));
  return *workers_.back();
}

void Trial::drop(Worker& worker) {
  std::erase_if(workers_, [&](const auto& each) { return each.get() == &worker; });
}

void Trial::drain(Worker& worker) {
  const SteadyTime asked = steady_clock::now();
  worker.process().signal(SIGTERM);
  await_drained(worker, asked);
}

void Trial::await_drained(Worker& worker, SteadyTime asked) {
  if (!worker.process().wait(kDrainLimit)) {
    complain("worker " + worker.plan().instance + " does not drain", &worker);
  } else if (worker.process().ended_by() == SIGTERM && worker.log().empty()) {
    // Asked before it was far enough to listen, and it held nothing.
    ++outcome_.facts["ended_before_they_began"];
  } else if (ours() && worker.process().exit_code() != 0) {
    complain("worker " + worker.plan().instance + " exits " +
                 std::to_string(worker.process().exit_code()) + " when asked to drain",
             &worker);
  }
  std::int64_t& longest = outcome_.facts["drain_ms_max"];
  longest = std::max(longest, ms_between(asked, steady_clock::now()));
  drop(worker);
}

// Kafka's copier commits when a transaction is full and not before: something has to fill its last.
void Trial::send_filler() {
  const SteadyTime now = steady_clock::now();
  if (feeding_ || now - filled_ < kFillerInterval) return;
  filled_ = now;
  for (int i = 0; i < kFillers * setup_.partitions; ++i) {
    kafka::ProducerRecord record;
    record.topic = names_.input;
    record.partition = Partition{i % setup_.partitions};
    record.key = kFillerKey;
    record.value = kFillerKey;
    testing::must(producer_->produce(record), "feed a filler");
  }
  testing::must(producer_->flush(seconds{120}), "feed a filler: flush");
}

void Trial::tend() {
  if (options_.subject == Subject::java_copier) send_filler();
  for (std::size_t i = 0; i < workers_.size();) {
    Worker& worker = *workers_[i];
    if (!worker.process().over()) {
      ++i;
      continue;
    }
    const bool allowed =
        exits_allowed_ && worker.process().exit_code() == 1 && worker.log_has("stopped: ");
    if (ours() && !allowed) {
      complain("worker " + worker.plan().instance + " ended by itself", &worker);
    }
    ++outcome_.facts["ended_by_themselves"];
    WorkerPlan plan = worker.plan();
    plan.fault.clear();
    drop(worker);
    start(plan);
    std::this_thread::sleep_for(kRestartPause);
  }
}

void Trial::complain(const std::string& sentence, const Worker* worker) {
  outcome_.complaints.push_back(sentence);
  std::fprintf(stderr, "%s #%llu: %s\n", options_.scenario.c_str(),
               static_cast<unsigned long long>(options_.iteration), sentence.c_str());
  if (worker != nullptr) std::fprintf(stderr, "%s", tail(worker->log(), 12).c_str());
}

// ---------------------------------------------------------------------------------------------
// Articles.

void Trial::sent(ArticleId id, Due due, const std::string& value) {
  const std::lock_guard lock(mutex_);
  checker_.sent(id, ours() ? due : Due::anywhere, crc_of(value));
  fed_.push_back({id, steady_clock::now()});
}

std::uint64_t Trial::fed() const {
  const std::lock_guard lock(mutex_);
  return fed_.size();
}

void Trial::serve_feed(milliseconds time) {
  const kafka::ProducerEvents served = producer_->serve(time);
  for (const kafka::Error& error : {served.first_failure, served.fatal}) {
    if (feed_error_.ok()) feed_error_ = error;
  }
}

// An article as its number says, for the first time or again.
void Trial::produce_article(ArticleId id, std::size_t text_bytes, bool again) {
  const bool broken = ours() && id.seq % 100 < static_cast<std::uint64_t>(setup_.broken_percent);
  const std::string value = (broken ? "{broken " : "") + make_article(id, text_bytes);
  const std::string key = key_of(id);
  const std::string header = id_text(id);
  const Header headers[] = {{kIdHeader, header}};
  kafka::ProducerRecord record;
  record.topic = names_.input;
  record.partition = Partition{static_cast<std::int32_t>(id.source)};
  record.key = key;
  record.value = value;
  if (broken) record.headers = headers;
  if (!again) sent(id, broken ? Due::dead_letters : Due::enriched, value);
  kafka::Error error = producer_->produce(record);
  while (error.cls == kafka::ErrorClass::full) {
    serve_feed(milliseconds{10});
    error = producer_->produce(record);
  }
  if (feed_error_.ok()) feed_error_ = std::move(error);
}

// Until all of it is in the log. A producer may lose its count in an outage (OUT_OF_ORDER_SEQUENCE_
// NUMBER), and then tries in vain until its messages are too old, which takes minutes: another one
// goes on long before. Which articles the broker has is told by the end of the log, for they lie at
// the offsets of their numbers.
void Trial::finish_feeding(std::size_t text_bytes) {
  for (int tries = 0; tries < kFeedTries; ++tries) {
    const kafka::Error flushed = producer_->flush(kFlushLimit);
    serve_feed(milliseconds{0});
    if (feed_error_.ok()) feed_error_ = flushed;
    if (feed_error_.ok()) return;
    std::fprintf(stderr, "%s #%llu: feeding again: %s\n", options_.scenario.c_str(),
                 static_cast<unsigned long long>(options_.iteration),
                 describe(feed_error_).c_str());
    feed_error_ = {};
    producer_.reset();
    std::this_thread::sleep_for(kLastRequests);
    producer_ = kafka_.broker().producer({});
    for (std::uint32_t source = 0; source < next_seq_.size(); ++source) {
      const std::int64_t end =
          kafka_.end_offset({names_.input, Partition{static_cast<std::int32_t>(source)}}, false);
      for (auto seq = static_cast<std::uint64_t>(end); seq < next_seq_[source]; ++seq) {
        produce_article({source, seq}, text_bytes, true);
      }
    }
  }
  testing::must(feed_error_, "feed");
  throw std::runtime_error("feed: the broker does not take it");
}

// Article by article over the partitions; a pause now and then keeps the rate.
void Trial::send(std::uint64_t count, double per_second, std::size_t text_bytes) {
  const SteadyTime begin = steady_clock::now();
  for (std::uint64_t i = 0; i < count && !stop_feeding_; ++i) {
    const auto source = static_cast<std::uint32_t>(i % next_seq_.size());
    produce_article({source, next_seq_[source]++}, text_bytes, false);
    if (per_second <= 0) continue;
    const auto due =
        begin + std::chrono::duration_cast<steady_clock::duration>(
                    std::chrono::duration<double>(static_cast<double>(i) / per_second));
    while (steady_clock::now() < due && !stop_feeding_) serve_feed(milliseconds{5});
  }
  finish_feeding(text_bytes);
}

void Trial::feed(std::uint64_t count, std::size_t text_bytes) { send(count, 0, text_bytes); }

ArticleId Trial::feed_record(std::int32_t partition, Due due, const std::string& key,
                             const std::string& value) {
  const ArticleId id{static_cast<std::uint32_t>(partition),
                     next_seq_[static_cast<std::size_t>(partition)]++};
  const std::string header = id_text(id);
  const Header headers[] = {{kIdHeader, header}};
  kafka::ProducerRecord record;
  record.topic = names_.input;
  record.partition = Partition{partition};
  record.key = key;
  // Empty is not null: a null value is a deletion.
  record.value = value.empty() ? std::string_view("", 0) : std::string_view(value);
  record.headers = headers;
  sent(id, due, value);
  testing::must(producer_->produce(record), "feed a record");
  testing::must(producer_->flush(seconds{120}), "feed a record: flush");
  testing::must(producer_->serve(milliseconds{0}).first_failure, "feed a record: delivery");
  return id;
}

void Trial::start_feeding(std::uint64_t records, double per_second) {
  if (feeder_.joinable()) feeder_.join();
  feeding_ = true;
  feeder_ = std::thread([this, records, per_second] {
    try {
      send(records, per_second, 300);
    } catch (const std::exception& failure) {
      feed_failure_ = failure.what();
    }
    feeding_ = false;
  });
}

bool Trial::wait_visible(std::uint64_t more, milliseconds limit) {
  const std::uint64_t goal = witness_->count() + more;
  return testing::eventually(
      [&] {
        tend();
        return witness_->count() >= goal;
      },
      limit);
}

// ---------------------------------------------------------------------------------------------
// The end.

bool Trial::settled() {
  if (feeding_) return false;
  std::vector<kafka::PartitionOffset> offsets;
  if (!positions_->committed(inputs_, kQuestion, offsets).ok()) return false;
  for (const kafka::PartitionOffset& each : offsets) {
    const auto source = static_cast<std::size_t>(each.partition.partition.value);
    const auto end = static_cast<std::int64_t>(next_seq_[source]);
    if (end > 0 && each.next.value < end) return false;
  }
  return true;
}

bool Trial::wait_settled(milliseconds limit) {
  const SteadyTime end = steady_clock::now() + limit;
  while (!settled()) {
    if (steady_clock::now() > end) return false;
    tend();
    std::this_thread::sleep_for(milliseconds{100});
  }
  return true;
}

void Trial::check_group() {
  std::vector<kafka::PartitionOffset> offsets;
  testing::must(positions_->committed(inputs_, seconds{30}, offsets), "positions of the group");
  for (const kafka::PartitionOffset& each : offsets) {
    const auto source = static_cast<std::size_t>(each.partition.partition.value);
    checker_.group_at(each.next.value, static_cast<std::int64_t>(next_seq_[source]),
                      kafka_.end_offset(each.partition));
  }
}

// What a peer leaves open, the broker ends in its own time.
void Trial::wait_stable(const std::string& topic) {
  const auto stable = [&] {
    for (const TopicPartition& each : kafka_.partitions_of(topic)) {
      if (kafka_.end_offset(each, true) != kafka_.end_offset(each, false)) return false;
    }
    return true;
  };
  if (!testing::eventually(stable, ours() ? seconds{20} : seconds{75})) {
    throw std::runtime_error("a transaction on " + topic + " stays open");
  }
}

// Everything there is, as a reader of committed records sees it now, and how much is hidden.
void Trial::read_outlets(std::vector<Outlet> which) {
  std::map<std::pair<Outlet, std::int32_t>, std::int64_t> ends;
  std::vector<std::future<std::vector<SeenRecord>>> committed;
  std::vector<std::future<std::uint64_t>> all;
  for (const Outlet outlet : which) {
    const std::string& topic = outlet == Outlet::enriched ? names_.output : names_.dead_letters;
    wait_stable(topic);
    for (const TopicPartition& each : kafka_.partitions_of(topic)) {
      ends[{outlet, each.partition.value}] = kafka_.end_offset(each);
    }
    committed.push_back(std::async(std::launch::async, [this, outlet, topic] {
      std::vector<SeenRecord> records;
      kafka_.for_each(topic, true, [&](const kafka::ConsumerRecord& record) {
        if (record.key != kFillerKey) records.push_back(setup_.read(outlet, record));
      });
      return records;
    }));
    all.push_back(std::async(std::launch::async, [this, topic] {
      std::uint64_t count = 0;
      kafka_.for_each(topic, false, [&](const kafka::ConsumerRecord& record) {
        if (record.key != kFillerKey) ++count;
      });
      return count;
    }));
  }
  for (std::size_t i = 0; i < committed.size(); ++i) {
    const std::vector<SeenRecord> records = committed[i].get();
    for (const SeenRecord& each : records) checker_.saw(each);
    checker_.count_hidden(all[i].get() - records.size());
  }
  if (witness_ == nullptr) return;
  if (!witness_->finish(ends, seconds{30})) complain("the concurrent reader does not catch up");
  for (const SeenRecord& each : witness_->records()) checker_.witnessed(each);
}

void Trial::measure_recovery() {
  if (marks_.empty() || witness_ == nullptr) return;
  const std::map<ArticleId, SteadyTime> arrivals = witness_->arrivals();
  for (const SteadyTime mark : marks_) {
    std::int64_t longest = 0;
    for (const Fed& each : fed_) {
      const auto arrival = arrivals.find(each.id);
      if (each.at > mark || arrival == arrivals.end()) continue;
      longest = std::max(longest, ms_between(mark, arrival->second));
    }
    outcome_.recovery_ms = std::max(outcome_.recovery_ms, longest);
  }
  if (recovery_max_.count() > 0 && outcome_.recovery_ms > recovery_max_.count()) {
    complain("what was there after a fault took " + std::to_string(outcome_.recovery_ms) +
             " ms to become visible");
  }
}

Outcome Trial::finish(milliseconds limit) {
  const SteadyTime end = steady_clock::now() + limit;
  while (feeding_ && steady_clock::now() < end) {
    tend();
    std::this_thread::sleep_for(milliseconds{20});
  }
  stop_feeding_ = true;
  if (feeder_.joinable()) feeder_.join();
  if (!feed_failure_.empty()) throw std::runtime_error(feed_failure_);
  const auto left = std::chrono::duration_cast<milliseconds>(end - steady_clock::now());
  if (!wait_settled(left)) {
    complain("not settled after " + std::to_string(limit.count() / 1000) + " s",
             workers_.empty() ? nullptr : workers_.front().get());
  }
  // Like a service manager: to all at once, and once to each, for a second one means at once.
  const SteadyTime asked = steady_clock::now();
  for (const auto& worker : workers_) worker->process().signal(SIGTERM);
  while (!workers_.empty()) await_drained(*workers_.front(), asked);
  read_outlets({Outlet::enriched, Outlet::dead_letters});
  check_group();
  measure_recovery();
  outcome_.findings = checker_.findings();
  if (!outcome_.findings.exact()) complain(outcome_.findings.text() + "; " + checker_.examples(5));
  outcome_.took_ms = ms_between(begun_, steady_clock::now());
  return std::move(outcome_);
}

}  // namespace telex::fault
