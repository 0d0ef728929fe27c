"""The lines that a new server prints, pasted into a shell: npm, pip and twine then publish and install."""
import json
import os
import re
import shutil
import subprocess

import pytest
from support.process import wait_until
from support.python_clients import PythonClients, environment_of, make_wheel
from support.server import Server

LIMIT_S = 180
LABELLED = re.compile(r"^  (\w[\w ]{0,10}?) {2,}(.*)$")


def read_lines(printed: str) -> dict[str, list[str]]:
    """By their labels: what stands below a labelled line, as far in, belongs to it."""
    lines, label = {}, None
    for line in printed.splitlines():
        if found := LABELLED.match(line):
            label = found[1]
            lines.setdefault(label, []).append(found[2])
        elif label and line.startswith(" " * 14):
            lines[label].append(line.strip())
    return lines


@pytest.fixture(scope="module")
def printed(binary, tmp_path_factory):
    with Server(binary, data=tmp_path_factory.mktemp("first") / "data") as server:
        server.wait_for_log("serving")
        wait_until(lambda: "  a key " in server.printed())
        yield read_lines(server.printed())


def paste(line, home, **environment):
    """Where the server was started, since that is how the lines name the program."""
    done = subprocess.run(["sh", "-c", line], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=LIMIT_S, check=False,
                          env={"PATH": os.environ["PATH"], "HOME": str(home), "NO_PROXY": "*", **environment})
    assert done.returncode == 0, f"{line}: {done.stdout}{done.stderr}"
    return done.stdout + done.stderr


def test_npm_is_pointed_at_a_new_server(printed, tmp_path):
    if shutil.which("npm") is None:
        pytest.skip("npm is not installed (Debian package npm)")
    for line in printed["npm"]:
        paste(line, tmp_path, npm_config_cache=str(tmp_path / "cache"))
    package = tmp_path / "hello-pad"
    package.mkdir()
    (package / "package.json").write_text(json.dumps({"name": "hello-pad", "version": "1.0.0"}))
    say = {"npm_config_cache": str(tmp_path / "cache"), "NO_UPDATE_NOTIFIER": "1"}
    paste(f"cd {package} && npm publish", tmp_path, **say)
    paste(f"mkdir {tmp_path}/user && cd {tmp_path}/user && npm init --yes && npm install hello-pad", tmp_path, **say)
    assert (tmp_path / "user/node_modules/hello-pad/package.json").exists()


def test_pip_is_pointed_at_a_new_server(binary, printed, tmp_path):
    clients = PythonClients(binary.parent.parent / "python-clients")
    environment = environment_of(tmp_path, clients.folder("twine==7.0.0"), clients.folder("pip==26.0.1"))
    create, install, upload = printed["pypi"]
    wheel = make_wheel(tmp_path, "hello", "1.0")
    paste(create, tmp_path)
    paste(re.sub("^twine", "/usr/bin/python3 -m twine", upload).replace("FILE", str(wheel)), tmp_path, **environment)
    paste(re.sub("^pip", "/usr/bin/python3 -m pip", install).replace("NAME", f"--target {tmp_path}/installed hello"), tmp_path, **environment)
    assert (tmp_path / "installed/hello.py").exists()
