// What flags accept, reported as the rest of the program reports it.
#pragma once

#include <CLI/CLI.hpp>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace gateway::app {

// One of the words: "expected table, json, jsonl or csv, found 'xml'".
CLI::Validator one_of(std::vector<std::string> words);
// The same, in any case, or by another name: pairs of a name and the word that it becomes. What is unknown is reported
// with the nearest of all names.
CLI::Validator one_of(std::vector<std::string> words, std::vector<std::pair<std::string, std::string>> other_names);
// The same, and the word becomes its position, for options that are enums declared in that order.
CLI::Validator enum_of(std::vector<std::string> words);
// The words that one_of() or enum_of() accept; empty if the option has neither.
std::vector<std::string> choices_of(CLI::Option& option);
CLI::Validator whole_number(std::int64_t least, std::int64_t most);

}  // namespace gateway::app
