"""One server under test: started on a port that the kernel picks, with a data folder of its own, its address read
from what it prints and its log readable as it is written."""
import json
import os
import re
import select
import shutil
import signal
import subprocess
import tempfile
import threading
import time
from pathlib import Path

from support.raw import PATIENCE_S, Connection

START_LIMIT_S = 30  # generous: sanitized builds on a busy machine
STOP_LIMIT_S = 60
SANITIZER_REPORT = re.compile(r"^.*(runtime error:|ERROR: \w+Sanitizer|WARNING: ThreadSanitizer)", re.MULTILINE)

STARTED = []  # by the running test; conftest.py shows their logs when it fails


def shared_secrets(folder: Path) -> dict[str, str]:
    """The settings that nodes of one database have in common: a node with other secrets than the first refuses to start."""
    settings = {}
    for name in ("pepper", "sealing_key"):
        path = folder / name
        path.write_text(name * 8)
        path.chmod(0o600)
        settings[f"LODESTONE_IDENTITY_{name.upper()}_FILE"] = str(path)
    return settings


class Server:
    """`with Server(binary) as server:`; server.port is open when the block begins, the process gone when it ends."""

    def __init__(self, binary, arguments=(), env=None, data=None, listen="127.0.0.1:0", launcher=(), popen=None):
        """`listen` is one address, several, or none; `launcher` stands before the command and executes it; `popen`
        goes to subprocess.Popen, for example another stderr or a preexec_fn."""
        self._command = [*launcher, str(binary), "serve"]
        self._own_folder = None
        self._arguments = [str(argument) for argument in arguments]
        self._listen = [listen] if isinstance(listen, str) else list(listen)
        self._popen = popen or {}
        self._env = env or {}
        self.data = Path(data) if data else None
        self.process = None
        self.urls = []  # of every listener: "http://127.0.0.1:41373", "unix:/path"
        self.address = self.port = None  # of the first that speaks TCP
        self.exit_code = None
        self._log_lines = []
        self._printed = []
        self._log_grew = threading.Condition()
        self._readers = []

    def start(self) -> "Server":
        if self.data is None:
            self._own_folder = tempfile.mkdtemp(prefix="lodestone-data-")
            self.data = Path(self._own_folder)
        # The outer environment must not configure the server under test.
        env = {key: value for key, value in os.environ.items()
               if not key.startswith("LODESTONE_") and key not in ("PORT", "DATABASE_URL", "REDIS_URL")}
        listen = [word for address in self._listen for word in ("--listen", address)]
        command = [*self._command, "--data", str(self.data), *listen, *self._arguments]
        streams = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        self.process = subprocess.Popen(command, env={**env, **self._env}, **{**streams, **self._popen})
        STARTED.append(self)
        if self.process.stderr:
            self._follow(self.process.stderr, self._keep_log)
        try:
            self._read_address()
        except BaseException:
            self.stop()
            raise
        self._follow(self.process.stdout, self._printed.append)  # so that it never waits for us to read
        return self

    def stop(self, limit_s=STOP_LIMIT_S):
        """Asks it to end, and ends it when it does not; only this process, by its id."""
        if self.process is None:
            return
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(timeout=limit_s)
            except subprocess.TimeoutExpired:
                self.process.kill()
        self.exit_code = self.process.wait()
        for reader in self._readers:
            reader.join()
        for pipe in filter(None, (self.process.stdout, self.process.stderr)):
            pipe.close()
        self.process = None
        if self._own_folder:
            shutil.rmtree(self._own_folder, ignore_errors=True)
        if report := SANITIZER_REPORT.search(self.log_text()):
            raise AssertionError(f"a sanitizer complained:\n{self.log_text()[report.start():]}")

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.stop()

    @property
    def pid(self) -> int:
        return self.process.pid

    @property
    def is_running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def send_signal(self, number=signal.SIGTERM):
        self.process.send_signal(number)

    def wait(self, limit_s=STOP_LIMIT_S) -> int:
        """Waits for it to end by itself; answers its exit code."""
        self.exit_code = self.process.wait(timeout=limit_s)
        return self.exit_code

    def reload(self) -> list[dict]:
        """Sends SIGHUP and waits until it is done, well or not; answers what was logged on the way."""
        before = len(self.log())
        self.send_signal(signal.SIGHUP)
        self.wait_for_log("reloaded", "reload incomplete", after=before)
        return self.log()[before:]

    def connect(self, timeout_s=PATIENCE_S) -> Connection:
        connection = Connection(self.address, self.port, timeout_s)
        connection.operator_headers = self.operator_headers()
        return connection

    def operator_headers(self) -> dict[str, str]:
        """What makes a request the operator's; nothing for a program that keeps no token."""
        token = self.data / "secrets/operator-token"
        return {"Authorization": f"Bearer {token.read_text().strip()}"} if token.exists() else {}

    def request(self, method, target, headers=None, body=b""):
        """One request on a connection of its own."""
        with self.connect() as connection:
            return connection.request(method, target, headers, body)

    def log_text(self) -> str:
        with self._log_grew:
            return "".join(self._log_lines)

    def printed(self) -> str:
        """What it wrote to standard output so far."""
        return "".join(self._printed)

    def log(self) -> list[dict]:
        """What was logged so far; a line that is not JSON comes as {"raw": line}."""
        with self._log_grew:
            return [parse_log_line(line) for line in self._log_lines]

    def wait_for_log(self, *events, limit_s=PATIENCE_S, after=0, **fields) -> dict:
        """Waits until a line of one of these events with these fields is logged, also one that already was; `after` so
        many lines, when it must be a new one."""
        deadline = time.monotonic() + limit_s
        seen = after
        with self._log_grew:
            while True:
                for line in self._log_lines[seen:]:
                    entry = parse_log_line(line)
                    if event_of(entry) in events and all(entry.get(key) == value for key, value in fields.items()):
                        return entry
                seen = len(self._log_lines)
                left_s = deadline - time.monotonic()
                if left_s <= 0 or not self._log_grew.wait(left_s):
                    raise AssertionError(f"nothing logged as {events} with {fields} in {limit_s} s; the last lines:\n"
                                         + "".join(self._log_lines[-10:]))

    def _follow(self, pipe, take):
        def read():
            for line in pipe:
                take(line.decode(errors="replace"))
        reader = threading.Thread(target=read, daemon=True)
        reader.start()
        self._readers.append(reader)

    def _keep_log(self, line):
        with self._log_grew:
            self._log_lines.append(line)
            self._log_grew.notify_all()

    def _read_address(self):
        """Reads what it prints until a line names an address, by hand: a buffered reader would hide bytes from select."""
        descriptor, printed = self.process.stdout.fileno(), b""
        deadline = time.monotonic() + START_LIMIT_S
        while not re.search(rb"(https?://|unix:)[^\n]*\n", printed):
            readable, _, _ = select.select([descriptor], [], [], max(0.0, deadline - time.monotonic()))
            chunk = os.read(descriptor, 65536) if readable else b""
            if not chunk:
                for reader in self._readers if readable else ():
                    reader.join(START_LIMIT_S)  # its last words are the reason
                why = "ended" if readable else f"printed no address in {START_LIMIT_S} s"
                raise AssertionError(f"the server {why}; it printed {printed!r} and logged:\n{self.log_text()}")
            printed += chunk
        text = printed.decode()  # it prints all of them at once
        self._printed.append(text)
        self.urls = re.findall(r"^ +listening +(\S.*)$", text, re.MULTILINE)
        if match := re.search(r"https?://(\[[0-9a-f:]+\]|[\w.]+):(\d+)", text):
            self.address, self.port = match[1].strip("[]"), int(match[2])


def parse_log_line(line: str) -> dict:
    try:
        entry = json.loads(line)
    except ValueError:
        return {"raw": line.rstrip("\n")}
    return entry if isinstance(entry, dict) else {"raw": line.rstrip("\n")}


def event_of(entry: dict):
    return entry.get("event", entry.get("msg"))
