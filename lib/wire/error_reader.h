// A provider's error, in the shapes that providers use. For .cc files of this folder.
#pragma once

#include <string>

#include "wire/answer_reader.h"
#include "wire/json_walk.h"

namespace gateway {

// Takes the value of `error` whole: an object, a string, or anything else. False: the document is broken.
bool read_error(json::Walk& walk, json::Value value, std::string& scratch, bool& has_error, ProviderError& error);
// Takes the value of `code` whole.
bool read_error_code(json::Walk& walk, json::Value value, ProviderError& error);

}  // namespace gateway
