// One complete head of a request, cut into its parts by llhttp.
#pragma once

#include <string_view>
#include <vector>

#include "gateway/headers.h"
#include "http1/refusal.h"

namespace gateway::http1 {

struct HeadParts {
  std::string_view method, target;
  bool http_1_0 = false;
  bool keep_alive = true;
};

// `block` begins with the request line and ends with the blank line. Parts and fields are views into it; values without
// white space around them.
Refusal split_head(std::string_view block, HeadParts& parts, std::vector<HeaderField>& fields);

}  // namespace gateway::http1
