// The query of a call to the administration, read by the table of operations.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "gateway/result.h"
#include "operations/catalogue.h"
#include "operations/deployment.h"

namespace gateway::app {

inline constexpr std::int64_t kMaxListed = 10'000;

class Parameters {
 public:
  // a=b&c=d; only the operation's own names, each once unless it may be repeated. A `limit` is 1 to 10,000; what is
  // required is there. Errors: invalid, "name: expected ...".
  static Result<Parameters> read(std::string_view query, const operations::OperationInfo& operation);

  std::optional<std::string> get(std::string_view name) const;
  std::vector<std::string> all(std::string_view name) const;  // of one that may be repeated
  operations::Page page() const;
  // Replaces what was given.
  void set(std::string_view name, std::string value) {
    values_.insert_or_assign(std::string(name), std::vector{std::move(value)});
  }

 private:
  std::map<std::string, std::vector<std::string>, std::less<>> values_;
};

// `name` is none of those that are known.
Error unknown_name(std::string_view name, const std::vector<std::string_view>& known);
Error expected(std::string_view name, std::string_view what);

}  // namespace gateway::app
