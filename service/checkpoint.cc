#include "service/checkpoint.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <system_error>

#include <xxhash.h>

#include "schemas/byte_codec.h"

namespace telex {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kMagic = "telexck1";
constexpr std::size_t kFrameBytes = 8 + 8;
constexpr std::uint32_t kVisitAtATime = 4096;
// Two lengths, at least.
constexpr std::size_t kEntryBytesMin = 8;

// Topic names have none but these characters (letters, digits, dot, underscore, hyphen).
fs::path path_of(const fs::path& folder, const Checkpoint& head) {
  return folder / (head.changelog + "-" + std::to_string(head.partition.value) + ".checkpoint");
}

std::uint64_t checksum(std::string_view file) {
  return XXH3_64bits(file.data() + kFrameBytes, file.size() - kFrameBytes);
}

std::string encode(const Checkpoint& head, const StateStore& store) {
  std::string out(kFrameBytes, '\0');
  append_bytes(head.changelog, out);
  append_integer(head.partition.value, out);
  append_integer(head.upto.value, out);
  append_integer(head.written, out);
  append_integer(head.made, out);
  append_integer(store.key_count(head.partition), out);
  std::string last;
  std::string from;
  std::string_view after;
  while (true) {
    const std::uint32_t count = store.visit(head.partition, after, kVisitAtATime,
                                            [&](std::string_view key, std::string_view value) {
                                              append_bytes(key, out);
                                              append_bytes(value, out);
                                              last = key;
                                            });
    if (count < kVisitAtATime) break;
    from = last;
    after = from;
  }
  std::string frame(kMagic);
  append_integer(checksum(out), frame);
  return out.replace(0, kFrameBytes, frame);
}

std::string failure(const fs::path& path) { return path.string() + ": " + std::strerror(errno); }

std::string write_file(const fs::path& path, std::string_view bytes) {
  const int file =
      ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
  if (file < 0) return failure(path);
  std::string why;
  while (!bytes.empty() && why.empty()) {
    const ssize_t written = ::write(file, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) {
      why = failure(path);
    } else {
      bytes.remove_prefix(static_cast<std::size_t>(written));
    }
  }
  // Not fsynced: what a crash tears is told by its checksum, and passed over.
  if (::close(file) != 0 && why.empty()) why = failure(path);
  return why;
}

std::string read_file(const fs::path& path, std::string& bytes) {
  std::error_code failed;
  const std::uintmax_t size = fs::file_size(path, failed);
  if (failed) return path.string() + ": " + failed.message();
  if (size < kFrameBytes || size > kCheckpointBytesMax) return path.string() + ": not a checkpoint";
  bytes.resize(size);
  std::ifstream in(path, std::ios::binary);
  if (!in.read(bytes.data(), static_cast<std::streamsize>(size))) return failure(path);
  return {};
}

// Everything before the entries.
bool decode_head(ByteCursor& cursor, Checkpoint& head, std::uint64_t& count) {
  std::string_view changelog;
  if (!cursor.bytes(changelog) || !cursor.integer(head.partition.value) ||
      !cursor.integer(head.upto.value) || !cursor.integer(head.written) ||
      !cursor.integer(head.made) || !cursor.integer(count)) {
    return false;
  }
  head.changelog = changelog;
  return count <= cursor.left() / kEntryBytesMin;
}

}  // namespace

std::string save_checkpoint(const fs::path& folder, const Checkpoint& head,
                            const StateStore& store) {
  std::error_code failed;
  fs::create_directories(folder, failed);
  if (failed) return folder.string() + ": " + failed.message();
  const fs::path path = path_of(folder, head);
  const std::string bytes = encode(head, store);
  if (bytes.size() > kCheckpointBytesMax)
    return path.string() + ": larger than a checkpoint may be";
  fs::path partial = path;
  partial += ".part";
  std::string why = write_file(partial, bytes);
  if (why.empty()) {
    fs::rename(partial, path, failed);
    if (failed) why = path.string() + ": " + failed.message();
  }
  if (!why.empty()) fs::remove(partial, failed);
  return why;
}

std::string load_checkpoint(const fs::path& folder, Checkpoint& head, StateStore& store) {
  const fs::path path = path_of(folder, head);
  const auto refuse = [&](const char* why) { return path.string() + ": " + why; };
  std::string bytes;
  if (std::string why = read_file(path, bytes); !why.empty()) return why;
  std::uint64_t expected = 0;
  ByteCursor frame(std::string_view(bytes).substr(kMagic.size()));
  if (!bytes.starts_with(kMagic) || !frame.integer(expected) || expected != checksum(bytes)) {
    return refuse("not as it was written");
  }
  Checkpoint found;
  std::uint64_t count = 0;
  ByteCursor cursor(std::string_view(bytes).substr(kFrameBytes));
  if (!decode_head(cursor, found, count) || found.changelog != head.changelog ||
      found.partition != head.partition) {
    return refuse("of another changelog");
  }
  const UnixMillis age = head.made - found.made;
  if (age < 0 || age > std::chrono::milliseconds(kCheckpointAgeMax).count()) {
    return refuse("too old, or from the future");
  }
  if (found.written > head.written) return refuse("ahead of what is committed");
  for (; count > 0; --count) {
    std::string_view key;
    std::string_view value;
    if (!cursor.bytes(key) || !cursor.bytes(value) || value.data() == nullptr ||
        !store.restore(head.partition, key, value)) {
      store.clear(head.partition);
      return refuse("holds what the store does not take");
    }
  }
  head = std::move(found);
  return {};
}

}  // namespace telex
