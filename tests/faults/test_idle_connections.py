"""Ten thousand connections that do nothing: they cost little memory, nobody else's time, and leave nothing behind."""
import contextlib
import resource
import socket

import pytest
from support.process import cpu_seconds, descriptor_count, is_sanitized, read_metrics, resident_bytes, settled_descriptors, wait_until
from support.server import Server

COUNT = 10_000
SPARE = 200  # descriptors for everything else
MIB = 1024 * 1024
REQUEST = b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n"
SOURCES = [f"127.0.1.{number}" for number in range(1, 6)]  # one address may have 4096


@pytest.fixture
def many_descriptors():
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < COUNT + SPARE:
        pytest.skip(f"this machine allows {hard} descriptors per process, the test needs {COUNT + SPARE}")
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, COUNT + SPARE), hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@contextlib.contextmanager
def crowd(server, witness):
    """All connections, accepted; at the end they are closed and the server has noticed."""
    with contextlib.ExitStack() as stack:
        sockets = []
        for number in range(COUNT):
            one = stack.enter_context(socket.socket())
            one.settimeout(30)
            one.bind((SOURCES[number % len(SOURCES)], 0))
            one.connect((server.address, server.port))
            sockets.append(one)
        wait_until(lambda: open_connections(witness) == COUNT + 1, 30)
        yield sockets
    wait_until(lambda: open_connections(witness) == 1, 30)


def open_connections(witness):
    return read_metrics(witness)["lodestone_connections_open"]


def ask_all(sockets):
    """Every connection is used once, so that buffers taken for a request must be given back."""
    for one in sockets:
        one.sendall(REQUEST)
    for one in sockets:
        assert one.recv(4096).startswith(b"HTTP/1.1 200 ")


def assert_is_quiet(server, witness):
    used = cpu_seconds(server.pid)
    witness.socket.settimeout(1.0)
    with pytest.raises(TimeoutError):  # a second in which nobody says anything: two sweeps over all of them
        witness.read_exactly(1)
    witness.socket.settimeout(30.0)
    assert cpu_seconds(server.pid) - used < 0.3


def test_ten_thousand_idle_connections(binary, many_descriptors):
    with Server(binary, ["--log-level", "warn"]) as server, server.connect(30) as witness:
        assert witness.request("GET", "/ready").status == 200
        descriptors = settled_descriptors(server.pid, witness)
        with crowd(server, witness) as sockets:
            ask_all(sockets)
            first = resident_bytes(server.pid)
            assert first < 100 * MIB or is_sanitized(binary)
            assert descriptor_count(server.pid) == descriptors + COUNT
            assert server.request("GET", "/ready").status == 200
            assert_is_quiet(server, witness)
        assert descriptor_count(server.pid) == descriptors

        # Whole pages are given back to the kernel. Asio keeps its record of every descriptor there ever was, about one a
        # page, and these pages stay.
        if not is_sanitized(binary):
            wait_until(lambda: resident_bytes(server.pid) < first * 0.9)
        with crowd(server, witness) as sockets:
            ask_all(sockets)
            assert resident_bytes(server.pid) < first + 4 * MIB or is_sanitized(binary)
        assert descriptor_count(server.pid) == descriptors
        assert witness.request("GET", "/ready").status == 200
