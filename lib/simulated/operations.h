// The simulated provider's answers to operations beside chat and embeddings, each made at once.
#pragma once

#include <string>
#include <vector>

#include "gateway/row.h"
#include "simulated/answer.h"
#include "simulated/script.h"

namespace gateway {

struct SimulatedAnswer {
  std::string content_type = "application/json";
  std::vector<std::string> pieces;
  bool breaks_at_end = false;
};

// The same request, the same bytes. Of a script's faults those that concern an answer's end.
SimulatedAnswer make_simulated_answer(Operation operation, const SimulatedScript& script,
                                      const SimulatedRequest& request);

}  // namespace gateway
