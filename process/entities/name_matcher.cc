#include "process/entities/name_matcher.h"

#include <algorithm>

#include "process/text/fold.h"

namespace telex {
namespace {

constexpr std::uint32_t kForeignLettersMin = 5;
constexpr std::uint32_t kGenitiveBytesMin = 4;
constexpr std::uint32_t kCompoundNameBytesMin = 3;

bool ascii(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

std::uint8_t kind_of(const KnowledgePack& pack, const AliasRow& alias) {
  if (alias.alias_class >= AliasClass::demonym) return Match::kDemonym;
  const EntityRow& entity = pack.entities()[alias.entity];
  if (entity.type != static_cast<std::uint8_t>(EntityType::person)) {
    return Match::kPlaceOrOrganisation;
  }
  return alias.alias_class == AliasClass::surname ? Match::kSurname : Match::kFullName;
}

// Spaces, hyphens, apostrophes and dots part words alike: "Saudi Arabië", "Saudi-Arabië"; "J.D.",
// "JD".
void join_words(std::string& folded_text) {
  std::size_t kept = 0;
  for (std::size_t i = 0; i < folded_text.size(); ++i) {
    const char c = folded_text[i];
    const bool quote = folded_text.compare(i, 3, "\xE2\x80\x99") == 0;  // ’
    if (quote) i += 2;
    if (!quote && c != ' ' && c != '-' && c != '\'' && c != '\n' && c != '.')
      folded_text[kept++] = c;
  }
  folded_text.resize(kept);
}

// Folds letter by letter and notes which plain letters of `out` come from one with a mark. Letters
// that fold to two (ß, œ) count as plain: they are ways of spelling.
void fold_with_marks(std::string_view word, std::string& out, std::vector<bool>& marks) {
  out.clear();
  marks.clear();
  for (std::size_t i = 0; i < word.size();) {
    std::size_t end = i + 1;
    const auto continues = [&](std::size_t at) {
      const auto byte = static_cast<unsigned char>(word[at]);
      const bool tail = (byte & 0xC0U) == 0x80;
      const bool combining = byte == 0xCC || byte == 0xCD;  // U+0300 to U+037F.
      return tail || combining;
    };
    while (end < word.size() && continues(end)) ++end;
    const std::size_t before = out.size();
    append_folded(word.substr(i, end - i), out);
    const bool marked = end - i > 1 && out.size() == before + 1;
    marks.resize(out.size(), false);
    if (marked) marks.back() = true;
    i = end;
  }
}

}  // namespace

void NameMatcher::run(ArticleText& text) {
  matches_.clear();
  titles_.clear();
  organisation_cues_.clear();
  readings_.clear();
  base_ = text.first();
  owner_.assign(text.count(), kNone);
  title_owner_.assign(text.count(), kNone);
  std::uint32_t token = text.first();
  while (token < text.last()) token = take_token(text, token);
}

// Takes what begins at `token`; answers where to go on.
std::uint32_t NameMatcher::take_token(ArticleText& text, std::uint32_t token) {
  if ((text.tokens().shape[token] & (TokenShape::kWord | TokenShape::kNumber)) == 0) {
    return token + 1;
  }
  hits_.clear();
  text.pack().phrases().all(text.tokens(), token, text.last(), hits_);
  bool matched = false;
  bool cued = false;
  std::uint32_t next = token + 1;
  for (std::size_t i = hits_.size(); i > 0; --i) {
    const PhraseHit& hit = hits_[i - 1];
    if (!cued && title_owner_[token - base_] == kNone) {
      const std::size_t before = titles_.size() + organisation_cues_.size();
      take_cues(text, hit);
      cued = titles_.size() + organisation_cues_.size() > before;
    }
    if (!matched && add_match(text, hit, NameShape::plain, 0)) {
      matched = true;
      next = token + hit.token_count;
    }
  }
  if (!matched && text.capital(token) && !cued && (text.language() & (kDutch | kGerman)) != 0) {
    if (!take_genitive(text, token)) take_compound(text, token);
  }
  return next;
}

void NameMatcher::take_cues(ArticleText& text, const PhraseHit& hit) {
  const KnowledgePack& pack = text.pack();
  for (const PhraseValue value : pack.phrases().values(hit.values)) {
    const std::uint32_t row = phrase_row(value);
    const Cue cue{hit.first_token, hit.token_count, row};
    if (phrase_kind(value) == PhraseKind::title && row < pack.titles().size()) {
      if (!text.speaks(pack.titles()[row].languages)) continue;
      for (std::uint32_t i = cue.first; i < cue.last(); ++i) {
        title_owner_[i - base_] = static_cast<std::uint32_t>(titles_.size());
      }
      titles_.push_back(cue);
      return;
    }
    if (phrase_kind(value) == PhraseKind::organisation_cue &&
        row < pack.organisation_cues().size() && text.capital(hit.first_token) &&
        text.speaks(pack.organisation_cues()[row].languages)) {
      // A cue spelled with capitals ("SE", "AG") is one only with just these; a small one only with
      // a capital in the text, which makes it part of a name.
      const std::string_view spelled = pack.text(pack.organisation_cues()[row].text);
      const bool small = spelled.front() < 'A' || spelled.front() > 'Z';
      if (!small && spelled != text.surface(cue.first, cue.count)) continue;
      organisation_cues_.push_back(cue);
      return;
    }
  }
}

bool NameMatcher::same_words(std::string_view surface, std::string_view alias) {
  if (surface == alias) return true;
  folded_surface_.clear();
  folded_alias_.clear();
  append_folded(surface, folded_surface_);
  append_folded(alias, folded_alias_);
  if (folded_surface_ == folded_alias_) return true;
  join_words(folded_surface_);
  join_words(folded_alias_);
  return folded_surface_ == folded_alias_;
}

// REQUIRES: same_words(surface, alias).
bool NameMatcher::adds_marks(std::string_view surface, std::string_view alias) {
  if (ascii(surface)) return false;
  fold_with_marks(surface, folded_surface_, surface_marks_);
  fold_with_marks(alias, folded_alias_, alias_marks_);
  if (surface_marks_.size() != alias_marks_.size()) return false;  // Parted otherwise.
  for (std::size_t i = 0; i < surface_marks_.size(); ++i) {
    if (surface_marks_[i] && !alias_marks_[i]) return true;
  }
  return false;
}

bool NameMatcher::admits(ArticleText& text, const AliasRow& alias, const PhraseHit& hit,
                         NameShape shape, std::string_view surface, bool foreign) {
  const std::string_view spelled = text.pack().text(alias.text);
  const bool demonym = alias.alias_class >= AliasClass::demonym;
  const bool exact = (alias.flags & AliasRow::kExact) != 0;
  const bool marked = (alias.flags & AliasRow::kNeedsEvidence) != 0;
  const bool common_here = text.speaks(alias.common) || marked;
  if (text.speaks(alias.languages) == foreign) return false;
  if (foreign && (demonym || alias.common != 0 || marked || exact ||
                  count_code_points(spelled) < kForeignLettersMin)) {
    return false;
  }
  if (demonym && shape != NameShape::plain) return false;
  if (exact) {
    // In a headline in capitals "US" may be "us": only what is no word passes.
    if (spelled != surface) return false;
    return !common_here || !text.all_capitals(hit.first_token);
  }
  // Adjectives are written small in German, French and Spanish, whatever the alias has.
  const bool small_adjective = demonym && (alias.languages & (kGerman | kFrench | kSpanish)) != 0 &&
                               (text.language() & (kGerman | kFrench | kSpanish)) != 0;
  if (!small_adjective) {
    for (std::uint32_t i = 0; i < std::min(hit.token_count, 16U); ++i) {
      if ((alias.capital_mask >> i & 1U) != 0 && !text.capital(hit.first_token + i)) return false;
    }
  }
  if (common_here && alias.token_count == 1 && text.capitals_tell_nothing(hit.first_token)) {
    return false;
  }
  if (!same_words(surface, spelled)) return false;
  const bool curated = (text.pack().entities()[alias.entity].flags & EntityRow::kCurated) != 0;
  return (curated && alias.token_count > 1) || !adds_marks(surface, spelled);
}

bool NameMatcher::add_match(ArticleText& text, const PhraseHit& hit, NameShape shape,
                            std::uint32_t byte_end) {
  const KnowledgePack& pack = text.pack();
  const Tokens& tokens = text.tokens();
  Match match;
  match.first = hit.first_token;
  match.count = hit.token_count;
  match.shape = shape;
  match.byte_end = shape == NameShape::plain ? tokens.end[match.last() - 1] : byte_end;
  match.readings.first = static_cast<std::uint32_t>(readings_.size());
  const std::string_view surface =
      text.surface(match.first, match.count).substr(0, match.byte_end - tokens.begin[match.first]);
  for (const bool foreign : {false, true}) {
    for (const PhraseValue value : pack.phrases().values(hit.values)) {
      const std::uint32_t row = phrase_row(value);
      if (phrase_kind(value) != PhraseKind::alias || row >= pack.aliases().size()) continue;
      if (admits(text, pack.aliases()[row], hit, shape, surface, foreign)) {
        readings_.push_back(row);
        match.kinds = static_cast<std::uint8_t>(match.kinds | kind_of(pack, pack.aliases()[row]));
      }
    }
    match.foreign = foreign;
    match.readings.count = static_cast<std::uint32_t>(readings_.size()) - match.readings.first;
    if (match.readings.count > 0) break;
  }
  if (match.readings.count == 0) return false;
  for (std::uint32_t i = match.first; i < match.last(); ++i) {
    owner_[i - base_] = static_cast<std::uint32_t>(matches_.size());
  }
  matches_.push_back(match);
  return true;
}

// "Ruttes", "Deutschlands": the word without its s.
bool NameMatcher::take_genitive(ArticleText& text, std::uint32_t token) {
  const std::string_view surface = text.surface(token);
  if (surface.size() < kGenitiveBytesMin || surface.back() != 's') return false;
  PhraseHit hit{token, 1, {}};
  const std::string_view name = surface.substr(0, surface.size() - 1);
  if (!text.pack().phrases().word(folded_hash(name), hit.values)) return false;
  return add_match(text, hit, NameShape::genitive, text.tokens().end[token] - 1);
}

// "Oekraïneoorlog", "Trumpregering": a listed head behind a name, with or without a linking s.
bool NameMatcher::take_compound(ArticleText& text, std::uint32_t token) {
  const std::string_view surface = text.surface(token);
  const KnowledgePack& pack = text.pack();
  for (const CueRow& row : pack.compound_heads()) {
    const std::string_view head = pack.text(row.text);
    if (head.empty() || head.back() != surface.back() || !text.speaks(row.languages) ||
        surface.size() < head.size() + kCompoundNameBytesMin || !surface.ends_with(head)) {
      continue;
    }
    const std::string_view name = surface.substr(0, surface.size() - head.size());
    PhraseHit hit{token, 1, {}};
    const auto length = static_cast<std::uint32_t>(name.size());
    if (pack.phrases().word(folded_hash(name), hit.values) &&
        add_match(text, hit, NameShape::closed_compound, text.tokens().begin[token] + length)) {
      return true;
    }
  }
  return false;
}

}  // namespace telex
