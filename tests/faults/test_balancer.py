"""A rolling restart behind haproxy with the shipped configuration: it asks /ready and turns away in time, so that not
one request fails."""
import contextlib
import http.client
import shutil
import signal
import socket
import subprocess
import threading
from pathlib import Path

import pytest
from support.server import Server

CONFIGURATION = Path(__file__).resolve().parents[2] / "packaging/haproxy.cfg"
DRAIN_DELAY = "6s"  # several times the interval of haproxy.cfg's checks
SETTINGS = ("--set", f"server.drain_delay={DRAIN_DELAY}", "--set", "server.trusted_proxies=127.0.0.1")
CLIENTS = 4

pytestmark = pytest.mark.skipif(shutil.which("haproxy") is None, reason="haproxy is not installed (Debian package haproxy)")


@contextlib.contextmanager
def balancer_before(nodes, folder):
    """haproxy with the shipped configuration, but for its addresses; answers the port that it listens on."""
    listener = socket.create_server(("127.0.0.1", 0))
    port = listener.getsockname()[1]
    text = CONFIGURATION.read_text().replace("bind :8080", f"bind fd@{listener.fileno()}")
    for number, node in enumerate(nodes, 1):
        text = text.replace(f"node{number}:8080", f"127.0.0.1:{node.port}")
    file = folder / "haproxy.cfg"
    file.write_text(text)
    process = subprocess.Popen(["haproxy", "-db", "-f", file], pass_fds=[listener.fileno()], stdin=subprocess.DEVNULL,
                               stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    listener.close()  # the balancer has its own now; until it accepts, clients wait in the queue
    try:
        yield port
    finally:
        ended_with = process.poll()
        process.terminate()
        complaints = process.communicate()[1]
        assert ended_with is None, f"haproxy ended by itself:\n{complaints}"


class Load:
    """Clients that ask without a pause, each on a connection that it keeps, until they are told to end."""

    def __init__(self, port):
        self._port = port
        self._is_over = threading.Event()
        self._threads = [threading.Thread(target=self._ask) for _ in range(CLIENTS)]
        self._counted = threading.Condition()
        self.answers = 0
        self.failures = []

    def __enter__(self):
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self._is_over.set()
        for thread in self._threads:
            thread.join()

    def wait_for_answers(self, count):
        """Until so many more have come, or something failed."""
        with self._counted:
            goal = self.answers + count
            assert self._counted.wait_for(lambda: self.failures or self.answers >= goal, timeout=60)

    def _ask(self):
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=20)
        while not self._is_over.is_set() and not self.failures:
            try:
                connection.request("GET", "/api/v1/status")
                response = connection.getresponse()
                response.read()
                failure = None if response.status == 200 else f"status {response.status}"
            except (OSError, http.client.HTTPException) as error:
                failure = repr(error)
                connection.close()
            with self._counted:
                self.answers += 1
                self.failures += [failure] if failure else []
                self._counted.notify_all()
        connection.close()


def restart(node, binary, load):
    """SIGTERM while the load goes on, then a successor on the same port and data."""
    load.wait_for_answers(100)
    node.send_signal(signal.SIGTERM)
    assert node.wait() == 0
    load.wait_for_answers(100)
    return Server(binary, SETTINGS, data=node.data, listen=f"127.0.0.1:{node.port}")


def test_a_rolling_restart_fails_no_request(binary, tmp_path):
    with contextlib.ExitStack() as stack:
        nodes = [stack.enter_context(Server(binary, SETTINGS, data=tmp_path / name)) for name in ("one", "two", "three")]
        port = stack.enter_context(balancer_before(nodes, tmp_path))
        with Load(port) as load:
            for node in nodes[:2]:  # the second can only go because the first one's successor has come
                successor = stack.enter_context(restart(node, binary, load))
                successor.wait_for_log("request", path="/api/v1/status")  # it takes its share
            load.wait_for_answers(100)
        assert load.failures == []
        assert all("/api/v1/status" in node.log_text() for node in nodes), "every node had its share"
