// ninjs items: recognised by shape, read, and passed on.
//
// Internal to ingest/decode. Threads: none inside.
#pragma once

#include <string_view>

#include <simdjson.h>

#include "ingest/decode/draft.h"

namespace telex {

// Whether a document nobody has named is ninjs: it has a `uri` (Superdesk: `guid`) and members that
// only ninjs has: lists of objects with a `value` (headlines, descriptions, bodies), a `standard`,
// the texts of 1.x (body_html), or, where no member of another format holds a body, the dates and
// status of ninjs.
bool looks_like_ninjs(simdjson::dom::object document);

// Fills the draft from an item; false when it is faulty. Parts are the values of headlines (the
// title where there are none), descriptions and bodies; of several formats of one text the plain
// ones, else the first. `json` is the document's text, accepted by the parser.
bool read_ninjs(std::string_view json, Draft& draft);

}  // namespace telex
