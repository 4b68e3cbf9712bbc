// The messages of a chat request: how many there are, and what media their parts carry. For .cc files of this folder.
#pragma once

#include <cstdint>
#include <string>

#include "wire/json/walk.h"
#include "wire/openai/request_reader.h"

namespace gateway {

struct MessageCounts {
  std::int64_t messages = 0;
  std::int64_t images = 0, audios = 0, files = 0;  // as in RequestFacts
  // A message refers to what is not in the body: an earlier answer's audio by its id, or any other medium beside its
  // content.
  bool refers = false;
};

// Takes the complete value of `messages`. False: `why` is filled in, or the walk has a fault. Media data given inline
// or by URL are taken off walk.text_bytes again. `scratch` is for unescaping.
bool read_messages(json::Walk& walk, json::Value value, std::string& scratch, MessageCounts& counts, BadRequest& why);
// The same of one object in an embeddings request's `input`: {"text": ...}, {"image": ...}, {"content": [parts]}, or a
// part itself. A member that it does not know may be a medium of unknown size: it counts as a file.
bool read_media_input(json::Walk& walk, json::Value value, std::string& scratch, MessageCounts& counts,
                      BadRequest& why);

}  // namespace gateway
