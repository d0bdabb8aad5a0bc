// Provenance: which artefacts made a record. Stands in every enriched record and dead letter.
//
// Plain data, no threads, no errors.
#pragma once

#include <string>

namespace telex {

// What produced a record; stands in its annotations. Digests are XXH3-128 of the artefact's bytes
// as 32 lower-case hex digits; empty = there is none.
struct Provenance {
  std::string telex_version;
  std::string pack_digest;
  std::string pack_version;  // The pack's own name of its version, e.g. "2026-11".
  std::string rules_digest;
  std::string model_digest;
  std::string config_digest;  // Of the settings that can change a record, not of all settings.
  std::string vocabulary;     // Release of the topic vocabulary, e.g. "IPTC Media Topics 2023-10".
};

}  // namespace telex
