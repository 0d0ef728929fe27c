"""The console in a browser: its page shows the server's state, and the browser has nothing to complain about."""
import os
import re

import pytest

pytestmark = pytest.mark.xdist_group("browser")  # one at a time: it takes a core and some hundred megabytes
COMPLAINT = re.compile(r"^\[.*:CONSOLE[:(]\d+.*$", re.MULTILINE)


@pytest.fixture
def open_page(client, tmp_path):
    """Answers the page's elements once its scripts have run, and what the browser's console says."""

    def open_in_chromium(url):
        rights = ["--no-sandbox"] if os.geteuid() == 0 else []  # root has no user namespace to lock it into
        # Its clock runs ahead while nothing is on the way, so the page has five seconds at most, and mostly takes one.
        done = client("chromium", "--headless=new", *rights, "--disable-gpu", "--disable-dev-shm-usage", "--no-proxy-server", "--no-first-run",
                      f"--user-data-dir={tmp_path / 'profile'}", "--enable-logging=stderr", "--virtual-time-budget=5000", "--dump-dom", url,
                      env={**os.environ, "HOME": str(tmp_path)})
        assert done.returncode == 0, done.stderr.decode(errors="replace")
        return done.stdout.decode(), COMPLAINT.findall(done.stderr.decode(errors="replace"))

    return open_in_chromium


def test_console_shows_the_servers_state(open_page, plain):
    elements, complaints = open_page(f"http://127.0.0.1:{plain.port}/")
    assert complaints == []
    assert re.search(r'class="check-state">working<', elements), elements
    assert 'class="check-state">failing<' not in elements
    version = plain.request("GET", "/api/v1/status").body.decode()
    assert re.search(r'"version":\s*"([^"]+)"', version)[1] in re.search(r'id="footer-version">([^<]*)', elements)[1]


def test_a_complaint_would_be_seen(open_page):
    _, complaints = open_page("data:text/html,<script>console.error('broken')</script>")
    assert len(complaints) == 1 and "broken" in complaints[0]
