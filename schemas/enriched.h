// The enriched record: a ninjs 3.1 item with one extension, `annotations`, declared in `standard`.
//
// Without `annotations` the item validates against the official ninjs 3.1 schema; the whole against
// schemas/enriched.schema.json.
//
// Rules
//  - Every ninjs member of the input that telex does not own leaves as it came, byte for byte, in
//    input order. telex owns uri, type, standard, annotations and its own elements in subjects,
//    people, organisations, places, events, objects; others' elements in those stay, and stand
//    first.
//  - What an earlier telex run put in is replaced: subjects whose creator is kCreator, and entity
//    elements whose uri (or, without one, name) the incoming `annotations.entities` lists.
//  - Determinism: fixed member order, integers for scores, no clock, no generation number.
//
// Threads: none inside. Errors: none; a row that publishes can always be encoded.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "schemas/annotations.h"
#include "schemas/batch.h"
#include "schemas/provenance.h"
#include "schemas/record.h"

namespace telex {

inline constexpr std::string_view kCreator = "telex";
inline constexpr std::string_view kEnrichedSchemaUri = "urn:telex:schema:enriched:1";

// The part's name in annotations ("headline", "headline/1", "body/0") and its JSON Pointer in the
// record ("/headlines/0/value"); see article.h. Appends.
void append_part_name(const Part& part, std::string& out);
void append_part_pointer(const Part& part, std::string& out);

// Appends the record's JSON for one published row.
void append_enriched(const Batch& batch, std::uint32_t row, const Annotations& annotations,
                     const Provenance& provenance, std::string& out);

// The whole record: key (the identity), value, CloudEvents headers in binary mode (ce_specversion,
// ce_type, ce_source, ce_id, ce_time where the article has a time of second precision,
// content-type), the input's traceparent/tracestate headers, the source record's timestamp.
// Returns the bytes of the value.
std::uint64_t add_enriched(const Batch& batch, std::uint32_t row, const Annotations& annotations,
                           const Provenance& provenance, std::string_view default_ce_source,
                           Records& out);

// A deletion passed on: the identity as key, a null value.
void add_deletion(const Batch& batch, std::uint32_t row, Records& out);

}  // namespace telex
