#include "providers/model_splice.h"

#include "wire/json/text.h"

namespace gateway {

namespace {

// A form's values are texts as they are. The name holds no control characters, so that it stays one value.
void splice_into_form(const DialectRequest& request, BodyTexts& texts, DialectOutput& out) {
  const RequestFacts& facts = *request.facts;
  texts.model = request.target_model;
  if (!facts.model_value.empty()) return out.splice.replace(facts.model_value, texts.model);
  texts.members.append("--")
      .append(facts.boundary)
      .append("\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\n");
  texts.members.append(texts.model).append("\r\n");
}

}  // namespace

void splice_model(const DialectRequest& request, BodyTexts& texts, DialectOutput& out) {
  const RequestFacts& facts = *request.facts;
  texts.members.clear();
  if (!request.names_models && !facts.models_member.empty()) out.splice.replace(facts.models_member, {});
  if (!facts.model_by_path && request.target_model == facts.model) return;
  texts.model.clear();
  if (!facts.boundary.empty()) return splice_into_form(request, texts, out);
  append_json_string(texts.model, request.target_model);
  if (facts.model_value.empty()) {
    texts.members.append("\"model\":").append(texts.model).append(",");
  } else {
    out.splice.replace(facts.model_value, texts.model);
  }
}

}  // namespace gateway
