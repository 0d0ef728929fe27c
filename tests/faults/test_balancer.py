"""A rolling restart behind haproxy, which asks /ready and turns away in time: not one request fails."""
import contextlib
import shutil
import signal
import socket
import subprocess
import threading

import pytest
from support.process import wait_until
from support.raw import Connection
from support.server import Server

HAPROXY = shutil.which("haproxy") or shutil.which("haproxy", path="/usr/sbin")
DRAIN = ("--set", "server.drain_delay=1500ms", "--set", "server.stop_timeout=10s")
CLIENTS = 6
CONFIG = """
defaults
    mode http
    timeout connect 2s
    timeout client 30s
    timeout server 30s
frontend clients
    bind {front}
    default_backend nodes
backend nodes
    option httpchk GET /ready
    http-check expect status 200
    default-server inter 200ms fall 2 rise 1 check
    server a {a}
    server b {b}
"""


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as one:
        return one.getsockname()[1]


class Balancer:
    """haproxy in the foreground in front of two nodes; `front` is where clients connect."""

    def __init__(self, folder, nodes):
        self.front = ("127.0.0.1", free_port())
        config = folder / "haproxy.cfg"
        config.write_text(CONFIG.format(front=f"127.0.0.1:{self.front[1]}", **nodes))
        self.process = subprocess.Popen([HAPROXY, "-db", "-q", "-f", config], stdin=subprocess.DEVNULL)

    def __enter__(self):
        wait_until(lambda: self.status() == 200)
        return self

    def __exit__(self, *_):
        self.process.kill()  # nothing to finish: the clients are gone
        self.process.wait()

    def status(self):
        with contextlib.suppress(OSError, AssertionError), Connection(*self.front) as connection:
            return connection.request("GET", "/health").status
        return None


class Load:
    """Keep-alive clients, each asking again and again; what is not answered 200 is kept as a failure."""

    def __init__(self, front):
        self.front, self.failures, self.answers = front, [], 0
        self._is_over = threading.Event()
        self._lock = threading.Lock()
        self._threads = [threading.Thread(target=self._ask) for _ in range(CLIENTS)]

    def __enter__(self):
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self._is_over.set()
        for thread in self._threads:
            thread.join()

    def wait_for_answers(self, count):
        target = self.answers + count
        wait_until(lambda: self.answers >= target or self.failures or self._is_over.wait(0.01))

    def _ask(self):
        connection = None
        while not self._is_over.is_set():
            try:
                connection = connection or Connection(*self.front)
                answer = connection.request("GET", "/api/v1/status")
                fault = None if answer.status == 200 else answer
            except (OSError, AssertionError) as error:
                fault, answer = repr(error), None
            with self._lock:
                self.answers += 1
                self.failures += [fault] if fault else []
            if answer is None or answer.header("Connection") == "close":
                connection.close()
                connection = None
        if connection:
            connection.close()


def restart(node, binary, load):
    """SIGTERM while the load goes on, then a successor on the same port and data."""
    load.wait_for_answers(200)
    node.send_signal(signal.SIGTERM)
    assert node.wait(20) == 0
    load.wait_for_answers(200)
    return Server(binary, DRAIN, data=node.data, listen=f"127.0.0.1:{node.port}")


@pytest.mark.skipif(HAPROXY is None, reason="haproxy is not installed: apt-get install haproxy")
def test_a_rolling_restart_fails_no_request(binary, tmp_path):
    with contextlib.ExitStack() as stack:
        nodes = {name: stack.enter_context(Server(binary, DRAIN, data=tmp_path / name)) for name in "ab"}
        addresses = {name: f"127.0.0.1:{node.port}" for name, node in nodes.items()}
        balancer = stack.enter_context(Balancer(tmp_path, addresses))
        with Load(balancer.front) as load:
            for name in "ab":
                successor = stack.enter_context(restart(nodes[name], binary, load))
                # It takes its share before the other one goes.
                wait_until(lambda node=successor: any(line.get("path") == "/api/v1/status" for line in node.log()))
            load.wait_for_answers(200)
        assert load.failures == []
        assert load.answers > 1000
