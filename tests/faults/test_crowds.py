"""More clients than there is room for: who comes too late is told so at once, and nobody inside notices."""
import contextlib
import resource
import signal
import socket

import pytest
from support.process import cpu_seconds, descriptor_count, is_sanitized, read_metrics, wait_until
from support.raw import Connection
from support.server import Server

STATUS = "/api/v1/status"  # unlike /health, it is counted against a client's rate
REFUSED = 'lodestone_connections_refused_total{reason="%s"}'


def limited(count):
    return {"preexec_fn": lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (count, count))}


def try_request(server):
    """The status of an answer, or "closed" when the server would not have us."""
    with server.connect() as connection, contextlib.suppress(OSError, AssertionError):
        return connection.request("GET", "/health").status
    return "closed"


@contextlib.contextmanager
def held(server, count):
    """So many connections, each answered once and kept open."""
    with contextlib.ExitStack() as stack:
        connections = [stack.enter_context(server.connect()) for _ in range(count)]
        for connection in connections:
            assert connection.request("GET", "/health").status == 200
        yield connections


def test_a_full_server_says_so(start_server):
    server = start_server("--set", "server.connections=5")
    with held(server, 5) as inside:
        for _ in range(3):
            with server.connect() as connection:
                answer = connection.read_response()  # without having asked anything
                assert (answer.status, answer.header("Retry-After"), answer.header("Connection")) == (503, "1", "close")
                connection.expect_close()
        assert try_request(server) == 503
        assert read_metrics(inside[0])[REFUSED % "server_full"] == 4
    wait_until(lambda: try_request(server) == 200)


def test_a_client_with_too_many_connections_leaves_room_for_others(start_server):
    server = start_server("--set", "server.connections_per_client=3")
    with held(server, 3) as inside:
        with server.connect() as connection:
            answer = connection.read_response()
            assert (answer.status, answer.header("Retry-After"), answer.header("Connection")) == (429, "1", "close")
            connection.expect_close()
        with Connection.over(connect_from("127.0.0.2", server)) as other:
            assert other.request("GET", "/health").status == 200
        assert read_metrics(inside[0])[REFUSED % "client_full"] == 1
    wait_until(lambda: try_request(server) == 200)


def connect_from(address, server):
    return socket.create_connection((server.address, server.port), timeout=10, source_address=(address, 0))


def test_a_client_that_asks_too_often_is_told_when_to_come_back(start_server):
    server = start_server("--set", "server.requests_per_second_per_client=1", "--set", "server.request_burst_per_client=3")
    with server.connect() as connection:
        assert [connection.request("GET", STATUS).status for _ in range(4)] == [200, 200, 200, 429]
        answer = connection.request("GET", "/nowhere")
        assert (answer.status, answer.header("Retry-After"), answer.header("Connection")) == (429, "1", None)
        with Connection.over(connect_from("127.0.0.2", server)) as other:
            assert other.request("GET", STATUS).status == 200
        wait_until(lambda: connection.request("GET", STATUS).status == 200)


def test_connections_leave_descriptors_for_files(binary):
    """More could be let in than there are descriptors: the server says so, and turns the rest away itself."""
    with Server(binary, popen=limited(200)) as server, held(server, 136 - 1) as inside, server.connect() as last:
        told = server.wait_for_log("too few descriptors for server.connections")
        assert (told["configured"], told["possible"]) == (16384, 136)
        assert last.request("GET", "/ready").status == 200
        with server.connect() as beyond:
            assert ask(beyond) in (503, "closed")
        assert read_metrics(inside[0])[REFUSED % "server_full"] == 1


@pytest.fixture
def frugal(binary):
    """A program that runs without a spare descriptor."""
    if is_sanitized(binary):
        pytest.skip("a sanitized program needs descriptors itself: its check of types opens a pipe")
    return binary


@pytest.mark.parametrize("scheme", ["http", "unix"])
def test_more_clients_than_descriptors(frugal, tmp_path, scheme):
    listen = ["127.0.0.1:0", f"unix:{tmp_path}/socket"]
    with Server(frugal, listen=listen) as server, contextlib.ExitStack() as stack:
        resource.prlimit(server.pid, resource.RLIMIT_NOFILE, (64, 64))  # sunk after the start, when it looked
        def connect():
            if scheme == "http":
                return stack.enter_context(server.connect())
            return stack.enter_context(Connection.over(connect_unix(tmp_path / "socket")))
        crowd = [connect() for _ in range(200)]
        answers = [ask(connection) for connection in crowd]
        assert answers.count(200) > 30 and set(answers) <= {200, 503, "closed"}
        inside = crowd[answers.index(200)]
        inside.operator_headers = server.operator_headers()
        assert inside.request("GET", "/ready").status == 200
        assert read_metrics(inside)[REFUSED % "no_descriptors"] == 200 - answers.count(200)
        assert_is_quiet(server, inside)
        stack.close()
        wait_until(lambda: try_request(server) == 200)
        running = stack.enter_context(server.connect())
        assert running.request("GET", "/ready").status == 200
        running.send("GET /health HTTP/1.1\r\n")
        crowd = [connect() for _ in range(200)]
        wait_until(lambda: descriptor_count(server.pid) == 64)
        server.send_signal(signal.SIGTERM)
        server.wait_for_log("stopping")
        running.send("Host: localhost\r\n\r\n")
        assert running.read_response().status == 200
        stack.close()
        assert server.wait() == 0


def connect_unix(path):
    client = socket.socket(socket.AF_UNIX)
    client.connect(str(path))
    return client


def ask(connection):
    with contextlib.suppress(OSError, AssertionError):
        return connection.request("GET", "/health").status
    return "closed"


def assert_is_quiet(server, inside):
    """Waiting costs nothing: the time between two sweeps of a third connection is spent asleep."""
    used = cpu_seconds(server.pid)
    inside.socket.settimeout(1.0)
    with pytest.raises(TimeoutError):  # nobody says anything for a second
        inside.read_exactly(1)
    inside.socket.settimeout(10.0)
    assert cpu_seconds(server.pid) - used < 0.3


def test_a_limit_that_sinks_below_what_is_open_does_not_spin(frugal):
    with Server(frugal) as server, held(server, 10) as inside:
        few = descriptor_count(server.pid) // 2  # not even the reserve can be used now
        _, hard = resource.prlimit(server.pid, resource.RLIMIT_NOFILE)
        resource.prlimit(server.pid, resource.RLIMIT_NOFILE, (few, hard))
        with server.connect() as waiting:
            assert_is_quiet(server, inside[0])
            assert inside[1].request("GET", "/health").status == 200
            resource.prlimit(server.pid, resource.RLIMIT_NOFILE, (hard, hard))
            assert waiting.request("GET", "/health").status in (200, 503)
