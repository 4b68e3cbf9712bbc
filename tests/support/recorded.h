// Recorded exchanges of providers that speak OpenAI's chat completions. They lie outside of the project:
// GATEWAY_FIXTURES names their folder.
#pragma once

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "support/source_dir.h"

namespace gateway::testing {

struct RecordedFile {
  std::string name, text;
};

// Those whose names end so, of providers with this shape. Says so if there are none.
inline std::vector<RecordedFile> recorded_chats(std::string_view ending) {
  namespace fs = std::filesystem;
  const char* given = std::getenv("GATEWAY_FIXTURES");
  const fs::path folder =
      given != nullptr ? fs::path(given) : fs::path(std::string(source_dir())).parent_path() / "shared" / "fixtures";
  std::vector<RecordedFile> out;
  if (!fs::is_directory(folder)) {
    std::cerr << "SKIPPED: no recorded exchanges in " << folder << "; GATEWAY_FIXTURES names their folder\n";
    return out;
  }
  static constexpr std::string_view kOthers[] = {"anthropic", "gemini",  "openai-responses",
                                                 "cohere",    "bedrock", "voyage"};
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    const std::string name = entry.path().string();
    bool other = name.find("responses-stream") != name.npos || !name.ends_with(ending);
    for (const std::string_view each : kOthers) other |= entry.path().parent_path().filename() == each;
    if (other) continue;
    std::ifstream file(name, std::ios::binary);
    std::ostringstream text;
    text << file.rdbuf();
    out.push_back({name, text.str()});
  }
  return out;
}

// The data of each event, for streams whose events have one data line; the mark of the end is left out.
inline std::vector<std::string_view> event_data(std::string_view stream) {
  std::vector<std::string_view> out;
  for (std::size_t at = 0; at < stream.size();) {
    const std::size_t end = std::min(stream.find('\n', at), stream.size());
    std::string_view line = stream.substr(at, end - at);
    at = end + 1;
    if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
    if (!line.starts_with("data:")) continue;
    line.remove_prefix(line.substr(5, 1) == " " ? 6 : 5);
    if (line != "[DONE]") out.push_back(line);
  }
  return out;
}

}  // namespace gateway::testing
