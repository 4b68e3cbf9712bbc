// Cursors of pages of rows: the last row of the page before, so that rows which are added meanwhile move nothing.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "gateway/ledger.h"

namespace gateway::operations {

// "ID.ATTEMPT.ENTRY"
std::string cursor_of(const Row& row);
std::optional<RowName> read_cursor(std::string_view text);

}  // namespace gateway::operations
