// Exit codes of the program: a contract with shells, systemd and Kubernetes.
#pragma once

namespace telex {

enum ExitCode : int {
  kExitGood = 0,
  kExitFailed = 1,          // What was asked for could not be done; standard error says why.
  kExitUsage = 64,          // The command line is wrong (EX_USAGE).
  kExitConfiguration = 78,  // The configuration is wrong (EX_CONFIG); restarting will not help.
};

}  // namespace telex
