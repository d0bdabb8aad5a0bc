// FeedWatch: whether each source of articles is alive: it sends, what it sends is new, it is as
// much as usual at this hour of the week, and it can be read.
//
// A source is what articles call their source, else the name configured for their topic. Judged is
// what was committed, at the time of the commit.
//
//   learning  too little is known: fewer than kArticlesNeeded articles
//   ok        none of the following
//   quiet     nothing came, for longer than its profile explains
//   frozen    something came, but nothing new: the job that sends is green, and the feed stands
//   still failing   kFailingShare or more of its last kRecent articles became dead letters low it
//   sends, but much less than usual flooding  much more than usual
// The first that holds, in the order quiet, frozen, failing, flooding, low.
//
// quiet and frozen ask how many (new) articles should have come since the last one, by the weekly
// profile: if that none did is less likely than kUnlikely under Poisson's law, it is trouble. Until
// the profile is learned (three weeks), a gap of kGapFactor times the longest gap so far, and at
// least kGapLeast, is: such a rule may be wrong on the first night.
// low and flooding compare the last hours with the profile, which learns of an hour only when it is
// none of these any more: trouble is not judged by itself. News comes in bursts; so kBurst articles
// count as one event, for these two.
//
// Only time in which this process ran counts, each hour by the share of the partitions that it
// held: neither a restart nor a rebalance makes a source quiet. Articles that lay in Kafka for
// longer than kLate before they were committed (a backlog) are counted, and left out of volumes.
//
// Threads: one call at a time; the owner locks. Limits: kSourcesMax sources of kSourceBytesMax
// bytes each (3 KiB of memory a source); articles of more sources are counted together (others()),
// those of longer names under their beginning.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "schemas/batch.h"
#include "schemas/types.h"
#include "service/monitor/weekly_profile.h"

namespace telex {

enum class FeedVerdict : std::uint8_t { quiet, frozen, failing, flooding, low, learning, ok };
inline constexpr std::array<std::string_view, 7> kFeedVerdicts{
    "quiet", "frozen", "failing", "flooding", "low", "learning", "ok"};
constexpr std::string_view to_string(FeedVerdict verdict) {
  return kFeedVerdicts[static_cast<std::size_t>(verdict)];
}

// What is wrong with an article that is published all the same.
struct FeedLacks {
  bool headline = false;
  bool date = false;      // None that can be read.
  bool language = false;  // The publisher names none.
  bool future = false;    // Dated more than kFutureLimit after it came in.
  bool old = false;       // Dated more than kOldLimit before.
};

// One committed article.
struct FeedArticle {
  std::string_view source;
  UnixMillis ingested = kNoTimestamp;  // When Kafka got it.
  VerdictKind kind = VerdictKind::publish;
  bool repeat = false;        // Known as a duplicate by the stage that looks for them.
  std::uint64_t content = 0;  // Digest of headline and text; 0: it has none.
  std::string_view language;  // Primary subtag; empty: not known.
  FeedLacks lacks;
};

struct FeedView {
  std::string source;
  FeedVerdict verdict = FeedVerdict::learning;
  UnixMillis first_seen = kNoTimestamp;
  UnixMillis last_seen = kNoTimestamp;
  UnixMillis last_new = kNoTimestamp;  // kNoTimestamp: nothing new yet.
  std::uint64_t articles = 0;          // Since first_seen; those that follow are among them.
  std::uint64_t fresh = 0;             // New content.
  std::uint64_t repeats = 0;
  std::uint64_t dead_letters = 0;
  std::uint64_t without_headline = 0;
  std::uint64_t without_date = 0;
  std::uint64_t without_language = 0;
  std::uint64_t dated_in_future = 0;
  std::uint64_t dated_long_ago = 0;
  std::uint64_t last_hours = 0;          // Articles in the running hour and kVolumeHours before.
  std::optional<double> expected_hours;  // By the profile, once it is learned.
  // The most frequent first; at most kLanguagesMax, what is beyond is counted as "other".
  std::vector<std::pair<std::string, std::uint64_t>> languages;
};

class FeedWatch {
 public:
  static constexpr std::size_t kSourcesMax = 10'000;
  static constexpr std::size_t kSourceBytesMax = 128;
  static constexpr std::size_t kLanguagesMax = 8;
  static constexpr std::uint64_t kArticlesNeeded = 20;
  static constexpr double kUnlikely = 1e-6;
  static constexpr double kBurst = 3;
  static constexpr UnixMillis kGapLeast = 15 * 60'000;
  static constexpr int kGapFactor = 3;
  static constexpr std::size_t kVolumeHours = 6;
  static constexpr std::size_t kRecent = 100;
  static constexpr double kFailingShare = 0.2;
  static constexpr std::size_t kContents = 128;  // Digests kept a source, to know what is new.
  static constexpr UnixMillis kLate = 10 * 60'000;
  static constexpr UnixMillis kFutureLimit = 3'600'000;
  static constexpr UnixMillis kOldLimit = 30LL * 24 * 3'600'000;

  // What is wrong with an article's date (kNoTimestamp: it has none) that came in at `ingested`.
  static FeedLacks date_lacks(UnixMillis published, UnixMillis ingested);

  void committed(const FeedArticle& article, UnixMillis now);

  // Time passes: since the last call `share` (0 to 1) of the input's partitions were held and the
  // lanes ran. About once a minute; what is longer than kTickMax was no time of ours (a suspended
  // machine) and does not count.
  static constexpr UnixMillis kTickMax = 10 * 60'000;
  void tick(UnixMillis now, double share);

  // By trouble, then by the longest silence, then by name.
  std::vector<FeedView> feeds() const;
  std::uint64_t others() const { return others_; }

 private:
  struct Hour {
    UnixMillis at = 0;  // Some moment in it.
    std::uint64_t count = 0;
    double exposure = 0;
  };
  // Since an article, or a new one: how long, and how many should have come.
  struct Silence {
    UnixMillis time = 0;
    UnixMillis longest = 0;
    double expected = 0;
    void end();
  };
  struct Feed {
    FeedView seen;
    WeeklyProfile profile;
    Silence since_any;
    Silence since_new;
    std::array<std::uint64_t, kContents> contents{};  // A ring.
    std::array<bool, kRecent> dead{};                 // A ring, by articles.
    std::array<Hour, kVolumeHours + 1> hours{};       // The running one first.
  };
  struct Volume {
    std::uint64_t count = 0;
    double expected = 0;
  };
  static bool is_new(const Feed& feed, const FeedArticle& article);
  static void note(const FeedArticle& article, UnixMillis now, Feed& feed);
  static void pass(UnixMillis from, UnixMillis to, double exposure, Feed& feed);
  static Volume volume(const Feed& feed);
  static bool too_long(const Feed& feed, const Silence& silence);
  static FeedVerdict judge(const Feed& feed);

  std::map<std::string, Feed, std::less<>> feeds_;
  std::uint64_t others_ = 0;
  UnixMillis ticked_ = kNoTimestamp;
};

}  // namespace telex
