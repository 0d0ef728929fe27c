"""The programs that a benchmark starts: the bench server, nginx beside it, and the real thing. Each is stopped by
its process id when its block ends, and knows how much CPU time it and its children have used."""
import os
import re
import select
import socket
import subprocess
import time
from pathlib import Path

from support.process import cpu_seconds, end, find_program

START_LIMIT_S = 20
STOP_LIMIT_S = 10

NGINX_CONFIG = """
daemon off;
{user}
worker_processes {workers};
pid {folder}/nginx.pid;
error_log {folder}/nginx-error.log warn;
events {{ worker_connections 4096; }}
http {{
    access_log {folder}/nginx-access.log combined buffer=64k flush=1s;
    sendfile on;
    tcp_nopush on;
    keepalive_requests 100000000;
    open_file_cache max=1000 inactive=60s;
    default_type application/octet-stream;
    client_body_temp_path {folder}/nginx-body;
    proxy_temp_path {folder}/nginx-proxy;
    fastcgi_temp_path {folder}/nginx-fastcgi;
    uwsgi_temp_path {folder}/nginx-uwsgi;
    scgi_temp_path {folder}/nginx-scgi;
    server {{
        listen 127.0.0.1:{port};
        root {root};
    }}
}}
"""


class Peer:
    """A server process: `with` starts it and stops it."""

    def __init__(self, command, env=None, log=None, core=None):
        self._command = on_core(core, command)
        self._env = env
        self._log = log  # where its standard error goes; None: to ours
        self.process = None
        self.port = None

    def __enter__(self):
        self.process = subprocess.Popen(self._command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                        stderr=self._log, env=self._env)
        try:
            self.port = self._find_port()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        end(self.process, STOP_LIMIT_S)
        self.process.stdout.close()

    def _find_port(self) -> int:
        """The port in the first line that names one; raises when the program says nothing or ends."""
        deadline = time.monotonic() + START_LIMIT_S
        text = b""
        while not (match := re.search(rb"http://[\d.]+:(\d+)\s", text)):
            ready, _, _ = select.select([self.process.stdout], [], [], max(0.0, deadline - time.monotonic()))
            read = os.read(self.process.stdout.fileno(), 4096) if ready else b""
            if not read:
                raise RuntimeError(f"{self._command[0]} did not start: {text.decode(errors='replace')}")
            text += read
        return int(match[1])

    def cpu_seconds(self) -> float:
        """User and system time of the process and its children, alive ones too."""
        return sum(cpu_seconds(pid) for pid in [self.process.pid, *children(self.process.pid)])

    def memory_kib(self, field: str) -> int:
        """VmRSS or VmHWM, as the kernel counts them."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(rf"^{field}:\s+(\d+) kB", status, re.MULTILINE)[1])


class PortPeer(Peer):
    """One that is told its port, and says nothing when it listens."""

    def __init__(self, command, port: int, env=None, log=None, core=None):
        super().__init__(command, env=env, log=log, core=core)
        self._port_wanted = port

    def _find_port(self) -> int:
        deadline = time.monotonic() + START_LIMIT_S
        while time.monotonic() < deadline and self.process.poll() is None:
            try:
                socket.create_connection(("127.0.0.1", self._port_wanted), 1).close()
                return self._port_wanted
            except ConnectionRefusedError:
                time.sleep(0.02)
        raise RuntimeError(f"{self._command[0]} did not start")


class Nginx(PortPeer):
    def __init__(self, folder: Path, root: Path, workers: int, core=None):
        port = free_port()
        # Without this line a master that is root would let its workers run as somebody who may not read the files.
        user = "user root;" if os.geteuid() == 0 else ""
        config = folder / "nginx.conf"
        config.write_text(NGINX_CONFIG.format(folder=folder, root=root, port=port, workers=workers, user=user))
        super().__init__([find_program("nginx"), "-c", config, "-p", folder, "-e", folder / "nginx-error.log"], port, core=core)


def on_core(core, command) -> list[str]:
    """The command, kept to one core; None: wherever the kernel puts it."""
    return [*([] if core is None else ["taskset", "-c", str(core)]), *map(str, command)]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
