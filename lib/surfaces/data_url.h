// Media as clients of OpenAI's shapes give them: by URL, or in it. For .cc files of this folder.
#pragma once

#include <string_view>

#include "chat/request.h"

namespace gateway {

// data:MEDIA/TYPE;base64,BYTES (RFC 2397); other parameters of the type are left out.
inline bool split_data_url(std::string_view url, std::string_view& media_type, std::string_view& bytes) noexcept {
  static constexpr std::string_view kScheme = "data:", kBase64 = ";base64";
  const std::size_t comma = url.find(',');
  if (!url.starts_with(kScheme) || comma == url.npos) return false;
  const std::string_view head = url.substr(kScheme.size(), comma - kScheme.size());
  if (!head.ends_with(kBase64)) return false;
  media_type = head.substr(0, head.find(';'));
  bytes = url.substr(comma + 1);
  if (media_type == "image/jpg") media_type = "image/jpeg";  // a name that is none, and that providers refuse
  return !media_type.empty();
}

inline chat::Image image_of(std::string_view url, std::string_view detail) noexcept {
  chat::Image image{};
  image.detail = detail;
  if (!split_data_url(url, image.media_type, image.bytes)) {
    image.media_type = image.bytes = {};
    image.url = url;
  }
  return image;
}

inline chat::Document document_of(std::string_view file, std::string_view name) noexcept {
  chat::Document document{};
  document.name = name;
  if (split_data_url(file, document.media_type, document.bytes)) return document;
  document.media_type = document.bytes = {};
  (file.find(':') == file.npos ? document.bytes : document.url) = file;
  return document;
}

}  // namespace gateway
