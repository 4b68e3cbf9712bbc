"""A provider of transcriptions that reads large forms as they come: keeps their digests, never the forms."""

from __future__ import annotations

import hashlib
import socket
import threading
import time


class Upload:
    """One request as it came."""

    def __init__(self, head: bytes):
        self.head = head.lower()
        self.digest = hashlib.sha256()
        self.size = 0
        self.complete = False
        self.closed = threading.Event()

    def field(self, name: str) -> str | None:
        for line in self.head.decode("latin-1").split("\r\n")[1:]:
            field, _, value = line.partition(":")
            if field == name:
                return value.strip()
        return None

    def take(self, data: bytes) -> None:
        self.digest.update(data)
        self.size += len(data)


class UploadServer:
    """`answer`: what it answers a complete form. `early`: what it answers a form's first bytes, and then reads no more.
    `pause`: seconds before each read of 64 KiB."""

    def __init__(self, answer: bytes = b'{"text":"hi"}', status: int = 200, early: int | None = None, pause: float = 0):
        self.answer, self.status, self.early, self.pause = answer, status, early, pause
        self.uploads: list[Upload] = []
        self.began = threading.Condition()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def stop(self) -> None:
        self._listener.close()

    def first(self, seconds: float = 30) -> Upload:
        """The first upload, once it has begun."""
        with self.began:
            assert self.began.wait_for(lambda: self.uploads, seconds), "no upload came"
            return self.uploads[0]

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            if self.pause:
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 64 * 1024)
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with connection:
            held = b""
            while True:
                while b"\r\n\r\n" not in held:
                    data = connection.recv(65536)
                    if not data:
                        return
                    held += data
                head, _, held = held.partition(b"\r\n\r\n")
                if head.startswith(b"GET"):
                    return self._say(connection, 404, b"{}")
                upload = Upload(head)
                with self.began:
                    self.uploads.append(upload)
                    self.began.notify_all()
                try:
                    if self.early is not None:
                        self._say(connection, self.early, b'{"error":{"message":"not this one","type":"invalid_request_error"}}')
                        while connection.recv(65536):
                            pass
                        return
                    held = self._read(connection, upload, held)
                    if not upload.complete:
                        return
                    self._say(connection, self.status, self.answer)
                except OSError:
                    return
                finally:
                    upload.closed.set()

    def _read(self, connection, upload: Upload, held: bytes) -> bytes:
        def more() -> bytes:
            if self.pause:
                time.sleep(self.pause)
            return connection.recv(65536)

        if upload.field("transfer-encoding") == "chunked":
            while True:
                while b"\r\n" not in held:
                    data = more()
                    if not data:
                        return b""
                    held += data
                line, _, held = held.partition(b"\r\n")
                left = int(line, 16) + 2
                last = left == 2
                while left:
                    if not held:
                        held = more()
                        if not held:
                            return b""
                    upload.take(held[:max(0, min(left - 2, len(held)))])
                    taken = min(left, len(held))
                    left, held = left - taken, held[taken:]
                if last:
                    upload.complete = True
                    return held
        left = int(upload.field("content-length"))
        while left:
            if not held:
                held = more()
                if not held:
                    return b""
            upload.take(held[:left])
            left, held = left - min(left, len(held)), held[left:]
        upload.complete = True
        return held

    @staticmethod
    def _say(connection, status: int, body: bytes) -> None:
        connection.sendall(b"HTTP/1.1 %d X\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n" % (status, len(body)) + body)
