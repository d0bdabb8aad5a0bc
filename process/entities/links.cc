#include "process/entities/links.h"

#include <algorithm>

namespace telex {

void Links::reset(const ArticleText& text, const NameMatcher& matcher) {
  if (local_of_entity_.size() != text.pack().entities().size()) {
    local_of_entity_.assign(text.pack().entities().size(), kNone);
  }
  for (const LocalEntity& local : locals) {
    if (local.pack_entity < local_of_entity_.size()) local_of_entity_[local.pack_entity] = kNone;
  }
  locals.clear();
  drafts.clear();
  evidence.clear();
  overflow = false;
  base_ = text.first();
  taken_.assign(text.count(), false);
  countries_.reset();
  nearby_.reset();
  // Countries and their adjectives speak for cities long before anything is linked.
  const KnowledgePack& pack = text.pack();
  for (const Match& match : matcher.matches()) {
    for (std::uint32_t i = match.readings.first; i < match.readings.last(); ++i) {
      const AliasRow& alias = pack.aliases()[matcher.readings()[i]];
      const EntityRow& entity = pack.entities()[alias.entity];
      if (entity.country == 0) continue;
      if (entity.place == PlaceKind::country) note_country(entity.country);
      const bool sure = (alias.flags & AliasRow::kNeedsEvidence) == 0 &&
                        !text.speaks(alias.common) && !match.is(Match::kFullName | Match::kSurname);
      constexpr std::uint8_t kPriorLargeCity = 60;
      const bool well_known =
          (entity.flags & EntityRow::kCurated) != 0 || entity.prior >= kPriorLargeCity;
      if (entity.type == static_cast<std::uint8_t>(EntityType::place) && sure && well_known) {
        note_nearby(entity.country);
      }
    }
  }
}

std::uint32_t Links::local_of(const KnowledgePack& pack, std::uint32_t pack_entity) {
  if (local_of_entity_[pack_entity] != kNone) return local_of_entity_[pack_entity];
  local_of_entity_[pack_entity] = static_cast<std::uint32_t>(locals.size());
  LocalEntity local;
  local.pack_entity = pack_entity;
  local.type = static_cast<EntityType>(pack.entities()[pack_entity].type);
  locals.push_back(local);
  return static_cast<std::uint32_t>(locals.size()) - 1;
}

std::uint32_t Links::unknown(EntityType type, std::uint64_t name_hash, std::uint64_t last_word) {
  for (std::uint32_t i = 0; i < locals.size(); ++i) {
    const LocalEntity& local = locals[i];
    if (local.pack_entity == kNone && local.type == type && local.name_hash == name_hash) return i;
  }
  LocalEntity local;
  local.type = type;
  local.name_hash = name_hash;
  local.last_word = last_word;
  locals.push_back(local);
  return static_cast<std::uint32_t>(locals.size()) - 1;
}

void Links::add(const Draft& draft, Confidence confidence,
                std::initializer_list<Evidence> reasons) {
  if (drafts.size() >= kDraftsMax) {
    overflow = true;
    return;
  }
  Draft kept = draft;
  kept.evidence.first = static_cast<std::uint32_t>(evidence.size());
  for (const Evidence& reason : reasons) {
    if (reason.artefact != Artefact::none) evidence.push_back(reason);
  }
  kept.evidence.count = static_cast<std::uint32_t>(evidence.size()) - kept.evidence.first;
  LocalEntity& local = locals[draft.local];
  if (local.type_confidence == 0 || confidence.link > local.link_confidence ||
      (confidence.link == local.link_confidence && confidence.type > local.type_confidence)) {
    local.best_draft = static_cast<std::uint32_t>(drafts.size());
  }
  local.type_confidence = std::max(local.type_confidence, confidence.type);
  local.link_confidence = std::max(local.link_confidence, confidence.link);
  drafts.push_back(kept);
  take(draft.first, draft.count);
}

bool Links::taken(std::uint32_t first, std::uint32_t count) const {
  for (std::uint32_t i = first; i < first + count; ++i) {
    if (taken(i)) return true;
  }
  return false;
}

void Links::take(std::uint32_t first, std::uint32_t count) {
  for (std::uint32_t i = first; i < first + count; ++i) taken_[i - base_] = true;
}

}  // namespace telex
