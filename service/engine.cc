#include "service/engine.h"

#include <algorithm>
#include <cassert>
#include <utility>

namespace telex {

Engine::Engine(std::vector<LaneSetup> lanes, PublishedPtr first, const Clock& clock,
               FaultPlan* faults)
    : published_(std::move(first)) {
  assert(published_ != nullptr && !lanes.empty());
  for (LaneSetup& setup : lanes) {
    lanes_.push_back(std::make_unique<Lane>(
        std::move(setup.options), std::move(setup.ports), [this] { return published(); }, clock,
        setup.observer, faults));
  }
}

Engine::~Engine() {
  request_abort();
  for (std::thread& thread : threads_) thread.join();
}

void Engine::start() {
  assert(threads_.empty());
  running_ = lanes_.size();
  for (const auto& lane : lanes_) threads_.emplace_back([this, &lane] { run(*lane); });
}

void Engine::run(Lane& lane) {
  lane.run();
  const LaneStatus status = lane.status();
  if (status.state == LaneState::failed) {
    {
      const std::lock_guard lock(mutex_);
      if (exit_reason_.empty()) exit_reason_ = "lane " + status.name + ": " + status.problem;
    }
    request_stop();
  }
  const std::lock_guard lock(mutex_);
  --running_;
  over_.notify_all();
}

void Engine::publish(PublishedPtr generation) {
  assert(generation != nullptr);
  const std::lock_guard lock(mutex_);
  published_ = std::move(generation);
}

PublishedPtr Engine::published() const {
  const std::lock_guard lock(mutex_);
  return published_;
}

void Engine::request_stop() {
  for (const auto& lane : lanes_) lane->request_stop();
}

void Engine::request_abort() {
  for (const auto& lane : lanes_) lane->request_abort();
}

void Engine::resume(const std::string& topic) {
  for (const auto& lane : lanes_) lane->resume(topic);
}

bool Engine::wait(std::chrono::milliseconds limit) {
  std::unique_lock lock(mutex_);
  return over_.wait_for(lock, limit, [this] { return running_ == 0; });
}

std::vector<LaneStatus> Engine::status() const {
  std::vector<LaneStatus> all;
  all.reserve(lanes_.size());
  for (const auto& lane : lanes_) all.push_back(lane->status());
  return all;
}

bool Engine::ready() const {
  return std::all_of(lanes_.begin(), lanes_.end(),
                     [](const auto& lane) { return lane->status().ready; });
}

std::chrono::nanoseconds Engine::idle_time() const {
  std::chrono::nanoseconds longest{0};
  for (const auto& lane : lanes_) {
    const LaneState state = lane->status().state;
    if (is_over(state)) continue;
    longest = std::max(longest, lane->idle_time());
  }
  return longest;
}

std::string Engine::exit_reason() const {
  const std::lock_guard lock(mutex_);
  return exit_reason_;
}

}  // namespace telex
