// A provider's error, in the shapes that providers use. For .cc files of this folder.
#pragma once

#include <string>

#include "wire/json/walk.h"
#include "wire/openai/answer_reader.h"

namespace gateway {

// Takes the complete value of `error`: an object, a list, a string, or anything else. An error that says nothing, such
// as
// {}, "" or {"message": null}, is none. False: the document is broken.
bool read_error(json::Walk& walk, json::Value value, std::string& scratch, bool& has_error, ProviderError& error);
// Takes a complete value that reports why: a text, or texts within lists and objects. They become the message.
bool read_reason(json::Walk& walk, json::Value value, std::string& scratch, ProviderError& error);
// Takes the complete value of `code`.
bool read_error_code(json::Walk& walk, json::Value value, ProviderError& error);
// Fills in what follows from the rest: moderation and wrong_key.
void judge_error(ProviderError& error) noexcept;

}  // namespace gateway
