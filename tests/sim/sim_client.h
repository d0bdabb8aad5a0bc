// What the simulated clients share. A client's calls run on its process's main thread; everything
// else it does (sending, retrying, heartbeats) runs as events in the background of that process,
// as librdkafka's own threads do, and stops when the process is frozen or gone.
#pragma once

#include <functional>
#include <memory>
#include <utility>

#include "tests/sim/cluster.h"

namespace telex::sim {

class Client {
 public:
  Client(Cluster& cluster, std::shared_ptr<Process> process)
      : cluster_(cluster), link_(std::make_shared<Link>(Link{std::move(process), true})) {}
  ~Client() { link_->open = false; }
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

 protected:
  Process& process() const { return *link_->process; }
  Nanos now() const { return cluster_.scheduler().now(); }

  void request(Api api, std::function<Code(bool late)> at_broker,
               std::function<void(Code)> on_answer) {
    cluster_.request(link_, api, std::move(at_broker), std::move(on_answer));
  }
  void background(Nanos delay, std::function<void()> action) {
    process().background(delay, [link = link_, action = std::move(action)] {
      if (link->open) action();
    });
  }
  // On the main thread: until `done` or the deadline. May throw Crash.
  template <class Done>
  bool wait_for(const Done& done, Nanos deadline) {
    while (!done()) {
      if (now() >= deadline) return false;
      process().wait_until(deadline);
    }
    return true;
  }
  template <class... Words>
  void tell(const Words&... words) {
    cluster_.chronicle().tell(process().name(), words...);
  }
  void count(Count what) { cluster_.chronicle().add(what); }

  Cluster& cluster_;
  LinkPtr link_;
};

inline bool is_fault(Code code) { return code == "_TRANSPORT" || code == "_TIMED_OUT"; }
// Answers after which librdkafka asks again by itself.
inline bool is_passing(Code code) {
  return is_fault(code) || code == "CONCURRENT_TRANSACTIONS" ||
         code == "COORDINATOR_LOAD_IN_PROGRESS" || code == "NOT_COORDINATOR";
}

std::unique_ptr<kafka::Producer> make_producer(Cluster& cluster, std::shared_ptr<Process> process,
                                               const kafka::ProducerSettings& settings);
std::unique_ptr<kafka::Consumer> make_consumer(Cluster& cluster, std::shared_ptr<Process> process,
                                               const kafka::ConsumerSettings& settings);

}  // namespace telex::sim
