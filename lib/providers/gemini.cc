#include "providers/gemini.h"

#include "providers/gemini_answer.h"
#include "providers/gemini_body.h"
#include "providers/gemini_embeddings.h"
#include "providers/usual_fields.h"

namespace gateway {
namespace {

constexpr std::string_view kFolder = "models/";

void write_path(const Provider& provider, const DialectRequest& request, std::string_view method, std::string& path) {
  std::string_view model = request.target_model;
  if (model.starts_with(kFolder)) model.remove_prefix(kFolder.size());
  path = provider.base.path;
  path.append("/").append(kFolder);
  append_path_segment(path, model);
  path.append(":").append(method);
}

void write_embeddings(const Provider& provider, const DialectRequest& request, BodyTexts& texts, DialectOutput& out) {
  const auto form = is_vertex(provider.base.origin.host) ? GeminiEmbeddings::predict : GeminiEmbeddings::batch;
  write_path(provider, request, form == GeminiEmbeddings::batch ? "batchEmbedContents" : "predict", out.path);
  const bool is_full = request.target_model.starts_with(kFolder);
  const std::string name = (is_full ? std::string() : std::string(kFolder)).append(request.target_model);
  append_gemini_embeddings_body(texts.body, request.chat->embedding, name, form);
}

}  // namespace

bool is_vertex(std::string_view host) noexcept {
  static constexpr std::string_view kHost = "aiplatform.googleapis.com";
  if (!host.ends_with(kHost)) return false;
  host.remove_suffix(kHost.size());
  return host.empty() || host.back() == '-' || host.back() == '.';
}

AnswerStream& GeminiDialect::open_answer(const AnswerContext& context, AnswerSlot& slot) const {
  if (context.operation == Operation::embeddings) return slot.emplace<GeminiEmbeddingsAnswer>(context);
  return slot.emplace<GeminiAnswer>(context);
}

Result<void> GeminiDialect::write(const Provider& provider, const DialectRequest& request, BodyTexts& texts,
                                  DialectOutput& out) const {
  if (request.chat == nullptr || (request.operation != Operation::chat && request.operation != Operation::embeddings)) {
    return Error{ErrorCode::unsupported, "model: its provider has no such operation"};
  }
  texts.body.clear();
  texts.dropped.clear();
  const bool stream = request.operation == Operation::chat && request.facts->stream;
  append_usual_fields(provider, stream, out.fields);
  if (request.operation == Operation::embeddings) {
    write_embeddings(provider, request, texts, out);
  } else {
    write_path(provider, request, stream ? "streamGenerateContent?alt=sse" : "generateContent", out.path);
    const ModelAbilities known;
    const GeminiBodyOptions options{
        .abilities = gemini_model(request.target_model, request.abilities != nullptr ? *request.abilities : known),
        .max_output = request.write_max_tokens,
        .fetches_urls = is_vertex(provider.base.origin.host)};
    Dropped dropped(texts.dropped, gemini_features());
    if (auto appended = append_gemini_body(texts.body, *request.chat, options, dropped); !appended) return appended;
  }
  out.rebuilt = texts.body;
  return {};
}

}  // namespace gateway
