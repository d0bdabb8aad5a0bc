// Connections that do not come about: telling what a person must mend from what passes by itself.
#include <algorithm>
#include <string>

#include "kafka/rd_internal.h"

namespace telex::kafka::rd {
namespace {

using std::chrono::steady_clock;

// How long a fault must have been the last that was heard, without a broker having answered.
constexpr milliseconds kCertainAfter{3000};

// Whether any broker has ever answered this client.
bool was_connected(rd_kafka_t* handle) {
  char* cluster = rd_kafka_clusterid(handle, 0);
  if (cluster == nullptr) return false;
  rd_kafka_mem_free(handle, cluster);
  return true;
}

bool has(std::string_view text, std::string_view words) {
  return text.find(words) != std::string_view::npos;
}

// A connection that was made and then closed, or answered in another protocol, before any question
// was answered: a listener of another kind, or a certificate that one of the two refuses.
// librdkafka has no code for that, only words, which differ from version to version.
bool is_refusal(std::string_view reason) {
  return has(reason, "security.protocol") || has(reason, "SSL routines") ||
         has(reason, "in state SSL_HANDSHAKE") || has(reason, "Disconnected");
}

// librdkafka says what happened; what to look at is added, where it can be known.
std::string with_hint(const Properties& properties, int code, std::string_view reason) {
  std::string hint;
  if (code == RD_KAFKA_RESP_ERR__AUTHENTICATION) {
    hint = scram_problem(properties);  // What the broker calls invalid credentials.
  } else if (has(reason, "certificate verify failed")) {
    hint =
        "the broker's certificate must be signed by an authority in ssl.ca.location, be in date, "
        "and be made out to this host name";
  } else if (has(reason, " alert ")) {
    hint = "the broker refuses this client's certificate, or asks for one";
  } else if (has(reason, "eof while reading")) {
    hint = "is this a TLS listener?";
  } else if (has(reason, "Disconnected") && !has(reason, "security.protocol")) {
    hint = "the broker hung up at the first word: does security.protocol fit this listener?";
  }
  return hint.empty() ? std::string(reason) : std::string(reason) + " (" + hint + ")";
}

}  // namespace

void Client::note_fault(int code, std::string_view reason) {
  const std::lock_guard lock(mutex_);
  const bool refused = code == RD_KAFKA_RESP_ERR__AUTHENTICATION;
  if (fault_is_certain_ && !refused) return;
  if (refused || code == RD_KAFKA_RESP_ERR__SSL ||
      (code == RD_KAFKA_RESP_ERR__TRANSPORT && is_refusal(reason))) {
    if (fault_.ok()) fault_since_ = steady_clock::now();
    fault_is_certain_ = refused;
    fault_ = make_error(rd_kafka_err2name(static_cast<rd_kafka_resp_err_t>(code)),
                        with_hint(common_->settings.properties, code, reason));
    fault_.cause = ErrorCause::setup;
  } else if (code == RD_KAFKA_RESP_ERR__TRANSPORT || code == RD_KAFKA_RESP_ERR__RESOLVE) {
    fault_ = {};  // Nobody there: that is another matter.
  }
}

Error Client::setup_fault(rd_kafka_t* handle) {
  {
    const std::lock_guard lock(mutex_);
    if (fault_.ok() || fault_is_certain_) return fault_;
  }
  const bool connected = was_connected(handle);
  const std::lock_guard lock(mutex_);
  if (connected && !fault_is_certain_) fault_ = {};
  if (steady_clock::now() - fault_since_ < kCertainAfter) return {};
  return fault_;
}

Error Client::explain(rd_kafka_t* handle, steady_clock::time_point began, Error error) {
  if (error.ok() || !is_transport_fault(error.code)) return error;
  {
    // What was heard during the call may have been told by callbacks only after it.
    const std::lock_guard lock(mutex_);
    fault_since_ = std::min(fault_since_, began);
  }
  Error fault = setup_fault(handle);
  if (fault.ok()) return error;
  fault.cls = error.cls;
  fault.message = error.message + "; " + fault.message;
  return fault;
}

}  // namespace telex::kafka::rd
