"""Peers that Debian does not package: each is installed once, in a version that stands here with it, under build/."""
import shutil
import subprocess
from pathlib import Path

from report import ROOT

INSTALL_LIMIT_S = 1200


def install_peer(name: str, version: str, fill) -> Path:
    """The folder that `fill` has put it in, which is made anew when another version is wanted."""
    folder = ROOT / "build/peers" / name
    mark = folder / "installed"
    if not mark.exists() or mark.read_text() != version:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        fill(folder)
        mark.write_text(version)
    return folder


def run_installer(command, folder: Path):
    done = subprocess.run(list(map(str, command)), cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, text=True,
                          timeout=INSTALL_LIMIT_S, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(map(str, command))}: {done.stdout[-2000:]}{done.stderr[-2000:]}")
