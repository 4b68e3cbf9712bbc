// A provider's error, whatever shape it came in.
#pragma once

#include <cstddef>
#include <string>

namespace gateway {

inline constexpr std::size_t kMaxErrorRest = 4096;

struct ProviderError {
  std::string message;
  std::string more;         // what says why beside the message: what was generated, an inner error, the raw text
  std::string type, param;  // empty: null
  std::string code;         // as text, whatever it was; empty: null
  std::string rest;         // its objects and lists as they came, without the braces: at most kMaxErrorRest bytes
  std::string raw;          // the body as it came, for clients of its shape; empty: not kept
  int status = 0;           // the code where it is an HTTP status from 400 to 599, else 0
  bool moderation = false;  // the prompt or the answer was refused for its content
  bool wrong_key = false;   // ours is not accepted, whatever the status

  friend bool operator==(const ProviderError&, const ProviderError&) = default;
};

}  // namespace gateway
