"""What the packaging tests share: the .deb made from the program under test, and how to skip for want of a tool."""
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def run(*command, **options) -> subprocess.CompletedProcess:
    """Runs a command and answers what it printed; a failure shows all of that."""
    done = subprocess.run([str(part) for part in command], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          stdin=subprocess.DEVNULL, **options)
    assert done.returncode == 0, f"{command[0]} answered {done.returncode}:\n{done.stdout}"
    return done


@pytest.fixture(scope="session")
def run_tool():
    """run(), or a skip when the machine does not have the tool."""

    def run_if_there(tool, *arguments, package=None, **options):
        if shutil.which(tool) is None:
            pytest.skip(f"{tool} is not installed (Debian package {package or tool})")
        return run(tool, *arguments, **options)

    return run_if_there


@pytest.fixture(scope="session")
def deb(binary, run_tool, tmp_path_factory) -> Path:
    """The package, made from the build folder that the program lies in."""
    config = binary.parent / "CPackConfig.cmake"
    if not config.exists():
        pytest.skip(f"{binary.parent} is not a build folder: no CPackConfig.cmake in it")
    folder = tmp_path_factory.mktemp("deb")
    run_tool("cpack", "-G", "DEB", "--config", config, "-B", folder, package="cmake")
    found = list(folder.glob("*.deb"))
    assert len(found) == 1, f"one package, not {found}"
    return found[0]
