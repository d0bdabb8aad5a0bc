// The public data sets, in the folder that the environment's TELEX_PUBLIC_DATA names. Suites that
// use them have "PublicData" in their name and stand in a telex_test(... PUBLIC_DATA).
#pragma once

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <sstream>
#include <stdexcept>
#include <string>

#include "tests/support/temporary_folder.h"

namespace telex::testing {

// Throws, and so fails the test, where there is none.
inline std::filesystem::path public_data_folder() {
  const char* const folder = std::getenv("TELEX_PUBLIC_DATA");
  if (folder == nullptr || *folder == 0) {
    throw std::runtime_error("TELEX_PUBLIC_DATA is not set: this test needs the public data sets");
  }
  return folder;
}

inline std::string file_bytes(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) throw std::runtime_error("cannot read " + path.string());
  std::stringstream all;
  all << in.rdbuf();
  return all.str();
}

// Unpacks a .tar.gz into a folder of this process's own, which is removed again at the end.
class UnpackedArchive {
 public:
  explicit UnpackedArchive(const std::filesystem::path& archive) {
    const std::string command =
        "tar -xzf '" + archive.string() + "' -C '" + folder_.path().string() + "'";
    if (std::system(command.c_str()) != 0) {
      throw std::runtime_error("cannot unpack " + archive.string());
    }
  }
  const std::filesystem::path& folder() const { return folder_.path(); }

 private:
  TemporaryFolder folder_{"data"};
};

}  // namespace telex::testing
