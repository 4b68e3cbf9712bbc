#include "providers/azure.h"

#include "chat/endpoint.h"

namespace gateway {

// A deployment is named in the path, and its version of the API in the query; without a version all goes to one path,
// where the body's model is the deployment.
Result<void> AzureDialect::write(const Provider& provider, const DialectRequest& request, BodyTexts& texts,
                                 DialectOutput& out) const {
  auto written = write_openai_request(provider, request, true, texts, out);
  const std::string& version = provider.config.api_version;
  if (!written || version.empty()) return written;
  if (!provider.base.path.ends_with("/models")) {
    // Whatever lies on the way would take it for a way up.
    if (request.target_model == "." || request.target_model == "..") {
      return Error{ErrorCode::unsupported, "model: it has no place in a path"};
    }
    out.path = provider.base.path;
    out.path += "/deployments/";
    append_path_segment(out.path, request.target_model);
    out.path += info_of(request.operation).path;
  }
  out.path.append("?api-version=").append(version);
  return written;
}

}  // namespace gateway
