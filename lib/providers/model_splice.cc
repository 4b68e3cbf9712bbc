#include "providers/model_splice.h"

#include "wire/json/text.h"

namespace gateway {

void splice_model(const DialectRequest& request, BodyTexts& texts, DialectOutput& out) {
  const RequestFacts& facts = *request.facts;
  texts.members.clear();
  if (!facts.model_by_path && request.target_model == facts.model) return;
  texts.model.clear();
  append_json_string(texts.model, request.target_model);
  if (facts.model_value.empty()) {
    texts.members.append("\"model\":").append(texts.model).append(",");
  } else {
    out.splice.replace(facts.model_value, texts.model);
  }
}

}  // namespace gateway
