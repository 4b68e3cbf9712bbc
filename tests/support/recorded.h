// Recorded exchanges of providers. They lie outside of the project: GATEWAY_FIXTURES names their folder.
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

// Those whose names end so, sorted, of the folders that `wanted` accepts by name; named "folder/exchange.ending". Says
// so if there are none.
template <class Wanted>
std::vector<RecordedFile> recorded_files(std::string_view ending, Wanted wanted) {
  namespace fs = std::filesystem;
  const char* given = std::getenv("GATEWAY_FIXTURES");
  const fs::path folder =
      given != nullptr ? fs::path(given) : fs::path(std::string(source_dir())).parent_path() / "shared" / "fixtures";
  std::vector<RecordedFile> out;
  if (!fs::is_directory(folder)) {
    std::cerr << "SKIPPED: no recorded exchanges in " << folder << "; GATEWAY_FIXTURES names their folder\n";
    return out;
  }
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    const std::string provider = entry.path().parent_path().filename().string();
    const std::string name = provider + "/" + entry.path().filename().string();
    if (!name.ends_with(ending) || !wanted(provider)) continue;
    std::ifstream file(entry.path(), std::ios::binary);
    std::ostringstream text;
    text << file.rdbuf();
    out.push_back({name, text.str()});
  }
  std::sort(out.begin(), out.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
  return out;
}

// Of providers that speak OpenAI's chat completions.
inline std::vector<RecordedFile> recorded_chats(std::string_view ending) {
  static constexpr std::string_view kOthers[] = {"anthropic", "gemini",  "openai-responses",
                                                 "cohere",    "bedrock", "voyage"};
  auto out = recorded_files(ending, [](std::string_view provider) {
    return std::find(std::begin(kOthers), std::end(kOthers), provider) == std::end(kOthers);
  });
  std::erase_if(out, [](const RecordedFile& each) { return each.name.find("responses-stream") != std::string::npos; });
  return out;
}

// With one provider; named by the exchange alone.
inline std::vector<RecordedFile> recorded_with(std::string_view whom, std::string_view ending) {
  auto out = recorded_files(ending, [&](std::string_view provider) { return provider == whom; });
  for (RecordedFile& each : out) {
    each.name.erase(each.name.size() - ending.size());
    each.name.erase(0, whom.size() + 1);
  }
  return out;
}
inline std::vector<RecordedFile> anthropic_recorded(std::string_view ending) {
  return recorded_with("anthropic", ending);
}
// Those of generateContent, streamed (".sse") or not (".response.json").
inline std::vector<RecordedFile> gemini_recorded(std::string_view ending) {
  auto out = recorded_with("gemini", ending);
  std::erase_if(out, [](const RecordedFile& each) {
    return each.name.starts_with("count-tokens") || each.name.starts_with("embed") || each.name == "cached-content.1";
  });
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
