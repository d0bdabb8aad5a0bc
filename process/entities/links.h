// Links: what has been decided about one article so far: its entities, its mentions in the making
// and the reasons for each. The linkers of this folder fill it one after another.
//
// Threads: one lane; memory is reused from article to article. Limits: kDraftsMax mentions, above
// which `overflow` is set and nothing more is taken.
#pragma once

#include <bitset>
#include <cstdint>
#include <initializer_list>
#include <string_view>
#include <vector>

#include "process/entities/name_matcher.h"
#include "process/knowledge/pack.h"
#include "schemas/annotations.h"
#include "schemas/reason.h"

namespace telex {

// One thing the article names. Becomes an Entity.
struct LocalEntity {
  std::uint32_t pack_entity = kNone;  // kNone: not in the dictionary.
  EntityType type = EntityType::place;
  Score type_confidence = 0;  // The best of its mentions.
  Score link_confidence = 0;
  std::uint32_t best_draft = 0;     // The mention with the strongest reasons; names an unknown one.
  std::uint64_t name_hash = 0;      // Of the words that name an unknown one.
  std::uint64_t last_word = 0;      // Hash of its surname or acronym, for coreference; 0 = none.
  Score margin = kScoreMax;         // Lead over the runner-up.
  std::uint32_t runner_up = kNone;  // Pack entity.
};

// A mention in the making. Tokens are absolute; bytes count in the part's string.
struct Draft {
  std::uint32_t first = 0;
  std::uint32_t count = 0;
  std::uint32_t byte_end = 0;
  std::uint32_t local = 0;
  MentionForm form = MentionForm::name;
  IndexRange evidence;  // Of Links::evidence.
};

struct Confidence {
  Score type = 0;
  Score link = 0;
};

class Links {
 public:
  static constexpr std::uint32_t kDraftsMax = ArticleLimits::kMentionsMax;

  void reset(const ArticleText& text, const NameMatcher& matcher);

  // The entity's row among the article's; made if it is not there yet.
  std::uint32_t local_of(const KnowledgePack& pack, std::uint32_t pack_entity);
  // Whether the article names it already.
  bool has(std::uint32_t pack_entity) const { return local_of_entity_[pack_entity] != kNone; }
  std::uint32_t unknown(EntityType type, std::uint64_t name_hash, std::uint64_t last_word);

  // Notes a mention. Tokens are taken: later linkers pass over them.
  void add(const Draft& draft, Confidence confidence, std::initializer_list<Evidence> evidence);

  bool taken(std::uint32_t token) const { return taken_[token - base_]; }
  bool taken(std::uint32_t first, std::uint32_t count) const;
  void take(std::uint32_t first, std::uint32_t count);  // Tokens that are part of no name of ours.

  // Countries that the article names or has adjectives of.
  void note_country(std::uint16_t country) { countries_.set(slot(country)); }
  bool names_country(std::uint16_t country) const {
    return country != 0 && countries_.test(slot(country));
  }

  // Countries that the article speaks of otherwise: of its regions and its cities of a million.
  void note_nearby(std::uint16_t country) { nearby_.set(slot(country)); }
  bool speaks_of_country(std::uint16_t country) const {
    return names_country(country) || (country != 0 && nearby_.test(slot(country)));
  }

  std::vector<LocalEntity> locals;
  std::vector<Draft> drafts;
  std::vector<Evidence> evidence;
  bool overflow = false;

 private:
  static constexpr std::size_t kCountrySlots = 1U << 10;
  // Two capital letters, five bits each.
  static std::size_t slot(std::uint16_t country) {
    return static_cast<std::size_t>((country >> 8U & 31U) << 5U | (country & 31U));
  }

  std::vector<std::uint32_t> local_of_entity_;  // By pack entity; only rows of locals are set.
  std::vector<bool> taken_;
  std::uint32_t base_ = 0;
  std::bitset<kCountrySlots> countries_;
  std::bitset<kCountrySlots> nearby_;
};

// A reason from the pack; `weight` is how much it speaks for the link.
inline Evidence pack_evidence(EvidenceKind kind, std::string_view entry, Score weight,
                              Score margin = kScoreMax, std::string_view runner_up = {}) {
  Evidence row;
  row.kind = kind;
  row.artefact = Artefact::pack;
  row.weight = weight;
  row.margin = margin;
  row.entry = entry;
  row.runner_up = runner_up;
  return row;
}

}  // namespace telex
