// Generation: everything that decides what an article becomes: configuration, pack, rules, models
// and their digests. Immutable once published; a lane takes one when a transaction begins, and
// keeps it until that transaction has ended, so one transaction never mixes two.
//
// Ownership: shared; the last user destroys it. Views in Annotations point into it.
// Threads:   immutable, so free to share.
#pragma once

#include <cstdint>
#include <memory>

#include "schemas/provenance.h"

namespace telex {

class KnowledgePack;  // process/knowledge/pack.h
class TopicRules;     // process/topics/rules.h

struct Generation {
  // Counts reloads of this process. Never in a record: the same input must give the same bytes.
  std::uint64_t number = 0;
  std::shared_ptr<const KnowledgePack> pack;  // Null: no entities are tagged.
  std::shared_ptr<const TopicRules> rules;    // Null: no topics are tagged.
  Provenance provenance;
};

}  // namespace telex
