// Identity: the uri under which an article is known downstream, and the key of its records.
//
// Body uri, else id, else record key, else urn:telex:<topic>:<partition>:<offset>. What is no URI
// becomes urn:telex:<source>:<percent-encoded>, so that every identity is a valid RFC 3986 URI.
// Threads: none inside.
#pragma once

#include <string>
#include <string_view>

#include "schemas/types.h"

namespace telex {

// Whether `text` is an absolute URI: scheme ":" and only characters that RFC 3986 allows, with
// well-formed percent escapes.
bool is_uri(std::string_view text);

// Appends `text` with every byte outside the unreserved set percent-encoded (upper-case digits).
void append_percent_encoded(std::string_view text, std::string& out);

struct IdentityInputs {
  std::string_view body_uri;  // Empty = none, for each.
  std::string_view body_id;
  std::string_view key;
  std::string_view source;
  std::string_view topic;
  Partition partition;
  Offset offset;
};

// Appends the identity.
void append_identity(const IdentityInputs& inputs, std::string& out);

}  // namespace telex
