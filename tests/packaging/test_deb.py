"""The Debian package: what is in it, what it says of itself, and what lintian thinks."""
import re
import shutil
import stat
import subprocess
from pathlib import Path

import pytest

CONFIGURATION = Path(__file__).resolve().parents[2] / "packaging/lodestone.toml"
FILES = {
    "./usr/bin/lodestone": 0o755,
    "./usr/lib/systemd/system/lodestone.service": 0o644,
    "./usr/lib/systemd/system/lodestone.socket": 0o644,
    "./etc/lodestone/lodestone.toml": 0o644,
    "./etc/lodestone/credentials/": 0o700,
    "./usr/share/man/man1/lodestone.1.gz": 0o644,
    "./usr/share/bash-completion/completions/lodestone": 0o644,
    "./usr/share/doc/lodestone/copyright": 0o644,
    "./usr/share/doc/lodestone/changelog.gz": 0o644,
}


@pytest.fixture(scope="module")
def contents(deb, run_tool):
    """Path → mode, owner and size, as dpkg-deb lists them."""
    listing = run_tool("dpkg-deb", "--contents", deb, package="dpkg").stdout
    rows = [line.split(maxsplit=5) for line in listing.splitlines()]
    return {path: (mode, owner, int(size)) for mode, owner, size, _date, _time, path in rows}


@pytest.fixture(scope="module")
def control(deb, run_tool):
    text = run_tool("dpkg-deb", "--field", deb, package="dpkg").stdout
    return dict(re.findall(r"^([\w-]+): (.*)$", text, re.MULTILINE))


def mode_bits(text: str) -> int:
    return sum(1 << (8 - index) for index, letter in enumerate(text[1:10]) if letter != "-")


@pytest.mark.parametrize("path", FILES)
def test_file_is_in_the_package(path, contents):
    assert path in contents, "\n".join(contents)
    mode, owner, size = contents[path]
    assert owner == "root/root"
    assert mode_bits(mode) == FILES[path], mode
    assert path.endswith("/") or size > 0


def test_nothing_is_outside_the_usual_places(contents):
    for path, (mode, _, _) in contents.items():
        assert path in ("./", "./etc/", "./usr/") or path.startswith(("./etc/lodestone/", "./usr/")), path
        assert "s" not in mode, f"{path} is setuid or setgid"
        assert not mode_bits(mode) & stat.S_IWOTH, f"{path} is writable for everybody"


def test_control_says_what_it_is_and_needs(control):
    assert control["Package"] == "lodestone"
    assert re.fullmatch(r"\d+\.\d+\.\d+", control["Version"])
    assert control["Section"] == "net"
    needed = {re.match(r"[\w.+-]+", entry.strip()).group() for entry in control["Depends"].split(",")}
    assert {"adduser", "libarchive13", "libc6", "libpq5", "libstdc++6", "libssl3"} <= needed, control["Depends"]
    assert not any(name.endswith("-dev") for name in needed)


def test_configuration_is_the_operators(deb, run_tool):
    assert run_tool("dpkg-deb", "--info", deb, "conffiles").stdout.split() == ["/etc/lodestone/lodestone.toml"]


def test_nothing_is_enabled_by_force(deb, run_tool):
    script = run_tool("dpkg-deb", "--info", deb, "postinst").stdout
    assert not re.search(r"systemctl\s+(--\S+\s+)*(enable|start|restart|preset)\b", script)


def test_shipped_configuration_is_right(binary, run_tool, tmp_path):
    """Also with everything switched on that it shows as an example, in a folder that stands for /."""
    text = CONFIGURATION.read_text()
    # What is commented out is `# name = …` or `# [name]`; prose does not look like that.
    examples = re.sub(r"^# (\w+ = |\[\w+\]$)", r"\1", text, flags=re.MULTILINE)
    assert examples.count("\n# ") < text.count("\n# ") - 8, "examples were found"
    examples = re.sub(r'"(/(?:etc|run|var)/[^"]*)"', rf'"{tmp_path}\1"', examples)
    for folder in ("etc/lodestone/tls", "var/log/lodestone", "run/credentials/lodestone.service"):
        (tmp_path / folder).mkdir(parents=True)
    tls = tmp_path / "etc/lodestone/tls"
    run_tool("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "1",
             "-subj", "/CN=localhost", "-keyout", tls / "key.pem", "-out", tls / "certificate.pem")
    token = tmp_path / "run/credentials/lodestone.service/lodestone_operator-token"
    token.write_text("0123456789abcdef0123456789abcdef")
    token.chmod(0o400)
    for name, content in (("plain", text), ("examples", examples)):
        file = tmp_path / f"{name}.toml"
        file.write_text(content)
        run_tool(binary, "config", "check", "--config", file, cwd=tmp_path)


def test_lintian_has_no_objection(deb, run_tool):
    run_tool("lintian", "--fail-on", "error,warning", "--allow-root", deb)


@pytest.mark.parametrize("missing,package", [("file", "file"), ("dpkg-shlibdeps", "dpkg-dev")])
def test_nothing_is_packed_without_the_tools_that_find_what_it_needs(missing, package, binary, tmp_path):
    tools, out = tmp_path / "tools", tmp_path / "out"
    tools.mkdir()
    for tool in {"file", "dpkg-shlibdeps"} - {missing}:
        (tools / tool).symlink_to("/bin/true")
    config = binary.parent / "CPackConfig.cmake"
    if (cpack := shutil.which("cpack")) is None or not config.exists():
        pytest.skip("no cpack (Debian package cmake), or the program is not in its build folder")
    done = subprocess.run([cpack, "-G", "DEB", "--config", config, "-B", out], env={"PATH": str(tools)},
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    assert done.returncode != 0
    assert f"The program {missing} is missing (Debian package {package})" in done.stdout
    assert not list(out.rglob("*.deb"))
