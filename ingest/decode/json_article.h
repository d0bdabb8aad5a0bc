// A JSON document read through a field map.
//
// Internal to ingest/decode. Threads: one DecodeStage's scratch memory.
#pragma once

#include <simdjson.h>

#include "ingest/decode/draft.h"
#include "ingest/decode/field_tree.h"

namespace telex {

// Fills the draft; false when it is faulty. A field that is there but cannot be read is a fault
// where the article would lose its identity or text (uri, id, version, headline, lead, body,
// pub_status); any other is left out, because a common name ("author") may mean something else.
bool read_json_article(simdjson::dom::object document, const FieldTree& tree, FieldValues& values,
                       Draft& draft);

}  // namespace telex
