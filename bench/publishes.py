"""Packages as many clients publish them at once. Requests are made up beforehand, so that a client costs little beside
the server that it measures."""
import dataclasses
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor

LIMIT_S = 120


@dataclasses.dataclass
class Published:
    count: int
    seconds: float

    @property
    def rate(self) -> float:
        return self.count / self.seconds


def render_request(server, method: str, target: str, content_type: str, body: bytes) -> bytes:
    headers = {"Host": "127.0.0.1", **server.headers, "Content-Type": content_type, "Content-Length": str(len(body))}
    head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return f"{method} {target} HTTP/1.1\r\n{head}\r\n".encode() + body


def publish_together(server, requests: list[bytes], clients: int, seconds: float = LIMIT_S) -> Published:
    """Until the requests or the seconds are over; a single one that is refused spoils it."""
    waiting, start_line = list(reversed(requests)), threading.Barrier(clients + 1)
    with ThreadPoolExecutor(clients) as threads:
        running = [threads.submit(publish_in_turn, server, waiting, start_line, seconds) for _ in range(clients)]
        start_line.wait(LIMIT_S)
        start = time.monotonic()
        count = sum(one.result() for one in running)
        return Published(count=count, seconds=time.monotonic() - start)


def publish_in_turn(server, waiting: list[bytes], start_line: threading.Barrier, seconds: float) -> int:
    """One client: takes requests from those that wait, for all clients together; answers how many."""
    count = 0
    with socket.create_connection(("127.0.0.1", server.port), LIMIT_S) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        start_line.wait(LIMIT_S)
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            try:
                request = waiting.pop()
            except IndexError:
                break
            connection.sendall(request)
            read_answer(connection, request)
            count += 1
    return count


def read_answer(connection: socket.socket, request: bytes):
    """As little of HTTP as a client needs that must not take the processor from the server."""
    answer = b""
    while (end := answer.find(b"\r\n\r\n")) < 0:
        answer += receive(connection)
    head = answer[:end].decode("latin-1").split("\r\n")
    status = int(head[0].split(" ")[1])
    fields = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:])}
    rest, is_chunked = answer[end + 4:], fields.get("transfer-encoding", "") == "chunked"
    while not rest.endswith(b"0\r\n\r\n") if is_chunked else len(rest) < int(fields["content-length"]):
        rest += receive(connection)
    if status not in (200, 201):
        raise RuntimeError(f"{request.split(b' HTTP/', 1)[0].decode()} was answered with {status}: {rest[:500]}")


def receive(connection: socket.socket) -> bytes:
    if not (got := connection.recv(65536)):
        raise ConnectionError("the server has closed the connection before it had answered")
    return got
