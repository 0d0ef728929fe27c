"""Registries as they are shipped, ours and Debian's docker-registry, each on a folder of its own. What benchmarks ask of
both is spelled alike: `place()` is where an image is, `headers` say who asks."""
import http.client
import os
import subprocess
import time
from pathlib import Path

from peers import Peer, PortPeer, free_port
from support.process import find_program

COMMAND_LIMIT_S = 120

# As Debian configures it, but for its password file; it logs each request, as ours does.
DOCKER_CONFIG = """
version: 0.1
log:
  fields:
    service: registry
storage:
  cache:
    blobdescriptor: inmemory
  filesystem:
    rootdirectory: {folder}/registry
  delete:
    enabled: true
http:
  addr: 127.0.0.1:{port}
  headers:
    X-Content-Type-Options: [nosniff]
health:
  storagedriver:
    enabled: true
    interval: 10s
    threshold: 3
"""


def outer_environment() -> dict[str, str]:
    """Without what would configure the servers."""
    return {name: value for name, value in os.environ.items()
            if not name.startswith(("LODESTONE_", "REGISTRY_")) and name not in ("PORT", "DATABASE_URL", "REDIS_URL")}


class Lodestone(Peer):
    """Ours. Stopped and started again it has the same data, and another port."""
    # Name, format, and whether it is public.
    REPOSITORIES = (("images", "oci"), ("shown", "oci", "--public"), ("files", "generic", "--public"))

    def __init__(self, program: Path, folder: Path, *settings: str, core=None):
        folder.mkdir(parents=True, exist_ok=True)
        self.data = folder / "data"
        self.headers = {}
        self._program, self._log_file = program, folder / "lodestone.log"
        words = [word for setting in settings for word in ("--set", setting)]
        super().__init__([program, "serve", "--data", self.data, "--listen", "127.0.0.1:0", "--log-file", self._log_file, *words],
                         env=outer_environment(), log=subprocess.DEVNULL, core=core)

    @property
    def database(self) -> Path:
        return self.data / "lodestone.db"

    @staticmethod
    def place(image: str, repository: str = "images") -> str:
        return f"/v2/default/{repository}/{image}"

    def furnish(self) -> "Lodestone":
        """Once, while it runs: repositories, private and public ones, and a key of its administrator."""
        self._wait_for_first_start()
        self._say("app", "create", "Bench", "--id", "bench")
        for name, form, *public in self.REPOSITORIES:
            self._say("repository", "create", name, "--app", "bench", "--format", form, *public)
        self.headers = {"Authorization": f"Bearer {self._say('key', 'create', '--user', 'admin', '--quiet').strip()}"}
        return self

    def find_bytes(self, sha256: str) -> Path:
        """The file that it keeps them in."""
        [path] = (self.data / "blobs/sha256" / sha256[:2]).glob(f"{sha256}-*")
        return path

    def _wait_for_first_start(self):
        """It makes its tenant and its administrator when it listens already."""
        deadline = time.monotonic() + COMMAND_LIMIT_S
        while '"serving"' not in self._log_file.read_text():
            if time.monotonic() > deadline or self.process.poll() is not None:
                raise RuntimeError("lodestone never came to serve")
            time.sleep(0.02)

    def _say(self, *words: str) -> str:
        done = subprocess.run([self._program, *words, "--data", self.data], env=outer_environment(), stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, timeout=COMMAND_LIMIT_S, check=False)
        if done.returncode != 0:
            raise RuntimeError(f"lodestone {' '.join(words)}: {done.stdout}{done.stderr}")
        return done.stdout


class DockerRegistry(PortPeer):
    """Debian's package, without passwords: whatever it asks of them would be on top."""

    def __init__(self, folder: Path, core=None):
        folder.mkdir(parents=True, exist_ok=True)
        self.headers = {}
        program = find_program("docker-registry")
        if program is None:
            raise RuntimeError("docker-registry is not installed: ./dev bench oci does that")
        port = free_port()
        config = folder / "docker-registry.yml"
        config.write_text(DOCKER_CONFIG.format(folder=folder, port=port))
        # Its log of requests goes to its standard output.
        super().__init__(["sh", "-c", 'exec "$0" serve "$1" >>"$2" 2>&1', program, config, folder / "docker-registry.log"], port,
                         env=outer_environment(), core=core)

    @staticmethod
    def place(image: str, repository: str = "images") -> str:
        return f"/v2/{repository}/{image}"


class Client:
    """One connection to a server; an answer that is not the expected one is an error."""

    def __init__(self, peer):
        self.connection = http.client.HTTPConnection("127.0.0.1", peer.port, timeout=COMMAND_LIMIT_S)
        self._headers = peer.headers

    def __enter__(self) -> "Client":
        return self

    def __exit__(self, *_):
        self.connection.close()

    def ask(self, expected: int, method: str, target: str, body: bytes = b"", **headers: str) -> http.client.HTTPResponse:
        """`headers` by their names with _ for -. The answer's body has been read, and is its `text`."""
        self.begin(method, target, len(body), **headers)
        self.connection.send(body)
        return self.finish(expected)

    def begin(self, method: str, target: str, body_bytes: int, **headers: str):
        """The head alone: whoever asks sends the body over `connection.sock`."""
        self._asked = f"{method} {target}"
        self.connection.putrequest(method, target, skip_accept_encoding=True)
        for name, value in {**self._headers, "Content-Length": str(body_bytes), **headers}.items():
            self.connection.putheader(name.replace("_", "-"), value)
        self.connection.endheaders()

    def finish(self, expected: int) -> http.client.HTTPResponse:
        answer = self.connection.getresponse()
        answer.text = answer.read()
        if answer.status != expected:
            raise RuntimeError(f"{self._asked} was answered with {answer.status}: {answer.text[:500]}")
        return answer
