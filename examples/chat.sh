#!/bin/sh
# A chat through the gateway with nothing but curl: in one piece, then as a stream.
#
#   GATEWAY_KEY=gk-... sh examples/chat.sh
set -eu
url=${GATEWAY_URL:-http://127.0.0.1:8080/v1}
model=${MODEL:-simulated/echo}

ask() {
  curl --silent --show-error --fail-with-body --no-buffer "$url/chat/completions" \
    -H "authorization: Bearer $GATEWAY_KEY" -H "content-type: application/json" \
    -d "{\"model\": \"$model\", $1 \"messages\": [{\"role\": \"user\", \"content\": \"Say hello to the gateway.\"}]}"
}

ask ''
echo
ask '"stream": true,'
