// A TCP proxy in front of a broker that can be a bad network, and that understands just enough of
// Kafka's protocol to be bad to one request.
//
// The broker has a second listener whose clients are told the proxy's address (properties()), so
// that everything of theirs goes through here, while tests themselves use the first listener.
//
//   frame, both ways: size (4 bytes, big endian), then
//     request:  api key (2), api version (2), correlation id (4), ...
//     response: correlation id (4), ...
//
// Threads: forwards on one of its own; the other calls from any. Errors: std::runtime_error when it
// cannot listen. Limits: a frame is at most 100 MiB, longer ends its connection.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <deque>
#include <list>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace telex::fault {

inline constexpr std::int16_t kApiProduce = 0;
inline constexpr std::int16_t kApiJoinGroup = 11;
inline constexpr std::int16_t kApiHeartbeat = 12;
inline constexpr std::int16_t kApiAddPartitions = 24;
inline constexpr std::int16_t kApiAddOffsets = 25;
inline constexpr std::int16_t kApiEndTxn = 26;

class Proxy {
 public:
  // Listens on `port`, forwards to `broker_port`, both on 127.0.0.1.
  Proxy(int port, int broker_port);
  ~Proxy();
  Proxy(const Proxy&) = delete;
  Proxy& operator=(const Proxy&) = delete;

  // server.properties of a broker whose first listener is on `first_port` and whose second is here.
  static std::string properties(int first_port, int broker_port, int proxy_port,
                                int controller_port);
  std::string address() const;

  enum class Mode : std::uint8_t {
    pass,
    black_hole,  // Nothing goes through, either way; it arrives when this is over.
    half_open,  // Requests go through, answers vanish; when it is over, such connections are reset.
    slow,       // Every frame comes `delay` later.
  };
  void set(Mode mode, std::chrono::milliseconds delay = {});
  // Every Produce comes this much later, in any mode; what its connection brings after it waits.
  void delay_produce(std::chrono::milliseconds delay) { produce_delay_ = delay; }
  // Resets (RST) all connections.
  void reset_all();

  // The next EndTxn that comes is held back. Its client will give up waiting and send another; the
  // held one reaches the broker in the middle of the next transaction that goes through here, after
  // its first answer to a Produce.
  void hold_next_end() { hold_next_ = true; }
  bool holds() const { return held_; }  // One is held.
  // The broker's error code for the late one (0: it took it); kNoAnswer until then.
  static constexpr int kNoAnswer = 1 << 20;
  int late_answer() const { return late_answer_; }

  // From an answer to a heartbeat that says "the group rebalances" until the next JoinGroup, every
  // AddOffsetsToTxn is answered with an error that makes its client abort: a commit inside a revoke
  // fails. REQUIRES: one worker behind this proxy.
  void fail_commits_in_revokes(bool on) { fail_in_revoke_ = on; }
  std::uint64_t commits_failed() const { return commits_failed_; }

  std::uint64_t requests(std::int16_t api) const;

 private:
  using Time = std::chrono::steady_clock::time_point;
  struct Request {
    std::int16_t api = -1;
    std::int16_t version = 0;
  };
  struct Chunk {
    std::string bytes;
    Time due;
  };
  // One direction of a link.
  struct Way {
    std::string in;         // Not a whole frame yet.
    std::deque<Chunk> out;  // Whole frames, to be written.
    std::size_t written = 0;
  };
  struct Link {
    int client = -1;  // -1: gone.
    int broker = -1;
    Way up, down;
    std::map<std::int32_t, Request> asked;  // By correlation id.
    std::deque<std::string> kept;           // From a held EndTxn on.
    bool lost_answers = false;
    bool is_late = false;  // What was kept is on its way.
  };

  void run();
  void turn();
  void accept_one();
  // These three: false when the connection is over.
  bool read(Link& link, bool from_client);
  bool write(Link& link, bool to_client);
  bool cut_frames(Link& link, bool from_client);
  void on_request(Link& link, std::string frame);
  void on_response(Link& link, std::string frame);
  void release_held();
  void lose_client(Link& link);
  void end(Link& link, bool reset);

  const int port_;
  const int broker_port_;
  int listener_ = -1;
  std::list<Link> links_;
  std::atomic<Mode> mode_{Mode::pass};
  std::atomic<std::int64_t> delay_ms_{0};
  std::atomic<bool> reset_{false};
  std::atomic<bool> hold_next_{false};
  std::atomic<bool> held_{false};
  std::atomic<int> late_answer_{kNoAnswer};
  bool next_transaction_ = false;  // Has begun since one was held.
  std::atomic<std::chrono::milliseconds> produce_delay_{};
  std::atomic<bool> fail_in_revoke_{false};
  std::atomic<std::uint64_t> commits_failed_{0};
  bool revoking_ = false;
  mutable std::mutex mutex_;  // Of requests_.
  std::map<std::int16_t, std::uint64_t> requests_;
  std::atomic<bool> stop_{false};
  std::thread thread_;
};

}  // namespace telex::fault
