// One request: its attempts, and what corrected them since.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "gateway/row.h"
#include "operations/deployment.h"

namespace gateway::operations {

struct RequestView {
  RequestId id;
  std::vector<Row> attempts;     // in order; never empty
  std::vector<Row> corrections;  // by attempt and entry
  MoneySum cost;                 // of all attempts, corrected
  Usage usage;                   // likewise
};

// Of the rows of a request, in any order. Errors: not_found (its attempts were pruned).
Result<RequestView> view_of(const RequestId& id, std::vector<Row> rows);

// `id` is ours ("req_..."), or the client's own: then the newest request that has it. Of these projects alone; of all,
// if there are none.
// Errors: not_found, with why there is no row.
Result<RequestView> find_request(const Deployment& deployment, std::string_view id, const AnyText& projects = {});

// Whether it was ended because another attempt, made beside it, began to answer first.
bool is_lost_hedge(const Row& row) noexcept;

// Why the attempt at `index` was followed by another one, or why the request failed with it: "openai answered 500
// (provider_error)". Empty: it was answered, or it is still open.
std::string failure_text(const RequestView& request, std::size_t index);

}  // namespace gateway::operations
