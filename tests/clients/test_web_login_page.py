"""The page of a login that somebody has begun at a terminal, in a browser: its forms go through what its own headers allow, with the
second factor where there is one, and the terminal gets its key."""
import json
import urllib.parse

import pytest
from support.installation import Api, Installation
from support.local_server import free_port
from support.openid_provider import OpenIdProvider
from support.process import wait_until
from support.totp import step_now, totp

pytestmark = pytest.mark.xdist_group("browser")  # one at a time: it takes a core and some hundred megabytes
PASSWORD = "three tall green mugs"
FILL_IN = """(() => {
    for (const [name, value] of Object.entries(%s)) document.querySelector(`input[name=${name}]`).value = value;
    document.querySelector("form").requestSubmit();
})()"""


@pytest.fixture
def api(binary, tmp_path):
    """Of a server, as its administrator; and alice, who has a password."""
    installation = Installation(binary, tmp_path / "data")
    with installation.server() as server:
        server.wait_for_log("serving")
        api = Api(server, installation.say("key", "create", "--user", "admin", "--quiet").strip())
        api.make("/tenants/default/users", {"id": "alice", "username": "alice"})
        link = api.deed("/tenants/default/users/alice/reset-links", status=201)["text"]
        Api(server).deed("/reset-password", {"link": link, "new_password": PASSWORD}, status=204)
        yield api


def begin(server):
    """The page's address, and what asks for the key."""
    told = json.loads(server.request("POST", "/npm/default/packages/-/v1/login", {"Content-Type": "application/json"}, "{}").body)
    page, done = (urllib.parse.urlsplit(told[name]).path for name in ("loginUrl", "doneUrl"))  # the host is what this client called it
    return f"http://127.0.0.1:{server.port}{page}", lambda: server.request("GET", done)


def wait_for(browser, selector) -> str:
    """What an element has in it, on whichever page: a form leads to another one."""
    return wait_until(lambda: browser.run(f"document.querySelector({json.dumps(selector)})?.outerHTML ?? ''"))


def fill_in(browser, **fields):
    browser.run(FILL_IN % json.dumps(fields))


@pytest.fixture
def provider(tmp_path):
    """Knows bob, who has signed in there before."""
    with OpenIdProvider(tmp_path) as provider:
        provider.person = {"sub": "b-1", "preferred_username": "bob"}
        yield provider


@pytest.fixture
def api_of_its_people(binary, tmp_path, provider):
    """Of a server whose tenant takes no passwords, at the address to which the provider sends people back."""
    installation = Installation(binary, tmp_path / "data")
    port = free_port()
    with installation.server(listen=f"127.0.0.1:{port}", env={"LODESTONE_SERVER_PUBLIC_URL": f"http://127.0.0.1:{port}", **provider.settings}) as server:
        server.wait_for_log("serving")
        api = Api(server, installation.say("key", "create", "--user", "admin", "--quiet").strip())
        api.make("/tenants/default/providers", {"id": "corporate", "name": "Corporate login", "issuer": provider.issuer, "client_id": "lodestone",
                                                "registration": "everybody"})
        api.change("/tenants/default", {"settings": {"allowed_auth_methods": ["oidc", "key"]}})
        yield api


def test_a_terminal_is_signed_in_by_a_page(browser, api):
    page, ask = begin(api.server)
    browser.open(page)
    assert wait_for(browser, "h1") == "<h1>Sign in</h1>"
    assert ask().status == 202
    fill_in(browser, name="alice", password="another")
    assert "wrong" in wait_for(browser, "[role=alert]")
    browser.open(page)
    wait_for(browser, "input[name=password]")
    fill_in(browser, name="alice", password=PASSWORD)
    assert "You are signed in as alice." in wait_for(browser, "[role=status]")
    assert browser.run("document.styleSheets.length") == 1, "its style sheet is allowed"
    token = json.loads(ask().body)["token"]
    assert api.of(token).show("/me")["user_id"] == "alice"
    assert ask().status == 404


def test_the_second_factor_is_asked_for(browser, api):
    session = api.of(Api(api.server).sign_in("alice", PASSWORD)["access_token"])
    secret = session.deed("/me/second-factor", {"password": PASSWORD})["secret"]
    session.deed("/me/second-factor/confirm", {"code": totp(secret, step_now() - 1)})
    page, ask = begin(api.server)
    browser.open(page)
    wait_for(browser, "input[name=password]")
    fill_in(browser, name="alice", password=PASSWORD)
    wait_for(browser, "input[name=code]")
    assert ask().status == 202
    fill_in(browser, code=totp(secret, step_now()))
    assert "You are signed in as alice." in wait_for(browser, "[role=status]")
    assert ask().status == 200


def test_a_provider_signs_people_in(browser, api_of_its_people):
    """Out by the form's button and back by two addresses of ours: what the page's headers allow, with the cookie that each hop needs."""
    api = api_of_its_people
    page, ask = begin(api.server)
    browser.trust_everybody()
    browser.open(page)
    assert "Sign in with Corporate login" in wait_for(browser, "button[name=provider]")
    assert not browser.run("document.querySelector('input[name=password]')")
    browser.run("document.querySelector('input[name=is_mine]').click()")
    browser.run("document.querySelector('button[name=provider]').click()")
    assert "You are signed in as bob." in wait_for(browser, "[role=status]")
    assert browser.complaints == []
    token = json.loads(ask().body)["token"]
    assert api.of(token).show("/me")["name"] == "bob"
    assert ask().status == 404
