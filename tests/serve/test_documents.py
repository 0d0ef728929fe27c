"""What the documents for users tell a reader to paste, pasted: each runs from its first block to its last on an installation
of its own, on both engines where the document speaks of both."""
import json
import os
import re
import shutil

import pytest
from support.document import Shell, Walk, blocks_of
from support.installation import Api
from support.openid_provider import OpenIdProvider
from support.process import wait_until
from support.totp import totp_now

PUBLIC_URL = "https://registry.example"


@pytest.fixture
def shell(installation, tmp_path):
    """A shell that finds the program as `lodestone`, and its database where the server does."""
    programs = tmp_path / "programs"
    programs.mkdir()
    (programs / "lodestone").symlink_to(installation.binary)
    outer = {key: value for key, value in os.environ.items() if not key.startswith("LODESTONE_") and key != "DATABASE_URL"}
    environment = {**outer, **installation.environment, "PATH": f"{programs}:{os.environ['PATH']}"}
    with Shell(tmp_path, environment) as running:
        yield running


def last(pattern, shell):
    """The newest of what was printed that looks so."""
    return lambda: re.findall(pattern, shell.printed)[-1]


def test_identity(installation, shell):
    with installation.server() as server:
        server.wait_for_log("serving")
        secret_of_bob = last(r'"secret":"([A-Z2-7]+)"', shell)
        words = iter(["seven purple umbrellas", "a tall green garden gate"] + ["seven purple umbrellas"] * 9)
        walk = Walk("identity.md", shell, {
            "/var/lib/lodestone": str(installation.data), "http://127.0.0.1:8080": f"http://{server.address}:{server.port}",
            "lsi_…": last(r"lsi_\w{54}", shell), "lsx_…": last(r"lsx_\w{54}", shell), "lss_…": last(r"lss_\w{54}", shell),
            "KEY-ID": lambda: installation.rows("key", "list", "--app", "shop")[0]["id"],
            '"123456"': lambda: f'"{totp_now(secret_of_bob())}"', '"…"': lambda: f'"{next(words)}"'})
        said = {}
        for block, printed in walk.run():
            said[block.split("\n")[0]] = printed
            if "key create --app shop" in block:
                assert re.match(r"lsa_live_\w{54}\n", (shell.folder / "key").read_text())
        denied, allowed = said[next(line for line in said if line.startswith("api /authz/check"))].strip().replace("}{", "}\n{").splitlines()
        assert json.loads(denied)["allowed"] is False and "Publish from the office" in denied
        assert json.loads(allowed)["allowed"] is False, "a maintainer deletes no app"
        assert "all as they were written" in shell.printed and shell.printed.count('"recovery_codes"') == 1
        api = Api(server)
        assert api.ask("POST", "/sign-in", {"tenant_id": "default", "account": "bob", "password": "seven purple umbrellas"}).json["challenge"]
        wait_until(lambda: api.ask("POST", "/sign-in", {"tenant_id": "default", "account": "alice", "password": "a tall green garden gate"}).status == 403)


def test_npm(begun, shell):
    if shutil.which("npm") is None:
        pytest.skip("npm is not installed (Debian package npm)")
    with begun.server() as server:
        server.wait_for_log("serving")
        address = f"{server.address}:{server.port}"
        shell.run("export NO_UPDATE_NOTIFIER=1 NPM_CONFIG_CACHE=$PWD/cache NPM_CONFIG_USERCONFIG=$PWD/none")
        walk = Walk("npm.md", shell, {"https://registry.example": f"http://{address}", "//registry.example": f"//{address}"})
        printed = [printed for _, printed in walk.run()]
    assert f"http://{address}/npm/default/packages/hello-pad/-/hello-pad-1.0.0.tgz" in printed[0]
    assert "hello-pad" in printed[1]


def test_audit(installation, shell):
    with installation.server() as server:
        server.wait_for_log("serving")
        installation.say("tenant", "create", "Acme", "--id", "acme", "--owner", "olga")
        printed = [printed for _, printed in Walk("audit.md", shell, {"--data DIR": f"--data {installation.data}"}).run()]
    exported = [json.loads(line) for line in (shell.folder / "audit.jsonl").read_text().splitlines()]
    assert len(exported) > 5 and "all as they were written" in printed[-1]


def test_database(begun, shell):
    if begun.database_url:
        pytest.skip("the document leaves copies of PostgreSQL to its own tools")
    begun.say("app", "create", "Kept", "--id", "kept")
    copy = shell.folder / "copy.db"
    walk = Walk("database.md", shell, {"/var/lib/lodestone": str(begun.data), "/backup/lodestone.db": str(copy)})
    with begun.server():
        run = walk.run()
        next(run)
    begun.say("app", "create", "Lost", "--id", "lost")
    for file in begun.data.glob("lodestone.db*"):
        shutil.move(file, shell.folder / file.name)
    block, printed = next(run)
    assert "restore" in block and "fit together" in printed
    assert {app["id"] for app in begun.rows("app", "list")} == {"main", "kept"}


@pytest.fixture
def provider(tmp_path):
    with OpenIdProvider(tmp_path) as running:
        yield running


@pytest.fixture
def acme(installation, provider):
    """Served under the address of the documents; the API as the owner of acme."""
    with installation.server(env={"LODESTONE_SERVER_PUBLIC_URL": PUBLIC_URL, **provider.settings}) as server:
        server.wait_for_log("serving")
        installation.say("tenant", "create", "Acme", "--id", "acme", "--owner", "olga", "--domain", "acme.example")
        installation.say("app", "create", "Widgets", "--id", "widgets", "--tenant", "acme")
        yield Api(server, installation.say("key", "create", "--tenant", "acme", "--user", "olga", "--quiet").strip())


def test_sign_in_with_oidc(acme, provider):
    [body] = [json.loads(block) for block in blocks_of("sign-in-with-oidc.md", "json")]
    acme.make("/tenants/acme/providers", {**body, "issuer": provider.issuer})
    departure = acme.of(None).ask("GET", "/tenants/acme/sign-in/corporate")
    assert departure.status == 303 and departure.header("Location").startswith(provider.issuer)
    state, code = provider.agree(departure.header("Location"), sub="1", email="ann@acme.example", email_verified=True, groups=["engineering"],
                                 preferred_username="ann")
    cookie = departure.header("Set-Cookie").partition(";")[0]
    back = acme.of(None).ask("GET", f"/tenants/acme/sign-in/corporate/callback?state={state}&code={code}", Cookie=cookie)
    assert back.status == 200, back.body
    roles = acme.show(f"/tenants/acme/users/{back.json['user_id']}/roles")["roles"]
    assert [role["role"] for role in roles] == body["group_roles"]["engineering"]


def test_trusted_publishing(acme, provider, shell):
    [body] = [json.loads(block) for block in blocks_of("trusted-publishing.md", "json")]
    acme.make("/tenants/acme/publishers", {**body, "issuer": provider.issuer})
    token = provider.sign(PUBLIC_URL, jti="run-1", sub="repo:acme/widgets", repository=body["repository"], repository_id=body["repository_id"],
                          repository_owner_id=body["owner_id"], environment=body["environment"],
                          workflow_ref=f"{body['repository']}/{body['workflow']}@refs/heads/main")
    walk = Walk("trusted-publishing.md", shell, {PUBLIC_URL: f"http://{acme.server.address}:{acme.server.port}", "$OIDC_TOKEN": token})
    [(_, printed)] = walk.run()
    key = json.loads(printed)["key"]
    assert key.startswith("lsp_")
    check = {"permission": "package:publish", "resource": {"type": "repository", "id": "acme-npm/widgets", "app_id": "widgets"}}
    assert acme.of(key).deed("/authz/check", check)["allowed"] is True
