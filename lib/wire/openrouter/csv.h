// Comma-separated values: RFC 4180, with CR, LF or CRLF between records and without demands on their number of fields.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace gateway {

// Takes one record off the front of `text`; blank lines are skipped. False: there is none left. Never fails: quotation
// marks at odd places are literal, and one that is not closed runs to the end.
bool next_csv_record(std::string_view& text, std::vector<std::string>& fields);

}  // namespace gateway
