#include "service/monitor/feed_watch.h"

#include <algorithm>
#include <cmath>
#include <tuple>

namespace telex {
namespace {

constexpr std::string_view kOtherLanguages = "other";

// A name of bounded length, cut between code points.
std::string_view bounded(std::string_view source) {
  if (source.size() <= FeedWatch::kSourceBytesMax) return source;
  std::size_t end = FeedWatch::kSourceBytesMax;
  while (end > 0 && (static_cast<unsigned char>(source[end]) & 0xC0) == 0x80) --end;
  return source.substr(0, end);
}

void count_language(std::string_view language,
                    std::vector<std::pair<std::string, std::uint64_t>>& rows) {
  const auto find = [&](std::string_view name) {
    return std::find_if(rows.begin(), rows.end(),
                        [&](const auto& row) { return row.first == name; });
  };
  auto row = find(language);
  if (row == rows.end() && rows.size() >= FeedWatch::kLanguagesMax) {
    language = kOtherLanguages;
    row = find(language);
  }
  if (row == rows.end()) row = rows.insert(rows.end(), {std::string(language), 0});
  ++row->second;
}

}  // namespace

void FeedWatch::Silence::end() {
  longest = std::max(longest, time);
  time = 0;
  expected = 0;
}

FeedLacks FeedWatch::date_lacks(UnixMillis published, UnixMillis ingested) {
  FeedLacks lacks;
  lacks.date = published == kNoTimestamp;
  if (lacks.date || ingested == kNoTimestamp) return lacks;
  lacks.future = published > ingested + kFutureLimit;
  lacks.old = published < ingested - kOldLimit;
  return lacks;
}

void FeedWatch::committed(const FeedArticle& article, UnixMillis now) {
  const std::string_view source = bounded(article.source);
  auto found = feeds_.find(source);
  if (found == feeds_.end()) {
    if (feeds_.size() >= kSourcesMax) {
      ++others_;
      return;
    }
    found = feeds_.emplace(std::string(source), Feed{}).first;
    found->second.seen.source = source;
    found->second.seen.first_seen = now;
    found->second.hours.front().at = now;
  }
  note(article, now, found->second);
}

bool FeedWatch::is_new(const Feed& feed, const FeedArticle& article) {
  if (article.repeat || article.content == 0) return false;
  const auto end = feed.contents.begin() +
                   static_cast<std::ptrdiff_t>(std::min<std::uint64_t>(feed.seen.fresh, kContents));
  return std::find(feed.contents.begin(), end, article.content) == end;
}

void FeedWatch::note(const FeedArticle& article, UnixMillis now, Feed& feed) {
  FeedView& seen = feed.seen;
  const bool dead = article.kind == VerdictKind::faulty;
  feed.dead[seen.articles % kRecent] = dead;
  ++seen.articles;
  seen.last_seen = now;
  feed.since_any.end();
  if (dead) {
    ++seen.dead_letters;
  } else if (is_new(feed, article)) {
    feed.contents[seen.fresh % kContents] = article.content;
    ++seen.fresh;
    seen.last_new = now;
    feed.since_new.end();
  } else if (article.kind != VerdictKind::deletion) {
    ++seen.repeats;
  }
  seen.without_headline += article.lacks.headline ? 1U : 0U;
  seen.without_date += article.lacks.date ? 1U : 0U;
  seen.without_language += article.lacks.language ? 1U : 0U;
  seen.dated_in_future += article.lacks.future ? 1U : 0U;
  seen.dated_long_ago += article.lacks.old ? 1U : 0U;
  if (!article.language.empty()) count_language(article.language, seen.languages);
  if (article.ingested != kNoTimestamp && now - article.ingested > kLate) return;
  ++feed.hours.front().count;
}

void FeedWatch::tick(UnixMillis now, double share) {
  const UnixMillis from = ticked_;
  ticked_ = now;
  if (from == kNoTimestamp || now <= from) return;  // A clock that is set back begins anew.
  const bool ours = now - from <= kTickMax;
  const double exposure =
      ours ? static_cast<double>(now - from) / WeeklyProfile::kHour * std::clamp(share, 0.0, 1.0)
           : 0;
  for (auto& [source, feed] : feeds_) pass(from, now, exposure, feed);
}

// `exposure` hours of watching lie between `from` and `to`.
void FeedWatch::pass(UnixMillis from, UnixMillis to, double exposure, Feed& feed) {
  if (to / WeeklyProfile::kHour != from / WeeklyProfile::kHour) {
    const Hour& oldest = feed.hours.back();
    feed.profile.add_hour(oldest.at, static_cast<double>(oldest.count), oldest.exposure);
    std::rotate(feed.hours.begin(), feed.hours.end() - 1, feed.hours.end());
    feed.hours.front() = {to, 0, 0};
  }
  if (exposure <= 0) return;
  const double expected = feed.profile.rate(WeeklyProfile::bucket(to)) * exposure;
  for (Silence* silence : {&feed.since_any, &feed.since_new}) {
    silence->time += to - from;
    silence->expected += expected;
  }
  feed.hours.front().exposure += exposure;
}

FeedWatch::Volume FeedWatch::volume(const Feed& feed) {
  Volume volume;
  for (const Hour& hour : feed.hours) {
    volume.count += hour.count;
    volume.expected += feed.profile.rate(WeeklyProfile::bucket(hour.at)) * hour.exposure;
  }
  return volume;
}

bool FeedWatch::too_long(const Feed& feed, const Silence& silence) {
  if (silence.time < kGapLeast) return false;
  if (!feed.profile.learned()) return silence.time > kGapFactor * silence.longest;
  const bool of_new = &silence == &feed.since_new;
  const double share =
      of_new ? static_cast<double>(feed.seen.fresh) / static_cast<double>(feed.seen.articles) : 1;
  return poisson_at_most(0, silence.expected * share) < kUnlikely;
}

FeedVerdict FeedWatch::judge(const Feed& feed) {
  if (feed.seen.articles < kArticlesNeeded) return FeedVerdict::learning;
  if (too_long(feed, feed.since_any)) return FeedVerdict::quiet;
  // Who never had anything new (dead letters only) is no frozen feed.
  if (feed.seen.fresh > 0 && too_long(feed, feed.since_new)) return FeedVerdict::frozen;
  const auto recent =
      static_cast<std::ptrdiff_t>(std::min<std::uint64_t>(feed.seen.articles, kRecent));
  const auto dead = std::count(feed.dead.begin(), feed.dead.begin() + recent, true);
  if (static_cast<double>(dead) >= kFailingShare * static_cast<double>(recent)) {
    return FeedVerdict::failing;
  }
  if (!feed.profile.learned()) return FeedVerdict::ok;
  const Volume seen = volume(feed);
  const double expected = seen.expected / kBurst;
  const double events = static_cast<double>(seen.count) / kBurst;
  if (poisson_at_least(static_cast<std::uint64_t>(std::floor(events)), expected) < kUnlikely) {
    return FeedVerdict::flooding;
  }
  if (poisson_at_most(static_cast<std::uint64_t>(std::ceil(events)), expected) < kUnlikely) {
    return FeedVerdict::low;
  }
  return FeedVerdict::ok;
}

std::vector<FeedView> FeedWatch::feeds() const {
  std::vector<FeedView> all;
  all.reserve(feeds_.size());
  for (const auto& [source, feed] : feeds_) {
    FeedView& view = all.emplace_back(feed.seen);
    view.verdict = judge(feed);
    const Volume seen = volume(feed);
    view.last_hours = seen.count;
    if (feed.profile.learned()) view.expected_hours = seen.expected;
    std::stable_sort(
        view.languages.begin(), view.languages.end(),
        [](const auto& left, const auto& right) { return left.second > right.second; });
  }
  std::sort(all.begin(), all.end(), [](const FeedView& left, const FeedView& right) {
    return std::tie(left.verdict, left.last_seen, left.source) <
           std::tie(right.verdict, right.last_seen, right.source);
  });
  return all;
}

}  // namespace telex
