"""The shipped balancer's configuration before real nodes: one of them is told to stop under load, and no request fails."""
import http.client
import shutil
import socket
import subprocess
import threading
from pathlib import Path

import pytest

CONFIGURATION = Path(__file__).resolve().parents[2] / "packaging/haproxy.cfg"
CLIENTS = 4
DRAIN_DELAY = "3s"  # more than twice the interval of haproxy.cfg's checks


@pytest.fixture
def start_balancer(tmp_path):
    """haproxy with the shipped configuration, but for its addresses; answers the port that it listens on."""
    if shutil.which("haproxy") is None:
        pytest.skip("haproxy is not installed")
    processes = []

    def start(nodes):
        listener = socket.create_server(("127.0.0.1", 0))
        text = CONFIGURATION.read_text().replace("bind :8080", f"bind fd@{listener.fileno()}")
        for number, node in enumerate(nodes, 1):
            text = text.replace(f"node{number}:8080", f"127.0.0.1:{node.port}")
        file = tmp_path / "haproxy.cfg"
        file.write_text(text)
        processes.append(subprocess.Popen(["haproxy", "-db", "-f", file], pass_fds=[listener.fileno()],
                                          stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True))
        port = listener.getsockname()[1]
        listener.close()  # the balancer has its own now; until it accepts, clients wait in the queue
        return port

    yield start
    for process in processes:
        ended_with = process.poll()
        process.terminate()
        output = process.communicate()[0]
        assert ended_with is None, f"haproxy ended by itself:\n{output}"


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
            assert self._counted.wait_for(lambda: self.failures or self.answers >= goal, timeout=30)

    def _ask(self):
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=20)
        while not self._is_over.is_set() and not self.failures:
            try:
                connection.request("GET", "/health")
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


def test_stopping_a_node_under_load_fails_no_request(start_server, start_balancer):
    settings = ("--set", f"server.drain_delay={DRAIN_DELAY}", "--set", "server.trusted_proxies=127.0.0.1")
    nodes = [start_server(*settings) for _ in range(3)]
    with Load(start_balancer(nodes)) as load:
        load.wait_for_answers(100)
        nodes[0].send_signal()
        assert nodes[0].wait() == 0
        load.wait_for_answers(100)
    assert load.failures == []
    assert all("/health" in node.log_text() for node in nodes), "every node had its share"
