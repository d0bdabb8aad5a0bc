#include "process/entities/surroundings.h"

namespace telex {
namespace {

enum class Hyphen : std::uint8_t { none, compound, double_name };

bool covered(const NameMatcher& matcher, std::uint32_t token) {
  return matcher.match_at(token) != kNone || matcher.title_at(token) != kNone;
}

// A word after the name: "-chef", "-Poetin", "-Verhagen".
Hyphen hyphen_after(const ArticleText& text, const NameMatcher& matcher, const Match& match,
                    NameRole role) {
  const std::uint32_t next = text.after(match.last() - 1);
  if (next == kNone || !text.has(next, TokenShape::kHyphen)) return Hyphen::none;
  if (!text.capital(next) || text.german()) return Hyphen::compound;
  if (matcher.match_at(next) != kNone) return Hyphen::none;
  if (role != NameRole::person || text.has(next, TokenShape::kAllCapitals)) {
    return Hyphen::compound;
  }
  return Hyphen::double_name;
}

// A word before the name: "anti-", "kabinet-", "Jean-".
Hyphen hyphen_before(const ArticleText& text, const NameMatcher& matcher, const Match& match) {
  if (!text.has(match.first, TokenShape::kHyphen)) return Hyphen::none;
  const std::uint32_t word = text.before(match.first);
  if (word == kNone) return Hyphen::none;
  if (matcher.match_at(word) != kNone) return Hyphen::none;
  if (!text.capital(word) || text.german() || text.is(word, WordClass::prefix) ||
      text.is(word, WordClass::former) || text.is(word, WordClass::direction)) {
    return Hyphen::compound;
  }
  const bool opens = text.has(word, TokenShape::kSentenceStart);
  return opens && text.first_name(word) == nullptr ? Hyphen::compound : Hyphen::double_name;
}

// Whether the reading that covers `token` is more than a surname: then it is a name of its own, and
// no first name of what follows.
bool own_name(const ArticleText& text, const NameMatcher& matcher, std::uint32_t token) {
  const Match& match = matcher.matches()[matcher.match_at(token)];
  const KnowledgePack& pack = text.pack();
  for (std::uint32_t i = match.readings.first; i < match.readings.last(); ++i) {
    const AliasRow& alias = pack.aliases()[matcher.readings()[i]];
    const EntityRow& entity = pack.entities()[alias.entity];
    if (alias.alias_class >= AliasClass::demonym) return true;
    if (entity.type == static_cast<std::uint8_t>(EntityType::organisation)) return true;
    if ((entity.flags & EntityRow::kCurated) != 0 && alias.alias_class == AliasClass::name) {
      return true;
    }
  }
  return false;
}

bool blocked_before(ArticleText& text, const NameMatcher& matcher, const Match& match,
                    NameRole role, Surroundings& out) {
  const std::uint32_t word = text.before(match.first);
  if (word == kNone || text.has(match.first, TokenShape::kHyphen)) return false;
  if (text.has(match.first, TokenShape::kApostrophe)) {
    // O'Brien, L'Huillier; l'Ukraine and d'Amsterdam are elisions.
    return text.surface(word) == "O" ||
           (text.capital(word) && text.surface(word).size() == 1 &&
            !text.has(word, TokenShape::kSentenceStart) && !text.plain_word(word));
  }
  if (!text.has(word, TokenShape::kWord)) {
    const std::uint32_t initial = text.before(word);  // "J. Rutte"
    return text.surface(word) == "." && initial != kNone && text.capital(initial) &&
           text.surface(initial).size() == 1;
  }
  if (!text.capital(word) || matcher.title_at(word) != kNone) return false;
  const bool opens = text.has(word, TokenShape::kSentenceStart);
  if (text.first_name(word) != nullptr && !(opens && text.plain_word(word))) {
    if (matcher.match_at(word) == kNone || !own_name(text, matcher, word)) {
      out.first_name = word;
      return true;
    }
  }
  if (matcher.match_at(word) != kNone || text.german()) return false;
  if (text.capitals_tell_nothing(word) || text.plain_word(word) ||
      text.is(word, WordClass::honorific) || text.is(word, WordClass::former) ||
      text.is(word, WordClass::place_cue) || text.is(word, WordClass::direction)) {
    return false;
  }
  if (!opens) return role != NameRole::organisation;
  return (role == NameRole::person || role == NameRole::city) && !text.lower_case_elsewhere(word);
}

bool blocked_after(ArticleText& text, const NameMatcher& matcher, const Match& match,
                   NameRole role) {
  if (match.shape != NameShape::plain || role == NameRole::organisation) return false;
  const std::uint32_t next = text.after(match.last() - 1);
  if (next == kNone || !text.has(next, TokenShape::kWord) || !text.capital(next) ||
      text.has(next, TokenShape::kHyphen) || text.has(next, TokenShape::kApostrophe)) {
    return false;
  }
  const bool is_first_name = match.count == 1 && text.first_name(match.first) != nullptr;
  if (covered(matcher, next)) {
    // "Jordan Rutte": a name that people have as a first name, before one that is only a surname.
    return is_first_name && role != NameRole::person && matcher.match_at(next) != kNone &&
           !own_name(text, matcher, next);
  }
  if (text.german()) return is_first_name;
  return !text.capitals_tell_nothing(next) && !text.plain_word(next) &&
         !(role != NameRole::person && text.has(next, TokenShape::kAllCapitals));
}

}  // namespace

Surroundings surroundings_of(ArticleText& text, const NameMatcher& matcher, const Match& match,
                             NameRole role) {
  Surroundings out;
  const Hyphen after = hyphen_after(text, matcher, match, role);
  const Hyphen before = hyphen_before(text, matcher, match);
  out.compound = match.shape == NameShape::closed_compound || after == Hyphen::compound ||
                 before == Hyphen::compound;
  out.blocked = after == Hyphen::double_name || before == Hyphen::double_name ||
                blocked_before(text, matcher, match, role, out) ||
                blocked_after(text, matcher, match, role);
  out.capital_weak =
      text.has(match.first, TokenShape::kSentenceStart) || text.capitals_tell_nothing(match.first);
  std::uint32_t cue = text.before(match.first);
  // "in the Netherlands"; but German "in der Lage" says nothing of the town of Lage.
  if (role == NameRole::country && cue != kNone && text.is(cue, WordClass::article)) {
    cue = text.before(cue);
  }
  if (cue != kNone && text.is(cue, WordClass::place_cue)) {
    out.place_cue = text.pack().word(text.tokens().hash[cue]);
  }
  return out;
}

}  // namespace telex
