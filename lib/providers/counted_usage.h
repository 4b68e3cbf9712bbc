// What an answer counts of what it is billed by: tokens as it reports them, and the units of its operation.
#pragma once

#include <optional>

#include "chat/request_facts.h"
#include "gateway/row.h"
#include "wire/openai/answer_reader.h"

namespace gateway {

// nullopt: nothing that it is billed by.
std::optional<Usage> counted_usage(const AnswerFacts& facts, Operation operation, const RequestFacts& request) noexcept;

}  // namespace gateway
