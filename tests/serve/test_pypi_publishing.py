"""A pipeline publishes a Python package without any stored secret: it finds out where to show its token, by PEP 807 or as PyPI has long
had it, and uploads with the key that it gets."""
import base64
import hashlib
import json
import urllib.parse

import pytest
from support.installation import Api
from support.openid_provider import OpenIdProvider
from support.python_clients import make_wheel

PUBLIC_URL = "https://registry.example"
PYTP = "application/vnd.pypi.pytp.v1+json"
ORIGIN = {"repository": "acme/widgets", "repository_id": "4711", "owner_id": "17", "workflow": ".github/workflows/release.yml"}


@pytest.fixture
def world(installation, tmp_path):
    """A server with a repository, and a provider whose pipeline may publish one project there."""
    with OpenIdProvider(tmp_path) as provider, installation.server(env={"LODESTONE_SERVER_PUBLIC_URL": PUBLIC_URL, **provider.settings}) as server:
        server.wait_for_log("serving")
        installation.say("repository", "create", "python", "--app", "main", "--format", "pypi")
        api = Api(server, installation.say("key", "create", "--user", "admin", "--quiet").strip())
        api.make("/tenants/default/publishers", {"app_id": "main", "name": "release", "forge": "github", "issuer": provider.issuer, **ORIGIN,
                                                 "scopes": [{"actions": ["package:publish"], "resources": ["package:python/widgets"]}], "lifetime_seconds": 900})
        yield server, provider


def sign(provider, run, audience=PUBLIC_URL, repository=ORIGIN["repository"]):
    return provider.sign(audience, jti=run, sub="repo:acme/widgets", repository=repository, repository_id=ORIGIN["repository_id"],
                         repository_owner_id=ORIGIN["owner_id"], workflow_ref=f"{repository}/{ORIGIN['workflow']}@refs/heads/main")


def show(server, method, path, body=b"", **headers):
    answer = server.request(method, path, headers, body)
    answer.json = json.loads(answer.body)
    return answer


def upload(server, key, wheel) -> int:
    content = wheel.read_bytes()
    name, version = wheel.name.split("-")[:2]
    fields = {":action": "file_upload", "name": name, "version": version, "filetype": "bdist_wheel", "sha256_digest": hashlib.sha256(content).hexdigest()}
    parts = [f'--b\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode() for name, value in fields.items()]
    parts.append(f'--b\r\nContent-Disposition: form-data; name="content"; filename="{wheel.name}"\r\n\r\n'.encode() + content + b"\r\n--b--\r\n")
    basic = base64.b64encode(f"__token__:{key}".encode()).decode()
    return server.request("POST", "/pypi/default/python/legacy/", {"Authorization": f"Basic {basic}", "Content-Type": "multipart/form-data; boundary=b"},
                          b"".join(parts)).status


def test_a_pipeline_finds_its_way(world, tmp_path):
    server, provider = world
    told = show(server, "GET", "/.well-known/pytp?discover=" + urllib.parse.quote("/pypi/default/python/legacy/", safe=""), Accept=PYTP)
    assert (told.status, told.header("Content-Type")) == (200, PYTP)
    assert told.json["audience-endpoint"] == f"{PUBLIC_URL}/pypi/default/python/_/oidc/audience" and told.json["features"] == ["multi-use-token"]
    audience = show(server, "GET", told.json["audience-endpoint"].removeprefix(PUBLIC_URL)).json["audience"]
    assert audience == PUBLIC_URL
    mint = told.json["token-mint-endpoint"].removeprefix(PUBLIC_URL)
    minted = show(server, "POST", mint, json.dumps({"token": sign(provider, "run-1", audience)}).encode())
    assert minted.status == 200 and minted.json["success"] is True and minted.json["token"].startswith("lsp_")
    assert 0 < minted.json["expires"]
    assert upload(server, minted.json["token"], make_wheel(tmp_path, "widgets", "1.0")) == 200
    assert upload(server, minted.json["token"], make_wheel(tmp_path, "gadgets", "1.0")) == 403


def test_the_host_itself_is_asked(world, tmp_path):
    server, provider = world
    assert show(server, "GET", "/_/oidc/audience").json == {"audience": PUBLIC_URL}
    minted = show(server, "POST", "/_/oidc/mint-token", json.dumps({"token": sign(provider, "run-2")}).encode())
    assert upload(server, minted.json["token"], make_wheel(tmp_path, "widgets", "2.0")) == 200


def test_the_repository_says_for_which_app(world, installation, tmp_path):
    server, provider = world
    api = Api(server, installation.say("key", "create", "--user", "admin", "--quiet").strip())
    api.make("/tenants/default/apps", {"id": "second", "name": "Second"})
    api.make("/tenants/default/publishers", {"app_id": "second", "name": "other", "forge": "github", "issuer": provider.issuer, **ORIGIN,
                                             "scopes": [{"actions": ["package:publish"], "resources": ["*"]}], "lifetime_seconds": 900})

    def mint(path, run):
        return show(server, "POST", path + "/_/oidc/mint-token", json.dumps({"token": sign(provider, run)}).encode())

    assert mint("", "run-5").status == 400
    assert mint("/pypi/default/none", "run-6").status == 403
    minted = mint("/pypi/default/python", "run-7")
    assert minted.status == 200 and upload(server, minted.json["token"], make_wheel(tmp_path, "widgets", "3.0")) == 200


def test_what_is_no_pipelines_is_refused(world):
    server, provider = world
    for path in ("", "/", "/legacy/", "/pypi/default", "/pypi/default/python/simple/", "/generic/default/python/", "/pypi/../python/legacy/"):
        refused = show(server, "GET", "/.well-known/pytp?discover=" + urllib.parse.quote(path, safe=""))
        assert (refused.status, refused.header("Content-Type")) == (404, "application/problem+json"), path
    assert show(server, "GET", "/_/oidc/audience", Accept="text/html").status == 406
    for body, status in ((b"", 400), (b"{}", 400), (b'{"token":1}', 400), (b'{"token":"x"}', 401),
                         (json.dumps({"token": sign(provider, "run-3", "https://other.example")}).encode(), 401),
                         (json.dumps({"token": sign(provider, "run-4", repository="acme/gadgets")}).encode(), 403)):
        refused = show(server, "POST", "/pypi/default/python/_/oidc/mint-token", body)
        assert (refused.status, refused.header("Content-Type")) == (status, "application/problem+json"), body
