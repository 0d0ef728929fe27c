"""The servers of the benchmark: ours with repositories for npm, and Verdaccio, the best-known private npm registry. Both know
where a package is."""
import json
from pathlib import Path

from installs import install_peer, run_installer
from peers import PortPeer, free_port
from registries import Lodestone, outer_environment
from support.process import find_program

VERDACCIO_VERSION = "6.8.0"
# The second line is for registries that lost the tag by which one of its parts asks for this.
PACKAGE = {"private": True, "dependencies": {"verdaccio": VERDACCIO_VERSION}, "overrides": {"node-fetch": "2.7.0"}}

# By itself, and without passwords: whatever it asks of them would be on top. It logs each request, as ours does.
CONFIG = """
storage: {folder}/storage
auth:
  htpasswd:
    file: {folder}/htpasswd
    max_users: -1
web:
  enable: false
uplinks: {{}}
packages:
  '**':
    access: $all
    publish: $all
    unpublish: $all
publish:
  allow_offline: true
max_body_size: 100mb
log: {{ type: file, path: {folder}/requests.log, format: json, level: http }}
"""


class NpmLodestone(Lodestone):
    """Ours; `shown` is public."""
    name = "Lodestone"
    REPOSITORIES = (("kept", "npm"), ("shown", "npm", "--public"))

    @staticmethod
    def place(name: str, repository: str = "shown") -> str:
        return f"/npm/default/{repository}/{name}"

    def registry(self) -> str:
        """What a client is configured with."""
        return f"http://127.0.0.1:{self.port}/npm/default/shown/"


class Verdaccio(PortPeer):
    name = "Verdaccio"

    def __init__(self, folder: Path, core=None):
        folder.mkdir(parents=True, exist_ok=True)
        self.headers = {}
        self.storage = folder / "storage"
        program = install_verdaccio() / "node_modules/verdaccio/bin/verdaccio"
        config, port = folder / "config.yaml", free_port()
        config.write_text(CONFIG.format(folder=folder))
        super().__init__(["sh", "-c", 'exec "$0" "$1" --config "$2" --listen "$3" >>"$4" 2>&1', find_npm_program("node"), program, config,
                          f"127.0.0.1:{port}", folder / "verdaccio.log"], port, env={**outer_environment(), "NODE_ENV": "production"}, core=core)

    @staticmethod
    def place(name: str, _repository: str = "") -> str:
        return f"/{name}"

    def registry(self) -> str:
        return f"http://127.0.0.1:{self.port}/"

    def repeat_version(self, name: str, first: str, others: list[str]):
        """So many versions more, as it stores them: to publish thousands would take it an hour. It reads the file for each request."""
        path = self.storage / name / "package.json"
        document = json.loads(path.read_text())
        [attachment] = document["_attachments"].values()
        shown = json.dumps(document["versions"][first])
        for version in others:
            document["versions"][version] = json.loads(shown.replace(first, version))
            document["time"][version] = document["time"][first]
            document["_attachments"][f"{name}-{version}.tgz"] = {**attachment, "version": version}
        document["dist-tags"]["latest"] = others[-1] if others else first
        path.write_text(json.dumps(document))


def find_npm_program(name: str) -> str:
    program = find_program(name)
    if program is None:
        raise RuntimeError(f"{name} is not installed: this benchmark wants Node 18 or later with its npm, from whatever source you trust")
    return program


def install_verdaccio() -> Path:
    return install_peer("verdaccio", VERDACCIO_VERSION, fill_verdaccio)


def fill_verdaccio(folder: Path):
    (folder / "package.json").write_text(json.dumps(PACKAGE))
    run_installer([find_npm_program("npm"), "install", "--no-audit", "--no-fund", "--omit=dev"], folder)
