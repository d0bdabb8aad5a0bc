#include "tests/fault/process.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstring>
#include <fstream>
#include <stdexcept>
#include <string_view>
#include <thread>

extern char** environ;

namespace telex::fault {
namespace {

std::vector<std::string> environment_with(const std::map<std::string, std::string>& changes) {
  std::vector<std::string> lines;
  for (char** each = environ; *each != nullptr; ++each) {
    const std::string_view line = *each;
    if (!changes.contains(std::string(line.substr(0, line.find('='))))) lines.emplace_back(line);
  }
  for (const auto& [name, value] : changes) {
    if (!value.empty()) lines.emplace_back(name).append("=").append(value);
  }
  return lines;
}

std::vector<char*> pointers_to(std::vector<std::string>& lines) {
  std::vector<char*> pointers;
  pointers.reserve(lines.size() + 1);
  for (std::string& line : lines) pointers.push_back(line.data());
  pointers.push_back(nullptr);
  return pointers;
}

int open_log(const std::string& path) {
  const int log = ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  if (log < 0) throw std::runtime_error(path + ": " + std::strerror(errno));
  return log;
}

}  // namespace

Process::Process(const Launch& launch) {
  std::vector<std::string> command = launch.command;
  std::vector<std::string> environment = environment_with(launch.environment);
  const std::vector<char*> argv = pointers_to(command);
  const std::vector<char*> envp = pointers_to(environment);
  const int log = open_log(launch.log);
  const int errors = open_log(launch.errors.empty() ? launch.log : launch.errors);
  pid_ = ::fork();
  if (pid_ == 0) {
    // Other threads of ours may hold any lock: nothing but system calls from here on.
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    ::dup2(log, STDOUT_FILENO);
    ::dup2(errors, STDERR_FILENO);
    ::execve(argv[0], argv.data(), envp.data());
    ::_exit(127);
  }
  ::close(log);
  ::close(errors);
  if (pid_ < 0) throw std::runtime_error("no process for " + launch.command.front());
}

Process::~Process() {
  if (over()) return;
  ::kill(pid_, SIGKILL);
  ::waitpid(pid_, &status_, 0);
}

void Process::signal(int number) const {
  if (!over_) ::kill(pid_, number);
}

bool Process::over() {
  if (!over_) over_ = ::waitpid(pid_, &status_, WNOHANG) == pid_;
  return over_;
}

bool Process::wait(std::chrono::milliseconds limit) {
  const auto end = std::chrono::steady_clock::now() + limit;
  while (!over()) {
    if (std::chrono::steady_clock::now() >= end) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds{10});
  }
  return true;
}

int Process::exit_code() const { return over_ && WIFEXITED(status_) ? WEXITSTATUS(status_) : -1; }

int Process::ended_by() const { return over_ && WIFSIGNALED(status_) ? WTERMSIG(status_) : 0; }

bool Process::stopped() const {
  std::ifstream file("/proc/" + std::to_string(pid_) + "/stat");
  std::string stat;
  std::getline(file, stat);
  const std::size_t name_end = stat.rfind(") ");
  return name_end != std::string::npos && name_end + 2 < stat.size() && stat[name_end + 2] == 'T';
}

}  // namespace telex::fault
