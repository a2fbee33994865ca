"""A local HTTP server that serves files, and cuts off, stalls, refuses or lies when told to."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Literal

Trick = Literal["cut", "lie", "stall", "endless", "ignore-range", "shifted-range", "404", "500"]


class FileServer:
    """``files`` by path; ``tricks`` by path, one for each request in turn, then served well."""

    def __init__(self, files: dict[str, bytes]) -> None:
        self.files = files
        self.tricks: dict[str, list[Trick]] = {}
        self.requests: list[tuple[str, str | None]] = []  # path, Range
        self.asked = threading.Event()  # set by the first request
        self.release = threading.Event()  # lets stalled answers go
        self.base = ""

    def ranges(self, path: str) -> list[str | None]:
        """Return the Range header of each request for ``path``."""
        return [wanted for asked, wanted in self.requests if asked == path]


@contextmanager
def serving(files: dict[str, bytes]) -> Iterator[FileServer]:
    state = FileServer(files)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *args: object) -> None:
            pass

        def do_GET(self) -> None:
            wanted = self.headers.get("Range")
            state.requests.append((self.path, wanted))
            state.asked.set()
            tricks = state.tricks.get(self.path, [])
            trick = tricks.pop(0) if tricks else None
            data = state.files.get(self.path)
            if trick in ("404", "500") or data is None:
                self.send_response(int(trick) if trick in ("404", "500") else 404)
                self.send_header("Content-Length", "0")
                self.end_headers()
                return
            if trick == "lie":
                data = bytes(255 - b for b in data)
            start = int(wanted.removeprefix("bytes=").rstrip("-")) if wanted else 0
            if trick == "ignore-range":
                start = 0
            elif start >= len(data) and wanted:
                self.send_response(416)
                self.send_header("Content-Length", "0")
                self.end_headers()
                return
            self.send_response(206 if start else 200)
            if start:
                told = start - 1 if trick == "shifted-range" else start
                self.send_header("Content-Range", f"bytes {told}-{len(data) - 1}/{len(data)}")
            body = data[start:]
            if trick == "endless":
                self.send_header("Connection", "close")
                self.end_headers()
                self.close_connection = True
                while not state.release.is_set():
                    self.wfile.write(bytes(1 << 20))
                return
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if trick in ("cut", "stall"):
                if trick == "stall":
                    state.release.wait(30)
                else:
                    self.wfile.write(body[: len(body) // 2])
                self.close_connection = True
                return
            self.wfile.write(body)

        def handle(self) -> None:
            with suppress(BrokenPipeError, ConnectionResetError):  # the client had enough
                super().handle()

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    state.base = f"http://127.0.0.1:{server.server_port}"
    try:
        yield state
    finally:
        state.release.set()
        server.shutdown()
        server.server_close()
        thread.join()
