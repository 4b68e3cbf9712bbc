// The configuration file.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/config.h"
#include "gateway/result.h"

namespace gateway {

struct ConfigMistake {
  std::string file;
  int line = 0;                   ///< from 1; 0: the entire file
  int column = 0;                 ///< from 1
  std::string message;            ///< "unknown key 'modles' in project 'demo'; did you mean 'models'?"
  bool variable_missing = false;  ///< an environment variable is not set; the file itself may be fine
  std::string to_string() const;  ///< file:line:column: message; without a place if it has none
};

namespace yaml {
struct Node;
}

struct ConfigReading {
  Config config;
  std::vector<ConfigMistake> mistakes;  ///< empty: config is good
  std::vector<ConfigMistake>
      warnings;  ///< what may be meant, but hardly is: a variable without braces, a file not there

  /// Of the deepest value in the file that the path leads to: {"models", "fast", "targets", "0"}.
  ConfigMistake at(const std::vector<std::string>& path, std::string message) const;

  std::string file{};
  std::shared_ptr<const yaml::Node> root{};  ///< for at(); null: nothing could be read
};

/// Looks up environment variables for ${NAME}; nullopt: not set.
using Environment = std::function<std::optional<std::string>(const std::string&)>;
Environment process_environment();

ConfigReading read_config_file(const std::string& path, const Environment& environment = process_environment());
ConfigReading read_config_text(std::string_view yaml, const std::string& file_name, const Environment& environment);
/// On which line of the file each of its projects begins, by their names. Empty if it cannot be read.
std::map<std::string, int, std::less<>> project_lines(const std::string& path);
/// What the server runs with if there is no file: see docs/getting-started.md, "Without a file".
Config default_config(const Environment& environment);
/// All keys of the file with what they expect, their defaults and meanings, as Markdown: see docs/configuration.md.
std::string config_reference();
/// The offsets of a zone of the system's zone database ("Europe/Berlin"); not_found for a name it does not know.
Result<Zone> load_zone(const std::string& name);

}  // namespace gateway
