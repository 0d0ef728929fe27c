"""The script `dev` on machines that lack something, played by programs that only note how they were called."""
import os
import pwd
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
NOTE = '#!/bin/bash\n# Notes its call, then does what it was planted for.\necho "${0##*/} $*" >>"$DEV_CALLS"\n'
NOBODY = pwd.getpwnam("nobody").pw_uid


class Machine:
    """A folder with a copy of `dev`, and with the programs that it finds first on PATH."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.lists = folder / "lists"
        self.calls_file = folder / "calls"
        self.lists.mkdir()
        (folder / "build/release").mkdir(parents=True)  # cmake would have made it
        self.calls_file.touch()
        self.calls_file.chmod(0o666)
        text = (ROOT / "dev").read_text()
        for theirs, ours in (("/var/lib/apt/lists", "lists"), ("/etc/postgresql-common", "postgresql-common"), ("/run/systemd", "systemd")):
            assert theirs in text
            text = text.replace(theirs, str(folder / ours))
        (folder / "dev").write_text(text)
        (folder / "dev").chmod(0o755)
        for name in ("apt-get", "cmake", "ninja", "cpack", "dpkg-query"):
            self.plant(name, "exit 0")
        self.plant("sudo", 'exec "$@"')

    def plant(self, name, body):
        program = self.folder / "bin" / name
        program.parent.mkdir(exist_ok=True)
        program.write_text(f"{NOTE}{body}\n")
        program.chmod(0o755)

    def run(self, *arguments, env=None, **options) -> subprocess.CompletedProcess:
        environment = {"PATH": f"{self.folder / 'bin'}:/usr/bin:/bin", "DEV_CALLS": str(self.calls_file), **(env or {})}
        return subprocess.run([self.folder / "dev", *arguments], env=environment, cwd=self.folder, text=True,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, **options)

    def calls_of(self, program) -> list[str]:
        return [line.split(" ", 1)[1] for line in self.calls_file.read_text().splitlines() if line.split(" ", 1)[0] == program]


@pytest.fixture
def machine():
    """In a folder that any user may enter: some of these tests are not root."""
    folder = Path(tempfile.mkdtemp(prefix="lodestone-dev-", dir="/tmp"))
    folder.chmod(0o777)
    yield Machine(folder)
    shutil.rmtree(folder)


needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can run a program as somebody else")


def test_package_lists_are_fetched_first_when_there_are_none(machine):
    done = machine.run("package")
    assert done.returncode == 0, done.stdout
    update, install = machine.calls_of("apt-get")
    assert update.endswith("update -q")
    assert " install " in install and {"dpkg-dev", "file", "clang-19"} <= set(install.split())
    assert machine.calls_of("cpack")


def test_package_lists_are_fetched_again_when_they_are_old(machine):
    (machine.lists / "mirror_Packages.lz4").touch()
    machine.plant("apt-get", f'[[ $* == *update* ]] && rm "{machine.lists}"/*; [[ ! -e {machine.lists}/mirror_Packages.lz4 ]]')
    done = machine.run("build")
    assert done.returncode == 0, done.stdout
    assert ["install" in call for call in machine.calls_of("apt-get")] == [True, False, True]


def test_the_preset_fuzz_is_the_harnesses_of_the_sanitized_build(machine):
    (machine.folder / "build/asan").mkdir()
    for arguments in ([], ["path_fuzz"]):
        done = machine.run("build", "fuzz", *arguments)
        assert done.returncode == 0, done.stdout
    assert set(machine.calls_of("cmake")) == {"--preset asan"}
    assert machine.calls_of("ninja") == ["-C build/asan harnesses", "-C build/asan path_fuzz"]


def test_a_second_start_asks_dpkg_once_and_does_not_configure(machine):
    machine.plant("dpkg-query", 'shift 3; printf "installed %s\\n" "$@"')
    machine.plant("cmake", 'mkdir -p build/release; touch build/release/build.ninja')
    (machine.folder / "CMakePresets.json").touch()
    program = machine.folder / "build/release/lodestone"
    program.write_text('#!/bin/bash\necho "served with $*"\n')
    program.chmod(0o755)
    for calls_of_cmake in (1, 0):
        machine.calls_file.write_text("")
        done = machine.run("serve", "--listen", "127.0.0.1:0")
        assert (done.returncode, done.stdout) == (0, "served with serve --listen 127.0.0.1:0\n")
        assert len(machine.calls_of("cmake")) == calls_of_cmake
        assert (len(machine.calls_of("dpkg-query")), len(machine.calls_of("ninja")), machine.calls_of("apt-get")) == (1, 1, [])


def test_nothing_that_tests_need_becomes_a_service_of_the_machine(machine):
    (machine.folder / "systemd/system").mkdir(parents=True)
    machine.plant("systemctl", "exit 0")
    machine.run("test")  # fails later: there are no tests here
    assert (machine.folder / "postgresql-common/createcluster.d/lodestone.conf").read_text() == "create_main_cluster = false\n"
    stopped = {call.removeprefix("disable --quiet --now ") for call in machine.calls_of("systemctl")}
    assert {name for name in stopped if not name.startswith("swift-")} == {"haproxy", "memcached", "pgbouncer", "redis-server"}
    assert stopped >= {f"swift-{kind}" for kind in ("proxy", "account", "container", "object")}


def test_services_that_were_there_before_stay(machine):
    (machine.folder / "systemd/system").mkdir(parents=True)
    (machine.folder / "postgresql-common").mkdir()
    machine.plant("systemctl", "exit 0")
    machine.plant("dpkg-query", "for name in haproxy memcached pgbouncer redis-server swift-{proxy,account,container,object}; do echo installed $name; done")
    machine.run("test")
    assert not (machine.folder / "postgresql-common/createcluster.d").exists() and machine.calls_of("systemctl") == []


@needs_root
@pytest.mark.parametrize("sudo", ["echo 'Sorry, try again.' >&2; exit 1", None])
def test_without_the_right_to_install_it_says_what_root_should_run(machine, sudo):
    if sudo:
        machine.plant("sudo", sudo)
    else:
        (machine.folder / "bin/sudo").unlink()
        if shutil.which("sudo", path="/usr/bin:/bin"):
            pytest.skip("this machine has a sudo of its own")
    done = machine.run("build", user=NOBODY)
    assert done.returncode == 1
    assert "apt-get update && apt-get install --no-install-recommends cmake" in done.stdout.splitlines()[-1]
    assert machine.calls_of("apt-get") == [] and len(machine.calls_of("sudo")) <= 1


@needs_root
def test_sudo_in_front_is_noticed_where_it_would_leave_files_of_roots(machine):
    assert "without sudo" not in machine.run("help", env={"SUDO_USER": "somebody"}).stdout, "root's own folder"
    os.chown(machine.folder, NOBODY, -1)
    assert "without sudo" in machine.run("help", env={"SUDO_USER": "somebody"}).stdout
    assert "without sudo" not in machine.run("help").stdout
