#include "sink/spool.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cassert>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <thread>
#include <utility>

#include <fmt/format.h>
#include <xxhash.h>

#include "sink/spool_file.h"

namespace telex {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr std::string_view kLockName = ".lock";
constexpr std::string_view kRecordSuffix = ".record";
constexpr std::string_view kPartialSuffix = ".record.partial";
constexpr milliseconds kLockRetry{5};
constexpr mode_t kFolderMode = 0700;
constexpr mode_t kFileMode = 0600;
// Of an escaped topic in a file name; with the rest a name stays below NAME_MAX (255).
constexpr std::size_t kTopicBytesMax = 150;

class Descriptor {
 public:
  explicit Descriptor(int fd = -1) : fd_(fd) {}
  Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  int get() const { return fd_; }
  bool good() const { return fd_ >= 0; }
  int release() { return std::exchange(fd_, -1); }

 private:
  int fd_;
};

// A write beyond RLIMIT_FSIZE is a signal that ends the process, unless it is blocked; then it is
// EFBIG. The signal goes to the writing thread, which takes it back here.
class FileSizeSignalBlocked {
 public:
  FileSizeSignalBlocked() {
    sigemptyset(&signal_);
    sigaddset(&signal_, SIGXFSZ);
    pthread_sigmask(SIG_BLOCK, &signal_, &before_);
  }
  FileSizeSignalBlocked(const FileSizeSignalBlocked&) = delete;
  FileSizeSignalBlocked& operator=(const FileSizeSignalBlocked&) = delete;
  ~FileSizeSignalBlocked() {
    const int error = errno;
    if (sigismember(&before_, SIGXFSZ) == 0) {
      const timespec now{0, 0};
      while (sigtimedwait(&signal_, nullptr, &now) == SIGXFSZ) {
      }
    }
    pthread_sigmask(SIG_SETMASK, &before_, nullptr);
    errno = error;
  }

 private:
  sigset_t signal_{};
  sigset_t before_{};
};

// What errno says about `what`.
SpoolResult failure(const std::string& what) {
  const int error = errno;
  const bool full = error == ENOSPC || error == EDQUOT || error == EFBIG;
  return {
      full ? SpoolStatus::full : SpoolStatus::unavailable, {}, what + ": " + std::strerror(error)};
}

// The folder, locked against other writers and swept, with what is in it counted.
class Folder {
 public:
  explicit Folder(const SpoolOptions& options) : options_(options) {}

  SpoolResult open() {
    const char* const path = options_.folder.c_str();
    if (::mkdir(path, kFolderMode) != 0 && errno != EEXIST) return failed("cannot make");
    folder_ = Descriptor(::open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!folder_.good()) return failed("cannot open");
    lock_ = Descriptor(::openat(folder_.get(), kLockName.data(),
                                O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, kFileMode));
    if (!lock_.good()) return failed("cannot write in");
    SpoolResult locked = lock();
    return locked.ok() ? sweep() : locked;
  }

  // Puts `bytes` under `name`, for good.
  SpoolResult keep(const std::string& name, std::string_view bytes) {
    struct stat earlier {};
    const bool there = ::fstatat(folder_.get(), name.c_str(), &earlier, AT_SYMLINK_NOFOLLOW) == 0 &&
                       S_ISREG(earlier.st_mode);
    const std::uint64_t others =
        usage_.bytes - (there ? static_cast<std::uint64_t>(earlier.st_size) : 0);
    if (others + bytes.size() > options_.bytes_max) {
      return {SpoolStatus::full,
              {},
              fmt::format("{} holds {} bytes in {} records, a record of {} more is due, and "
                          "dead_letters.spool_bytes_max is {}",
                          options_.folder.string(), others, usage_.files, bytes.size(),
                          options_.bytes_max)};
    }
    if (!there && usage_.files >= options_.files_max) {
      return {SpoolStatus::full,
              {},
              fmt::format("{} holds {} records, the most it may", options_.folder.string(),
                          usage_.files)};
    }
    const std::string partial =
        name.substr(0, name.size() - kRecordSuffix.size()) + std::string(kPartialSuffix);
    SpoolResult result = write_new(partial, bytes);
    if (result.ok() &&
        ::renameat(folder_.get(), partial.c_str(), folder_.get(), name.c_str()) != 0) {
      result = failed("cannot put a record in place in");
    }
    if (!result.ok()) {
      ::unlinkat(folder_.get(), partial.c_str(), 0);  // If not now, then when it is swept.
      return result;
    }
    if (::fsync(folder_.get()) != 0) return failed("cannot bring to the disk");
    result.file = name;
    return result;
  }

  const SpoolUsage& usage() const { return usage_; }

 private:
  SpoolResult failed(std::string_view what) const {
    return failure("dead_letters.spool: " + std::string(what) + " " + options_.folder.string());
  }

  SpoolResult lock() {
    const auto end = steady_clock::now() + options_.lock_wait;
    while (::flock(lock_.get(), LOCK_EX | LOCK_NB) != 0) {
      if (errno == EINTR) continue;
      if (errno != EWOULDBLOCK || steady_clock::now() >= end) return failed("cannot lock");
      std::this_thread::sleep_for(kLockRetry);
    }
    return {};
  }

  // With the lock held nobody is writing: what is unfinished stays so.
  SpoolResult sweep() {
    Descriptor reading(::openat(folder_.get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!reading.good()) return failed("cannot read");
    const std::unique_ptr<DIR, int (*)(DIR*)> entries(::fdopendir(reading.get()), ::closedir);
    if (entries == nullptr) return failed("cannot read");
    reading.release();  // Closed with `entries`.
    while (true) {
      errno = 0;
      const dirent* const entry = ::readdir(entries.get());
      if (entry == nullptr) break;
      const std::string_view name(entry->d_name);
      struct stat status {};
      if (name.ends_with(kPartialSuffix)) {
        ::unlinkat(folder_.get(), entry->d_name, 0);
      } else if (name.ends_with(kRecordSuffix) &&
                 ::fstatat(folder_.get(), entry->d_name, &status, AT_SYMLINK_NOFOLLOW) == 0 &&
                 S_ISREG(status.st_mode)) {
        usage_.bytes += static_cast<std::uint64_t>(status.st_size);
        ++usage_.files;
      }
    }
    return errno == 0 ? SpoolResult{} : failed("cannot read");
  }

  SpoolResult write_new(const std::string& name, std::string_view bytes) {
    const FileSizeSignalBlocked blocked;
    Descriptor file(::openat(folder_.get(), name.c_str(),
                             O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, kFileMode));
    if (!file.good()) return failed("cannot write in");
    while (!bytes.empty()) {
      const ssize_t written = ::write(file.get(), bytes.data(), bytes.size());
      if (written < 0 && errno == EINTR) continue;
      if (written <= 0) return failed("cannot write in");
      bytes.remove_prefix(static_cast<std::size_t>(written));
    }
    if (::fsync(file.get()) != 0) return failed("cannot bring to the disk");
    // Network file systems say at close() what did not fit.
    if (::close(file.release()) != 0) return failed("cannot write in");
    return {};
  }

  const SpoolOptions& options_;
  Descriptor folder_;
  Descriptor lock_;  // Released when closed.
  SpoolUsage usage_;
};

std::string escaped(std::string_view topic) {
  std::string out;
  for (const char c : topic) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       c == '_' || c == '-' || (c == '.' && !out.empty());
    if (plain) {
      out += c;
    } else {
      out += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
  }
  if (out.size() <= kTopicBytesMax) return out;
  return fmt::format("{}~{:016x}", out.substr(0, kTopicBytesMax),
                     XXH3_64bits(topic.data(), topic.size()));
}

}  // namespace

std::string_view to_string(SpoolStatus status) {
  switch (status) {
    case SpoolStatus::ok:
      return "ok";
    case SpoolStatus::full:
      return "spool_full";
    case SpoolStatus::unavailable:
      return "spool_unavailable";
  }
  return "spool_unavailable";
}

std::string spool_file_name(const SpoolEntry& entry, std::string_view content) {
  return fmt::format("{}-{}-{}-{}{}", escaped(entry.topic), entry.partition.value,
                     entry.offset.value, content.substr(0, 16), kRecordSuffix);
}

SpoolResult Spool::open(SpoolUsage* usage) const {
  Folder folder(options_);
  SpoolResult result = folder.open();
  if (usage != nullptr) *usage = folder.usage();
  return result;
}

SpoolResult Spool::put(const SpoolEntry& entry) const {
  std::string digest;
  const std::string bytes = encode_spool_file(entry, digest);
  Folder folder(options_);
  SpoolResult opened = folder.open();
  if (!opened.ok()) return opened;
  const std::string name = spool_file_name(entry, digest);
  assert(is_spool_file_name(name));
  return folder.keep(name, bytes);
}

std::optional<SpooledRecord> read_spooled(const std::filesystem::path& folder,
                                          std::string_view file, std::string& error) {
  if (!is_spool_file_name(file)) {
    error = "not a name of the spool's";
    return std::nullopt;
  }
  const std::filesystem::path path = folder / file;
  const auto failed = [&](const char* why) {
    error = path.string() + ": " + why;
    return std::nullopt;
  };
  const Descriptor in(::open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK));
  if (!in.good()) return failed(std::strerror(errno));
  struct stat status {};
  if (::fstat(in.get(), &status) != 0) return failed(std::strerror(errno));
  if (!S_ISREG(status.st_mode)) return failed("not a file");
  if (static_cast<std::uint64_t>(status.st_size) > kSpoolFileBytesMax) {
    return failed("longer than any that telex writes");
  }
  auto bytes = std::make_unique<std::string>(static_cast<std::size_t>(status.st_size), '\0');
  std::size_t have = 0;
  while (have < bytes->size()) {
    const ssize_t got = ::read(in.get(), bytes->data() + have, bytes->size() - have);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return failed(std::strerror(errno));
    if (got == 0) return failed("cut off");
    have += static_cast<std::size_t>(got);
  }
  SpooledRecord record;
  if (const char* why = decode_spool_file(*bytes, record.entry); why != nullptr) return failed(why);
  record.bytes = std::move(bytes);
  return record;
}

std::optional<SpooledRecord> read_claimed(const std::filesystem::path& folder,
                                          const ClaimCheck& claim, std::string& error) {
  std::optional<SpooledRecord> record = read_spooled(folder, claim.file, error);
  if (!record) return std::nullopt;
  const std::string_view value = record->entry.value;
  const bool same = claim.null_value ? value.data() == nullptr
                                     : value.data() != nullptr && value.size() == claim.bytes &&
                                           content_digest(value) == claim.digest;
  if (same) return record;
  error = (folder / claim.file).string() + ": not the record that the claim check is for";
  return std::nullopt;
}

}  // namespace telex
