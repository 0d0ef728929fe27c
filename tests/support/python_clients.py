"""Clients of Python packages, had from the package index that this machine's pip knows: each once for a folder of builds, and never
anywhere on the machine. And packages for them, put together without any build tool."""
import base64
import fcntl
import hashlib
import io
import os
import re
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

INSTALL_LIMIT_S = 120


class PythonClients:
    """`clients.folder("twine==7.0.0")` is where it is, or the test is skipped and says why. Further requirements stand behind a space."""

    def __init__(self, cache: Path, spared=()):
        self.cache = cache
        self.absent = {requirement: f"{requirement} does not ask a sanitized server: others do" for requirement in spared}

    def folder(self, requirement: str) -> Path:
        if requirement in self.absent:
            pytest.skip(self.absent[requirement])
        self.cache.mkdir(parents=True, exist_ok=True)
        folder = self.cache / re.sub(r"[^\w.]+", "-", requirement)
        with open(f"{folder}.lock", "w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not folder.exists():
                self.install(requirement, folder)
        return folder

    def install(self, requirement: str, folder: Path):
        half = folder.with_name(folder.name + ".half")
        shutil.rmtree(half, ignore_errors=True)
        command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-compile", "--disable-pip-version-check", "--timeout", "30", "--retries", "1", "--target", half, *requirement.split()]
        try:
            done = subprocess.run([str(word) for word in command], capture_output=True, text=True, timeout=INSTALL_LIMIT_S, check=False)
            fault = "" if done.returncode == 0 else (done.stderr.strip().splitlines() or ["pip failed"])[-1]
        except subprocess.TimeoutExpired:
            fault = f"pip did not end within {INSTALL_LIMIT_S} s"
        if fault:
            self.absent[requirement] = f"{requirement} cannot be had: {fault}"
            pytest.skip(self.absent[requirement])
        half.rename(folder)


def environment_of(home: Path, *folders: Path) -> dict[str, str]:
    """Nothing of the machine's configuration, and these clients."""
    return {"HOME": str(home), "TMPDIR": str(home), "PATH": ":".join([*(str(folder / "bin") for folder in folders), "/usr/bin", "/bin"]),
            "PYTHONPATH": ":".join(map(str, folders)), "PIP_CONFIG_FILE": os.devnull, "PIP_DISABLE_PIP_VERSION_CHECK": "1", "PIP_NO_INPUT": "1",
            "PIP_ROOT_USER_ACTION": "ignore", "PIP_RETRIES": "0", "NO_PROXY": "*", "LANG": "C.UTF-8", "PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring",
            "UV_CACHE_DIR": str(home / "uv"), "UV_NO_CONFIG": "1", "UV_PYTHON": "/usr/bin/python3", "UV_PYTHON_DOWNLOADS": "never",
            "UV_KEYRING_PROVIDER": "disabled", "POETRY_VIRTUALENVS_CREATE": "false", "PDM_CHECK_UPDATE": "false"}


def metadata_of(name: str, version: str, requires=(), python=">=3.7", summary="A package of a test") -> str:
    lines = ["Metadata-Version: 2.1", f"Name: {name}", f"Version: {version}", f"Summary: {summary}", f"Requires-Python: {python}"]
    return "\n".join([*lines, *(f"Requires-Dist: {one}" for one in requires)]) + "\n\n# A package\n"


def make_wheel(folder: Path, name: str, version: str, **metadata) -> Path:
    stem = f"{name.replace('-', '_')}-{version}"
    info = f"{stem}.dist-info"
    files = {f"{name.replace('-', '_')}.py": f'version = "{version}"\n', f"{info}/METADATA": metadata_of(name, version, **metadata),
             f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n"}
    digests = {path: base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).decode().rstrip("=") for path, text in files.items()}
    files[f"{info}/RECORD"] = "".join(f"{path},sha256={digest},{len(files[path].encode())}\n" for path, digest in digests.items()) + f"{info}/RECORD,,\n"
    path = folder / f"{stem}-py3-none-any.whl"
    folder.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as wheel:
        for name_in_it, text in files.items():
            wheel.writestr(name_in_it, text)
    return path


def make_sdist(folder: Path, name: str, version: str, **metadata) -> Path:
    stem = f"{name.replace('-', '_')}-{version}"
    folder.mkdir(parents=True, exist_ok=True)
    with tarfile.open(folder / f"{stem}.tar.gz", "w:gz") as sdist:
        for path, text in {f"{stem}/PKG-INFO": metadata_of(name, version, **metadata), f"{stem}/{name.replace('-', '_')}.py": "",
                           f"{stem}/pyproject.toml": f'[project]\nname = "{name}"\nversion = "{version}"\n'}.items():
            entry = tarfile.TarInfo(path)
            entry.size = len(text.encode())
            sdist.addfile(entry, io.BytesIO(text.encode()))
    return folder / f"{stem}.tar.gz"
