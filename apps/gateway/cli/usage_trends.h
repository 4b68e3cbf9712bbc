// What `usage` shows beside its sums: how the cost went, its share, and the span before.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "app/cli/flags.h"
#include "operations/usage.h"

namespace gateway::app {

struct TrendFlags {
  std::optional<std::string> spark;  // "day" or "hour"
  bool share = false;
  bool compare = false;
  bool chart = false;
  bool ascii = false;
};
void add_flags(Command& command, TrendFlags& flags);

class Trends {
 public:
  // Errors: invalid (--compare without a beginning), the operation's.
  static Result<Trends> read(const operations::Deployment& deployment, const UsageQuery& query, const TrendFlags& flags,
                             const UsageSum& total);

  // These columns come after those of the sums.
  std::vector<Column> columns() const;
  std::vector<Cell> cells(const UsageSum& sum, Format format) const;

 private:
  explicit Trends(const TrendFlags& flags) : flags_(flags) {}

  TrendFlags flags_;
  MoneySum total_;
  std::size_t buckets_ = 0;
  std::map<std::vector<std::string>, std::vector<MoneySum>> amounts_;  // a bucket a day or an hour
  std::map<std::vector<std::string>, MoneySum> before_;
};

// The cost as stacked bars, a line a day, or a line an hour if the span is two days at most.
Result<std::string> usage_chart(const operations::Deployment& deployment, const UsageQuery& query, bool ascii,
                                std::size_t columns, bool colour);

}  // namespace gateway::app
