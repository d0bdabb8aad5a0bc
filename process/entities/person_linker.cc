#include "process/entities/person_linker.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "process/entities/surroundings.h"
#include "process/text/fold.h"

namespace telex {
namespace {

constexpr std::uint32_t kBearersMax =
    512;  // Entities of an article that a surname is compared with.
constexpr std::size_t kCandidatesMax = 16;  // Of one surname; more are one too many to choose from.

// Confidences are ranks of how certain a rule is, not measured frequencies.
constexpr Confidence kFullName{98, 96};
constexpr Confidence kFullNameWithOffice{99, 99};
constexpr Confidence kFullNameByOffice{97, 92};  // One of several of that name.
constexpr Confidence kOfficeOfScope{99, 96};     // The text says of what.
constexpr Confidence kOfficeAnywhere{98, 93};
constexpr Confidence kOfficeBefore{95, 84};  // Held it earlier.
constexpr Confidence kCoreference{96, 94};
constexpr Confidence kCoreferenceAhead{94, 90};   // The full name comes later.
constexpr Confidence kCoreferenceUnknown{78, 0};  // Below the rules that found the fuller name.
constexpr Confidence kCoreferenceOddTitle{88, 80};
constexpr Confidence kOnlyOfficeHolder{90, 78};
constexpr Confidence kOneOfSeveral{85, 68};
constexpr Confidence kUnknownAfterTitle{88, 0};
constexpr Score kForeignPenalty = 12;

struct Candidates {
  std::array<std::uint32_t, kCandidatesMax> entities{};
  std::array<std::uint32_t, kCandidatesMax> aliases{};
  std::size_t count = 0;
  bool overflow = false;
  bool needs_evidence = false;
};

Confidence less(Confidence confidence, const Match& match) {
  if (match.foreign && confidence.link > kForeignPenalty) {
    confidence.link = static_cast<Score>(confidence.link - kForeignPenalty);
  }
  return confidence;
}

Candidates candidates_of(const LinkContext& context, const Match& match, AliasClass alias_class) {
  Candidates out;
  const KnowledgePack& pack = context.text.pack();
  for (std::uint32_t i = match.readings.first; i < match.readings.last(); ++i) {
    const std::uint32_t row = context.matcher.readings()[i];
    const AliasRow& alias = pack.aliases()[row];
    const EntityRow& entity = pack.entities()[alias.entity];
    if (entity.type != static_cast<std::uint8_t>(EntityType::person) ||
        alias.alias_class != alias_class) {
      continue;
    }
    const auto* end = out.entities.begin() + out.count;
    if (std::find(out.entities.cbegin(), end, alias.entity) != end) continue;
    if (out.count == kCandidatesMax) {
      out.overflow = true;
      return out;
    }
    out.entities[out.count] = alias.entity;
    out.aliases[out.count++] = row;
    out.needs_evidence = out.needs_evidence || (alias.flags & AliasRow::kNeedsEvidence) != 0 ||
                         context.text.speaks(alias.common);
  }
  return out;
}

Evidence title_evidence(const LinkContext& context, const TitleContext& title, Score weight) {
  const Cue& cue = context.matcher.titles()[title.cue];
  const KnowledgePack& pack = context.text.pack();
  Evidence row =
      pack_evidence(EvidenceKind::title_before, pack.text(pack.titles()[cue.row].text), weight);
  row.part = context.text.tokens().part[cue.first];
  row.range = {context.text.tokens().begin[cue.first], context.text.tokens().end[cue.last() - 1]};
  return row;
}

Evidence office_evidence(const LinkContext& context, const OfficeRow& office, Score weight) {
  return pack_evidence(EvidenceKind::office, context.text.pack().text(office.rendered), weight);
}

Evidence alias_evidence(const LinkContext& context, std::uint32_t alias, Score weight) {
  const KnowledgePack& pack = context.text.pack();
  return pack_evidence(EvidenceKind::alias, pack.text(pack.aliases()[alias].text), weight);
}

Draft draft_of(const Match& match, std::uint32_t local, MentionForm form) {
  Draft draft;
  draft.first = match.first;
  draft.count = match.count;
  draft.byte_end = match.byte_end;
  draft.local = local;
  draft.form = form;
  return draft;
}

// Picks by the title. The index of the only best candidate, or kCandidatesMax.
std::size_t pick_by_office(const LinkContext& context, const Candidates& candidates,
                           const TitleContext& title, OfficeChoice& choice) {
  std::size_t best = kCandidatesMax;
  bool tied = false;
  for (std::size_t i = 0; i < candidates.count; ++i) {
    const OfficeChoice fit = best_office(context, candidates.entities[i], title);
    if (fit.fit == OfficeFit::none || fit.fit < choice.fit) continue;
    const bool better = fit.fit > choice.fit || (fit.home && !choice.home);
    tied = !better && fit.home == choice.home;
    if (better) {
      best = i;
      choice = fit;
    }
  }
  return tied ? kCandidatesMax : best;
}

// The person of the article that a surname means: the only one of the candidates who is there, else
// the only one of that surname, known or not ("Eric Trump").
struct Bearer {
  std::uint32_t local = kNone;
  std::size_t candidate = kCandidatesMax;
  bool several = false;
  bool ahead = false;  // Comes later in the article only.
};

Bearer bearer_in_article(const LinkContext& context, const Candidates& candidates,
                         const Match& match) {
  Bearer known;
  Bearer namesake;
  const std::uint64_t hash = context.text.tokens().hash[match.last() - 1];
  const std::size_t count = std::min<std::size_t>(context.links.locals.size(), kBearersMax);
  for (std::uint32_t i = 0; i < count; ++i) {
    const LocalEntity& local = context.links.locals[i];
    if (local.type != EntityType::person) continue;
    const auto* begin = candidates.entities.cbegin();
    const auto* found = std::find(begin, begin + candidates.count, local.pack_entity);
    const bool candidate = local.pack_entity != kNone && found != begin + candidates.count;
    if (!candidate && local.last_word != hash) continue;
    Bearer& bearer = candidate ? known : namesake;
    bearer.several = bearer.local != kNone;
    bearer.local = i;
    bearer.candidate = candidate ? static_cast<std::size_t>(found - begin) : kCandidatesMax;
    bearer.ahead = context.links.drafts[local.best_draft].first > match.first;
  }
  return known.local != kNone ? known : namesake;
}

// "in May", "since May", "May 5" are months, whoever else is in the article.
bool reads_as_month(const LinkContext& context, const Match& match) {
  const ArticleText& text = context.text;
  if (!text.is(match.first, WordClass::calendar)) return false;
  const std::uint32_t before = text.before(match.first);
  const std::uint32_t after = text.after(match.last() - 1);
  return (before != kNone &&
          (text.is(before, WordClass::function) || text.has(before, TokenShape::kNumber))) ||
         (after != kNone && text.has(after, TokenShape::kNumber));
}

// Joins the surname to a person of the article. False if there is none, or more than one.
bool link_coreference(const LinkContext& context, const Match& match, const Candidates& candidates,
                      Confidence confidence, bool* several) {
  const Bearer bearer = bearer_in_article(context, candidates, match);
  *several = bearer.several;
  if (bearer.local == kNone || bearer.several) return false;
  if (bearer.ahead && confidence.link > kCoreferenceAhead.link) confidence = kCoreferenceAhead;
  const LocalEntity& local = context.links.locals[bearer.local];
  const Draft& fuller = context.links.drafts[local.best_draft];
  const KnowledgePack& pack = context.text.pack();
  Evidence joined = pack_evidence(EvidenceKind::coreference, {}, confidence.link);
  joined.artefact = Artefact::article;
  if (local.pack_entity == kNone) {
    confidence = kCoreferenceUnknown;
  } else {
    joined.entry = pack.text(pack.entities()[local.pack_entity].name);
  }
  joined.part = context.text.tokens().part[fuller.first];
  joined.range = {context.text.tokens().begin[fuller.first], fuller.byte_end};
  Evidence alias;
  if (bearer.candidate != kCandidatesMax) {
    alias = alias_evidence(context, candidates.aliases[bearer.candidate], confidence.link);
  }
  const Surroundings around =
      surroundings_of(context.text, context.matcher, match, NameRole::person);
  Draft draft =
      draft_of(match, bearer.local, around.compound ? MentionForm::compound : MentionForm::surname);
  context.links.add(draft, less(confidence, match), {joined, alias});
  return true;
}

// "Mark Ruttes": the first name before a surname is that of a bearer.
std::size_t same_first_name(const LinkContext& context, const Candidates& candidates,
                            const Surroundings& around) {
  if (around.first_name == kNone) return kCandidatesMax;
  const KnowledgePack& pack = context.text.pack();
  std::size_t found = kCandidatesMax;
  for (std::size_t i = 0; i < candidates.count; ++i) {
    const std::string_view name = pack.text(pack.entities()[candidates.entities[i]].name);
    const std::string_view first = name.substr(0, name.find(' '));
    if (folded_hash(first) != context.text.tokens().hash[around.first_name]) continue;
    if (found != kCandidatesMax) return kCandidatesMax;
    found = i;
  }
  return found;
}

void link_full_name(const LinkContext& context, const Match& match) {
  if (!match.is(Match::kFullName) || context.links.taken(match.first, match.count)) return;
  const Candidates candidates = candidates_of(context, match, AliasClass::name);
  if (candidates.overflow) return;
  const Surroundings around =
      surroundings_of(context.text, context.matcher, match, NameRole::person);
  const TitleContext title = title_before(context, match.first, match.last());
  OfficeChoice office;
  std::size_t picked = title.cue == kNone || title.honorific
                           ? kCandidatesMax
                           : pick_by_office(context, candidates, title, office);
  if (match.count == 1 &&
      (around.blocked || (candidates.needs_evidence && office.office == nullptr))) {
    return;
  }
  if (around.compound && match.count > 1 && around.blocked) return;
  Confidence confidence = kFullNameWithOffice;
  if (candidates.count > 1) {
    confidence = kFullNameByOffice;
    std::size_t holders = 0;
    for (std::size_t i = 0; i < candidates.count && office.office == nullptr; ++i) {
      if (office_held(context, candidates.entities[i]) == nullptr) continue;
      picked = i;
      ++holders;
    }
    if (picked == kCandidatesMax || holders > 1) return;
  } else if (picked == kCandidatesMax) {
    picked = 0;
    confidence = kFullName;
  }
  const std::uint32_t local =
      context.links.local_of(context.text.pack(), candidates.entities[picked]);
  if (match.count > 1 && match.shape == NameShape::plain) {
    context.links.locals[local].last_word = context.text.tokens().hash[match.last() - 1];
  }
  Evidence by_office;
  Evidence by_title;
  if (title.cue != kNone) by_title = title_evidence(context, title, 10);
  if (office.office != nullptr) by_office = office_evidence(context, *office.office, 60);
  confidence = less(confidence, match);
  context.links.add(
      draft_of(match, local, around.compound ? MentionForm::compound : MentionForm::name),
      confidence,
      {alias_evidence(context, candidates.aliases[picked], confidence.link), by_office, by_title});
}

// The name after a title that no one of the pack fits: a person, but none we know.
void add_unknown(const LinkContext& context, const Match& match, const TitleContext& title) {
  const std::uint64_t hash = context.text.tokens().hash[match.last() - 1];
  const std::uint32_t local = context.links.unknown(EntityType::person, hash, hash);
  context.links.add(draft_of(match, local, MentionForm::name), kUnknownAfterTitle,
                    {title_evidence(context, title, kUnknownAfterTitle.type)});
}

void link_after_title(const LinkContext& context, const Match& match) {
  if (!match.is(Match::kSurname) || context.links.taken(match.first, match.count)) return;
  const Candidates candidates = candidates_of(context, match, AliasClass::surname);
  if (candidates.overflow) return;
  const TitleContext title = title_before(context, match.first, match.last());
  if (title.cue == kNone || title.honorific) return;
  const Surroundings around =
      surroundings_of(context.text, context.matcher, match, NameRole::person);
  if (around.blocked) return;
  OfficeChoice office;
  const std::size_t picked = pick_by_office(context, candidates, title, office);
  if (picked == kCandidatesMax) {
    bool several = office.office != nullptr;
    const bool joined =
        !several && link_coreference(context, match, candidates, kCoreferenceOddTitle, &several);
    if (!joined && !several) add_unknown(context, match, title);
    return;
  }
  Confidence confidence = title.scope != kNone ? kOfficeOfScope : kOfficeAnywhere;
  if (office.fit == OfficeFit::before) confidence = kOfficeBefore;
  const std::uint32_t local =
      context.links.local_of(context.text.pack(), candidates.entities[picked]);
  confidence = less(confidence, match);
  context.links.add(
      draft_of(match, local, around.compound ? MentionForm::compound : MentionForm::surname),
      confidence,
      {office_evidence(context, *office.office, confidence.link),
       title_evidence(context, title, 20),
       alias_evidence(context, candidates.aliases[picked], 60)});
}

void link_bare_surname(const LinkContext& context, const Match& match) {
  if (!match.is(Match::kSurname) || context.links.taken(match.first, match.count)) return;
  const Candidates candidates = candidates_of(context, match, AliasClass::surname);
  if (candidates.overflow) return;
  const Surroundings around =
      surroundings_of(context.text, context.matcher, match, NameRole::person);
  if (reads_as_month(context, match)) return;
  if (around.blocked) {
    const std::size_t same = same_first_name(context, candidates, around);
    if (same == kCandidatesMax) return;
    const std::uint32_t local =
        context.links.local_of(context.text.pack(), candidates.entities[same]);
    Draft draft = draft_of(match, local, MentionForm::name);
    draft.first = around.first_name;
    draft.count = match.last() - draft.first;
    context.links.add(draft, kCoreference,
                      {alias_evidence(context, candidates.aliases[same], kCoreference.link)});
    return;
  }
  bool several = false;
  if (candidates.needs_evidence && around.capital_weak &&
      (context.text.capitals_tell_nothing(match.first) ||
       context.text.lower_case_elsewhere(match.first) ||
       bearer_in_article(context, candidates, match).ahead)) {
    return;
  }
  if (link_coreference(context, match, candidates, kCoreference, &several)) return;
  if (several || candidates.needs_evidence) return;
  std::size_t holder = kCandidatesMax;
  std::size_t holders = 0;
  for (std::size_t i = 0; i < candidates.count; ++i) {
    if (office_held(context, candidates.entities[i]) == nullptr) continue;
    holder = i;
    ++holders;
  }
  if (holders != 1) return;
  const Confidence confidence =
      less(candidates.count == 1 ? kOnlyOfficeHolder : kOneOfSeveral, match);
  const KnowledgePack& pack = context.text.pack();
  const std::uint32_t person = candidates.entities[holder];
  std::string_view runner_up;
  if (candidates.count > 1) {
    runner_up = pack.text(pack.entities()[candidates.entities[holder == 0 ? 1 : 0]].name);
  }
  const std::uint32_t local = context.links.local_of(pack, person);
  Evidence alias = alias_evidence(context, candidates.aliases[holder], confidence.link);
  alias.runner_up = runner_up;
  if (!runner_up.empty()) alias.margin = 20;
  context.links.add(
      draft_of(match, local, around.compound ? MentionForm::compound : MentionForm::surname),
      confidence,
      {alias, office_evidence(context, *office_held(context, person), confidence.link)});
}

}  // namespace

void link_full_names(const LinkContext& context) {
  for (const Match& match : context.matcher.matches()) link_full_name(context, match);
}

void link_by_office(const LinkContext& context) {
  for (const Match& match : context.matcher.matches()) link_after_title(context, match);
}

void link_bare_surnames(const LinkContext& context) {
  for (const Match& match : context.matcher.matches()) link_bare_surname(context, match);
}

}  // namespace telex
