// `telex dlq` as a person runs it, on a real broker.
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "schemas/claim_check.h"
#include "schemas/dead_letter.h"
#include "sink/spool.h"
#include "tests/integration/real_kafka.h"
#include "tests/support/temporary_folder.h"

namespace telex::testing {
namespace {

using namespace std::chrono_literals;
using Headers = std::vector<std::pair<std::string, std::string>>;

std::string slurp(const std::filesystem::path& file) {
  std::ostringstream text;
  text << std::ifstream(file, std::ios::binary).rdbuf();
  return text.str();
}

// `telex` with arguments, its two outputs in files.
class Telex {
 public:
  Telex(const std::filesystem::path& folder, const std::vector<std::string>& arguments,
        const std::string& fault = "")
      : out_(folder / "stdout"), err_(folder / "stderr") {
    pid_ = ::fork();
    if (pid_ < 0) throw std::runtime_error("fork failed");
    if (pid_ > 0) return;
    const int out = ::open(out_.c_str(), O_CREAT | O_TRUNC | O_WRONLY, 0600);
    const int err = ::open(err_.c_str(), O_CREAT | O_TRUNC | O_WRONLY, 0600);
    ::dup2(out, 1);
    ::dup2(err, 2);
    if (fault.empty()) {
      ::unsetenv("TELEX_FAULT");
    } else {
      ::setenv("TELEX_FAULT", fault.c_str(), 1);
    }
    std::vector<char*> words{const_cast<char*>(TELEX_PROGRAM)};
    for (const std::string& each : arguments) words.push_back(const_cast<char*>(each.c_str()));
    words.push_back(nullptr);
    ::execv(words[0], words.data());
    ::_exit(127);
  }
  Telex(const Telex&) = delete;
  Telex& operator=(const Telex&) = delete;
  ~Telex() {
    if (over()) return;
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, &status_, 0);
  }

  bool over() {
    if (!over_) over_ = ::waitpid(pid_, &status_, WNOHANG) == pid_;
    return over_;
  }
  // Its exit code, or minus the signal that ended it.
  int wait() {
    EXPECT_TRUE(eventually([this] { return over(); }, 90s)) << "it does not come to an end";
    if (!over_) return -1000;
    return WIFEXITED(status_) ? WEXITSTATUS(status_) : -WTERMSIG(status_);
  }
  void terminate() const { ::kill(pid_, SIGTERM); }
  std::string out() const { return slurp(out_); }
  std::string err() const { return slurp(err_); }

 private:
  std::filesystem::path out_;
  std::filesystem::path err_;
  pid_t pid_ = -1;
  int status_ = 0;
  bool over_ = false;
};

// A dead letter to be: what came in, and what was wrong with it.
struct Refusal {
  std::string value = "{}";
  std::optional<std::string> key = "key";
  Headers headers{};
  Reason reason = Reason::no_text;
  std::string message = "no text";
  std::string source{};
  std::string topic{};  // Empty: the input topic.
  Partition partition{0};
  UnixMillis timestamp = 1'739'787'072'000;
  bool null_value = false;
};

class Dlq : public ::testing::Test {
 protected:
  Dlq()
      : folder_("dlq"),
        raw_(kafka_.unique("dlq.raw")),
        enriched_(kafka_.unique("dlq.enriched")),
        dead_(kafka_.unique("dlq.dead")) {
    // The records are of 2025, and a broker deletes what is older than a topic's retention.
    for (const std::string& topic : {raw_, enriched_, dead_}) {
      kafka_.create_topic(topic, 2, {{"retention.ms", "-1"}});
    }
    configure("");
  }

  void configure(const std::string& more) {
    config_ = folder_.write("telex.toml", R"(pipeline = "dlqtest"
[kafka]
bootstrap_servers = ")" + kafka_.bootstrap() +
                                              R"("
[output]
enriched = ")" + enriched_ + R"("
dead_letter = ")" + dead_ + R"("
[engine]
session_timeout_ms = 6000
[knowledge]
pack = "none"
[topics]
rules = "none"
[admin]
listen = ""
[log]
level = "warn"
[input]
topics = [")" + raw_ + R"("]
group = ")" + raw_ + R"("
)" + more);
  }

  // `telex dlq COMMAND …` to its end.
  struct Outcome {
    int code = 0;
    std::string out;
    std::string err;
  };
  Outcome dlq(const std::vector<std::string>& words, const std::string& fault = "") {
    std::vector<std::string> arguments{"dlq", words.front(), "--config", config_};
    arguments.insert(arguments.end(), words.begin() + 1, words.end());
    Telex telex(folder_.path(), arguments, fault);
    Outcome outcome;
    outcome.code = telex.wait();
    outcome.out = telex.out();
    outcome.err = telex.err();
    return outcome;
  }

  // Dead letters as the pipeline writes them, in turn into the partitions of the topic.
  void refuse(const std::vector<Refusal>& refusals) {
    Batch batch;
    Records records;
    for (const Refusal& each : refusals) add_refusal(each, batch, records);
    produce(dead_, records);
  }
  void add_refusal(const Refusal& refusal, Batch& batch, Records& records) {
    std::vector<Header> headers;
    for (const auto& [name, value] : refusal.headers) headers.push_back({name, value});
    RawRecord raw;
    raw.topic = batch.intern_topic(refusal.topic.empty() ? raw_ : refusal.topic);
    raw.partition = refusal.partition;
    raw.offset = Offset{next_offset_++};
    raw.timestamp = refusal.timestamp;
    if (refusal.key) raw.key = *refusal.key;
    if (!refusal.null_value) raw.value = refusal.value;
    raw.headers = headers;
    ASSERT_TRUE(batch.append(raw));
    const std::uint32_t row = batch.size() - 1;
    Article article;
    article.source = batch.store_text(refusal.source);
    batch.set_article(row, article);
    batch.set_verdict(row, VerdictKind::faulty, refusal.reason, "decode", refusal.message);
    add_dead_letter(batch, row, Provenance{}, records);
  }
  void produce(const std::string& topic, const Records& records) {
    std::vector<Header> headers;
    kafka_.produce(topic, records.size(), [&](std::uint64_t i) {
      const Record from = records[static_cast<std::uint32_t>(i)];
      headers.clear();
      for (std::uint32_t h = 0; h < from.headers.size(); ++h) headers.push_back(from.headers[h]);
      kafka::ProducerRecord record;
      record.partition = Partition{static_cast<std::int32_t>(i % 2)};
      record.timestamp = from.timestamp;
      record.key = from.key;
      record.value = from.value;
      record.headers = headers;
      return record;
    });
  }
  std::vector<Refusal> numbered(int count) {
    std::vector<Refusal> refusals;
    refusals.reserve(static_cast<std::size_t>(count));
    for (int i = 0; i < count; ++i) {
      Refusal each;
      each.value = "value " + std::to_string(i);
      each.key = "key " + std::to_string(i);
      each.partition = Partition{i % 2};
      refusals.push_back(each);
    }
    return refusals;
  }

  // The values in a topic, each with how often it is there.
  std::map<std::string, int> values(const std::string& topic) {
    kafka_.wait_until_stable(topic);
    std::map<std::string, int> found;
    for (const ReadRecord& record : kafka_.read_all(topic)) ++found[record.value];
    return found;
  }
  void expect_once(const std::vector<Refusal>& refusals) {
    const std::map<std::string, int> found = values(raw_);
    EXPECT_EQ(found.size(), refusals.size());
    for (const Refusal& each : refusals) {
      const auto there = found.find(each.value);
      EXPECT_EQ(there == found.end() ? 0 : there->second, 1) << each.value;
    }
  }

  RealKafka kafka_;
  TemporaryFolder folder_;
  std::string raw_;
  std::string enriched_;
  std::string dead_;
  std::string config_;
  std::int64_t next_offset_ = 100;
};

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

TEST_F(Dlq, ABrokenConfigurationIsMendedAndEverythingIsEnrichedOnce) {
  // Fewer than the circuit breaker wants to see.
  constexpr int kArticles = 30;
  const auto run_until = [&](const std::string& topic, std::size_t count) {
    Telex run(folder_.path(), {"run", "--config", config_});
    const bool there =
        eventually([&] { return kafka_.read_all(topic).size() >= count || run.over(); }, 60s);
    EXPECT_TRUE(there && !run.over()) << run.err();
    run.terminate();
    EXPECT_EQ(run.wait(), 0) << run.err();
  };
  std::vector<std::string> articles;
  articles.reserve(kArticles);
  for (int i = 0; i < kArticles; ++i) {
    articles.push_back(R"({"uri":"urn:test:)" + std::to_string(i) +
                       R"(","source":"anp","text":"Er is nieuws."})");
  }
  kafka_.produce(raw_, articles);
  configure("[input.fields]\nbody = \"/nowhere\"\n");
  run_until(dead_, kArticles);
  EXPECT_TRUE(values(enriched_).empty());

  const Outcome list = dlq({"list"});
  EXPECT_EQ(list.code, 0) << list.err;
  EXPECT_TRUE(has(list.out, "30 dead letters")) << list.out;
  EXPECT_TRUE(has(list.out, "no_text")) << list.out;
  EXPECT_TRUE(has(list.out, "anp")) << list.out;

  configure("[input.fields]\nbody = \"/text\"\n");
  const Outcome replay = dlq({"replay", "reason = no_text and source = 'anp'"});
  EXPECT_EQ(replay.code, 0) << replay.err;
  EXPECT_TRUE(has(replay.out, "30 in = 30 put back + 0 parked + 0 passed over + 0 left"))
      << replay.out;
  run_until(enriched_, kArticles);
  std::set<std::string> uris;
  const std::vector<ReadRecord> enriched = kafka_.read_all(enriched_);
  EXPECT_EQ(enriched.size(), static_cast<std::size_t>(kArticles));
  for (const ReadRecord& each : enriched) uris.insert(each.key);
  EXPECT_EQ(uris.size(), static_cast<std::size_t>(kArticles));
  EXPECT_EQ(kafka_.read_all(dead_).size(), static_cast<std::size_t>(kArticles)) << "none anew";
}

TEST_F(Dlq, WhatGoesBackIsTheOriginalByteForByte) {
  Refusal odd;
  odd.value = std::string("\x00\xFF{\x1B", 4);
  odd.key = std::string("\x80\x00k", 3);
  odd.headers = {{"a", "1"}, {"a", "2"}, {"telex-dlq-other", "stays"}, {"telex-dlq-claim", "1"}};
  odd.partition = Partition{1};
  odd.timestamp = 1'600'000'000'123;
  Refusal bare;
  bare.key.reset();
  bare.null_value = true;
  bare.timestamp = 1'600'000'000'456;
  refuse({odd, bare});
  const Outcome replay = dlq({"replay"});
  EXPECT_EQ(replay.code, 0) << replay.err << replay.out;
  kafka_.wait_until_stable(raw_);
  const std::vector<ReadRecord> back = kafka_.read_all(raw_);
  ASSERT_EQ(back.size(), 2U) << replay.out;
  EXPECT_EQ(back[0].partition, Partition{0});
  EXPECT_TRUE(back[0].null_key);
  EXPECT_TRUE(back[0].null_value);
  EXPECT_EQ(back[0].timestamp, bare.timestamp);
  EXPECT_EQ(back[0].headers, (Headers{{"telex-dlq-replays", "0"}}));
  EXPECT_EQ(back[1].partition, Partition{1});
  EXPECT_EQ(back[1].key, *odd.key);
  EXPECT_EQ(back[1].value, odd.value);
  EXPECT_EQ(back[1].timestamp, odd.timestamp);
  Headers expected = odd.headers;
  expected.emplace_back("telex-dlq-replays", "0");
  EXPECT_EQ(back[1].headers, expected);
}

TEST_F(Dlq, KilledAnywhereAndStartedAgainNothingIsPutBackTwice) {
  const std::vector<Refusal> refusals = numbered(3000);
  refuse(refusals);
  int kills = 0;
  for (const char* fault : {"after_begin:kill:1", "after_produce:kill:40",
                            "after_send_offsets:kill:1", "after_commit:kill:1"}) {
    const Outcome killed = dlq({"replay"}, fault);
    if (killed.code == -SIGKILL) ++kills;
  }
  EXPECT_GE(kills, 3);
  const Outcome last = dlq({"replay"});
  EXPECT_EQ(last.code, 0) << last.err;
  expect_once(refusals);
}

TEST_F(Dlq, TheSameRunGoesOnAndAnotherFilterBeginsAnew) {
  refuse(numbered(6));
  const auto expect_replay = [this](const std::vector<std::string>& words, const char* balance) {
    std::vector<std::string> all{"replay"};
    all.insert(all.end(), words.begin(), words.end());
    const Outcome replay = dlq(all);
    EXPECT_EQ(replay.code, 0) << replay.err;
    EXPECT_TRUE(has(replay.out, balance)) << replay.out << replay.err;
  };
  expect_replay({"offset < 103"}, "6 in = 3 put back + 0 parked + 3 passed over + 0 left");
  expect_replay({"(offset<103)"}, "0 in = 0 put back");  // The same filter.
  expect_replay({"offset >= 103"}, "6 in = 3 put back + 0 parked + 3 passed over + 0 left");
  expect_once(numbered(6));
  refuse(numbered(1));  // One more dead letter, offset 106.
  expect_replay({"offset >= 103"}, "1 in = 1 put back");
  expect_replay({"--run", "mine", "--json"}, R"("putBack":7)");
}

TEST_F(Dlq, MaxPutsBackSoManyAndTheNextGoesOn) {
  const std::vector<Refusal> refusals = numbered(25);
  refuse(refusals);
  std::size_t back = 0;
  for (const std::size_t due : {10U, 20U, 25U, 25U}) {
    const Outcome dry = dlq({"replay", "--max", "10", "--dry-run"});
    const Outcome replay = dlq({"replay", "--max", "10"});
    EXPECT_EQ(replay.code, 0) << replay.err;
    kafka_.wait_until_stable(raw_);
    EXPECT_EQ(kafka_.read_all(raw_).size(), due) << replay.out;
    EXPECT_TRUE(has(dry.out, std::to_string(due - back) + " put back")) << dry.out;
    back = due;
  }
  expect_once(refusals);
}

TEST_F(Dlq, RecordsThatComeBackTooOftenAreParkedAsTheyAre) {
  std::vector<Refusal> refusals = numbered(4);
  refusals[2].headers = {{"own", "x"}, {"telex-dlq-replays", "2"}};  // Put back three times.
  refusals[3].headers = {{"telex-dlq-replays", "1"}};
  refuse(refusals);
  const std::string parked = dead_ + ".parked";
  EXPECT_TRUE(kafka_.partitions_of(parked).empty());
  const Outcome replay = dlq({"replay"});
  EXPECT_EQ(replay.code, 0) << replay.err;
  EXPECT_TRUE(has(replay.out, "4 in = 3 put back + 1 parked + 0 passed over + 0 left"))
      << replay.out;
  kafka_.wait_until_stable(parked);
  const std::vector<ReadRecord> kept = kafka_.read_all(parked);
  ASSERT_EQ(kept.size(), 1U);
  for (const ReadRecord& letter : kafka_.read_all(dead_)) {
    if (letter.value != kept[0].value) continue;
    EXPECT_EQ(letter.headers, kept[0].headers);
    EXPECT_EQ(letter.key, kept[0].key);
    EXPECT_EQ(letter.timestamp, kept[0].timestamp);
  }
  // From there a larger limit lets it go back after all, and nothing is parked any further.
  const Outcome stays = dlq({"replay", "--topic", parked});
  EXPECT_EQ(stays.code, 1);
  EXPECT_TRUE(has(stays.out, "1 in = 0 put back + 0 parked + 0 passed over + 1 left")) << stays.out;
  EXPECT_TRUE(kafka_.partitions_of(parked + ".parked").empty());
  // The others say how often, so that the next failure counts on.
  std::multiset<std::string> replays;
  kafka_.wait_until_stable(raw_);
  for (const ReadRecord& back : kafka_.read_all(raw_)) replays.insert(back.headers.back().second);
  EXPECT_EQ(replays, (std::multiset<std::string>{"0", "0", "2"}));
  const Outcome freed = dlq({"replay", "--topic", parked, "--max-replays", "9", "--run", "freed"});
  EXPECT_TRUE(has(freed.out, "1 in = 1 put back")) << freed.out;
  EXPECT_EQ(freed.code, 0) << freed.err;
}

TEST_F(Dlq, ADryRunChangesNothing) {
  std::vector<Refusal> refusals = numbered(10);
  refusals[1].headers = {{"telex-dlq-replays", "7"}};
  refuse(refusals);
  const Outcome dry = dlq({"replay", "--dry-run", "--run", "dry", "offset < 108"});
  EXPECT_EQ(dry.code, 0) << dry.err;
  EXPECT_TRUE(has(dry.out, "dry run: nothing was changed")) << dry.out;
  EXPECT_TRUE(has(dry.out, "10 in = 7 put back + 1 parked + 2 passed over + 0 left")) << dry.out;
  EXPECT_TRUE(kafka_.read_all(raw_, false).empty());
  EXPECT_TRUE(kafka_.partitions_of(dead_ + ".parked").empty());
  for (const TopicPartition& each : kafka_.partitions_of(dead_)) {
    EXPECT_EQ(kafka_.committed_offset("telex-dlqtest-dlq-dry", each), -1);
  }
}

TEST_F(Dlq, RecordsFromElsewhereAreLeftUnlessTheyAreSentSomewhere) {
  std::vector<Refusal> refusals = numbered(3);
  refusals[0].topic = "some.other.topic";
  refuse(refusals);
  const Outcome left = dlq({"replay"});
  EXPECT_EQ(left.code, 1) << "somebody has to look at it";
  EXPECT_TRUE(has(left.out, "3 in = 2 put back + 0 parked + 0 passed over + 1 left")) << left.out;
  EXPECT_TRUE(has(left.out, "some.other.topic")) << left.out;
  const Outcome sent = dlq({"replay", "--to", enriched_, "topic = 'some.other.topic'"});
  EXPECT_EQ(sent.code, 0) << sent.err;
  EXPECT_EQ(values(enriched_), (std::map<std::string, int>{{"value 0", 1}}));
}

TEST_F(Dlq, RecordsThatAreNoDeadLettersAreCountedAndLeft) {
  refuse(numbered(2));
  kafka_.produce(dead_, std::vector<std::string>{"somebody else's"});
  const Outcome list = dlq({"list"});
  EXPECT_TRUE(has(list.out, "2 dead letters")) << list.out;
  EXPECT_TRUE(has(list.out, "1 records are no dead letters of telex")) << list.out;
  const Outcome replay = dlq({"replay"});
  EXPECT_EQ(replay.code, 0) << replay.err;
  EXPECT_TRUE(has(replay.out, "3 in = 2 put back + 0 parked + 0 passed over + 1 left"))
      << replay.out;
  expect_once(numbered(2));
}

TEST_F(Dlq, AnOriginalInTheSpoolGoesBackIfItIsThere) {
  const std::string spool_folder = (folder_.path() / "spool").string();
  Spool spool({spool_folder});
  ASSERT_TRUE(spool.open().ok());
  Refusal large;
  large.value = std::string(50'000, 'x');
  large.headers = {{"own", "header"}};
  Batch batch;
  Records letters;
  add_refusal(large, batch, letters);
  SpoolEntry entry;
  entry.topic = raw_;
  entry.partition = Partition{0};
  entry.offset = Offset{100};
  entry.timestamp = large.timestamp;
  entry.key = *large.key;
  entry.value = large.value;
  entry.headers = {{"own", "header"}};
  const SpoolResult put = spool.put(entry);
  ASSERT_TRUE(put.ok()) << put.message;
  Records claims;
  add_claim_check(letters[0], {put.file, "host-1", "wire-0"}, claims);
  produce(dead_, claims);

  const Outcome show = dlq({"show"});
  EXPECT_TRUE(has(show.out, "host-1")) << show.out;
  EXPECT_TRUE(has(show.out, put.file)) << show.out;
  EXPECT_TRUE(has(show.out, "50.0 kB")) << show.out;
  EXPECT_EQ(dlq({"show", "--raw"}).code, 1) << "the bytes are not in the topic";
  EXPECT_EQ(dlq({"show", "--raw", "--spool", spool_folder}).out, large.value);

  const std::string nowhere = (folder_.path() / "nowhere").string();
  for (const std::vector<std::string>& words :
       {std::vector<std::string>{"replay", "--run", "one"},
        std::vector<std::string>{"replay", "--run", "two", "--spool", nowhere}}) {
    const Outcome left = dlq(words);
    EXPECT_EQ(left.code, 1);
    EXPECT_TRUE(has(left.out, "1 in = 0 put back + 0 parked + 0 passed over + 1 left")) << left.out;
    EXPECT_TRUE(has(left.out, put.file)) << left.out;
  }
  const Outcome back = dlq({"replay", "--run", "three", "--spool", spool_folder});
  EXPECT_EQ(back.code, 0) << back.err << back.out;
  kafka_.wait_until_stable(raw_);
  const std::vector<ReadRecord> records = kafka_.read_all(raw_);
  ASSERT_EQ(records.size(), 1U);
  EXPECT_EQ(records[0].value, large.value);
  EXPECT_EQ(records[0].key, *large.key);
  EXPECT_EQ(records[0].timestamp, large.timestamp);
  EXPECT_EQ(records[0].headers, (Headers{{"own", "header"}, {"telex-dlq-replays", "0"}}));
}

TEST_F(Dlq, NothingHostileReachesTheTerminal) {
  const std::string hostile =
      "canary\x1B]0;owned\x07\x1B[2J\r\n── forged "
      "line\x7F\xC2\x9B"
      "31m\xE2\x80\xAE\xE2\x81\xA6\xFF"
      "end";
  Refusal refusal;
  refusal.value = hostile;
  refusal.key = hostile;
  refusal.headers = {{hostile, hostile}};
  refusal.message = "canary\x1B[31m\xE2\x80\xAE";
  refusal.source = "canary\x1B[31m\xE2\x80\xAE";
  refuse({refusal});
  Records forged;  // As if somebody wrote into the topic.
  forged.open();
  forged.buffer() += hostile;
  forged.end_value();
  for (const char* name : {"topic", "stage", "message", "source"}) {
    forged.add_header(std::string(kDeadLetterPrefix) + name, hostile);
  }
  for (const char* name : {"partition", "offset", "attempt", "replays"}) {
    forged.add_header(std::string(kDeadLetterPrefix) + name, "1");
  }
  forged.add_header("telex-dlq-reason", "no_text");
  forged.close(Destination::dead_letter, 0, Partition{}, 1, 0);
  produce(dead_, forged);
  for (const std::vector<std::string>& words :
       std::vector<std::vector<std::string>>{{"list"},
                                             {"list", "--json"},
                                             {"show"},
                                             {"show", "--json"},
                                             {"replay", "--dry-run"},
                                             {"replay", "--dry-run", "--json"},
                                             {"list", "message ~ '\xE2\x80\xAE'"}}) {
    const Outcome shown = dlq(words);
    const std::string all = shown.out + shown.err;
    for (const char* bad :
         {"\x1B", "\x07", "\r", "\x7F", "\xC2\x9B", "\xE2\x80\xAE", "\xE2\x81\xA6", "\xFF"}) {
      EXPECT_FALSE(has(all, bad)) << words.front() << ": " << all;
    }
    EXPECT_FALSE(has(all, "\n── forged")) << words.front() << ": " << all;
  }
  const Outcome show = dlq({"show"});
  EXPECT_TRUE(has(show.out, "canary‹U+001B›")) << show.out;
  EXPECT_TRUE(has(show.out, "‹U+202E›")) << show.out;
  EXPECT_TRUE(has(show.out, "‹FF›")) << show.out;
}

TEST_F(Dlq, ShowFindsOneRecordByItsPlace) {
  refuse(numbered(6));  // In turn into partitions 0 and 1 of the topic.
  const Outcome here = dlq({"show", dead_ + "/1@2", "--raw"});
  EXPECT_EQ(here.out, "value 5") << here.err;
  const Outcome from = dlq({"show", raw_ + "/0@104", "--raw"});
  EXPECT_EQ(from.out, "value 4") << from.err;
  EXPECT_EQ(dlq({"show", dead_ + "/1@99"}).code, 1);
  EXPECT_EQ(dlq({"show", raw_ + "/0@105"}).code, 1) << "that one came from partition 1";
  const Outcome several = dlq({"show", "--raw"});
  EXPECT_EQ(several.code, 1);
  EXPECT_EQ(several.out, "");
  const Outcome two = dlq({"show", "--max", "2"});
  EXPECT_TRUE(has(two.out, "the first 2; more with --max")) << two.out;
}

TEST_F(Dlq, SaysWhatIsWrongWithTheQuestion) {
  const Outcome filter = dlq({"list", "reson = no_text"});
  EXPECT_EQ(filter.code, 64);
  EXPECT_TRUE(has(filter.err, "no field 'reson'; did you mean reason?\n  reson = no_text\n  ^"))
      << filter.err;
  const Outcome topic = dlq({"list", "--topic", "not.there"});
  EXPECT_EQ(topic.code, 1);
  EXPECT_TRUE(has(topic.err, "not.there")) << topic.err;
  EXPECT_EQ(dlq({"replay", "--run", "not a name"}).code, 64);
  EXPECT_EQ(dlq({"replay", "--to", dead_}).code, 64);
  EXPECT_EQ(dlq({"replay", "--to", "not.there"}).code, 1);
  config_ = folder_.write("embedded.toml", "[kafka]\nbootstrap_servers = \"embedded\"\n");
  EXPECT_EQ(dlq({"list"}).code, 78);
}

TEST_F(Dlq, AnEmptyTopicIsNoTrouble) {
  const Outcome list = dlq({"list"});
  EXPECT_EQ(list.code, 0) << list.err;
  EXPECT_TRUE(has(list.out, "0 dead letters")) << list.out;
  const Outcome replay = dlq({"replay"});
  EXPECT_EQ(replay.code, 0) << replay.err;
  EXPECT_TRUE(has(replay.out, "0 in = 0 put back + 0 parked + 0 passed over + 0 left"))
      << replay.out;
}

}  // namespace
}  // namespace telex::testing
