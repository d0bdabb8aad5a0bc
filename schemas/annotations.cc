#include "schemas/annotations.h"

#include <array>
#include <cstddef>

namespace telex {
namespace {

template <std::size_t N, class E>
constexpr std::string_view name_of(const std::array<std::string_view, N>& names, E value) {
  return names[static_cast<std::size_t>(value)];
}

constexpr std::array<std::string_view, 5> kTypes{"person", "organisation", "place", "event",
                                                 "object"};
constexpr std::array<std::string_view, 6> kForms{"name",     "acronym", "surname",
                                                 "compound", "demonym", "adjective"};
constexpr std::array<std::string_view, 8> kArtefacts{"none",  "pack",     "overlay",   "rules",
                                                     "model", "detector", "publisher", "article"};
constexpr std::array<std::string_view, 15> kKinds{
    "alias",          "office",     "title_before", "coreference", "compound",         "demonym",
    "prior",          "context",    "capital",      "rule_word",   "rule_combination", "feature",
    "publisher_hint", "stop_words", "detector"};
constexpr std::array<std::string_view, 2> kDuplicates{"none", "identical"};

static_assert(kTypes.size() == static_cast<std::size_t>(EntityType::object) + 1);
static_assert(kForms.size() == static_cast<std::size_t>(MentionForm::adjective) + 1);
static_assert(kArtefacts.size() == static_cast<std::size_t>(Artefact::article) + 1);
static_assert(kKinds.size() == static_cast<std::size_t>(EvidenceKind::detector) + 1);
static_assert(kDuplicates.size() == static_cast<std::size_t>(DuplicateKind::identical) + 1);

}  // namespace

std::string_view to_string(EntityType type) { return name_of(kTypes, type); }
std::string_view to_string(MentionForm form) { return name_of(kForms, form); }
std::string_view to_string(Artefact artefact) { return name_of(kArtefacts, artefact); }
std::string_view to_string(EvidenceKind kind) { return name_of(kKinds, kind); }
std::string_view to_string(DuplicateKind kind) { return name_of(kDuplicates, kind); }

}  // namespace telex
