"""The units: systemd understands them, and the service is locked in as tightly as a network server can be."""
import re
from pathlib import Path

import pytest

UNITS = Path(__file__).resolve().parents[2] / "packaging"
WORST_SCORE = 1.5


def settings(unit: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for line in (UNITS / unit).read_text().splitlines():
        if match := re.fullmatch(r"(\w+)=(.*)", line):
            found.setdefault(match.group(1), []).append(match.group(2))
    return found


@pytest.mark.parametrize("unit", ["lodestone.service", "lodestone.socket"])
def test_systemd_understands_the_unit(unit, tmp_path, run_tool):
    # verify wants the program to be there, and a socket's service beside it; warnings do not change the exit code.
    for file in UNITS.glob("lodestone.s*"):
        (tmp_path / file.name).write_text(file.read_text().replace("/usr/bin/lodestone", "/bin/true"))
    done = run_tool("systemd-analyze", "verify", "--man=no", tmp_path / unit, package="systemd")
    assert "lodestone" not in done.stdout, done.stdout


def test_service_is_locked_in(run_tool):
    done = run_tool("systemd-analyze", "security", "--offline=true", "--no-pager", UNITS / "lodestone.service",
                    package="systemd")
    score = re.search(r"Overall exposure level for \S+: ([\d.]+)", done.stdout)
    assert score, done.stdout
    assert float(score.group(1)) < WORST_SCORE, done.stdout


def test_service_is_run_as_the_server_expects():
    service = settings("lodestone.service")
    assert service["Type"] == ["notify"]
    assert service["ExecReload"] == ["/bin/kill -HUP $MAINPID"]
    assert service["Restart"] == ["on-failure"]
    assert service["StateDirectory"] == ["lodestone"]
    assert service["LimitNOFILE"] == ["65536"]
    assert service["RestartPreventExitStatus"] == ["2"], "a wrong configuration does not mend itself"


def test_stop_waits_longer_than_the_server_needs():
    limits = (UNITS.parent / "src/base/limits.hpp").read_text()
    stop_s = int(re.search(r"stop_timeout = (\d+)s;", limits).group(1))
    assert int(settings("lodestone.service")["TimeoutStopSec"][0].removesuffix("s")) > 2 * stop_s
