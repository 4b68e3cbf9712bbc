#include "fuzz/fuzz_target.h"
#include "fuzz/http_transcript.h"

namespace gateway::fuzz {

// Requests and answers are read alike however their bytes are cut.
void http_head(std::string_view input) {
  require(request_transcript({input}) == request_transcript(pieces_of(input)), "a cut changes no request");
  require(ResponseTranscript().run({input}) == ResponseTranscript().run(pieces_of(input)), "a cut changes no answer");
}

}  // namespace gateway::fuzz
