"""The package in a fresh Debian: installed, run, removed, purged, in a folder made by debootstrap."""
import os
import re
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest
from support.process import end, wait_until

ROOT = Path(__file__).resolve().parents[2]
SUITE = "bookworm"

pytestmark = [
    pytest.mark.timeout(600),  # the first time, a small Debian is fetched
    pytest.mark.skipif(os.geteuid() != 0, reason="only root can make and enter a chroot"),
    pytest.mark.skipif(shutil.which("debootstrap") is None, reason="debootstrap is not installed"),
]


def configured_mirror() -> str:
    """Where this machine gets its own packages, so that no host's name stands in the repository."""
    for file in [Path("/etc/apt/sources.list"), *sorted(Path("/etc/apt/sources.list.d").glob("*"))]:
        if not file.is_file():
            continue
        text = re.sub(r"^\s*#.*\n", "", file.read_text(), flags=re.MULTILINE)
        for stanza in text.split("\n\n") if file.suffix == ".sources" else []:
            fields = dict(re.findall(r"^([\w-]+):\s*(.*)$", stanza, re.MULTILINE))
            if SUITE in fields.get("Suites", "").split() and fields.get("Enabled", "yes") == "yes":
                return fields["URIs"].split()[0]
        if match := re.search(rf"^deb\s+(?:\[[^]]*\]\s+)?(\S+)\s+{SUITE}\s", text, re.MULTILINE):
            return match.group(1)
    pytest.skip(f"no source of Debian {SUITE} is configured in /etc/apt")


@pytest.fixture(scope="module")
def chroot(tmp_path_factory):
    """A minimal Debian; its unpacked base is kept in build/ for the next run."""
    folder = tmp_path_factory.mktemp("debian")
    base = ROOT / "build/packaging" / f"{SUITE}.tar.zst"
    if base.exists():
        subprocess.run(["tar", "-C", folder, "--zstd", "-xpf", base], check=True)
    else:
        done = subprocess.run(["debootstrap", "--variant=minbase", SUITE, folder, configured_mirror()],
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        if done.returncode:
            pytest.skip(f"debootstrap could not make a Debian here: {done.stdout.splitlines()[-1]}")
        base.parent.mkdir(parents=True, exist_ok=True)
        unfinished = base.with_suffix(f".{os.getpid()}")
        subprocess.run(["tar", "-C", folder, "--zstd", "-cf", unfinished, "."], check=True)
        unfinished.rename(base)
    folder.chmod(0o755)  # it is / to whoever is in there, not root alone
    yield folder
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def inside(chroot):
    """Runs a command in there and answers what it printed."""

    def run_inside(*command, status=0):
        environment = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "DEBIAN_FRONTEND": "noninteractive", "LC_ALL": "C.UTF-8"}
        environment |= {name: value for name, value in os.environ.items() if name.lower().endswith("_proxy")}
        done = subprocess.run(["chroot", chroot, *command], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, env=environment)
        assert done.returncode == status, f"{command} answered {done.returncode}:\n{done.stdout}"
        return done.stdout

    return run_inside


@pytest.fixture(scope="module")
def installed(chroot, inside, deb):
    shutil.copy(deb, chroot / "lodestone.deb")
    inside("apt-get", "update", "-q")
    inside("apt-get", "install", "-y", "-q", "--no-install-recommends", "/lodestone.deb")
    (chroot / "lodestone.deb").unlink()
    return chroot


def traces(folder: Path) -> list[str]:
    """Everything named after the program, but for what dpkg and apt write down about what they did."""
    found = subprocess.run(["find", folder, "-xdev", "-iname", "*lodestone*", "-printf", "%P\n"], check=True,
                           stdout=subprocess.PIPE, text=True).stdout.split()
    return [path for path in found if not path.startswith(("var/log/apt", "var/cache/apt"))]


def test_program_runs_with_what_the_package_asks_for(installed, inside):
    assert re.search(r"\d+\.\d+\.\d+", inside("lodestone", "version"))


def test_user_exists_and_can_do_nothing_else(installed, inside):
    name, _, uid, gid, _, home, shell = inside("getent", "passwd", "lodestone").strip().split(":")
    assert (name, home, shell) == ("lodestone", "/var/lib/lodestone", "/usr/sbin/nologin")
    assert int(uid) < 1000, "a system user"
    assert inside("getent", "group", "lodestone").split(":")[2] == gid


def test_nothing_was_enabled(installed):
    assert not list((installed / "etc/systemd/system").rglob("*lodestone*"))


def documented(section) -> list[list[str]]:
    """The commands of a section for users, without the word for those who are not root."""
    text = (ROOT / "docs/user/install.md").read_text().partition(f"## {section}\n")[2].partition("\n#")[0]
    blocks = re.findall(r"^```sh\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    return [shlex.split(line)[1:] for block in blocks for line in block.splitlines() if line.startswith("sudo runuser")]


@pytest.fixture
def served(installed, inside):
    """The data of an installation that has served once, as its unit would run it."""
    inside("install", "-d", "-o", "lodestone", "-g", "lodestone", "-m", "0750", "/var/lib/lodestone")
    serve = ["lodestone", "serve", "--config", "/etc/lodestone/lodestone.toml", "--listen", "127.0.0.1:0"]
    password, log = installed / "var/lib/lodestone/secrets/admin-password", installed / "root/serve.log"
    with open(log, "w") as output:
        process = subprocess.Popen(["chroot", installed, "runuser", "-u", "lodestone", "--", *serve], stdin=subprocess.DEVNULL,
                                   stdout=output, stderr=subprocess.STDOUT)
    try:
        wait_until(lambda: password.exists() or process.poll() is not None)
        assert password.exists(), log.read_text()
    finally:
        end(process, limit_s=60)  # runuser hands the signal on
    return installed


def test_commands_work_as_documented_and_root_is_told_how(served, inside):
    told = inside("lodestone", "user", "list", "--config", "/etc/lodestone/lodestone.toml", status=1)
    assert "run as lodestone: runuser -u lodestone -- lodestone" in told, told
    show, listing = documented("Signing in the first time")
    password = (served / "var/lib/lodestone/secrets/admin-password").read_text()
    assert inside(*show) == password and len(password) > 12
    assert "admin" in inside(*listing)


def test_purge_leaves_nothing(installed, inside):
    # What a server that ran would have left.
    for folder in ("var/lib/lodestone", "var/log/lodestone"):
        (installed / folder).mkdir(parents=True, exist_ok=True)
        (installed / folder / "file").write_text("x")
    (installed / "etc/lodestone/credentials/operator-token").write_text("x")

    inside("apt-get", "remove", "-y", "-q", "lodestone")
    assert (installed / "etc/lodestone/lodestone.toml").exists(), "removing keeps the configuration"
    assert (installed / "var/lib/lodestone/file").exists(), "removing keeps the data"

    inside("dpkg", "--purge", "lodestone")
    assert traces(installed) == []
    inside("getent", "passwd", "lodestone", status=2)
    inside("getent", "group", "lodestone", status=2)
