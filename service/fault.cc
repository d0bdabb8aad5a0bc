#include "service/fault.h"

#include <signal.h>
#include <unistd.h>

#include <charconv>
#include <chrono>
#include <cstdlib>
#include <stdexcept>
#include <thread>

namespace telex {
namespace {

// Records wait a few milliseconds in the client before they are sent. A fault that comes sooner
// finds nothing at the broker, and tests nothing.
constexpr std::chrono::milliseconds kSettling{50};

constexpr std::array<std::string_view, kFaultPointCount> kPoints{
    "after_begin", "after_produce", "after_send_offsets", "after_commit", "in_revoke"};

FaultPlan::Action action_of(std::string_view name) {
  if (name == "kill") return FaultPlan::Action::kill;
  if (name == "stop") return FaultPlan::Action::stop;
  if (name == "term") return FaultPlan::Action::term;
  if (name == "hang") return FaultPlan::Action::hang;
  return FaultPlan::Action::none;
}

// Cuts off and returns what stands before the first `mark`, or all.
std::string_view cut(std::string_view& text, char mark) {
  const std::size_t end = text.find(mark);
  const std::string_view head = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  return head;
}

}  // namespace

std::optional<std::string> FaultPlan::parse(std::string_view text) {
  while (!text.empty()) {
    std::string_view rest = cut(text, ',');
    const std::string whole(rest);
    const std::string_view point = cut(rest, ':');
    const Action action = action_of(cut(rest, ':'));
    std::size_t index = 0;
    while (index < kPoints.size() && kPoints[index] != point) ++index;
    std::uint32_t nth = 1;
    if (!rest.empty()) {
      const auto read = std::from_chars(rest.data(), rest.data() + rest.size(), nth);
      if (read.ec != std::errc{} || read.ptr != rest.data() + rest.size()) nth = 0;
    }
    if (index == kPoints.size() || action == Action::none || nth == 0) {
      return "TELEX_FAULT: '" + whole + "' is not point:action[:nth]";
    }
    entries_[index].action = action;
    entries_[index].nth = nth;
    armed_ = true;
  }
  return std::nullopt;
}

FaultPlan::Action FaultPlan::due(FaultPoint point) const {
  const Entry& entry = entries_[static_cast<std::size_t>(point)];
  return entry.seen.load() + 1 == entry.nth ? entry.action : Action::none;
}

void FaultPlan::count(FaultPoint point) {
  Entry& entry = entries_[static_cast<std::size_t>(point)];
  if (entry.action == Action::none || entry.seen.fetch_add(1) + 1 != entry.nth) return;
  std::this_thread::sleep_for(kSettling);
  switch (entry.action) {
    case Action::none:
      return;
    case Action::kill:
      ::kill(::getpid(), SIGKILL);
      return;
    case Action::stop:
      ::kill(::getpid(), SIGSTOP);
      return;
    case Action::term:
      ::kill(::getpid(), SIGTERM);
      return;
    case Action::hang:
      for (;;) std::this_thread::sleep_for(std::chrono::hours(1));
  }
}

FaultPlan& process_faults() {
  static FaultPlan plan;
  static const std::optional<std::string> error = [] {
    const char* text = std::getenv("TELEX_FAULT");
    return text == nullptr ? std::nullopt : plan.parse(text);
  }();
  if (error) throw std::runtime_error(*error);
  return plan;
}

}  // namespace telex
