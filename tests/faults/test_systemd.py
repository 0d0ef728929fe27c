"""What systemd and its like hand over and are told: sockets that outlive the process, and messages about its state."""
import os
import signal
import socket
import sys
import threading

import pytest
from support.process import wait_until
from support.raw import Connection
from support.server import Server

# Becomes the server with the given descriptors from 3 on, as systemd passes them.
ACTIVATE = """
import os, sys
fds = [int(word) for word in sys.argv[1].split(",")]
high = [os.dup(os.dup2(fd, 100 + number)) for number, fd in enumerate(fds)]
for number in range(len(fds)):
    os.dup2(100 + number, 3 + number)
os.environ.update(LISTEN_FDS=str(len(fds)), LISTEN_PID=sys.argv[2] or str(os.getpid()))
os.closerange(3 + len(fds), 200)
os.execv(sys.argv[3], sys.argv[3:])
"""


def activated(binary, sockets, pid="", listen="systemd", **options):
    fds = [one.fileno() for one in sockets]
    launcher = [sys.executable, "-c", ACTIVATE, ",".join(map(str, fds)), pid]
    return Server(binary, launcher=launcher, listen=listen, popen={"pass_fds": fds}, **options)


def connect(listener) -> Connection:
    client = socket.socket(listener.family)
    client.connect(listener.getsockname())
    return Connection.over(client)


@pytest.fixture
def tcp_listener():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener


@pytest.fixture
def unix_listener(tmp_path):
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "activation"))
        listener.listen()
        yield listener


def test_sockets_from_the_outside_are_served(binary, tcp_listener, unix_listener):
    with activated(binary, [tcp_listener, unix_listener]) as server:
        assert server.port == tcp_listener.getsockname()[1] and len(server.urls) == 2
        for listener in (tcp_listener, unix_listener):
            with connect(listener) as connection:
                assert connection.request("GET", "/ready").status == 200
    assert os.path.exists(unix_listener.getsockname())  # it is not ours to remove


def test_clients_that_come_between_two_servers_are_served(binary, tcp_listener, tmp_path):
    request = "GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
    with activated(binary, [tcp_listener], data=tmp_path) as first, connect(tcp_listener) as before:
        assert before.request("GET", "/health").status == 200
        first.send_signal(signal.SIGTERM)
        assert first.wait(10) == 0
    waiting = [connect(tcp_listener) for _ in range(20)]
    for connection in waiting:
        connection.send(request)
    with activated(binary, [tcp_listener], data=tmp_path):
        for connection in waiting:
            with connection:
                assert connection.read_response().status == 200


def test_no_client_is_lost_when_servers_take_turns_under_load(binary, tcp_listener, tmp_path):
    """Clients come all the time while one server follows the other: each waits, none is refused or reset."""
    is_over, answers, failures = threading.Event(), [], []

    def ask_again_and_again():
        while not is_over.is_set():
            try:
                with connect(tcp_listener) as connection:
                    answers.append(connection.request("GET", "/health", {"Connection": "close"}).status)
            except (OSError, AssertionError) as error:
                failures.append(repr(error))
    threads = [threading.Thread(target=ask_again_and_again) for _ in range(4)]
    for thread in threads:
        thread.start()
    for _ in range(3):
        with activated(binary, [tcp_listener], data=tmp_path) as server:
            target = len(answers) + 100
            wait_until(lambda: server.request("GET", "/ready") and (len(answers) > target or failures))
            server.send_signal(signal.SIGTERM)
            assert server.wait(10) == 0
    is_over.set()
    with activated(binary, [tcp_listener], data=tmp_path):
        for thread in threads:
            thread.join()
    assert not failures and set(answers) == {200}


def test_sockets_meant_for_another_process_are_not_taken(binary, tcp_listener):
    with pytest.raises(AssertionError, match="no sockets were passed in"):
        activated(binary, [tcp_listener], pid="1").start()


def test_a_descriptor_that_is_no_socket_is_refused(binary, tmp_path):
    with open(tmp_path / "file", "w") as file, pytest.raises(AssertionError, match="is not a socket"):
        activated(binary, [file]).start()


def test_a_socket_that_does_not_listen_is_refused(binary):
    with socket.socket() as idle, pytest.raises(AssertionError, match="not.*listen"):
        idle.bind(("127.0.0.1", 0))
        activated(binary, [idle]).start()


class Notified:
    """The socket that NOTIFY_SOCKET names, and what was said to it."""

    def __init__(self, name):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.settimeout(10)
        self.socket.bind(name)

    def read(self) -> str:
        return self.socket.recv(4096).decode()


@pytest.mark.parametrize("is_abstract", [False, True], ids=["path", "abstract"])
def test_the_service_manager_is_told(binary, tmp_path, is_abstract):
    name = f"@lodestone-test-{os.getpid()}" if is_abstract else str(tmp_path / "notify")
    manager = Notified(name.replace("@", "\0"))
    with manager.socket, Server(binary, env={"NOTIFY_SOCKET": name}) as server:
        assert manager.read() == "READY=1"
        assert server.request("GET", "/ready").status == 200
        server.send_signal(signal.SIGHUP)
        assert manager.read().startswith("RELOADING=1\nMONOTONIC_USEC=")
        assert manager.read() == "READY=1"
        server.send_signal(signal.SIGTERM)
        assert manager.read() == "STOPPING=1"
        assert server.wait(10) == 0


def test_a_service_manager_that_is_gone_does_no_harm(binary, tmp_path):
    with Server(binary, env={"NOTIFY_SOCKET": str(tmp_path / "gone")}) as server:
        assert server.request("GET", "/ready").status == 200
