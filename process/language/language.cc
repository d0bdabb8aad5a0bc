#include "process/language/language.h"

// The detector's header uses FILE without saying so.
#include <algorithm>
#include <array>
#include <cstdio>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <cld2/public/compact_lang_det.h>
#include <cld2/public/encodings.h>

#include "process/language/vote.h"
#include "schemas/reason.h"

namespace telex {
namespace {

// Codes as views that outlive every batch: evidence may not point into one.
std::string_view static_code(LanguageCode code) {
  constexpr std::size_t kLetters = 26;
  static const std::string kAll = [] {
    std::string all;
    for (std::size_t i = 0; i < kLetters * kLetters * kLetters; ++i) {
      all += static_cast<char>('a' + i / (kLetters * kLetters));
      all += static_cast<char>('a' + i / kLetters % kLetters);
      all += static_cast<char>('a' + i % kLetters);
    }
    return all;
  }();
  const std::string_view letters = code.view();
  if (letters.size() < 2) return {};
  const auto letter = [&](std::size_t i) { return static_cast<std::size_t>(letters[i] - 'a'); };
  const std::size_t third = letters.size() > 2 ? letter(2) : 0;
  const std::size_t row = (letter(0) * kLetters + letter(1)) * kLetters + third;
  return std::string_view(kAll).substr(row * 3, letters.size());
}

struct Detected {
  LanguageCode code;  // Empty: it cannot tell.
  bool reliable = false;
  std::uint32_t percent = 0;  // Of the text.
};

// The detector keeps some codes that have been replaced.
LanguageCode modern(std::string_view code) {
  if (code == "iw") code = "he";
  if (code == "jw") code = "jv";
  if (code == "mo") code = "ro";
  if (code == "no") code = "nb";
  if (code == "un" || code.starts_with("xx")) return {};
  return LanguageCode::from_tag(code);
}

Detected detect(std::string_view text, LanguageCode hint) {
  Detected detected;
  const std::string hint_tag(hint.view());
  CLD2::CLDHints hints{hint_tag.empty() ? nullptr : hint_tag.c_str(), nullptr,
                       CLD2::UNKNOWN_ENCODING, CLD2::UNKNOWN_LANGUAGE};
  std::array<CLD2::Language, 3> languages{};
  std::array<int, 3> percents{};
  std::array<double, 3> scores{};
  int text_bytes = 0;
  int valid_bytes = 0;
  // The text is UTF-8 by contract, but the detector's tables would be read out of bounds if not.
  const CLD2::Language language = CLD2::ExtDetectLanguageSummaryCheckUTF8(
      text.data(), static_cast<int>(text.size()), true, &hints, CLD2::kCLDFlagBestEffort,
      languages.data(), percents.data(), scores.data(), nullptr, &text_bytes, &detected.reliable,
      &valid_bytes);
  detected.code = modern(CLD2::LanguageCode(language));
  detected.percent = static_cast<std::uint32_t>(std::clamp(percents[0], 0, 100));
  return detected;
}

// Whole words from the longest parts, as they are joined in the text, without markup.
void sample(const Article& article, const Tokens& tokens, IndexRange row, std::string& out) {
  out.clear();
  std::array<IndexRange, ArticleLimits::kPartsMax> ranges;
  std::size_t part_count = 0;
  for (std::uint32_t i = row.first; i < row.last(); ++i) {
    if (i > row.first && tokens.part[i] == tokens.part[i - 1]) {
      ++ranges[part_count - 1].count;
    } else if (part_count < ranges.size()) {
      ranges[part_count++] = {i, 1};
    } else {
      break;
    }
  }
  const auto parts = std::span(ranges).first(part_count);
  std::sort(parts.begin(), parts.end(), [](IndexRange a, IndexRange b) {
    return a.count != b.count ? a.count > b.count : a.first < b.first;
  });
  for (const IndexRange& range : parts) {
    const std::string_view text = article.parts[tokens.part[range.first]].text;
    for (std::uint32_t i = range.first; i < range.last(); ++i) {
      const std::string_view word = text.substr(tokens.begin[i], tokens.end[i] - tokens.begin[i]);
      if (out.size() + 1 + word.size() > LanguageStage::kDetectorBytesMax) return;
      if (tokens.has(i, TokenShape::kApostrophe)) {
        out += '\'';
      } else if (tokens.has(i, TokenShape::kHyphen)) {
        out += '-';
      } else if (!tokens.has(i, TokenShape::kGlued) && !out.empty()) {
        out += ' ';
      }
      out += word;
    }
  }
}

Score score(std::uint32_t value) { return static_cast<Score>(std::min<std::uint32_t>(value, 99)); }

// What is known of one article, and the decision.
struct Finding {
  LanguageCode hint;
  Vote vote;
  Detected detected;

  LanguageCode voted() const {
    return vote.winner ? stop_word_languages()[*vote.winner] : LanguageCode{};
  }
  bool hint_is_confirmed() const { return !hint.empty() && vote.is_clear() && vote.is_for(hint); }
};

struct Decision {
  LanguageCode code;
  Score confidence = 0;
};

// Confidence, 0-99, never 100: no detector is certain.
//   hint that the vote confirms  75 + margin / 4
//   detector, reliable           60 + share of the text / 5, and 19 if the vote agrees
//   detector, unreliable         50 if the vote or the hint agrees
//   vote alone                   40 + margin * 3 / 10, at most 70
//   hint alone                   30
Decision decide(const Finding& finding) {
  const Vote& vote = finding.vote;
  const Detected& detected = finding.detected;
  if (finding.hint_is_confirmed()) return {finding.hint, score(75 + vote.margin / 4)};
  const bool answered = !detected.code.empty();
  const bool agreed = answered && vote.winner && vote.hits > 0 && vote.is_for(detected.code);
  if (answered && detected.reliable && !vote.is_against(detected.code)) {
    return {detected.code, score(60 + detected.percent / 5 + (agreed ? 19 : 0))};
  }
  if (vote.is_clear() && !(answered && detected.code == finding.hint)) {
    return {agreed ? detected.code : finding.voted(),
            score(std::min<std::uint32_t>(70, 40 + vote.margin * 3 / 10))};
  }
  if (answered && (detected.code == finding.hint || agreed)) return {detected.code, 50};
  if (!finding.hint.empty()) return {finding.hint, 30};
  return {};
}

void add_evidence(const Finding& finding, std::vector<Evidence>& out) {
  const auto languages = stop_word_languages();
  if (!finding.hint.empty()) {
    Evidence row;
    row.kind = EvidenceKind::publisher_hint;
    row.artefact = Artefact::publisher;
    row.weight = 30;
    row.margin = kScoreMax;
    row.entry = static_code(finding.hint);
    out.push_back(row);
  }
  if (finding.vote.winner && finding.vote.hits > 0) {
    Evidence row;
    row.kind = EvidenceKind::stop_words;
    row.artefact = Artefact::none;
    row.weight = static_cast<Score>(std::min<std::uint32_t>(finding.vote.coverage, kScoreMax));
    row.margin = static_cast<Score>(finding.vote.margin);
    row.count = static_cast<std::uint16_t>(finding.vote.hits);
    row.entry = languages[*finding.vote.winner].view();
    if (finding.vote.runner_up) row.runner_up = languages[*finding.vote.runner_up].view();
    out.push_back(row);
  }
  if (!finding.detected.code.empty()) {
    Evidence row;
    row.kind = EvidenceKind::detector;
    row.artefact = Artefact::detector;
    row.weight = static_cast<Score>(finding.detected.percent);
    row.margin = finding.detected.reliable ? kScoreMax : Score{0};
    row.entry = static_code(finding.detected.code);
    out.push_back(row);
  }
}

}  // namespace

struct LanguageStage::Impl {
  std::string sample;
};

LanguageStage::LanguageStage() : impl_(std::make_unique<Impl>()) {
  impl_->sample.reserve(kDetectorBytesMax + 8);
}
LanguageStage::LanguageStage(LanguageStage&&) noexcept = default;
LanguageStage::~LanguageStage() = default;

void LanguageStage::operator()(Batch& batch, StageContext& context) noexcept {
  for (std::uint32_t row = 0; row < batch.size(); ++row) {
    if (!batch.publishes(row)) continue;
    const Article article = batch.article(row);
    const IndexRange tokens = context.tokens.rows[row];
    Finding finding;
    finding.hint = LanguageCode::from_tag(article.language);
    finding.vote = vote(context.tokens, tokens, kVoteTokensMax, finding.hint);
    if (!finding.hint_is_confirmed() && tokens.count > 0) {
      sample(article, context.tokens, tokens, impl_->sample);
      finding.detected = detect(impl_->sample, finding.hint);
    }
    const Decision decision = decide(finding);
    Annotations& annotations = context.annotations;
    const auto first = static_cast<std::uint32_t>(annotations.evidence.size());
    add_evidence(finding, annotations.evidence);
    const auto last = static_cast<std::uint32_t>(annotations.evidence.size());
    annotations.rows[row].language = {decision.code, decision.confidence, {first, last - first}};
  }
}

}  // namespace telex
