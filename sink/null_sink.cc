#include "sink/null_sink.h"

namespace telex {

SinkResult NullSink::begin() {
  open_ = {};
  return {};
}

SinkResult NullSink::stage(const Records& records, std::uint32_t first) {
  for (staged_ = first; staged_ < records.size(); ++staged_) {
    const Record record = records[staged_];
    ++open_.records[static_cast<std::size_t>(record.destination)];
    open_.bytes += record.key.size() + record.value.size();
  }
  return {};
}

CommitResult NullSink::commit(const Positions&, std::string_view, std::chrono::milliseconds) {
  for (std::size_t i = 0; i < kDestinationCount; ++i) committed_.records[i] += open_.records[i];
  committed_.bytes += open_.bytes;
  ++transactions_;
  open_ = {};
  return {};
}

CommitResult NullSink::abort(std::chrono::milliseconds) {
  open_ = {};
  return {CommitOutcome::aborted, "", false, FaultCause::world};
}

}  // namespace telex
