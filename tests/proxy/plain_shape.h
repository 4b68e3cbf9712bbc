// A made-up shape that no provider has, spoken at both ends: events with names, and documents of one level.
//
//   {"model":"m","say":"hello","live":true}
//   event: start / text / use / stop / fault, each with a small object as its data
//   {"id":"p-1","model":"m","text":"hi","why":"stop","in":10,"out":5}
#pragma once

#include <string>

#include "providers/dialect.h"
#include "surfaces/surface.h"

namespace gateway::testing {

// The streamed and the one-piece form of the same answer.
std::string plain_stream();
std::string plain_document();
inline constexpr std::string_view kPlainText = "Gr\u00fc\u00dfe, \"quoted\"\n";

const Surface& plain_surface() noexcept;
const Dialect& plain_dialect() noexcept;

}  // namespace gateway::testing
