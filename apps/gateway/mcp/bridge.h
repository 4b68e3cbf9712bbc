// A client of a gateway's /mcp, for `gateway mcp --url`: lines in, the server's answers out.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "gateway/result.h"
#include "gateway/secret.h"

namespace gateway::app::mcp {

class Bridge {
 public:
  // `url` is the gateway's address: "https://gateway.example". Errors: invalid.
  static Result<std::unique_ptr<Bridge>> open(std::string_view url, const Secret& key);
  virtual ~Bridge() = default;
  // The answer to one message, as one line; empty: there is none. What keeps the server from answering becomes an
  // error of the protocol.
  virtual std::string answer(const std::string& line) = 0;
};

}  // namespace gateway::app::mcp
