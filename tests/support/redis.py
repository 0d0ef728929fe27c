"""A real Redis for tests: on a free port of 127.0.0.1, in a temporary folder, gone with the block."""
import shutil
import signal
import socket
import subprocess
import tempfile
from pathlib import Path

from support.process import end, find_program, wait_until


class RedisServer:
    """Running until the block ends; `settings` are words of its command line."""

    def __init__(self, *settings: str):
        self.settings = settings
        self.folder = Path(tempfile.mkdtemp(prefix="lodestone-redis-"))
        self.process = None

    def __enter__(self):
        try:
            # Another program may take the port before Redis does.
            for _ in range(5):
                with socket.socket() as probe:
                    probe.bind(("127.0.0.1", 0))
                    self.port = probe.getsockname()[1]
                if self._start():
                    return self
            raise AssertionError(f"Redis does not start:\n{self.log()}")
        except BaseException:
            self.__exit__()
            raise

    def __exit__(self, *_):
        if self.process:
            self.process.send_signal(signal.SIGCONT)
            end(self.process, limit_s=30)
        shutil.rmtree(self.folder, ignore_errors=True)

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def log(self) -> str:
        log = self.folder / "log"
        return log.read_text() if log.exists() else ""

    def start(self):
        assert self._start(), self.log()

    def kill(self):
        self.process.kill()
        self.process.wait()

    def pause(self):
        """A black hole: the kernel accepts connections and bytes, nobody answers."""
        self.process.send_signal(signal.SIGSTOP)

    def resume(self):
        self.process.send_signal(signal.SIGCONT)

    def ask(self, *words) -> str:
        done = subprocess.run(["redis-cli", "-p", str(self.port), *words], capture_output=True, text=True, timeout=60, check=True)
        return done.stdout.strip()

    def _start(self) -> bool:
        (self.folder / "log").unlink(missing_ok=True)
        command = [find_program("redis-server"), "--port", str(self.port), "--bind", "127.0.0.1", "--dir", str(self.folder), "--save", "",
                   "--appendonly", "no", "--daemonize", "no", "--logfile", str(self.folder / "log"), *self.settings]
        self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd="/")
        wait_until(lambda: "Ready to accept connections" in self.log() or self.process.poll() is not None)
        return self.process.poll() is None
