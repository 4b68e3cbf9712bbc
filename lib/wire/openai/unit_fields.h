// The fields of operations beside chat and embeddings that limits and holds depend on. For .cc files of this folder.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "chat/request_facts.h"
#include "gateway/row.h"
#include "wire/json/walk.h"

namespace gateway {

// What they contain, as far as it was read.
struct UnitFields {
  bool has_required = false;  // the one that the table of operations names
  unsigned seen = 0;
  std::int64_t prompts = 1;    // completions: each gets its own choices
  std::int64_t best_of = 1;    // completions that are made for each of them
  std::int64_t token_ids = 0;  // given in place of text
  std::int64_t characters = 0;
  std::int64_t documents = 0, query_bytes = 0;         // of a rerank
  std::int64_t chunks_bound = 0, chunks_estimate = 0;  // that its documents are cut into
  bool streams_events = false;                         // speech
};

bool is_unit_field(Operation operation, std::string_view name) noexcept;
// Takes the complete value. False: `why` is filled in, or the walk has a fault. `name` outlives the call.
bool read_unit_field(json::Walk& walk, Operation operation, std::string_view name, json::Value value,
                     UnitFields& fields, BadRequest& why);
// `facts` has `n` as the body has it, and its input.
void note_units(Operation operation, const UnitFields& fields, RequestFacts& facts) noexcept;

}  // namespace gateway
