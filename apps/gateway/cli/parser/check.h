// What flags accept, reported as the rest of the program reports it.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace gateway::app {

struct Check {
  // Why the text is not accepted, empty if it is; it may become another one.
  std::function<std::string(std::string&)> run;
  std::vector<std::string> choices{};  // all there are; empty: many
};

// One of the words: "expected table, json, jsonl or csv, found 'xml'".
Check one_of(std::vector<std::string> words);
// The same, in any case, or by another name: pairs of a name and the word that it becomes. What is unknown is reported
// with the nearest of all names.
Check one_of(std::vector<std::string> words, std::vector<std::pair<std::string, std::string>> other_names);
// The same, and the word becomes its position, for options that are enums declared in that order.
Check enum_of(std::vector<std::string> words);
Check whole_number(std::int64_t least, std::int64_t most);

}  // namespace gateway::app
