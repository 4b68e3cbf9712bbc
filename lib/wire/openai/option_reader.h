// The fields of a request that change its price. For .cc files of this folder.
#pragma once

#include <cstddef>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>

#include "base/request_options.h"
#include "wire/json/walk.h"
#include "wire/openai/request_reader.h"

namespace gateway {

// By their places here.
inline constexpr std::string_view kOptionFields[] = {
    "service_tier",
    "web_search_options",
    "search_parameters",
    "enable_search",
    "modalities",
    "audio",
    "plugins",
    "tools",
    "models",
    "route",
    "preset",
    "provider",
    "data_sources",
    "dataSources",
    "cached_content",
    "cachedContent",
    "extra_body",
    "google",
    "previous_response_id",
    "conversation",
    "speed",
    "inference_geo",
    "mcp_servers",
    "container",
    "context_management",
};
static_assert(std::size(kOptionFields) <= 32);  // each a bit of an unsigned
std::optional<std::size_t> option_field(std::string_view name) noexcept;

// Takes the complete value of such a field and fills in what `options` says of it. What it does not understand is taken
// for unpriced. False: `why` is filled in, or the walk has a fault.
bool read_option(json::Walk& walk, std::size_t field, json::Value value, std::string& scratch, RequestOptions& options,
                 BadRequest& why);

}  // namespace gateway
