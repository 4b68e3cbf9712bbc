#include "chat/endpoint.h"

#include <algorithm>
#include <array>
#include <cstddef>

namespace gateway {
namespace {

using Body = EndpointInfo::Body;
using Meter = EndpointInfo::Meter;
using Usable = EndpointInfo::Usable;

constexpr std::array<EndpointInfo, 10> kEndpoints{{
    {Operation::chat, "/chat/completions", "/v1/chat/completions", Body::json, "messages", Meter::tokens, true, true,
     Usable::choices},
    {Operation::embeddings, "/embeddings", "/v1/embeddings", Body::json, "input", Meter::tokens, false, false,
     Usable::data},
    {Operation::completions, "/completions", "/v1/completions", Body::json, "prompt", Meter::tokens, true, true,
     Usable::choices},
    {Operation::images, "/images/generations", "/v1/images/generations", Body::json, "prompt", Meter::images, false,
     true, Usable::data},
    {Operation::image_edits, "/images/edits", "/v1/images/edits", Body::multipart, "image", Meter::images, false, true,
     Usable::data},
    {Operation::transcriptions, "/audio/transcriptions", "/v1/audio/transcriptions", Body::multipart, "file",
     Meter::seconds, false, true, Usable::text},
    {Operation::translations, "/audio/translations", "/v1/audio/translations", Body::multipart, "file", Meter::seconds,
     false, false, Usable::text},
    {Operation::speech, "/audio/speech", "/v1/audio/speech", Body::json, "input", Meter::characters, false, true,
     Usable::bytes},
    {Operation::moderations, "/moderations", "/v1/moderations", Body::json, "input", Meter::tokens, false, false,
     Usable::results, "omni-moderation-latest"},
    {Operation::rerank, "/rerank", "/v1/rerank", Body::json, "documents", Meter::searches, false, false,
     Usable::results},
}};
constexpr OtherPath kOtherPaths[] = {
    {"/messages", SurfaceKind::anthropic, Operation::chat},
    {"/responses", SurfaceKind::responses, Operation::chat},
    {"/api/ai/chat/completion", SurfaceKind::insforge, Operation::chat},
    {"/api/ai/embeddings", SurfaceKind::insforge, Operation::embeddings},
    {"/api/ai/image/generation", SurfaceKind::insforge, Operation::chat, true},
};

constexpr bool in_order() {
  for (std::size_t i = 0; i < kEndpoints.size(); ++i) {
    if (static_cast<std::size_t>(kEndpoints[i].operation) != i) return false;
  }
  return true;
}
static_assert(in_order());

}  // namespace

std::span<const EndpointInfo> endpoints() noexcept { return kEndpoints; }

std::span<const OtherPath> other_paths() noexcept { return kOtherPaths; }

const EndpointInfo& info_of(Operation operation) noexcept { return kEndpoints[static_cast<std::size_t>(operation)]; }

const EndpointInfo* endpoint_at(std::string_view path) noexcept {
  const auto found = std::find_if(kEndpoints.begin(), kEndpoints.end(),
                                  [path](const EndpointInfo& each) { return each.path == path; });
  return found == kEndpoints.end() ? nullptr : &*found;
}

}  // namespace gateway
