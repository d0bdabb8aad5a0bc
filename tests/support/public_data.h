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
    std::string pattern = (std::filesystem::temp_directory_path() / "telex-data-XXXXXX").string();
    if (mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("no temporary folder");
    folder_ = pattern;
    const std::string command = "tar -xzf '" + archive.string() + "' -C '" + folder_.string() + "'";
    if (std::system(command.c_str()) != 0) {
      throw std::runtime_error("cannot unpack " + archive.string());
    }
  }
  ~UnpackedArchive() {
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }
  UnpackedArchive(const UnpackedArchive&) = delete;
  UnpackedArchive& operator=(const UnpackedArchive&) = delete;
  const std::filesystem::path& folder() const { return folder_; }

 private:
  std::filesystem::path folder_;
};

}  // namespace telex::testing
