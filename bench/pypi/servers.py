"""The servers of the benchmark: ours with a repository for Python packages, and pypiserver, which serves a folder of files."""
import sys
from pathlib import Path

from installs import install_peer, run_installer
from peers import PortPeer, free_port
from registries import Lodestone, outer_environment
from wheels import wheel_name

PYPISERVER_VERSION = "2.4.2"
# What it keeps in memory it does with the second, and the third is the best server that it knows to choose.
PARTS = [f"pypiserver=={PYPISERVER_VERSION}", "watchdog==6.0.0", "waitress==3.0.2"]


class PypiLodestone(Lodestone):
    """Ours; its repository is public."""
    name = "Lodestone"
    REPOSITORIES = (("shown", "pypi", "--public"),)
    upload_target = "/pypi/default/shown/legacy/"

    @staticmethod
    def place(project: str) -> str:
        return f"/pypi/default/shown/simple/{project}/"

    @staticmethod
    def find_wheel(project: str, version: str) -> str:
        return f"/pypi/default/shown/files/{project}/{version}/{wheel_name(project, version)}"


class PypiServer(PortPeer):
    """Without passwords: whatever it asks of them would be on top."""
    name = "pypiserver"
    upload_target = "/"

    def __init__(self, folder: Path, core=None):
        self.headers = {}
        self.files = folder / "files"
        self.files.mkdir(parents=True, exist_ok=True)
        program, port = install_pypiserver() / "venv/bin/pypi-server", free_port()
        super().__init__(["sh", "-c", 'exec "$0" "$@" >/dev/null 2>&1', program, "run", "--interface", "127.0.0.1", "--port", port, "--authenticate", ".",
                          "--passwords", ".", "--disable-fallback", "--backend", "cached-dir", "--server", "auto", "--hash-algo", "sha256", "-v",
                          "--log-file", folder / "pypiserver.log", self.files], port, env=outer_environment(), core=core)

    @staticmethod
    def place(project: str) -> str:
        return f"/simple/{project}/"

    @staticmethod
    def find_wheel(project: str, version: str) -> str:
        return f"/packages/{wheel_name(project, version)}"


def install_pypiserver() -> Path:
    return install_peer("pypiserver", " ".join(PARTS), fill_pypiserver)


def fill_pypiserver(folder: Path):
    run_installer([sys.executable, "-m", "venv", "venv"], folder)
    run_installer(["venv/bin/pip", "install", "--quiet", "--disable-pip-version-check", *PARTS], folder)
