#include "sink/file_sink.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "schemas/base64.h"
#include "schemas/dead_letter.h"
#include "schemas/json_writer.h"

namespace telex {
namespace {

std::string failure(std::string_view what, const std::string& path) {
  return std::string(what) + " " + path + ": " + std::strerror(errno);
}

std::string partial(const std::string& path) { return path + ".partial"; }

void append_dead_letter(const Record& record, std::string& out) {
  out += "{\"key\":";
  append_base64_or_null(record.key, out);
  out += ",\"value\":";
  append_base64_or_null(record.value, out);
  // Foreign headers are bytes; telex's own are UTF-8 by contract (dead_letter.h), but a record that
  // was given to us may pretend, so they are text only under their exact prefix.
  std::string telex;
  bool first = true;
  out += ",\"headers\":[";
  for (std::uint32_t i = 0; i < record.headers.size(); ++i) {
    const Header header = record.headers[i];
    if (header.name.starts_with(kDeadLetterPrefix)) {
      if (!telex.empty()) telex += ',';
      append_json_string(header.name.substr(kDeadLetterPrefix.size()), telex);
      telex += ':';
      append_json_string(header.value, telex);
      continue;
    }
    if (!std::exchange(first, false)) out += ',';
    out += "{\"name\":";
    append_json_string(header.name, out);
    out += ",\"value\":";
    append_base64_or_null(header.value, out);
    out += '}';
  }
  out += "],\"telex\":{" + telex + "}}\n";
}

void append_line(const Record& record, std::string& out) {
  if (record.value.data() == nullptr) {
    out += "{\"deleted\":";
    append_json_string(record.key, out);
    out += "}\n";
    return;
  }
  out.append(record.value);
  out += '\n';
}

}  // namespace

FileSink::FileSink(FileSinkOptions options) {
  records_.path = std::move(options.path);
  dead_letters_.path = std::move(options.dead_letter_path);
}

FileSink::~FileSink() = default;

SinkResult FileSink::open() {
  for (Output* output : {&records_, &dead_letters_}) {
    std::string error = open_output(*output);
    if (!error.empty()) return {SinkStatus::fatal, std::move(error), FaultCause::setup};
  }
  return {};
}

std::string FileSink::open_output(Output& output) {
  if (output.path.empty()) return {};
  output.file.reset(std::fopen(partial(output.path).c_str(), "wb"));
  if (output.file == nullptr) return failure("cannot write", partial(output.path));
  return {};
}

SinkResult FileSink::begin() {
  records_.text.clear();
  dead_letters_.text.clear();
  staged_counts_ = {};
  return {};
}

SinkResult FileSink::stage(const Records& records, std::uint32_t first) {
  for (staged_ = first; staged_ < records.size(); ++staged_) {
    const Record record = records[staged_];
    const bool dead = record.destination == Destination::dead_letter;
    Output& output = dead ? dead_letters_ : records_;
    const std::uint64_t held = records_.text.size() + dead_letters_.text.size();
    if (held > 0 && held + record.key.size() + record.value.size() > kTransactionBytesMax) {
      return {SinkStatus::full, "the transaction holds " + std::to_string(held) + " bytes"};
    }
    ++staged_counts_[static_cast<std::size_t>(record.destination)];
    if (output.file == nullptr || record.destination == Destination::changelog) continue;
    if (dead) {
      append_dead_letter(record, output.text);
    } else {
      append_line(record, output.text);
    }
  }
  return {};
}

// Appends the transaction's text; on failure cuts the file back to what was committed.
std::string FileSink::append_text(Output& output) {
  if (output.file == nullptr || output.text.empty()) return {};
  std::FILE* file = output.file.get();
  const bool written =
      std::fwrite(output.text.data(), 1, output.text.size(), file) == output.text.size() &&
      std::fflush(file) == 0;
  if (!written) return failure("cannot write", partial(output.path));
  return {};
}

CommitResult FileSink::commit(const Positions&, std::string_view, std::chrono::milliseconds) {
  std::string error = append_text(records_);
  if (error.empty()) error = append_text(dead_letters_);
  for (Output* output : {&records_, &dead_letters_}) {
    if (output->file == nullptr) continue;
    if (error.empty()) {
      output->committed_bytes += static_cast<long>(output->text.size());
    } else if (::ftruncate(::fileno(output->file.get()), output->committed_bytes) != 0) {
      error += "; " + failure("cannot cut back", partial(output->path));
    }
    output->text.clear();
  }
  if (!error.empty()) return {CommitOutcome::fatal, std::move(error), true, FaultCause::setup};
  for (std::size_t i = 0; i < kDestinationCount; ++i) committed_[i] += staged_counts_[i];
  staged_counts_ = {};
  return {};
}

CommitResult FileSink::abort(std::chrono::milliseconds) {
  records_.text.clear();
  dead_letters_.text.clear();
  staged_counts_ = {};
  return {CommitOutcome::aborted, "", false, FaultCause::world};
}

std::string FileSink::finish(Output& output) {
  if (output.file == nullptr) return {};
  const bool on_disk =
      std::fflush(output.file.get()) == 0 && ::fsync(::fileno(output.file.get())) == 0;
  std::string error;
  if (!on_disk) error = failure("cannot write", partial(output.path));
  if (std::fclose(output.file.release()) != 0 && error.empty()) {
    error = failure("cannot write", partial(output.path));
  }
  if (error.empty() && std::rename(partial(output.path).c_str(), output.path.c_str()) != 0) {
    error = failure("cannot put in place", output.path);
  }
  return error;
}

void FileSink::close(std::chrono::milliseconds) {
  close_error_ = finish(records_);
  std::string error = finish(dead_letters_);
  if (close_error_.empty()) close_error_ = std::move(error);
}

}  // namespace telex
