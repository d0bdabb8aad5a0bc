// A file that the build put into the binary, so that telex runs without files beside it.
//
// Made by telex_embed() (cmake/embed.cmake). Static storage, never changes, free to share.
#pragma once

#include <string_view>

namespace telex {

struct EmbeddedFile {
  std::string_view name;   // Without its folder.
  std::string_view bytes;  // Exactly as in the source tree.
};

}  // namespace telex
