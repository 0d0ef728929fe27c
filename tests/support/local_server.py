"""A web server inside the test, for as long as its block: what the program under test sends to somebody else arrives here."""
import http.server
import socket
import ssl
import threading


def free_port() -> int:
    """For who has to be known by an address before they listen."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Pages(http.server.BaseHTTPRequestHandler):
    """What each request gets; `self.server.owner` is the LocalServer."""

    def read_body(self) -> bytes:
        return self.rfile.read(int(self.headers["Content-Length"]))

    def reply(self, status, body=b"", content_type="application/json"):
        self.send_response(status)
        if body:
            self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        """Nothing: what matters is kept by the owner."""


class LocalServer:
    """`with` begins and ends it; those who derive from it say what their `pages` are."""

    pages = Pages
    certificate = None  # with one it speaks TLS

    def __enter__(self):
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), self.pages)
        self.server.owner = self
        self.server.daemon_threads = True
        if self.certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(self.certificate.certificate_file, self.certificate.key_file)
            self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()

    @property
    def url(self) -> str:
        return f"{'https' if self.certificate else 'http'}://127.0.0.1:{self.server.server_port}"
