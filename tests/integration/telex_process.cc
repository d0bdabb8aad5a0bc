#include "tests/integration/telex_process.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <sstream>
#include <stdexcept>
#include <utility>

#include <httplib.h>

#include "tests/integration/real_kafka.h"

namespace telex::testing {

namespace fs = std::filesystem;

void write_file(const fs::path& file, const std::string& text) {
  const fs::path unfinished = file.string() + ".new";
  std::ofstream(unfinished, std::ios::binary) << text;
  fs::rename(unfinished, file);
}

TelexProcess::TelexProcess(const fs::path& config, fs::path log, const std::string& fault)
    : log_(std::move(log)) {
  const std::string program = std::string(TELEX_BINARY_DIR) + "/telex";
  const std::string path = config.string();
  pid_ = ::fork();
  if (pid_ < 0) throw std::runtime_error("fork failed");
  if (pid_ > 0) return;
  const int out = ::open(log_.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
  ::dup2(out, 2);
  if (fault.empty()) {
    ::unsetenv("TELEX_FAULT");
  } else {
    ::setenv("TELEX_FAULT", fault.c_str(), 1);
  }
  ::execl(program.c_str(), program.c_str(), "run", "--config", path.c_str(), nullptr);
  ::_exit(127);
}

TelexProcess::~TelexProcess() {
  if (over()) return;
  ::kill(pid_, SIGKILL);
  ::waitpid(pid_, &status_, 0);
}

void TelexProcess::signal(int number) const {
  if (!over_) ::kill(pid_, number);
}

bool TelexProcess::over() {
  if (!over_) over_ = ::waitpid(pid_, &status_, WNOHANG) == pid_;
  return over_;
}

bool TelexProcess::wait(std::chrono::milliseconds limit) {
  return eventually([this] { return over(); }, limit);
}

bool TelexProcess::killed() const { return WIFSIGNALED(status_) && WTERMSIG(status_) == SIGKILL; }
int TelexProcess::exit_code() const { return WIFEXITED(status_) ? WEXITSTATUS(status_) : -1; }

std::string TelexProcess::log() const {
  std::ifstream in(log_, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

std::optional<std::string> TelexProcess::get(const std::string& path) {
  if (admin_.empty()) {
    constexpr std::string_view kBefore = "admin at http://";
    const std::string text = log();
    const std::size_t at = text.rfind(kBefore);
    const std::size_t end = at == std::string::npos ? at : text.find('\n', at);
    if (end == std::string::npos) return std::nullopt;
    admin_ = text.substr(at + kBefore.size(), end - at - kBefore.size());
  }
  httplib::Client client("http://" + admin_);
  const auto answer = client.Get(path);
  if (!answer || answer->status != 200) return std::nullopt;
  return answer->body;
}

std::int64_t number_in(const std::string& json, const std::string& name) {
  const std::string mark = "\"" + name + "\":";
  const std::size_t at = json.find(mark);
  if (at == std::string::npos) return -1;
  return std::strtoll(json.c_str() + at + mark.size(), nullptr, 10);
}

double metric_in(const std::string& exposition, const std::string& name_and_labels) {
  std::istringstream in(exposition);
  for (std::string line; std::getline(in, line);) {
    if (line.starts_with(name_and_labels + " ")) {
      return std::strtod(line.c_str() + name_and_labels.size() + 1, nullptr);
    }
  }
  return -1;
}

}  // namespace telex::testing
