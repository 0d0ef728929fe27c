"""A client that asks for much and takes little: the server must wait for it without growing."""
import contextlib
import socket

from support.raw import Connection


def narrow_connection(server, receive_bytes=4096):
    """A client whose kernel takes little before it stops the sender."""
    narrow = socket.socket()
    narrow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_bytes)
    narrow.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
    narrow.connect((server.address, server.port))
    connection = Connection.over(narrow)
    connection.operator_headers = server.operator_headers()
    return connection


def ask_without_reading(connection, target="/metrics"):
    """Sends requests until neither side's kernel takes another byte: the server cannot but wait for us."""
    headers = "".join(f"{name}: {value}\r\n" for name, value in connection.operator_headers.items())
    requests = f"GET {target} HTTP/1.1\r\nHost: localhost\r\n{headers}\r\n".encode() * 100
    before = connection.socket.gettimeout()
    connection.socket.settimeout(0.3)
    with contextlib.suppress(TimeoutError, ConnectionResetError, BrokenPipeError):
        while True:
            rest = memoryview(requests)
            while rest:
                rest = rest[connection.socket.send(rest):]
    connection.socket.settimeout(before)
