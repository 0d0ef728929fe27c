"""A reset link in a browser: whoever opens what the command printed chooses a password there, once."""
import re

import pytest
from support.installation import Api, Installation

pytestmark = pytest.mark.xdist_group("browser")  # one at a time: it takes a core and some hundred megabytes
LINK = re.compile(r"http://\S+/reset-password#lsx_\w+")
PASSWORD = "three tall green mugs"

FILL_IN = """(() => {
    const fields = document.querySelectorAll("form input[type=password]");
    fields[0].value = %r;
    fields[1].value = %r;
    document.querySelector("form").requestSubmit();
})()"""


@pytest.fixture
def here(binary, tmp_path):
    installation = Installation(binary, tmp_path / "data")
    with installation.server() as server:
        server.wait_for_log("first start: made the tenant default and its administrator admin")
        yield installation, server


def make_link(installation, server) -> str:
    url = f"http://127.0.0.1:{server.port}"
    return LINK.search(installation.say("user", "reset-password", "alice", "--set", f"server.public_url={url}"))[0]


def test_a_password_is_chosen_by_the_link_once(browser, here):
    installation, server = here
    installation.say("user", "create", "alice")
    link = make_link(installation, server)
    browser.open(link)
    assert browser.wait_for("#reset-title") == "Choose a password"
    assert browser.run("location.href") == link.partition("#")[0], "who looks at the address sees no secret"
    browser.run(FILL_IN % (PASSWORD, "another"))
    assert browser.wait_for("[role=alert]") == "The two passwords are not the same."
    browser.run(FILL_IN % ("short", "short"))
    browser.wait_for("[role=alert]:not(:empty)")
    assert "new_password" in browser.run("document.querySelector('[role=alert]').textContent")
    browser.run(FILL_IN % (PASSWORD, PASSWORD))
    assert browser.wait_for("[role=status]") == "Your password is set. Sign in with it."
    assert not Api(server).sign_in("alice", PASSWORD)["must_change_password"]
    # The same link again, in the same window.
    browser.open("about:blank")
    browser.open(link)
    browser.run(FILL_IN % (PASSWORD, PASSWORD))
    assert "ask an administrator for another" in browser.wait_for("[role=alert]")
    # Chromium says of every answer that is no success that it failed to load.
    assert [text for text in browser.complaints if "Failed to load resource" not in text] == []
    assert link.partition("#")[2] not in server.log_text()


def test_a_link_can_be_typed_in(browser, here):
    installation, server = here
    installation.say("user", "create", "alice")
    link = make_link(installation, server)
    browser.open(f"http://127.0.0.1:{server.port}/reset-password")
    browser.run(f"document.querySelector('input[name=link]').value = {link!r}")
    browser.run(FILL_IN % (PASSWORD, PASSWORD))
    browser.wait_for("[role=status]")
    assert not Api(server).sign_in("alice", PASSWORD)["must_change_password"]
