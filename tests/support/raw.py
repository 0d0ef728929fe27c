"""A client that sends exactly the bytes a test gives it, right or wrong, and reads answers strictly: what a polite
library would mend or hide is what these tests are about."""
import dataclasses
import re
import socket

PATIENCE_S = 30.0  # for what a healthy server does at once: a busy machine must not fail a test


class Closed(AssertionError):
    """The server closed the connection where an answer, or more of one, was expected."""


@dataclasses.dataclass
class Response:
    status: int
    reason: str
    version: str
    headers: list[tuple[str, str]]  # in order, names as sent
    body: bytes = b""
    trailers: list[tuple[str, str]] = dataclasses.field(default_factory=list)

    def header(self, name, default=None):
        """The one header of this name; more than one of it fails the test."""
        values = [value for key, value in self.headers if key.lower() == name.lower()]
        assert len(values) <= 1, f"{name} stands {len(values)} times: {values}"
        return values[0] if values else default


class Connection:
    """One TCP connection; a context manager. Every read fails after the timeout instead of hanging."""

    def __init__(self, host, port, timeout_s=PATIENCE_S, wrap=None):
        self.socket = socket.create_connection((host, port), timeout=timeout_s)
        if wrap:  # for example ssl_context.wrap_socket
            self.socket = wrap(self.socket)
        self._unread = bytearray()
        self.operator_headers = {}  # what makes its requests the operator's, where somebody knows

    @classmethod
    def over(cls, connected_socket, timeout_s=PATIENCE_S) -> "Connection":
        """On a socket that is connected already: a Unix one, or one with options that matter before connecting."""
        connection = cls.__new__(cls)
        connection.socket, connection._unread, connection.operator_headers = connected_socket, bytearray(), {}
        connected_socket.settimeout(timeout_s)
        return connection

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.socket.close()

    def send(self, data):
        self.socket.sendall(data.encode() if isinstance(data, str) else data)

    def finish_sending(self):
        """Half-closes: the server sees the end of our bytes and may still answer."""
        self.socket.shutdown(socket.SHUT_WR)

    def reset(self):
        """Vanishes the rude way: the server's next read or write fails with ECONNRESET."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")
        self.socket.close()

    def request(self, method, target, headers=None, body=b""):
        """A well-formed request and its answer. `headers` adds to Host and Content-Length or replaces them."""
        body = body.encode() if isinstance(body, str) else body
        fields = {"Host": "localhost", **({"Content-Length": str(len(body))} if body else {}), **(headers or {})}
        head = f"{method} {target} HTTP/1.1\r\n" + "".join(f"{name}: {value}\r\n" for name, value in fields.items())
        self.send(head.encode() + b"\r\n" + body)
        return self.read_response(method)

    def read_response(self, method="GET") -> Response:
        """The next answer, interim ones too. The method matters: an answer to HEAD has no body."""
        head = self._read_until(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").split("\r\n")[:-2]
        match = re.fullmatch(r"(HTTP/1\.[01]) (\d{3}) ?(.*)", first)
        assert match, f"not a status line: {first!r}"
        response = Response(int(match.group(2)), match.group(3), match.group(1), [parse_field(line) for line in lines])
        coding, length = response.header("Transfer-Encoding"), response.header("Content-Length")
        assert coding is None or length is None, "both Transfer-Encoding and Content-Length"
        if method == "HEAD" or response.status < 200 or response.status in (204, 304):
            return response
        if coding is not None:
            assert coding.lower() == "chunked", f"unknown transfer coding {coding}"
            self._read_chunks(response)
        elif length is not None:
            assert length.isdigit(), f"Content-Length: {length}"
            response.body = self.read_exactly(int(length))
        else:
            response.body = self.read_to_end()
        return response

    def read_head(self) -> bytes:
        """Of an answer whose body is read by hand."""
        return self._read_until(b"\r\n\r\n")

    def read_exactly(self, size) -> bytes:
        while len(self._unread) < size:
            self._receive()
        return self._take(size)

    def read_to_end(self) -> bytes:
        while True:
            try:
                self._receive()
            except Closed:
                return self._take(len(self._unread))

    def expect_close(self):
        """Fails unless the server closes the connection without another byte; a reset counts as closing."""
        try:
            left = self.read_to_end()
        except ConnectionResetError:
            return
        assert not left, f"more bytes before the end: {left[:200]!r}"

    def _read_chunks(self, response):
        parts = []
        while size := self._read_chunk_size():
            parts.append(self.read_exactly(size))
            assert self.read_exactly(2) == b"\r\n", "a chunk does not end with CRLF"
        response.body = b"".join(parts)
        while (line := self._read_until(b"\r\n")) != b"\r\n":
            response.trailers.append(parse_field(line[:-2].decode("latin-1")))

    def _read_chunk_size(self) -> int:
        line = self._read_until(b"\r\n")
        assert re.fullmatch(rb"[0-9A-Fa-f]+(;[^\r\n]*)?\r\n", line), f"bad chunk size {line!r}"
        return int(line.split(b";")[0], 16)

    def _read_until(self, end) -> bytes:
        while end not in self._unread:
            self._receive()
        return self._take(self._unread.index(end) + len(end))

    def _take(self, size) -> bytes:
        data = bytes(self._unread[:size])
        del self._unread[:size]
        return data

    def _receive(self):
        data = self.socket.recv(65536)
        if not data:
            raise Closed(f"the server closed the connection; unread: {bytes(self._unread[:200])!r}")
        self._unread += data


def parse_field(line) -> tuple[str, str]:
    match = re.fullmatch(r"([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*(.*?)[ \t]*", line)
    assert match, f"not a header field: {line!r}"
    return match.group(1), match.group(2)
