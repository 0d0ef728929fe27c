"""What installs JavaScript, against the shipped program: npm in two majors, pnpm, yarn 1 and 4, bun. Those that are not installed come from
whatever registry npm is set up with, once, into a folder beside the build; what cannot be had is skipped by its name."""
import contextlib
import json
import os
import pty
import re
import shutil
import subprocess
import threading
import urllib.parse
from pathlib import Path

import pytest
from support.installation import Api, Installation
from support.process import is_sanitized

LIMIT_S = 180
PASSWORD = "a quiet morning walk"
# What it is called, the package to install, and the program in it.
CLIENTS = {
    "npm-11": ("npm@11.6.2", "npm"),
    "npm-10": ("npm@10.9.4", "npm"),
    "npm-trust": ("npm@11.21.2", "npm"),  # the first commands about trusted publishers are of 11.10
    "pnpm": ("pnpm@9.15.9", "pnpm"),
    "npm-staging": ("npm@11.21.2", "npm"),  # the first that stage: npm 11.15, pnpm 11.3
    "pnpm-staging": ("pnpm@12.21.0", "pnpm"),
    "yarn-1": ("yarn@1.22.22", "yarn"),
    "yarn-4": ("@yarnpkg/cli-dist@4.9.4", "yarn"),
    "bun": ("bun@1.2.23", "bun"),
}
# What a sanitized server is asked by: a client takes far longer than the server, and those that are left out ask it much alike.
SANITIZED_TOO = ("npm-11", "npm-staging")
# Of each client's own package there is an advisory, which is about its first version.
RECORD = {"modified": "2026-01-02T00:00:00Z", "summary": "It pads too much", "database_specific": {"severity": "HIGH", "cwe_ids": ["CWE-400"]},
          "references": [{"type": "ADVISORY", "url": "https://upstream.example/advisory"}]}
VERIFY = """
const { createVerify } = require('crypto');
const [, registry, key, name] = process.argv;
const ask = async path => (await fetch(registry + path, { headers: { authorization: `Bearer ${key}` } })).json();
(async () => {
  const { keys } = await ask('-/npm/v1/keys');
  for (const { _id, version, dist } of Object.values((await ask(name.replace('/', '%2f'))).versions))
    for (const { keyid, sig } of dist.signatures) {
      const pem = `-----BEGIN PUBLIC KEY-----\\n${keys.find(one => one.keyid === keyid).key}\\n-----END PUBLIC KEY-----`;
      if (createVerify('SHA256').update(`${_id}:${dist.integrity}`).verify(pem, sig, 'base64')) console.log(version);
    }
})();
"""


@pytest.fixture(scope="module")
def programs(binary):
    """programs(name) answers the path of a client, or skips."""
    folder = Path(binary).resolve().parent.parent / "clients"

    spares = is_sanitized(binary)

    def find(name) -> Path:
        package, program = CLIENTS[name]
        if spares and name not in SANITIZED_TOO:
            pytest.skip(f"{name} does not ask a sanitized server: {' and '.join(SANITIZED_TOO)} do")
        if shutil.which("npm") is None:
            pytest.skip(f"{name} cannot be had: npm is not installed (Debian package npm)")
        place = folder / package.replace("/", "+")
        path = place / "node_modules/.bin" / program
        if not path.exists():
            place.mkdir(parents=True, exist_ok=True)
            done = subprocess.run(["npm", "install", "--prefix", place, "--no-audit", "--no-fund", "--no-update-notifier", package],
                                  stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=LIMIT_S, check=False)
            if done.returncode != 0 or not path.exists():
                shutil.rmtree(place, ignore_errors=True)
                pytest.skip(f"{name} cannot be had: {done.stderr.strip().splitlines()[-1:] or 'npm installed nothing'}")
        return path

    return find


def write_records(path: Path) -> Path:
    affected = {name: [{"package": {"ecosystem": "npm", "name": f"@acme/bad-{name}"},
                        "ranges": [{"type": "SEMVER", "events": [{"introduced": "0"}, {"fixed": "1.0.1"}]}]}] for name in CLIENTS}
    path.write_text("".join(json.dumps({"id": f"X-{name}", **RECORD, "affected": affected[name]}) + "\n" for name in CLIENTS))
    return path


@pytest.fixture(scope="module")
def world(binary, tmp_path_factory):
    """A server with a repository, keys for it, and ann, who has a password."""
    installation = Installation(binary, tmp_path_factory.mktemp("npm"))
    with installation.server() as server:
        server.wait_for_log("serving")
        installation.say("repository", "create", "packages", "--app", "main", "--format", "npm")
        key = installation.say("key", "create", "--user", "admin", "--quiet").strip()
        installation.say("advisories", "import", write_records(tmp_path_factory.mktemp("records") / "records.jsonl"))
        api = Api(server, key)
        api.make("/tenants/default/users", {"id": "ann", "username": "ann"})
        api.expect(200, "PUT", "/tenants/default/users/ann/roles/admin")
        link = api.deed("/tenants/default/users/ann/reset-links", status=201)["text"]
        Api(server).deed("/reset-password", {"link": link, "new_password": PASSWORD}, status=204)
        yield server, key


class Project:
    """A folder in which a client is run, with nothing of the user's own configuration."""

    def __init__(self, program: Path, world, folder: Path):
        self.program, self.folder = program, folder
        server, self.key = world
        self.authority = f"{server.address}:{server.port}/npm/default/packages/"
        self.registry = f"http://{self.authority}"
        self.home = folder / "home"
        self.home.mkdir(parents=True)
        self.environment = {"PATH": os.environ["PATH"], "HOME": str(self.home), "NO_UPDATE_NOTIFIER": "1", "NO_PROXY": "*",
                            "npm_config_registry": self.registry, "npm_config_cache": str(folder / "cache"),
                            "XDG_CACHE_HOME": str(folder / "cache"), "XDG_DATA_HOME": str(folder / "share"),
                            "YARN_NPM_REGISTRY_SERVER": self.registry, "YARN_UNSAFE_HTTP_WHITELIST": "127.0.0.1",
                            "YARN_NPM_AUTH_TOKEN": self.key, "YARN_ENABLE_TELEMETRY": "0", "YARN_NODE_LINKER": "node-modules",
                            "YARN_GLOBAL_FOLDER": str(folder / "yarn"), "YARN_ENABLE_IMMUTABLE_INSTALLS": "0",
                            "BUN_INSTALL_CACHE_DIR": str(folder / "bun")}

    def sign_in(self):
        (self.home / ".npmrc").write_text(f"registry={self.registry}\n//{self.authority}:_authToken={self.key}\n")

    def package(self, name, version="1.0.0", **more) -> Path:
        place = self.folder / name.replace("/", "+")
        place.mkdir(exist_ok=True)
        (place / "package.json").write_text(json.dumps({"name": name, "version": version, "description": "Of a test", "license": "MIT",
                                                        "main": "index.js", **more}))
        (place / "README.md").write_text(f"# About {name} {version}\n")
        (place / "index.js").write_text(f"module.exports = '{name} {version}'\n")
        return place

    def converse(self, *words, answers) -> str:
        """At a terminal, typing each answer once its question is there."""
        ours, theirs = pty.openpty()
        with subprocess.Popen([str(self.program), *words], cwd=self.folder, env=self.environment, stdin=theirs, stdout=theirs,
                              stderr=theirs) as running:
            os.close(theirs)
            guard = threading.Timer(LIMIT_S, running.kill)
            guard.start()
            said = ""
            for question, answer in answers.items():
                while question not in said:
                    try:
                        said += os.read(ours, 4096).decode(errors="replace")
                    except OSError as ended:
                        raise AssertionError(f"it ended with {running.wait()} before it asked {question!r}: {said}") from ended
                os.write(ours, f"{answer}\n".encode())
            with contextlib.suppress(OSError):  # how a terminal ends
                while more := os.read(ours, 4096):
                    said += more.decode(errors="replace")
            guard.cancel()
        os.close(ours)
        assert running.returncode == 0, said
        return said

    def run(self, *words, at=None, status=0) -> str:
        done = subprocess.run([str(self.program), *words], cwd=at or self.folder, env=self.environment, stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, timeout=LIMIT_S, check=False)
        assert (done.returncode == 0) == (status == 0), f"{words}: {done.stdout}{done.stderr}"
        return done.stdout + done.stderr

    def find_signed(self, name) -> set[str]:
        """The versions whose signature is good, told as `npm audit signatures` does, which asks a public log before and so is not run."""
        done = subprocess.run(["node", "-e", VERIFY, self.registry, self.key, name], capture_output=True, text=True, timeout=LIMIT_S, check=True)
        return set(done.stdout.split())

    def require(self, place, name) -> str:
        return subprocess.run(["node", "-p", f"require('{name}')"], cwd=place, capture_output=True, text=True, timeout=LIMIT_S,
                              check=True).stdout.strip()


@pytest.fixture
def start(programs, world, tmp_path):
    return lambda name: Project(programs(name), world, tmp_path)


@pytest.mark.parametrize("name", ["npm-11", "npm-10"])
def test_npm(start, name):
    npm = start(name)
    mine = f"@acme/{name}"
    npm.converse("login", "--auth-type=legacy", answers={"Username:": "ann", "Password:": PASSWORD})
    assert "ann" in npm.run("whoami")
    npm.run("ping")
    npm.run("publish", at=npm.package(mine))
    npm.run("publish", at=npm.package(mine, "1.1.0", dependencies={}))
    again = npm.run("publish", at=npm.package(mine, "1.1.0"), status=1)
    assert "published" in again
    npm.run("publish", "--tag", "next", at=npm.package(mine, "2.0.0-rc.1"))
    assert f"# About {mine} 1.1.0" in npm.run("view", mine, "readme")
    npm.run("dist-tag", "add", f"{mine}@1.0.0", "stable")
    tags = npm.run("dist-tag", "ls", mine)
    assert all(f"{tag}: {version}" in tags for tag, version in (("latest", "1.1.0"), ("next", "2.0.0-rc.1"), ("stable", "1.0.0")))
    user = npm.package("user", dependencies={mine: "^1.0.0"})
    npm.run("install", at=user)
    assert npm.require(user, mine) == f"{mine} 1.1.0"
    shutil.rmtree(user / "node_modules")
    npm.run("ci", at=user)
    assert npm.require(user, mine) == f"{mine} 1.1.0"
    assert "found 0 vulnerabilities" in npm.run("audit", at=user)
    bad = f"@acme/bad-{name}"
    npm.run("publish", at=npm.package(bad))
    npm.run("publish", at=npm.package(bad, "1.0.1"))
    victim = npm.package("victim", dependencies={bad: "1.0.0"})
    assert "1 high severity vulnerability" in npm.run("install", at=victim)
    report = json.loads(npm.run("audit", "--json", at=victim, status=1))["vulnerabilities"][bad]
    assert [(via["title"], via["url"], via["severity"], via["cwe"], via["range"]) for via in report["via"]] == [
        (RECORD["summary"], "https://upstream.example/advisory", "high", ["CWE-400"], "<1.0.1")]
    npm.run("audit", "fix", "--force", at=victim)
    assert npm.require(victim, bad) == f"{bad} 1.0.1"
    assert npm.find_signed(mine) == {"1.0.0", "1.1.0", "2.0.0-rc.1"}
    npm.run("deprecate", f"{mine}@1.0.0", "Use another.")
    assert "Use another." in npm.run("view", f"{mine}@1.0.0", "deprecated")
    npm.run("deprecate", f"{mine}@1.0.0", "")
    assert "Use another." not in npm.run("view", f"{mine}@1.0.0", "deprecated")
    assert mine in npm.run("search", name)
    npm.run("unpublish", f"{mine}@1.1.0")
    versions = json.loads(npm.run("view", mine, "versions", "--json"))
    assert versions == ["1.0.0", "2.0.0-rc.1"]
    npm.run("unpublish", mine, "--force")
    assert "E404" in npm.run("view", mine, status=1)
    npm.run("logout")
    npm.run("whoami", status=1)


@pytest.mark.parametrize("name", ["npm-staging", "pnpm-staging"])
def test_staging(start, name):
    """What is staged is installed by nobody, can be looked at, and is published by whoever approves it."""
    client = start(name)
    client.sign_in()
    mine = f"@acme/{name}"
    more = ["--no-git-checks"] if name.startswith("pnpm") else []

    def stage(version, *options) -> str:
        said = client.run("stage", "publish", *more, *options, at=client.package(mine, version))
        return re.search(r"staged with id ([0-9a-f-]{36})", said)[1]

    first = stage("1.0.0")
    listed = client.run("stage", "list")
    assert first in listed and mine in listed
    assert "1.0.0" in client.run("stage", "view", first)
    assert first in client.run("stage", "list", mine)
    assert "already" in client.run("stage", "publish", *more, at=client.package(mine, "1.0.0"), status=1)
    client.run("stage", "download", first)
    assert list(client.folder.glob(f"*{first}.tgz"))
    client.run("view", mine, status=1)
    assert "approved" in client.run("stage", "approve", first)
    user = client.package("user", dependencies={mine: "^1.0.0"})
    client.run("install", at=user)
    assert client.require(user, mine) == f"{mine} 1.0.0"
    second = stage("2.0.0", "--tag", "next")
    assert "next" in client.run("stage", "view", second)
    assert "rejected" in client.run("stage", "reject", second)
    client.run("stage", "approve", second, status=1)
    assert "No staged packages found." in client.run("stage", "list")


@pytest.mark.parametrize("name", ["npm-11", "npm-10"])
def test_npm_login_by_a_page(start, world, name):
    """npm prints the page's address and waits; what a person does there, a form does here."""
    npm, server = start(name), world[0]
    with subprocess.Popen([str(npm.program), "login"], cwd=npm.folder, env={**npm.environment, "npm_config_browser": "false"},
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as running:
        guard = threading.Timer(LIMIT_S, running.kill)
        guard.start()
        said, page = "", None
        for line in running.stdout:
            said += line
            if page is None and (page := re.search(r"http://[^/]+(/web-login/default/\w+)", said)):
                assert b'type="password"' in server.request("GET", page[1]).body
                form = urllib.parse.urlencode({"name": "ann", "password": PASSWORD})
                signed_in = server.request("POST", page[1], {"Content-Type": "application/x-www-form-urlencoded"}, form)
                assert signed_in.status == 200, signed_in.body
        guard.cancel()
    assert running.returncode == 0 and page, said
    assert "Logged in" in said
    assert "ann" in npm.run("whoami")
    assert "lsw_" not in server.log_text() and "/-/v1/done/***" in server.log_text()
    npm.run("logout")


def test_npm_is_told_who_may_do_what(start):
    npm = start("npm-11")
    npm.sign_in()
    npm.run("publish", at=npm.package("@told/pad"))
    assert "private" in npm.run("access", "get", "status", "@told/pad")
    assert "ann: read-write" in npm.run("access", "list", "collaborators", "@told/pad")
    assert "@told/pad: read-write" in npm.run("access", "list", "packages", "ann")
    assert "@told/pad: read-write" in npm.run("access", "list", "packages", "told")
    assert "said by roles" in npm.run("owner", "add", "ann", "@told/pad", status=1)
    assert "no admin found" in npm.run("owner", "ls", "@told/pad")
    assert "visibility" in npm.run("access", "set", "status=public", "@told/pad", status=1)


def test_npm_trust(start, world):
    npm, server = start("npm-trust"), world[0]
    npm.sign_in()
    npm.run("publish", at=npm.package("@trusted/pad"))
    api = Api(server, npm.key)
    publisher = {"app_id": "main", "name": "trusted", "forge": "github", "issuer": "https://tokens.forge.example", "repository": "trusted/pad",
                 "repository_id": "1", "owner_id": "2", "workflow": ".github/workflows/release.yml",
                 "scopes": [{"actions": ["package:publish"], "resources": ["package:packages/@trusted/pad"]}]}
    made = api.make("/tenants/default/publishers", publisher)["id"]
    listed = npm.run("trust", "list", "@trusted/pad")
    assert made in listed and "trusted/pad" in listed and "release.yml" in listed
    more = ("--file", "publish.yml", "--allow-publish", "--yes")
    assert "publish.yml" in npm.run("trust", "github", "@trusted/pad", "--repo", "trusted/pad", *more)
    assert "api/v1/tenants/default/publishers" in npm.run("trust", "github", "@trusted/pad", "--repo", "unknown/pad", *more, status=1)
    npm.run("trust", "revoke", "@trusted/pad", "--id", made)
    assert made not in npm.run("trust", "list", "@trusted/pad")


def test_pnpm(start):
    pnpm = start("pnpm")
    pnpm.sign_in()
    pnpm.run("publish", "--no-git-checks", at=pnpm.package("@acme/pnpm"))
    user = pnpm.package("user", dependencies={"@acme/pnpm": "1.0.0"})
    pnpm.run("install", at=user)
    assert pnpm.require(user, "@acme/pnpm") == "@acme/pnpm 1.0.0"
    assert "tarball:" not in (user / "pnpm-lock.yaml").read_text(), "addresses are as everywhere, so none is locked"
    shutil.rmtree(user / "node_modules")
    pnpm.run("install", "--frozen-lockfile", at=user)
    assert "No known vulnerabilities found" in pnpm.run("audit", at=user)
    pnpm.run("publish", "--no-git-checks", at=pnpm.package("@acme/bad-pnpm"))
    victim = pnpm.package("victim", dependencies={"@acme/bad-pnpm": "1.0.0"})
    pnpm.run("install", at=victim)
    said = pnpm.run("audit", at=victim, status=1)
    assert all(text in said for text in (RECORD["summary"], "@acme/bad-pnpm", "<1.0.1", ">=1.0.1", "1 vulnerabilities found", "1 high")), said


def test_yarn_1(start):
    yarn = start("yarn-1")
    yarn.sign_in()
    yarn.run("publish", "--non-interactive", at=yarn.package("@acme/yarn-1"))
    user = yarn.package("user", dependencies={"@acme/yarn-1": "^1.0.0"})
    yarn.run("install", "--non-interactive", at=user)
    assert yarn.require(user, "@acme/yarn-1") == "@acme/yarn-1 1.0.0"
    shutil.rmtree(user / "node_modules")
    yarn.run("install", "--frozen-lockfile", at=user)
    yarn.run("tag", "add", "@acme/yarn-1@1.0.0", "stable", at=user)
    assert "stable" in yarn.run("tag", "list", "@acme/yarn-1", at=user)


def test_yarn_1_audits(start):
    """Where it asks is built into it, and it shows no key: so a copy of it asks here, with the key in the address."""
    yarn = start("yarn-1")
    yarn.sign_in()
    copied = yarn.folder / "copied"
    shutil.copytree(yarn.program.resolve().parent.parent, copied)
    program = copied / "lib/cli.js"
    asked = f"http://any:{yarn.key}@{yarn.authority.rstrip('/')}"
    text, count = re.subn(r"exports\.YARN_REGISTRY = '[^']*'", f"exports.YARN_REGISTRY = '{asked}'", program.read_text())
    assert count == 1
    program.write_text(text)
    yarn.run("publish", "--non-interactive", at=yarn.package("@acme/bad-yarn-1"))
    victim = yarn.package("victim", dependencies={"@acme/bad-yarn-1": "1.0.0"})
    yarn.run("install", "--non-interactive", at=victim)
    yarn.program = copied / "bin/yarn.js"
    said = yarn.run("audit", at=victim, status=1)
    assert all(one in said for one in (RECORD["summary"], "@acme/bad-yarn-1", ">=1.0.1", "1 vulnerabilities found", "1 High")), said


def test_yarn_4(start):
    yarn = start("yarn-4")
    mine = yarn.package("@acme/yarn-4")
    (mine / "yarn.lock").write_text("")
    yarn.run("install", at=mine)
    yarn.run("npm", "publish", at=mine)
    user = yarn.package("user", dependencies={"@acme/yarn-4": "^1.0.0"})
    (user / "yarn.lock").write_text("")
    yarn.run("install", at=user)
    assert yarn.require(user, "@acme/yarn-4") == "@acme/yarn-4 1.0.0"
    shutil.rmtree(user / "node_modules")
    yarn.run("install", "--immutable", at=user)
    yarn.run("npm", "tag", "add", "@acme/yarn-4@1.0.0", "stable", at=user)
    assert "No audit suggestions" in yarn.run("npm", "audit", at=user)
    bad = yarn.package("@acme/bad-yarn-4")
    (bad / "yarn.lock").write_text("")
    yarn.run("install", at=bad)
    yarn.run("npm", "publish", at=bad)
    victim = yarn.package("victim", dependencies={"@acme/bad-yarn-4": "1.0.0"})
    (victim / "yarn.lock").write_text("")
    yarn.run("install", at=victim)
    said = yarn.run("npm", "audit", at=victim, status=1)
    assert all(text in said for text in (RECORD["summary"], "@acme/bad-yarn-4", "<1.0.1", "high")), said


def test_bun(start):
    bun = start("bun")
    bun.sign_in()
    bun.run("publish", at=bun.package("@acme/bun"))
    user = bun.package("user", dependencies={"@acme/bun": "^1.0.0"})
    bun.run("install", at=user)
    assert bun.require(user, "@acme/bun") == "@acme/bun 1.0.0"
    shutil.rmtree(user / "node_modules")
    bun.run("install", "--frozen-lockfile", at=user)
    bun.run("publish", at=bun.package("@acme/bad-bun"))
    victim = bun.package("victim", dependencies={"@acme/bad-bun": "1.0.0"})
    bun.run("install", at=victim)
    said = bun.run("audit", at=victim, status=1)
    assert all(text in said for text in (RECORD["summary"], "@acme/bad-bun", "<1.0.1", "1 high")), said
