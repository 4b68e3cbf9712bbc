// Pages of lists that are made anew for each: a page begins after the element that its cursor names, wherever that is
// by then, so that what is added meanwhile moves nothing.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "gateway/result.h"

namespace gateway::operations {

using ElementNames = std::vector<std::string>;

// It needs no encoding in a URL.
std::string cursor_of(const ElementNames& names);

class PageStart {
 public:
  // At the beginning, if the cursor is empty.
  explicit PageStart(std::string_view cursor);

  // Whether the element comes after the cursor's. To be called for all, in order.
  bool comes_after(const ElementNames& names);
  // Once all have come. Error: invalid, the cursor's element was not among them.
  Result<void> expect_found() const;

 private:
  std::string cursor_;
  bool found_;
};

}  // namespace gateway::operations
