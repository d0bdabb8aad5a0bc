#include "process/entities/unknown_names.h"

#include <algorithm>
#include <array>

#include "process/entities/surroundings.h"

namespace telex {
namespace {

constexpr std::uint32_t kNameTokensMax = 6;
constexpr std::size_t kShortFormsMax =
    64;                                  // Names of one article whose short forms are looked for.
constexpr std::size_t kJoinedMax = 512;  // People of one article that are compared.
constexpr Confidence kAfterTitle{88, 0};
constexpr Confidence kAfterFirstName{80, 0};
constexpr Confidence kByCue{82, 0};
constexpr Confidence kShortForm{78, 0};  // Below the others: the fuller name stays the better one.

// A run of tokens that could be one name.
struct Run {
  std::uint32_t first = 0;
  std::uint32_t last = 0;      // One past.
  std::uint32_t capitals = 0;  // Words in it that have one.
  std::uint32_t count() const { return last - first; }
};

std::uint64_t hash_of(const LinkContext& context, const Run& run) {
  std::uint64_t hash = run.count();
  for (std::uint32_t i = run.first; i < run.last; ++i) {
    hash = (hash ^ context.text.tokens().hash[i]) * 0x9E3779B97F4A7C15ULL;
  }
  return hash;
}

// Whether what the pack knows of the token leaves it free for another name: surnames and small
// cities do; countries, organisations, full names and adjectives do not.
bool free_for_name(const LinkContext& context, std::uint32_t token) {
  if (context.links.taken(token) || context.matcher.title_at(token) != kNone) return false;
  const std::uint32_t index = context.matcher.match_at(token);
  if (index == kNone) return true;
  const KnowledgePack& pack = context.text.pack();
  const Match& match = context.matcher.matches()[index];
  if (match.count > 1) return false;
  for (std::uint32_t i = match.readings.first; i < match.readings.last(); ++i) {
    const AliasRow& alias = pack.aliases()[context.matcher.readings()[i]];
    const EntityRow& entity = pack.entities()[alias.entity];
    const bool curated = (entity.flags & EntityRow::kCurated) != 0;
    if (alias.alias_class != AliasClass::surname && curated) return false;
  }
  return true;
}

// Surnames are often common words ("Bakker", "Smith"); function words and months are none.
bool never_a_name(const ArticleText& text, std::uint32_t token) {
  return text.is(token, WordClass::function) || text.is(token, WordClass::calendar);
}

// What stands before an apostrophe inside a name: the L of L'Huillier, the O of O'Brien.
bool opens_apostrophe(const ArticleText& text, std::uint32_t token) {
  constexpr std::size_t kBytesMax = 2;
  return text.surface(token).size() <= kBytesMax && token + 1 < text.last() &&
         text.has(token + 1, TokenShape::kApostrophe | TokenShape::kGlued) &&
         text.surface(token + 1).size() > 1 && text.capital(token + 1);
}

bool name_word(const LinkContext& context, std::uint32_t token) {
  const ArticleText& text = context.text;
  if (token == kNone || !text.has(token, TokenShape::kWord) || !text.capital(token)) return false;
  // OBAMA'S has a capital behind its apostrophe as well.
  if (text.has(token, TokenShape::kApostrophe) && text.surface(token).size() == 1) return false;
  if (opens_apostrophe(text, token)) return !context.links.taken(token);
  return !never_a_name(text, token) && free_for_name(context, token);
}

// Whether particles lead from `token` on to another word of a name ("de" in "Piet de Vries").
std::uint32_t over_particles(const LinkContext& context, std::uint32_t token) {
  for (int i = 0; i < 3 && token != kNone; ++i) {
    if (name_word(context, token) && !context.text.is(token, WordClass::particle)) return token;
    if (!context.text.is(token, WordClass::particle)) return kNone;
    token = context.text.after(token);
  }
  return kNone;
}

// The name that begins at `first`: capitalised words, initials, and particles between them. After a
// single surname "van" is no particle but leads to the office ("minister Jansen van Financiën"),
// and so it does after a title and a full name ("minister Robbert Dijkgraaf van Onderwijs").
Run name_run(const LinkContext& context, std::uint32_t first, bool after_title) {
  Run run{first, first, 0};
  std::uint32_t token = first;
  const bool surname_first =
      context.text.capital(first) && context.text.first_name(first) == nullptr;
  while (token != kNone && run.count() < kNameTokensMax) {
    const bool surname_stands =
        (surname_first && run.capitals == 1) ||
        (after_title && run.capitals > 1 && context.text.first_name(run.last - 1) == nullptr);
    if (surname_stands && context.text.is(token, WordClass::of)) break;
    const std::uint32_t word = over_particles(context, token);
    if (word == kNone) break;
    run.last = word + 1;
    ++run.capitals;
    token = context.text.after(word);
    const bool initial = token != kNone && context.text.surface(word).size() == 1 &&
                         context.text.surface(token) == ".";
    if (initial) token = context.text.after(token);
  }
  return run;
}

void add(const LinkContext& context, const Run& run, EntityType type, Confidence confidence,
         const Evidence& evidence) {
  const std::uint64_t last_word = context.text.tokens().hash[run.last - 1];
  Draft draft;
  draft.first = run.first;
  draft.count = run.count();
  draft.byte_end = context.text.tokens().end[run.last - 1];
  draft.local = context.links.unknown(type, hash_of(context, run),
                                      type == EntityType::person ? last_word : 0);
  context.links.add(draft, confidence, {evidence});
}

// A first name that is a word too ("Will", "Mark") opens no name at the begin of a sentence.
bool first_name_here(const LinkContext& context, std::uint32_t token) {
  ArticleText& text = context.text;
  if (text.has(token, TokenShape::kSentenceStart) && text.plain_word(token)) return false;
  return name_word(context, token) && text.first_name(token) != nullptr &&
         !text.has(token, TokenShape::kHyphen) && !text.capitals_tell_nothing(token);
}

// Whether the words after a title are a name: in German, where every noun has a capital, only two
// of them are; in English, where titles before names have one as well, too ("Premier League").
bool name_after_title(const LinkContext& context, const Cue& title, const Run& run) {
  ArticleText& text = context.text;
  if (run.capitals == 0 || run.first == kNone || text.capitals_tell_nothing(title.first)) {
    return false;
  }
  if (run.capitals >= 2) return true;
  if (text.german() || text.language() == kEnglish || text.language() == 0) return false;
  if (text.has(run.first, TokenShape::kAllCapitals)) return false;
  if (context.matcher.match_at(run.last - 1) != kNone) return false;  // A surname: see offices.
  const std::uint32_t next = text.after(run.last - 1);
  if (next != kNone && text.has(next, TokenShape::kHyphen)) return false;
  return !text.capital(title.first) || text.has(title.first, TokenShape::kSentenceStart);
}

void link_after_title(const LinkContext& context, const Cue& title) {
  const std::uint32_t first = context.text.after(title.last() - 1);
  if (first == kNone || context.text.has(first, TokenShape::kHyphen)) return;
  // A single surname of the pack after a title is the business of offices (person_linker.h), and
  // a particle alone ("premier van Nederland") begins no name.
  const bool particle = !context.text.capital(first);
  if (particle && !context.text.is(first, WordClass::particle)) return;
  if (particle && context.text.is(first, WordClass::of)) return;
  const Run run = name_run(context, first, true);
  if (!name_after_title(context, title, run)) return;
  if (run.capitals == 1 && particle && context.matcher.match_at(run.last - 1) != kNone) return;
  const KnowledgePack& pack = context.text.pack();
  Evidence evidence = pack_evidence(EvidenceKind::title_before,
                                    pack.text(pack.titles()[title.row].text), kAfterTitle.type);
  evidence.part = context.text.tokens().part[title.first];
  evidence.range = {context.text.tokens().begin[title.first],
                    context.text.tokens().end[title.last() - 1]};
  add(context, run, EntityType::person, kAfterTitle, evidence);
}

// The last word of a name may be a surname that its bearer in the pack is called by in full: then
// it is left to the dictionary ("Mark Ruttes" is a genitive of Mark Rutte).
bool genitive_of_known(const LinkContext& context, const Run& run) {
  const std::uint32_t index = context.matcher.match_at(run.last - 1);
  return index != kNone && context.matcher.matches()[index].shape != NameShape::plain;
}

void link_after_first_name(const LinkContext& context, std::uint32_t token) {
  ArticleText& text = context.text;
  const WordRow* name = text.first_name(token);
  const Run run = name_run(context, token, false);
  if (run.capitals < 2 || genitive_of_known(context, run)) return;
  const std::uint32_t second = text.after(token);
  if (second == kNone || text.has(second, TokenShape::kHyphen)) return;
  const std::uint32_t before = text.before(token);
  if (before != kNone && text.capital(before) && text.has(before, TokenShape::kWord) &&
      context.matcher.title_at(before) == kNone && context.matcher.match_at(before) == kNone &&
      !text.plain_word(before) && !text.german() && !text.has(before, TokenShape::kSentenceStart)) {
    return;  // In the middle of something longer ("Stichting Jan Jansen").
  }
  add(context, run, EntityType::person, kAfterFirstName,
      pack_evidence(EvidenceKind::context, text.pack().text(name->text), kAfterFirstName.type));
}

// Words to the left of a cue that belong to the organisation's name.
std::uint32_t left_of_cue(const LinkContext& context, std::uint32_t cue) {
  std::uint32_t first = cue;
  for (std::uint32_t i = 0; i < kNameTokensMax; ++i) {
    const std::uint32_t word = context.text.before(first);
    if (word == kNone || !context.text.has(word, TokenShape::kWord) ||
        !context.text.capital(word) || never_a_name(context.text, word) ||
        context.links.taken(word) || context.matcher.title_at(word) != kNone) {
      break;
    }
    if (context.text.has(word, TokenShape::kSentenceStart) &&
        (context.text.is(word, WordClass::article) || context.text.lower_case_elsewhere(word))) {
      break;
    }
    first = word;
  }
  return first;
}

// A cue that something may follow: an institution, not a legal form ("Ltd").
bool heads_a_name(std::string_view cue) {
  constexpr std::size_t kLettersMin = 4;
  return cue.size() >= kLettersMin && cue.find('.') == std::string_view::npos && cue[1] >= 'a';
}

// Words to the right, after an `of`: "Universiteit van Harderwijk", "Autoriteit voor Zorg". With
// `whole`, something stands to the left already ("Royal College of Nursing"): then the names of the
// pack stay by themselves ("Harvard University of Boston").
std::uint32_t right_of_cue(const LinkContext& context, std::uint32_t last, bool whole) {
  const ArticleText& text = context.text;
  std::uint32_t token = last < text.last() ? text.after(last - 1) : kNone;
  if (token == kNone || !(text.is(token, WordClass::of) || text.is(token, WordClass::aim))) {
    return last;
  }
  token = text.after(token);
  if (token != kNone && text.is(token, WordClass::article)) token = text.after(token);
  std::uint32_t end = last;
  for (std::uint32_t i = 0; i < kNameTokensMax && token != kNone; ++i) {
    if (!text.has(token, TokenShape::kWord) || !text.capital(token) || text.plain_word(token) ||
        context.links.taken(token) ||
        (whole && (!free_for_name(context, token) || context.matcher.match_at(token) != kNone))) {
      break;
    }
    end = token + 1;
    token = text.after(token);
  }
  return end;
}

void link_by_cue(const LinkContext& context, std::size_t index_of_cue) {
  ArticleText& text = context.text;
  const std::vector<Cue>& cues = context.matcher.organisation_cues();
  const Cue& cue = cues[index_of_cue];
  if (context.links.taken(cue.first, cue.count) || text.has(cue.first, TokenShape::kHyphen) ||
      text.capitals_tell_nothing(cue.first)) {
    return;
  }
  const std::uint32_t index = context.matcher.match_at(cue.first);
  if (index != kNone && context.matcher.matches()[index].count > cue.count) return;
  Run run{left_of_cue(context, cue.first), cue.last(), 0};
  const bool whole = run.first != cue.first;
  if (!whole || heads_a_name(text.surface(cue.first, cue.count))) {
    run.last = right_of_cue(context, cue.last(), whole);
  }
  if (run.count() <= cue.count) return;
  for (std::size_t i = index_of_cue + 1; i < cues.size() && cues[i].first <= run.last; ++i) {
    if (cues[i].first == run.last) run.last = cues[i].last();  // "Holdings Ltd."
  }
  // A name of the pack that only has a legal form behind it ("Philips NV") is that name.
  const std::uint32_t known = context.matcher.match_at(run.first);
  if (known != kNone && run.first < cue.first &&
      context.matcher.matches()[known].last() == cue.first) {
    const KnowledgePack& pack = text.pack();
    const Match& match = context.matcher.matches()[known];
    const EntityRow& entity =
        pack.entities()[pack.aliases()[context.matcher.readings()[match.readings.first]].entity];
    if (entity.type == static_cast<std::uint8_t>(EntityType::organisation)) return;
    // An adjective before the cue ("Deutsche Bank" in small print) names no organisation by itself.
    if (pack.aliases()[context.matcher.readings()[match.readings.first]].alias_class >=
        AliasClass::demonym) {
      return;
    }
  }
  const KnowledgePack& pack = text.pack();
  add(context, run, EntityType::organisation, kByCue,
      pack_evidence(EvidenceKind::context, pack.text(pack.organisation_cues()[cue.row].text),
                    kByCue.type));
}

// Something that a short form may stand for.
struct ShortForm {
  std::uint64_t hash = 0;
  std::uint32_t local = 0;
  bool acronym = false;
};

class ShortForms {
 public:
  void add(const ShortForm& form) {
    if (count_ < forms_.size()) forms_[count_++] = form;
  }
  // The only entity that goes by `hash`; null = none or several.
  const ShortForm* find(std::uint64_t hash) const {
    const ShortForm* found = nullptr;
    for (std::size_t i = 0; i < count_; ++i) {
      if (forms_[i].hash != hash) continue;
      if (found != nullptr && found->local != forms_[i].local) return nullptr;
      found = &forms_[i];
    }
    return found;
  }
  bool empty() const { return count_ == 0; }

 private:
  std::array<ShortForm, kShortFormsMax> forms_{};
  std::size_t count_ = 0;
};

// "Universiteit van Harderwijk (UvH)": the acronym in brackets begins as the name does.
void note_acronym(const LinkContext& context, const Draft& draft, ShortForms& forms) {
  const ArticleText& text = context.text;
  const std::uint32_t open = text.after(draft.first + draft.count - 1);
  const std::uint32_t word = open == kNone ? kNone : text.after(open);
  const std::uint32_t close = word == kNone ? kNone : text.after(word);
  if (close == kNone || text.surface(open) != "(" || text.surface(close) != ")" ||
      context.links.taken(word) || !text.capital(word)) {
    return;
  }
  const bool acronym =
      text.has(word, TokenShape::kAllCapitals) || text.has(word, TokenShape::kMixedCase);
  if (!acronym || text.surface(word).front() != text.surface(draft.first).front()) return;
  forms.add({text.tokens().hash[word], draft.local, true});
}

// "De Vries" after "Piet de Vries", "L'Huillier" after "Anne L'Huillier": particles of the fuller
// name, and what stands before its apostrophe, belong to the surname.
std::uint32_t with_particles(const LinkContext& context, std::uint32_t token, const Draft& fuller) {
  const ArticleText& text = context.text;
  std::uint32_t first = token;
  for (std::uint32_t i = 1; i + 1 < fuller.count; ++i) {
    const std::uint32_t before = text.before(first);
    const std::uint32_t particle = fuller.first + fuller.count - 1 - i;
    const bool belongs = text.is(particle, WordClass::particle) || opens_apostrophe(text, particle);
    if (before == kNone || context.links.taken(before) || !belongs ||
        text.tokens().hash[before] != text.tokens().hash[particle]) {
      break;
    }
    first = before;
  }
  return first;
}

// "Hennis", "O'Leary".
bool one_word(const ArticleText& text, const Draft& draft) {
  return draft.count == 1 || (draft.count == 2 && opens_apostrophe(text, draft.first));
}

}  // namespace

void link_unknown_organisations(const LinkContext& context) {
  for (std::size_t i = 0; i < context.matcher.organisation_cues().size(); ++i) {
    link_by_cue(context, i);
  }
}

void link_unknown_people(const LinkContext& context) {
  for (const Cue& title : context.matcher.titles()) link_after_title(context, title);
  for (std::uint32_t token = context.text.first(); token < context.text.last(); ++token) {
    if (!context.text.capital(token) || context.links.taken(token)) continue;
    if (first_name_here(context, token)) link_after_first_name(context, token);
  }
}

void join_lone_surnames(const LinkContext& context) {
  auto& locals = context.links.locals;
  const std::size_t count = std::min<std::size_t>(locals.size(), kJoinedMax);
  for (std::uint32_t i = 0; i < count; ++i) {
    const LocalEntity& lone = locals[i];
    if (lone.type != EntityType::person || lone.pack_entity != kNone || lone.last_word == 0 ||
        !one_word(context.text, context.links.drafts[lone.best_draft])) {
      continue;
    }
    std::uint32_t fuller = kNone;
    bool several = false;
    for (std::uint32_t j = 0; j < count; ++j) {
      if (j == i || locals[j].type != EntityType::person || locals[j].last_word != lone.last_word) {
        continue;
      }
      several = several || fuller != kNone;
      fuller = j;
    }
    if (fuller == kNone || several) continue;
    for (Draft& draft : context.links.drafts) {
      if (draft.local != i) continue;
      draft.local = fuller;
      if (draft.form == MentionForm::name) draft.form = MentionForm::surname;
    }
    locals[i].last_word = 0;
  }
}

void link_short_forms(const LinkContext& context) {
  ShortForms forms;
  const auto& locals = context.links.locals;
  for (std::uint32_t i = 0; i < locals.size(); ++i) {
    const bool person = locals[i].type == EntityType::person;
    if (person && locals[i].last_word != 0) forms.add({locals[i].last_word, i, false});
  }
  for (const Draft& draft : context.links.drafts) {
    if (locals[draft.local].type == EntityType::organisation) note_acronym(context, draft, forms);
  }
  if (forms.empty()) return;
  ArticleText& text = context.text;
  for (std::uint32_t token = text.first(); token < text.last(); ++token) {
    if (!text.capital(token) || context.links.taken(token)) continue;
    const ShortForm* form = forms.find(text.tokens().hash[token]);
    if (form == nullptr) continue;
    Match alone;
    alone.first = token;
    alone.count = 1;
    alone.byte_end = text.tokens().end[token];
    const bool capitals =
        text.has(token, TokenShape::kAllCapitals) || text.has(token, TokenShape::kMixedCase);
    if ((form->acronym && !capitals) || text.is(token, WordClass::calendar)) continue;
    const LocalEntity& local = locals[form->local];
    const Draft& fuller = context.links.drafts[local.best_draft];
    const std::uint32_t first = with_particles(context, token, fuller);
    if (text.has(token, TokenShape::kApostrophe)) alone.first = first;
    const Surroundings around = surroundings_of(text, context.matcher, alone, NameRole::person);
    if (around.blocked || (text.plain_word(token) && around.capital_weak)) continue;
    Evidence evidence = pack_evidence(EvidenceKind::coreference, {}, kShortForm.type);
    evidence.artefact = Artefact::article;
    evidence.part = text.tokens().part[fuller.first];
    evidence.range = {text.tokens().begin[fuller.first], fuller.byte_end};
    Confidence confidence = kShortForm;
    if (local.pack_entity != kNone) {
      evidence.entry = text.pack().text(text.pack().entities()[local.pack_entity].name);
      confidence.link = kShortForm.type;
      evidence.weight = confidence.link;
    }
    Draft draft;
    draft.first = first;
    draft.count = token + 1 - draft.first;
    draft.byte_end = text.tokens().end[token];
    draft.local = form->local;
    draft.form = around.compound ? MentionForm::compound
                 : form->acronym ? MentionForm::acronym
                                 : MentionForm::surname;
    context.links.add(draft, confidence, {evidence});
  }
}

}  // namespace telex
