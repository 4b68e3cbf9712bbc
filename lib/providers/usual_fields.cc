#include "providers/usual_fields.h"

#include <algorithm>

#include "base/text.h"
#include "providers/user_agent.h"

namespace gateway {

void append_caller_fields(const Provider& provider, FieldList& fields) {
  const auto& configured = provider.config.headers;
  const bool names_agent = std::any_of(configured.begin(), configured.end(),
                                       [](const auto& each) { return equal_ignoring_case(each.first, "user-agent"); });
  if (!provider.authorization.empty()) fields.add_view(provider.authorization_name, provider.authorization.reveal());
  for (const auto& [name, value] : configured) fields.add_view(name, value);
  if (!names_agent) fields.add_view("user-agent", user_agent());
}

void append_usual_fields(const Provider& provider, bool stream, FieldList& fields) {
  fields.add_view("content-type", "application/json");
  fields.add_view("accept", stream ? "text/event-stream" : "application/json");
  append_caller_fields(provider, fields);
}

}  // namespace gateway
