"""What an administrator does at a shell, on both engines, beside a running server and without one: what is printed, what a
script reads, how commands end, and that a server heeds it."""
import re

import pytest
from support.installation import Api
from support.process import wait_until

PASSWORD = re.compile(r"\b[2-9a-km-np-z]{5}(?:-[2-9a-km-np-z]{5}){4}\b")
KEY_ID = re.compile(r"its id is ([0-9a-f-]{36})")
RESET_LINK = re.compile(r"\blsx_[0-9A-Za-z]{54}\b")
NEW_PASSWORD = "seven purple umbrellas"


@pytest.fixture(params=["beside a server", "without a server"])
def where(request, installation):
    """The installation, served meanwhile or not any more."""
    with installation.server() as server:
        server.wait_for_log("serving")
        if request.param == "without a server":
            server.stop()
        yield installation


@pytest.fixture
def served(installation):
    """The installation and its API as the first administrator."""
    with installation.server() as server:
        server.wait_for_log("serving")
        yield installation, Api(server, installation.say("key", "create", "--user", "admin", "--quiet").strip())


def test_tenants(where):
    made = where.json("tenant", "create", "Acme", "--id", "acme", "--owner", "olga", "--domain", "acme.example")
    assert (made["id"], made["name"], made["domain"], made["owner"], made["status"]) == ("acme", "Acme", "acme.example", "olga", "active")
    assert PASSWORD.fullmatch(made["password"])
    assert {tenant["id"] for tenant in where.rows("tenant", "list")} == {"platform", "default", "acme"}
    assert where.say("tenant", "suspend", "ACME") == "The tenant Acme is suspended now.\n"
    assert where.json("tenant", "activate", "acme")["status"] == "active"
    again = where.run("tenant", "create", "acme")
    assert (again.returncode, again.stderr) == (1, "lodestone: There is a tenant named acme already; choose another name.\n")
    # Names are free in another tenant.
    where.say("user", "create", "admin", "--tenant", "acme")
    assert {user["username"] for user in where.rows("user", "list", "--tenant", "acme")} == {"olga", "admin"}


def test_apps_and_branches(where):
    assert where.say("app", "create", "Web shop", "--id", "shop", "--type", "web") == "The app Web shop is there, with the id shop.\n"
    assert [(app["id"], app["type"]) for app in where.rows("app", "list")] == [("main", "service"), ("shop", "web")]
    made = where.json("branch", "create", "BER-1", "Berlin", "--app", "web shop", "--type", "store")
    assert (made["code"], made["name"], made["type"], made["status"]) == ("BER-1", "Berlin", "store", "active")
    assert where.say("branch", "disable", "ber-1", "--app", "shop") == "The branch BER-1 is disabled now.\n"
    assert where.json("branch", "activate", "BER-1", "--app", "shop")["status"] == "active"
    assert where.json("app", "disable", "shop")["status"] == "disabled"
    assert where.say("app", "activate", "shop") == "The app Web shop is active now.\n"
    table = where.say("branch", "list", "--app", "shop").splitlines()
    assert table[0].split() == ["id", "code", "name", "type", "status", "created_at"] and len(table) == 2
    assert where.say("branch", "list", "--app", "main") == "There are no branches.\n"


def test_users_and_roles(where):
    where.say("role", "create", "Releaser", "--permission", "package:read", "--permission", "package:publish", "--description", "Publishes")
    alice = where.json("user", "create", "alice", "--email", "alice@acme.example", "--full-name", "Alice", "--app", "main")
    assert (alice["username"], alice["email"], alice["full_name"]) == ("alice", "alice@acme.example", "Alice")
    assert PASSWORD.fullmatch(alice["password"])
    assert where.json("role", "grant", "ALICE", "Releaser", "--app", "main")["app_id"] == "main"
    assert where.say("role", "grant", "alice", "auditor") == "alice has the role auditor in the tenant.\n"
    assert where.say("role", "revoke", "alice", "auditor") == "alice no longer has the role auditor in the tenant.\n"
    assert where.say("role", "revoke", "alice", "--app", "main") == "alice no longer has access in the app main.\n"
    roles = {role["name"]: role for role in where.rows("role", "list")}
    assert {"owner", "admin", "maintainer", "developer", "viewer", "auditor", "robot", "Releaser"} == set(roles)
    assert roles["Releaser"]["permissions"] == ["package:read", "package:publish"]
    assert where.say("user", "suspend", "alice") == "The user alice is suspended now.\n"
    assert {user["username"]: user["status"] for user in where.rows("user", "list")} == {"admin": "active", "alice": "suspended"}
    assert where.json("user", "activate", alice["id"])["status"] == "active"


def test_keys(where):
    printed = where.say("key", "create", "--app", "main", "--name", "ci", "--scope", "package:read,package:publish@repository:main/*#stable",
                        "--network", "10.0.0.0/8", "--expires-in", "30d")
    key, sentence = printed.splitlines()
    assert re.fullmatch(r"lsa_live_[0-9A-Za-z]{54}", key) and sentence.startswith("It is shown only now. It expires at ")
    [listed] = where.rows("key", "list", "--app", "main")
    assert listed["id"] == KEY_ID.search(sentence)[1] and listed["networks"] == ["10.0.0.0/8"]
    assert listed["scopes"] == [{"actions": ["package:read", "package:publish"], "resources": ["repository:main/*"], "tags": ["stable"]}]
    assert key not in str(listed) and "secret_hash" not in listed
    rotated = where.json("key", "rotate", listed["id"], "--overlap", "1h")
    assert rotated["rotated_from"] == listed["id"] and rotated["key"] not in (key, "")
    assert where.say("key", "revoke", listed["id"], "--reason", "left in a log") == f"The key {listed['id']} is good for nothing now.\n"
    assert where.say("key", "create", "--user", "admin", "--test", "--quiet").startswith("lsk_test_")
    assert len(where.rows("key", "list")) == 3


def test_the_audit_log(where):
    where.say("user", "create", "alice")
    [entry] = where.rows("audit", "list", "--action", "user.create", "--actor", "operator")
    assert (entry["source"], entry["tenant_id"], entry["result"]) == ("cli", "default", "ok")
    assert entry["agent"].startswith("lodestone at a shell")
    lines = where.say("audit", "export", "--tenant", "default").splitlines()
    assert any(entry["id"] in line for line in lines)
    counted, head = where.say("audit", "verify").splitlines()
    assert counted.endswith(" 0 without a number yet: all as they were written.")
    assert where.run("audit", "verify", "--expect", head).returncode == 0
    assert where.say("audit", "list", "--subject", "nobody") == "There are no entries.\n"
    where.sql("UPDATE audit SET subject = 'x' WHERE action = 'user.create' AND actor = 'operator'")
    tampered = where.run("audit", "verify")
    assert tampered.returncode == 1 and "was changed after it was written" in tampered.stdout


WRONG = {  # the command: how it ends, and what it says
    ("user", "suspend"): (2, "Say which USER."),
    ("branch", "list"): (2, "Say which --app."),
    ("repository", "create", "x", "--app", "main"): (2, "Say which --format."),
    ("repository", "create", "X", "--app", "main", "--format", "generic"): (1, "lower-case letters"),
    ("repository", "delete", "nothing"): (1, "There is no repository nothing."),
    ("app", "create", "x", "--type", "toaster"): (2, "--type cannot be toaster; it is one of web, mobile, api, desktop, service"),
    ("audit", "list", "--result", "bad"): (2, "--result cannot be bad; it is one of ok, refused, failed"),
    ("audit", "export", "--since", "soon"): (2, "--since is a time such as 2027-01-15T08:00:00Z."),
    ("audit", "list", "--limit", "0"): (2, "--limit is a number of at least 1."),
    ("audit", "verify", "--expect", "12"): (2, "--expect is a number, a colon and a hash"),
    ("key", "create"): (2, "Say whose key it is: --user for a person's, or --app for an app's."),
    ("key", "create", "--user", "admin", "--scope", "@x"): (2, "--scope begins with actions"),
    ("key", "create", "--user", "admin", "--expires-in", "soon"): (2, "--expires-in must be a duration such as 30d or 12h."),
    ("key", "revoke", "!"): (2, "KEY is the id of a key"),
    ("user", "list", "--listen", "x"): (2, "unknown option --listen"),
    ("user", "list", "--set", "nonsense.key=1"): (2, "nonsense"),
    ("user", "suspend", "nobody"): (1, "There is no user nobody."),
    ("app", "list", "--tenant", "nowhere"): (1, "There is no tenant nowhere."),
    ("role", "grant", "admin", "king"): (1, "There is no role king."),
    ("role", "create", "Odd", "--permission", "package:eat"): (1, "The field permissions has an entry that is not a permission"),
    ("key", "create", "--user", "admin", "--network", "10.0.0.0/99"): (1, "The field networks takes addresses and networks"),
    ("key", "create", "--user", "admin", "--expires-in", "900d"): (1, "366"),
    ("user", "create", "a b"): (1, "username"),
}


def test_what_makes_no_sense_is_said_and_changes_nothing(begun):
    before = begun.say("audit", "export")
    for words, (code, sentence) in WRONG.items():
        done = begun.run(*words)
        assert done.returncode == code and sentence in done.stderr, f"{words}: {done.returncode} {done.stdout}{done.stderr}"
        assert done.stdout == "" and done.stderr.startswith("lodestone: "), words
    assert begun.say("audit", "export") == before


def test_the_place_of_a_command_is_the_servers(begun, tmp_path):
    elsewhere = tmp_path / "elsewhere"
    listed = begun.run("user", "list", data=elsewhere)
    made = begun.run("key", "create", "--user", "admin", "--quiet", data=elsewhere)
    assert made.returncode == 1 and made.stdout == ""
    if begun.database_url:  # a list needs no folder; a key that no server takes is not made
        assert "admin" in listed.stdout and f"There is no {elsewhere}/secrets/pepper" in made.stderr
    else:
        assert listed.returncode == 1 and f"There is no database in the data folder {elsewhere}" in made.stderr
    assert not elsewhere.exists()
    assert begun.rows("key", "list") == []


def test_a_server_heeds_what_is_done_beside_it(served):
    here, api = served
    app = api.of(here.say("key", "create", "--app", "main", "--quiet").strip())
    alice = api.of(here.say("key", "create", "--user", here.json("user", "create", "alice", "--role", "admin")["id"], "--quiet").strip())
    apps = "/tenants/default/apps"
    assert [one.status(apps) for one in (api, alice, app)] == [200, 200, 403]  # a robot lists no apps
    turns = [(alice, ("user", "suspend", "alice"), 403), (alice, ("user", "activate", "alice"), 200),
             (alice, ("role", "revoke", "alice", "admin"), 403), (alice, ("role", "grant", "alice", "viewer"), 200)]
    for who, words, status in turns:
        here.say(*words)
        wait_until(lambda: who.status(apps) == status)
    [key] = here.rows("key", "list", "--user", "alice")
    here.say("key", "revoke", key["id"])
    wait_until(lambda: alice.status(apps) == 401)
    here.say("tenant", "create", "Acme", "--id", "acme", "--owner", "olga")
    olga = api.of(here.say("key", "create", "--tenant", "acme", "--user", "olga", "--quiet").strip())
    assert (olga.status("/tenants/acme"), olga.status(apps), api.status("/tenants/acme/apps")) == (200, 404, 404)
    here.say("tenant", "suspend", "acme")
    wait_until(lambda: olga.status("/tenants/acme") == 403)


def test_a_reset_link_lets_choose_a_password_once(served):
    here, api = served
    first = here.json("user", "create", "alice", "--app", "main")["password"]
    session = api.sign_in("alice", first)
    assert session["must_change_password"]
    printed = here.say("user", "reset-password", "alice")
    assert len(set(RESET_LINK.findall(printed))) == 1 and "/reset-password#lsx_" in printed and first not in printed
    api.sign_in("alice", first)  # nothing has changed until it is used
    second = here.json("user", "reset-password", "ALICE")
    assert second["link"].startswith("lsx_") and second["url"] == f"/reset-password#{second['link']}" and second["expires_at"] > second["created_at"]
    nobody = api.of(None)
    refused = nobody.expect(404, "POST", "/reset-password", {"link": RESET_LINK.search(printed)[0], "new_password": NEW_PASSWORD})
    assert refused["detail"].startswith("This link does not work, or no longer"), "a newer one replaced it"
    assert nobody.expect(400, "POST", "/reset-password", {"link": second["link"], "new_password": "short"})["detail"].startswith("The field new_password ")
    nobody.expect(204, "POST", "/reset-password", {"link": second["link"], "new_password": NEW_PASSWORD})
    nobody.expect(404, "POST", "/reset-password", {"link": second["link"], "new_password": "another green umbrella"})
    assert api.of(session["access_token"]).status("/me") == 401, "whoever was signed in is not any more"
    nobody.expect(401, "POST", "/sign-in", {"tenant_id": "default", "account": "alice", "password": first})
    assert not nobody.sign_in("alice", NEW_PASSWORD)["must_change_password"]
    assert second["link"] not in here.say("audit", "export")
    assert [entry["actor"] for entry in here.rows("audit", "list", "--action", "user.reset_link_create")] == ["operator"] * 2


def test_a_reset_link_expires(served):
    here, api = served
    here.say("user", "create", "alice")
    link = here.say("user", "reset-password", "alice", "--quiet").strip()
    assert RESET_LINK.fullmatch(link)
    here.sql("UPDATE reset_links SET expires_at = created_at + 1")
    refused = api.of(None).expect(404, "POST", "/reset-password", {"link": link, "new_password": NEW_PASSWORD})
    assert "ask an administrator for another" in refused["detail"]


def test_a_password_can_be_printed_instead(served):
    here, api = served
    first = here.json("user", "create", "alice")["password"]
    session = api.sign_in("alice", first)
    printed = here.say("user", "reset-password", "alice", "--print-password")
    [second] = PASSWORD.findall(printed)
    api.of(None).expect(401, "POST", "/sign-in", {"tenant_id": "default", "account": "alice", "password": first})
    assert api.sign_in("alice", second)["must_change_password"]
    wait_until(lambda: api.of(session["access_token"]).status("/me") == 401)


def test_help_is_there_for_every_command(binary, begun):
    del binary
    commands = {command: re.findall(r"^  (\w[\w-]*)  ", begun.run("help", command).stdout.partition("Commands:")[2].partition("Options:")[0], re.MULTILINE)
                for command in ("tenant", "app", "branch", "repository", "user", "role", "key", "audit")}
    assert all(commands.values()), commands
    for command, below in commands.items():
        for word in below:
            text = begun.run(command, word, "--help").stdout
            assert text.startswith(f"Usage: lodestone {command} {word} [OPTION]…") and "\nExamples:\n" in text
            assert max(len(line) for line in text.splitlines()) <= 100, text
            assert "--data DIR" in text and "--listen" not in text and "--tls" not in text
