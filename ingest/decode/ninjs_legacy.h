// ninjs 1.x and 2.x items (and Superdesk's ninjs) put into the members of ninjs 3.
//
// 2.x differs in the case of names (versioncreated, contenttype); 1.x also in shape: headline,
// description_text and body_html for headlines[], descriptions[] and bodies[], person for people,
// scheme and code for uri and literal. What ninjs 3 cannot say stays under its old name beside it,
// and the encoder keeps it apart from the item.
// Source: IPTC, ninjs JSON Schemas 1.6, 2.2 and 3.1.
//
// Internal to ingest/decode. Ownership: new JSON is stored in the draft's arena.
#pragma once

#include <string_view>
#include <vector>

#include "ingest/decode/draft.h"
#include "schemas/article.h"

namespace telex {

// Whether a member of this name stands only in ninjs 1.x or 2.x.
bool is_legacy_ninjs_name(std::string_view name);

// Rewrites `members` in place; nothing happens unless one of them is_legacy_ninjs_name().
void modernise_ninjs(std::vector<PassThrough>& members, Draft& draft);

}  // namespace telex
