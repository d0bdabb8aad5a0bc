#include "service/monitor/feed_watch.h"

#include <string>
#include <string_view>

#include <gtest/gtest.h>

namespace telex {
namespace {

constexpr UnixMillis kMinute = 60'000;
constexpr UnixMillis kHour = 60 * kMinute;
constexpr UnixMillis kDay = 24 * kHour;
constexpr UnixMillis kWeek = 7 * kDay;
constexpr UnixMillis kMonday = 1'699'833'600'000;  // 2023-11-13 00:00 UTC.

class FeedWatchTest : public ::testing::Test {
 protected:
  void send(const std::string& source, VerdictKind kind = VerdictKind::publish) {
    FeedArticle article = some(source);
    article.kind = kind;
    watch_.committed(article, now_);
  }
  FeedArticle some(std::string_view source) {
    FeedArticle article;
    article.source = source;
    article.ingested = now_;
    article.content = ++content_;
    article.language = "nl";
    return article;
  }
  // Minutes pass; in each, `each()` is called first.
  template <class Each>
  void pass(UnixMillis time, const Each& each, double share = 1) {
    for (const UnixMillis end = now_ + time; now_ < end;) {
      each();
      now_ += kMinute;
      watch_.tick(now_, share);
    }
  }
  void pass(UnixMillis time, double share = 1) {
    pass(
        time, [] {}, share);
  }
  // Weeks of a source that sends twelve an hour by day (6 to 22 UTC) and none by night.
  void weeks(int count, double share = 1) {
    pass(
        count * kWeek,
        [&] {
          const UnixMillis hour = now_ % kDay / kHour;
          const UnixMillis every = static_cast<UnixMillis>(5 / share) * kMinute;
          if (hour >= 6 && hour < 22 && now_ % every == 0) send("anp");
        },
        share);
  }
  FeedView view(const std::string& source = "anp") {
    for (FeedView& each : watch_.feeds()) {
      if (each.source == source) return each;
    }
    ADD_FAILURE() << source << " is not there";
    return {};
  }
  FeedVerdict verdict(const std::string& source = "anp") { return view(source).verdict; }

  FeedWatch watch_;
  UnixMillis now_ = kMonday;
  std::uint64_t content_ = 0;
};

TEST_F(FeedWatchTest, LearnsBeforeItJudges) {
  watch_.tick(now_, 1);
  for (int i = 0; i < 19; ++i) send("anp");
  pass(3 * kDay);
  EXPECT_EQ(verdict(), FeedVerdict::learning);
  send("anp");
  EXPECT_EQ(verdict(), FeedVerdict::ok);
}

TEST_F(FeedWatchTest, AGapThatIsLongForThisSourceIsQuietBeforeAnythingIsLearned) {
  watch_.tick(now_, 1);
  pass(2 * kHour, [&] {
    if (now_ % (10 * kMinute) == 0) send("anp");
  });
  pass(10 * kMinute);
  EXPECT_EQ(verdict(), FeedVerdict::learning) << "twelve articles";
  pass(3 * kHour, [&] {
    if (now_ % (10 * kMinute) == 0) send("anp");
  });
  pass(28 * kMinute);
  EXPECT_EQ(verdict(), FeedVerdict::ok);
  pass(40 * kMinute);
  EXPECT_EQ(verdict(), FeedVerdict::quiet);
  send("anp");
  EXPECT_EQ(verdict(), FeedVerdict::ok);
}

TEST_F(FeedWatchTest, ANightIsNoSilenceForWhoSleepsAtNight) {
  watch_.tick(now_, 1);
  weeks(4);
  EXPECT_EQ(verdict(), FeedVerdict::ok);
  pass(5 * kHour);  // Monday, 00:00 to 05:00.
  EXPECT_EQ(verdict(), FeedVerdict::ok);
  pass(2 * kHour);  // Until 07:00: twelve should have come.
  EXPECT_EQ(verdict(), FeedVerdict::ok);
  pass(kHour / 2);
  EXPECT_EQ(verdict(), FeedVerdict::quiet) << "eighteen";
}

TEST_F(FeedWatchTest, ARestartAndARebalanceAreNoSilence) {
  watch_.tick(now_, 1);
  weeks(4);
  pass(10 * kHour, 0.0);
  EXPECT_EQ(verdict(), FeedVerdict::ok) << "no partition was held here";
  now_ += 5 * kHour;  // The machine slept.
  watch_.tick(now_, 1);
  EXPECT_EQ(verdict(), FeedVerdict::ok);
  pass(70 * kMinute, 0.1);
  EXPECT_EQ(verdict(), FeedVerdict::ok) << "of a tenth of the partitions hardly one was due";
}

TEST_F(FeedWatchTest, OldContentInNewRecordsIsFrozen) {
  watch_.tick(now_, 1);
  weeks(4);
  pass(8 * kHour);
  std::uint64_t turn = 0;
  pass(2 * kHour, [&] {  // The same twenty articles over and over, as often as ever.
    if (now_ % (5 * kMinute) != 0) return;
    FeedArticle article = some("anp");
    article.content = 1'000'000 + ++turn % 20;
    watch_.committed(article, now_);
  });
  EXPECT_EQ(verdict(), FeedVerdict::ok) << "twenty were new, at first";
  pass(3 * kHour, [&] {
    if (now_ % (5 * kMinute) != 0) return;
    FeedArticle article = some("anp");
    article.content = 1'000'000 + ++turn % 20;
    watch_.committed(article, now_);
  });
  EXPECT_EQ(verdict(), FeedVerdict::frozen);
  EXPECT_LT(view().last_new, now_ - 3 * kHour);
  EXPECT_GE(view().last_seen, now_ - 5 * kMinute);
  EXPECT_GT(view().repeats, 30U);
}

TEST_F(FeedWatchTest, WhatIsKnownAsARepeatIsNothingNew) {
  FeedArticle article = some("anp");
  watch_.committed(article, now_);
  article.content = ++content_;
  article.repeat = true;
  watch_.committed(article, now_ + 1);
  EXPECT_EQ(view().fresh, 1U);
  EXPECT_EQ(view().repeats, 1U);
  EXPECT_EQ(view().last_new, now_);
}

TEST_F(FeedWatchTest, AFifthOfDeadLettersIsFailing) {
  for (int i = 0; i < 200; ++i) send("anp");
  EXPECT_EQ(verdict(), FeedVerdict::ok);
  for (int i = 0; i < 19; ++i) send("anp", VerdictKind::faulty);
  EXPECT_EQ(verdict(), FeedVerdict::ok);
  send("anp", VerdictKind::faulty);
  EXPECT_EQ(verdict(), FeedVerdict::failing);
  for (int i = 0; i < 81; ++i) send("anp");
  EXPECT_EQ(verdict(), FeedVerdict::ok) << "of its last hundred";
  EXPECT_EQ(view().dead_letters, 20U);
}

TEST_F(FeedWatchTest, AQuarterOfTheUsualIsLow) {
  watch_.tick(now_, 1);
  weeks(4);
  pass(8 * kHour, [&] {
    if (now_ % kDay >= 6 * kHour && now_ % (5 * kMinute) == 0) send("anp");
  });
  pass(8 * kHour, [&] {
    if (now_ % (30 * kMinute) == 0) send("anp");
  });
  EXPECT_EQ(verdict(), FeedVerdict::low);
  EXPECT_NEAR(view().expected_hours.value_or(0), 84, 12);
  EXPECT_NEAR(static_cast<double>(view().last_hours), 14, 3);
}

TEST_F(FeedWatchTest, ThreeTimesTheUsualIsAFloodAndABusyDayIsNot) {
  watch_.tick(now_, 1);
  weeks(4);
  pass(6 * kHour);
  pass(7 * kHour, [&] {
    if (now_ % (3 * kMinute) == 0) send("anp");
  });
  EXPECT_EQ(verdict(), FeedVerdict::ok) << "two thirds more";
  pass(7 * kHour, [&] { send("anp"); });
  EXPECT_EQ(verdict(), FeedVerdict::flooding) << "five times as much";
}

TEST_F(FeedWatchTest, ABacklogIsNoFlood) {
  watch_.tick(now_, 1);
  weeks(4);
  pass(8 * kHour, 0.0);
  for (int i = 0; i < 5000; ++i) {
    FeedArticle article = some("anp");
    article.ingested = now_ - kHour;
    watch_.committed(article, now_);
  }
  pass(2 * kMinute);
  EXPECT_EQ(verdict(), FeedVerdict::ok);
  EXPECT_EQ(view().last_hours, 0U);
}

TEST_F(FeedWatchTest, CountsWhatArticlesLack) {
  FeedArticle article = some("anp");
  article.lacks = FeedWatch::date_lacks(kNoTimestamp, now_);
  article.lacks.headline = true;
  watch_.committed(article, now_);
  article = some("anp");
  article.lacks = FeedWatch::date_lacks(now_ + 2 * kHour, now_);
  article.language = "";
  article.lacks.language = true;
  watch_.committed(article, now_);
  article = some("anp");
  article.lacks = FeedWatch::date_lacks(now_ - 40 * kDay, now_);
  watch_.committed(article, now_);
  article = some("anp");
  article.lacks = FeedWatch::date_lacks(now_ - kDay, now_);
  watch_.committed(article, now_);
  const FeedView seen = view();
  EXPECT_EQ(seen.articles, 4U);
  EXPECT_EQ(seen.without_headline, 1U);
  EXPECT_EQ(seen.without_date, 1U);
  EXPECT_EQ(seen.without_language, 1U);
  EXPECT_EQ(seen.dated_in_future, 1U);
  EXPECT_EQ(seen.dated_long_ago, 1U);
  ASSERT_EQ(seen.languages.size(), 1U);
  EXPECT_EQ(seen.languages[0], (std::pair<std::string, std::uint64_t>{"nl", 3}));
}

TEST_F(FeedWatchTest, LanguagesAndSourcesAreBounded) {
  for (char c = 'a'; c <= 'z'; ++c) {
    FeedArticle article = some("anp");
    const std::string language = {'x', c};
    article.language = language;
    watch_.committed(article, now_);
  }
  const FeedView seen = view();
  EXPECT_EQ(seen.languages.size(), FeedWatch::kLanguagesMax + 1);
  EXPECT_EQ(seen.languages.front(), (std::pair<std::string, std::uint64_t>{"other", 18}));

  const std::string longest(FeedWatch::kSourceBytesMax - 1, 'n');
  send(longest + "\xC3\xA9" + "tail");
  EXPECT_EQ(view(longest).articles, 1U) << "no half of a letter";
  for (std::size_t i = 0; i < FeedWatch::kSourcesMax + 5; ++i) send("source " + std::to_string(i));
  EXPECT_EQ(watch_.feeds().size(), FeedWatch::kSourcesMax);
  EXPECT_EQ(watch_.others(), 7U);
  send("anp");
  EXPECT_EQ(view().articles, 27U) << "who is known is known on";
}

TEST_F(FeedWatchTest, TroubleComesFirstThenWhoIsSilentLongest) {
  for (int i = 0; i < 30; ++i) send("failing", VerdictKind::faulty);
  send("new");
  for (int i = 0; i < 30; ++i) send("b");
  ++now_;
  for (int i = 0; i < 30; ++i) send("a");
  std::string order;
  for (const FeedView& each : watch_.feeds()) order += each.source + " ";
  EXPECT_EQ(order, "failing new b a ");
}

}  // namespace
}  // namespace telex
