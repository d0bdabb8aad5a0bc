#include "process/knowledge/message_catalogue.h"

#include <cstring>

namespace telex {
namespace {

constexpr std::uint32_t kMagic = 0x950412DEU;
constexpr std::uint32_t kMagicSwapped = 0xDE120495U;

class Reader {
 public:
  explicit Reader(std::string_view bytes) : bytes_(bytes) {}
  void swap_bytes() { swap_ = true; }

  bool number(std::uint64_t offset, std::uint32_t& value) const {
    if (offset > bytes_.size() || bytes_.size() - offset < sizeof(value)) return false;
    std::memcpy(&value, bytes_.data() + offset, sizeof(value));
    if (swap_) value = __builtin_bswap32(value);
    return true;
  }
  // The string that the (length, offset) pair at `pair` describes.
  bool string(std::uint64_t pair, std::string_view& value) const {
    std::uint32_t length = 0;
    std::uint32_t offset = 0;
    if (!number(pair, length) || !number(pair + 4, offset)) return false;
    if (offset > bytes_.size() || length > bytes_.size() - offset) return false;
    value = bytes_.substr(offset, length);
    return true;
  }

 private:
  std::string_view bytes_;
  bool swap_ = false;
};

}  // namespace

std::optional<MessageCatalogue> MessageCatalogue::open(std::string_view bytes, std::string& error) {
  Reader reader(bytes);
  std::uint32_t magic = 0;
  if (!reader.number(0, magic) || (magic != kMagic && magic != kMagicSwapped)) {
    error = "not a message catalogue";
    return std::nullopt;
  }
  if (magic == kMagicSwapped) reader.swap_bytes();
  std::uint32_t revision = 0;
  std::uint32_t count = 0;
  std::uint32_t originals = 0;
  std::uint32_t translations = 0;
  if (!reader.number(4, revision) || !reader.number(8, count) || !reader.number(12, originals) ||
      !reader.number(16, translations) || revision >> 16U > 1 || count > kMessagesMax) {
    error = "a message catalogue of an unknown revision or size";
    return std::nullopt;
  }
  MessageCatalogue catalogue;
  for (std::uint32_t i = 0; i < count; ++i) {
    std::string_view original;
    std::string_view translation;
    if (!reader.string(originals + std::uint64_t{i} * 8, original) ||
        !reader.string(translations + std::uint64_t{i} * 8, translation)) {
      error = "a message catalogue that is cut off";
      return std::nullopt;
    }
    catalogue.messages_.emplace(original, translation);
  }
  return catalogue;
}

std::string_view MessageCatalogue::find(std::string_view original) const {
  const auto found = messages_.find(original);
  return found == messages_.end() ? std::string_view{} : found->second;
}

}  // namespace telex
