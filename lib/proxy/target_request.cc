#include "proxy/target_request.h"

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "chat/tool_name.h"

namespace gateway {
namespace {

// The conversation, once for all targets whose providers need it.
Result<void> translate(ExchangeRequest& request) {
  if (request.chat) return {};
  auto chat = std::make_unique<ChatRequest>();
  if (auto read = request.surface->translate(*request.body, *chat); !read) return read;
  for (const chat::Tool& tool : chat->tools) {
    if (tool.name.size() > kMostOfToolName) request.long_tools.emplace(short_tool_name(tool.name), tool.name);
  }
  request.chat = std::move(chat);
  return {};
}

}  // namespace

Result<bool> translate_for(const Provider& provider, ExchangeRequest& request) {
  const Dialect& dialect = *provider.dialect;
  if (request.is_translated_for(dialect.shape())) {
    if (auto translated = translate(request); !translated) return std::move(translated).error();
    return true;
  }
  // What has no place in a conversation goes as it came: its provider knows best.
  return request.operation == Operation::chat && dialect.rewrites(provider) && translate(request).has_value();
}

Result<void> write_for(const TargetRequest& at, const ExchangeRequest& request, BodyTexts& texts, DialectOutput& out) {
  const Dialect& dialect = *at.provider.dialect;
  const HoldPlan& holding = at.holding;
  out.clear();
  return dialect.write(at.provider,
                       {.operation = request.operation,
                        .facts = &request.facts,
                        .chat = at.translated ? request.chat.get() : nullptr,
                        .may_relay = !request.is_translated_for(dialect.shape()),
                        .short_names = dialect.shape() != request.surface->request_shape(),
                        .content_type = request.content_type,
                        .target_model = at.model,
                        .names_models = at.names_models,
                        .write_max_tokens = holding.write_max_tokens,
                        .length_field = at.target.length_field,
                        .ask_usage = at.target.ask_usage,
                        .output_bound = holding.output_is_bounded ? std::optional(holding.output_bound) : std::nullopt,
                        .abilities = &at.target.abilities,
                        .client_fields = request.fields},
                       texts, out);
}

ApiError unsupported_by_target(const Error& error) {
  const std::size_t colon = error.detail.find(": ");
  ApiError out = api_error::unsupported_feature(error.detail);
  if (colon != std::string::npos && error.detail.find(' ') > colon) out.param = error.detail.substr(0, colon);
  return out;
}

}  // namespace gateway
