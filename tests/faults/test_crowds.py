"""More clients than there is room for: who comes too late is told so at once, and nobody inside notices."""
import contextlib
import itertools
import os
import resource
import select
import signal
import socket

import pytest
from support.installation import Installation
from support.process import cpu_seconds, descriptor_count, is_sanitized, read_metrics, settled_descriptors, wait_until
from support.raw import Closed, Connection
from support.server import Server

STATUS = "/api/v1/status"  # unlike /health, it is counted against a client's rate
REFUSED = 'lodestone_connections_refused_total{reason="%s"}'
GAVE_WAY = "lodestone_connections_gave_way_total"


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


def test_a_full_server_lets_who_rests_longest_give_way(start_server):
    server = start_server("--set", "server.connections=5", "--threads", "1")
    with held(server, 5) as inside:
        assert inside[0].request("GET", "/health").status == 200  # so that the second rests longest
        with server.connect() as newcomer:
            assert newcomer.request("GET", "/health").status == 200
            inside[1].expect_close()
            for one in (inside[0], *inside[2:]):
                assert one.request("GET", "/health").status == 200
            metrics = read_metrics(newcomer)
            assert (metrics[GAVE_WAY], metrics[REFUSED % "server_full"]) == (1, 0)


def test_idle_connections_of_a_few_addresses_keep_nobody_out(start_server):
    """As many as their addresses may have, which is all there are; some have asked, some are silent, some never finish."""
    server = start_server("--set", "server.connections=16", "--set", "server.connections_per_client=4")
    with contextlib.ExitStack() as stack:
        for number in range(16):
            one = stack.enter_context(Connection.over(connect_from(f"127.0.0.{number // 4 + 2}", server)))
            if number % 3 == 0:
                assert one.request("GET", "/health").status == 200
            elif number % 3 == 1:
                one.send("GET /health HTTP/1.1\r\n")

        def is_served(number):
            with Connection.over(connect_from(f"127.0.1.{number % 250 + 1}", server)) as newcomer, contextlib.suppress(OSError, Closed):
                return newcomer.request("GET", "/health").status == 200
            return False
        numbers = itertools.count()
        wait_until(lambda: is_served(next(numbers)))
        with server.connect() as operator:
            wait_until(lambda: read_metrics(operator)[GAVE_WAY] >= 1)


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
    return socket.create_connection((server.address, server.port), timeout=30, source_address=(address, 0))


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
    with Server(binary, ["--threads", "1"], popen=limited(200)) as server, held(server, 80 - 1) as inside, server.connect() as last:
        told = server.wait_for_log("too few descriptors for server.connections")
        assert (told["configured"], told["possible"]) == (16384, 80)
        assert last.request("GET", "/ready").status == 200
        with server.connect() as beyond:
            assert ask(beyond) == 200
        inside[0].expect_close()
        assert read_metrics(last)[GAVE_WAY] == 1


def test_files_on_their_way_leave_descriptors_for_everybody_else(binary, tmp_path):
    """Each holds one besides its connection: who comes for one file too many is told so, and the rest goes on."""
    installation = Installation(binary, tmp_path / "data")
    with installation.server() as server:
        server.wait_for_log("serving")
    installation.say("repository", "create", "files", "--app", "main", "--format", "generic")
    key = installation.say("key", "create", "--user", "admin", "--quiet").strip()
    size = 100_000
    head = "PUT /generic/default/files/tool/1.0/{} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {}\r\nContent-Length: {}\r\n\r\n"
    with installation.server(popen=limited(200)) as server, contextlib.ExitStack() as stack:
        server.wait_for_log("serving")
        senders = [stack.enter_context(server.connect()) for _ in range(60)]
        for number, sender in enumerate(senders):
            sender.send(head.format(number, key, size).encode() + b"x" * 1000)
        def turned_away():
            return select.select([sender.socket for sender in senders], [], [], 0)[0]
        wait_until(lambda: len(turned_away()) == 20)  # 200 less 80 for the program's own, and of those two thirds for connections
        sockets = turned_away()
        refused = [sender for sender in senders if sender.socket in sockets]
        for sender in refused:
            answer = sender.read_response()
            assert (answer.status, answer.header("Retry-After")) == (503, "1"), answer.body
        assert server.request("GET", "/ready").status == 200
        for sender in senders:
            if sender not in refused:
                sender.send(b"x" * (size - 1000))
                assert sender.read_response().status == 201
        with server.connect() as late:
            late.send(head.format("late", key, size).encode() + b"x" * size)
            assert late.read_response().status == 201


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
        wait_until(lambda: server.request("GET", "/ready").status == 200)  # the database has opened what it needs
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


def test_a_reserve_that_was_lost_is_won_back(frugal):
    """The descriptor that is kept for turning people away goes to nobody else, once it can be had again."""
    with Server(frugal) as server, held(server, 10), server.connect() as waiting:
        assert waiting.request("GET", "/ready").status == 200
        with_reserve = settled_descriptors(server.pid, waiting)
        highest = max(int(name) for name in os.listdir(f"/proc/{server.pid}/fd"))
        _, hard = resource.prlimit(server.pid, resource.RLIMIT_NOFILE)
        resource.prlimit(server.pid, resource.RLIMIT_NOFILE, (with_reserve // 2, hard))
        with contextlib.ExitStack() as stack:
            first = stack.enter_context(server.connect())
            wait_until(lambda: descriptor_count(server.pid) == with_reserve - 1)  # given up, and of no use
            resource.prlimit(server.pid, resource.RLIMIT_NOFILE, (highest + 1, hard))
            answers = [ask(first)]
            for _ in range(highest + 1 - with_reserve + 5):  # more than there is room for
                answers.append(ask(stack.enter_context(server.connect())))
            assert set(answers) <= {200, 503} and answers[-2:] == [503, 503], answers
            assert descriptor_count(server.pid) == highest + 1
