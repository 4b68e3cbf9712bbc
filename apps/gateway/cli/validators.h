// What flags accept, told as the rest of the program tells it.
#pragma once

#include <CLI/CLI.hpp>
#include <cstdint>
#include <string>
#include <vector>

namespace gateway::app {

// One of the words: "expected table, json, jsonl or csv, found 'xml'".
CLI::Validator one_of(std::vector<std::string> words);
// The same, and the word becomes its position, for options that are enums declared in that order.
CLI::Validator enum_of(std::vector<std::string> words);
CLI::Validator whole_number(std::int64_t least, std::int64_t most);

}  // namespace gateway::app
