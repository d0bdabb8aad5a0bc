#include "ingest/archive/line_source.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>

#include <fmt/format.h>

namespace telex {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kBufferBytes = std::size_t{256} << 10;
// How often the deadline is looked at; a clock read costs as much as a short line.
constexpr std::uint32_t kLinesPerClock = 64;

bool is_blank(std::string_view line) {
  return line.find_first_not_of(" \t\r\v\f") == std::string_view::npos;
}

}  // namespace

// One file: where it is read, and the record read last.
class LineSource::Input {
 public:
  enum class Read : std::uint8_t { record, end, waiting, failed };

  Input(ArchiveInput names, ArchiveLayout layout, std::uint32_t record_bytes_max)
      : names_(std::move(names)), layout_(layout), record_bytes_max_(record_bytes_max) {}
  ~Input() { close(); }
  Input(const Input&) = delete;
  Input& operator=(const Input&) = delete;

  const std::string& topic() const { return names_.topic; }
  TopicPartition partition() const { return {names_.topic, Partition{0}}; }
  const std::string& error() const { return error_; }
  SourceEventKind error_kind() const { return error_kind_; }

  // The record at hand: its bytes (cut at the limit), its true length and its offset.
  bool has_record() const { return has_record_; }
  std::string_view record() const { return record_; }
  std::uint64_t record_bytes() const { return record_bytes_; }
  Offset offset() const { return {record_ordinal_}; }
  void take_record() { has_record_ = false; }

  bool active = true;
  bool done() const { return at_end_ && !has_record_ && !seeking(); }

  // From which offset to go on.
  void seek(Offset target) {
    const std::int64_t here = has_record_ ? record_ordinal_ : next_ordinal_;
    if (target.value == here) return;
    target_ = target.value;
    has_record_ = false;
  }

  // Reads the next record that is not blank.
  Read next(Clock::time_point until) {
    if (fd_ < 0 && !open()) return Read::failed;
    if (seeking() && !rewind()) return Read::failed;
    while (true) {
      const Read read = next_line(until);
      if (read == Read::end && seeking()) {
        // Exactly behind the last line is a good place to stand.
        if (target_ > next_ordinal_) {
          error_kind_ = SourceEventKind::out_of_range;
          return failed(
              fmt::format("no offset {}: the input has {} lines", target_, next_ordinal_));
        }
        target_ = -1;
      }
      if (read != Read::record) return read;
      if (seeking() && record_ordinal_ < target_) continue;
      target_ = -1;
      if (layout_ == ArchiveLayout::lines && is_blank(record_) && record_bytes_ <= record_.size()) {
        continue;
      }
      has_record_ = true;
      return Read::record;
    }
  }

  void close() {
    if (fd_ > STDIN_FILENO) ::close(fd_);
    fd_ = -1;
  }

 private:
  bool seeking() const { return target_ >= 0; }

  Read failed(std::string message) {
    error_ = std::move(message);
    return Read::failed;
  }

  bool fail_with_errno(std::string_view what) {
    error_ = fmt::format("{} {}: {}", what, names_.path, std::strerror(errno));
    return false;
  }

  bool open() {
    fd_ = names_.path == "-" ? STDIN_FILENO : ::open(names_.path.c_str(), O_RDONLY | O_CLOEXEC);
    if (fd_ < 0) return fail_with_errno("cannot open");
    struct stat status {};
    if (::fstat(fd_, &status) != 0) return fail_with_errno("cannot read");
    if (S_ISDIR(status.st_mode)) {
      errno = EISDIR;
      return fail_with_errno("cannot read");
    }
    seekable_ = S_ISREG(status.st_mode) && names_.path != "-";
    return true;
  }

  // Moves back to the line at or before the target of which the place is known.
  bool rewind() {
    if (target_ >= next_ordinal_) return true;  // Forward: by reading on.
    if (!seekable_) {
      error_ = fmt::format("{} cannot be read again from offset {}", names_.topic, target_);
      return false;
    }
    const std::size_t entry = std::min(static_cast<std::size_t>(target_) / kIndexLines,
                                       index_.empty() ? 0 : index_.size() - 1);
    const std::uint64_t place = index_.empty() ? 0 : index_[entry];
    if (::lseek(fd_, static_cast<off_t>(place), SEEK_SET) < 0) {
      return fail_with_errno("cannot rewind");
    }
    place_ = place;
    next_ordinal_ = static_cast<std::int64_t>(entry) * kIndexLines;
    begin_ = end_ = 0;
    at_end_ = false;
    forget_line();
    return true;
  }

  void forget_line() {
    record_.clear();
    partial_bytes_ = 0;
  }

  // One line (or file), blank or not, without its line end. On `waiting` it goes on later.
  Read next_line(Clock::time_point until) {
    if (partial_bytes_ == 0) {
      record_.clear();
      if (static_cast<std::size_t>(next_ordinal_) == index_.size() * kIndexLines) {
        index_.push_back(place_);
      }
    }
    while (true) {
      if (begin_ == end_) {
        const Read read = fill_buffer(until);
        if (read == Read::end) return finish_last_line();
        if (read != Read::record) return read;
      }
      const char* const from = buffer_.data() + begin_;
      const std::size_t available = end_ - begin_;
      const void* const newline =
          layout_ == ArchiveLayout::lines ? std::memchr(from, '\n', available) : nullptr;
      const std::size_t length =
          newline == nullptr ? available
                             : static_cast<std::size_t>(static_cast<const char*>(newline) - from);
      const std::size_t room = std::size_t{record_bytes_max_} + 1 - record_.size();
      record_.append(from, std::min(length, room));
      const std::size_t used = length + (newline != nullptr ? 1 : 0);
      partial_bytes_ += used;
      begin_ += used;
      place_ += used;
      if (newline != nullptr) return end_line(partial_bytes_ - 1);
    }
  }

  Read finish_last_line() {
    at_end_ = true;
    const bool whole = layout_ == ArchiveLayout::whole_file && next_ordinal_ == 0;
    if (partial_bytes_ == 0 && !whole) return Read::end;
    return end_line(partial_bytes_);
  }

  Read end_line(std::uint64_t bytes) {
    record_bytes_ = bytes;
    if (layout_ == ArchiveLayout::lines && record_.size() == bytes && record_.ends_with('\r')) {
      record_.pop_back();
      --record_bytes_;
    }
    record_ordinal_ = next_ordinal_++;
    partial_bytes_ = 0;
    return Read::record;
  }

  Read fill_buffer(Clock::time_point until) {
    if (at_end_) return Read::end;
    if (buffer_.empty()) buffer_.resize(kBufferBytes);
    if (!seekable_ && !wait_readable(until)) return Read::waiting;
    ssize_t got = 0;
    do {
      got = ::read(fd_, buffer_.data(), buffer_.size());
    } while (got < 0 && errno == EINTR);
    if (got < 0) {
      fail_with_errno("cannot read");
      return Read::failed;
    }
    begin_ = 0;
    end_ = static_cast<std::size_t>(got);
    return got == 0 ? Read::end : Read::record;
  }

  // Pipes and terminals may have nothing for now.
  bool wait_readable(Clock::time_point until) const {
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(until - Clock::now()).count();
    pollfd ready{fd_, POLLIN, 0};
    return ::poll(&ready, 1, static_cast<int>(std::clamp<std::int64_t>(left, 0, 60'000))) > 0;
  }

  ArchiveInput names_;
  ArchiveLayout layout_;
  std::uint32_t record_bytes_max_;
  int fd_ = -1;
  bool seekable_ = false;
  bool at_end_ = false;
  std::vector<char> buffer_;
  std::size_t begin_ = 0;  // What of the buffer is not yet read.
  std::size_t end_ = 0;
  std::uint64_t place_ = 0;           // Bytes of the file read so far: where the next line begins.
  std::int64_t next_ordinal_ = 0;     // Of the line at place_.
  std::vector<std::uint64_t> index_;  // The place of every kIndexLines-th line.
  std::int64_t target_ = -1;          // The offset sought; -1 = none.
  std::string record_;                // At most record_bytes_max + 1 bytes: one more shows the cut.
  std::uint64_t partial_bytes_ = 0;   // Of the line begun, its end included once it is there.
  bool has_record_ = false;
  std::uint64_t record_bytes_ = 0;
  std::int64_t record_ordinal_ = 0;
  std::string error_;
  SourceEventKind error_kind_ = SourceEventKind::fatal;
};

std::vector<ArchiveInput> archive_inputs(std::span<const std::string> paths) {
  std::vector<ArchiveInput> inputs;
  for (const std::string& path : paths) {
    const std::string name =
        path == "-" ? "stdin" : std::filesystem::path(path).filename().string();
    inputs.push_back({path, name.empty() ? path : name});
  }
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    const std::string name = inputs[i].topic;
    const auto same = [&name](const ArchiveInput& other) { return other.topic == name; };
    if (std::count_if(inputs.begin(), inputs.end(), same) == 1) continue;
    for (ArchiveInput& input : inputs) {
      if (same(input)) input.topic = input.path;
    }
  }
  return inputs;
}

LineSource::LineSource(LineSourceOptions options) : options_(std::move(options)) {
  for (const ArchiveInput& input : options_.inputs) {
    inputs_.push_back(std::make_unique<Input>(input, options_.layout, options_.record_bytes_max));
  }
}

LineSource::~LineSource() = default;

void LineSource::announce(const EventHandler& on_event) const {
  SourceEvent event;
  event.kind = SourceEventKind::assigned;
  for (const auto& input : inputs_) {
    event.partitions.push_back(input->partition());
    event.positions.push_back({input->partition(), Offset{0}});
  }
  std::sort(event.partitions.begin(), event.partitions.end());
  std::sort(event.positions.begin(), event.positions.end());
  on_event(event);
}

void LineSource::poll(Batch& batch, std::chrono::milliseconds deadline,
                      const EventHandler& on_event) {
  if (over_) return;
  if (!announced_) {
    announced_ = true;
    announce(on_event);
  }
  const Clock::time_point until = Clock::now() + deadline;
  bool all_done = true;
  for (const auto& input : inputs_) {
    if (!input->active) {
      all_done = false;
      continue;
    }
    switch (fill(*input, batch, until)) {
      case Progress::done:
        continue;
      case Progress::failed:
        fail(input->error_kind(), *input, input->error(), on_event);
        return;
      default:
        return;
    }
  }
  if (!all_done || end_reported_) return;
  end_reported_ = true;
  on_event({SourceEventKind::end, {}, {}, {}});
}

LineSource::Progress LineSource::fill(Input& input, Batch& batch, Clock::time_point until) {
  for (std::uint32_t lines = 1;; ++lines) {
    if (!input.has_record()) {
      if (input.done()) return Progress::done;
      switch (input.next(until)) {
        case Input::Read::record:
          break;
        case Input::Read::end:
          return Progress::done;
        case Input::Read::waiting:
          return Progress::waiting;
        case Input::Read::failed:
          return Progress::failed;
      }
    }
    if (!add(input, batch)) return Progress::batch_full;
    input.take_record();
    if (lines % kLinesPerClock == 0 && Clock::now() >= until) return Progress::more;
  }
}

bool LineSource::add(Input& input, Batch& batch) const {
  RawRecord record;
  record.topic = batch.intern_topic(input.topic());
  record.partition = Partition{0};
  record.offset = input.offset();
  record.timestamp = options_.timestamp;
  record.value = input.record();
  if (record.value.data() == nullptr) record.value = "";
  const std::uint32_t bytes_max = std::min(options_.record_bytes_max, batch.limits().raw_bytes_max);
  const bool cut = input.record_bytes() > bytes_max;
  if (cut) record.value = record.value.substr(0, bytes_max);
  if (!batch.append(record)) return false;
  if (cut) {
    batch.set_verdict(
        batch.size() - 1, VerdictKind::faulty, Reason::too_large, kStage,
        fmt::format("{} bytes; the limit is {}; cut there", input.record_bytes(), bytes_max));
  }
  return true;
}

void LineSource::fail(SourceEventKind kind, const Input& input, const std::string& message,
                      const EventHandler& on_event) {
  close();
  on_event({kind, {input.partition()}, {}, message});
}

void LineSource::assign(std::span<const Position> positions) {
  end_reported_ = false;
  for (const auto& input : inputs_) {
    input->active = false;
    for (const Position& position : positions) {
      if (position.partition != input->partition()) continue;
      input->active = true;
      input->seek(position.next);
    }
  }
}

void LineSource::close() {
  over_ = true;
  for (const auto& input : inputs_) input->close();
}

}  // namespace telex
