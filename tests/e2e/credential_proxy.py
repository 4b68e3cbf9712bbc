"""A reverse proxy that adds a credential to each request, for clients that cannot send one."""

import http.client
import http.server
import threading

HOP = {"connection", "keep-alive", "transfer-encoding", "content-length"}


class Proxy(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, port: int, credential: str):
        super().__init__(("127.0.0.1", 0), Handler)
        self.target, self.credential = port, credential
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def forward(self):
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        fields = {name: value for name, value in self.headers.items() if name.lower() not in HOP}
        fields["authorization"] = f"Bearer {self.server.credential}"
        call = http.client.HTTPConnection("127.0.0.1", self.server.target, timeout=30)
        call.request(self.command, self.path, body, fields)
        answer = call.getresponse()
        content = answer.read()
        self.send_response(answer.status)
        for name, value in answer.getheaders():
            if name.lower() not in HOP:
                self.send_header(name, value)
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)
        call.close()

    do_GET = do_POST = do_DELETE = do_PUT = do_OPTIONS = forward

    def log_message(self, *_):
        pass
