"""What people publish and install Python packages with: twine, pip old and new, uv, poetry and pdm."""
import hashlib
import json
import re
import subprocess

import pytest
from support.document import Shell, Walk
from support.installation import Api, Installation
from support.process import is_sanitized, wait_until
from support.python_clients import PythonClients, environment_of, make_sdist, make_wheel

PIPS = ("pip==22.3.1", "pip==26.0.1")
TWINE, UV, POETRY, PDM = "twine==7.0.0", "uv==0.13.9", "poetry==2.5.1", "pdm==2.29.4 hishel[httpx2]==1.4.0"
READER, AUDITOR = "pypi-simple==1.8.0", "pip-audit==2.10.1"
# What does not ask a sanitized server: a client takes far longer than the server, and those that are left ask it much alike.
SPARED = (PIPS[0], UV, POETRY, PDM)
LIMIT_S = 60
# Reads a page as JSON and as HTML with a parser that takes nothing but what the specification says.
READ_PAGE = """
import json, sys
import pypi_simple
with pypi_simple.PyPISimple(sys.argv[1], auth=("__token__", sys.argv[2])) as client:
    assert "hello" in client.get_index_page(accept=pypi_simple.ACCEPT_JSON_ONLY).projects
    assert "hello" in client.get_index_page(accept=pypi_simple.ACCEPT_HTML_ONLY).projects
    pages = [client.get_project_page("hello", accept=accept) for accept in (pypi_simple.ACCEPT_JSON_ONLY, pypi_simple.ACCEPT_HTML_ONLY)]
    rows = [[(one.filename, one.project, one.version, one.package_type, one.url.partition("#")[0], one.digests, one.requires_python, one.is_yanked, one.yanked_reason,
              bool(one.has_metadata)) for one in page.packages] for page in pages]
    assert rows[0] == rows[1], rows
    assert pages[0].repository_version == pages[1].repository_version == "1.4"
    texts = [client.get_package_metadata(one) for one in pages[0].packages if one.has_metadata]
    print(json.dumps([rows[0], texts]))
"""

# The auditor asks a host that is built into it, without a key: here it asks a repository, and shows one.
AUDIT = """
import re, sys
import requests
from pip_audit._cli import audit
address, key = sys.argv.pop(1), sys.argv.pop(1)
ask = requests.Session.request
requests.Session.request = lambda self, method, url, **more: ask(self, method, re.sub("^https://[^/]*", address, url), auth=("__token__", key), **more)
audit()
"""


@pytest.fixture(scope="session")
def clients(binary):
    return PythonClients(binary.parent.parent / "python-clients", SPARED if is_sanitized(binary) else ())  # for all builds


@pytest.fixture(scope="module")
def world(binary, tmp_path_factory):
    """A server, and a key of its administrator."""
    installation = Installation(binary, tmp_path_factory.mktemp("python") / "data")
    with installation.server() as server:
        server.wait_for_log("serving")
        yield installation, server, installation.say("key", "create", "--user", "admin", "--quiet").strip()


class Index:
    """A repository of its own for a test, and clients that know nothing but it."""

    def __init__(self, world, clients, folder):
        installation, self.server, self.key = world
        self.clients, self.folder, self.name = clients, folder, re.sub(r"[\W_]+", "-", folder.name.lower()).strip("-")
        installation.say("repository", "create", self.name, "--app", "main", "--format", "pypi")
        self.api = Api(self.server, self.key)
        self.host = f"127.0.0.1:{self.server.port}"
        self.mount = f"/pypi/default/{self.name}"
        self.simple = f"http://__token__:{self.key}@{self.host}{self.mount}/simple/"
        self.legacy = f"http://{self.host}{self.mount}/legacy/"

    def run(self, requirement, *words, env=None, cwd=None) -> subprocess.CompletedProcess:
        folder = self.clients.folder(requirement)
        program = re.match(r"\w+", requirement)[0]
        command = [folder / "bin" / program] if program == "uv" else ["/usr/bin/python3", "-m", program]
        return subprocess.run([str(word) for word in [*command, *words]], env={**environment_of(self.folder, folder), **(env or {})}, cwd=cwd or self.folder,
                              stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=LIMIT_S, check=False)

    def say(self, requirement, *words, **options) -> str:
        done = self.run(requirement, *words, **options)
        assert done.returncode == 0, f"{words}: {done.stdout}{done.stderr}"
        return done.stdout + done.stderr

    def twine(self, *files, more=()):
        return self.run(TWINE, "upload", "--non-interactive", "--disable-progress-bar", "--verbose", *more, "--repository-url", self.legacy, *files,
                        env={"TWINE_USERNAME": "__token__", "TWINE_PASSWORD": self.key})

    def upload(self, *files):
        done = self.twine(*files)
        assert done.returncode == 0, done.stdout + done.stderr

    def pip(self, pip, *words) -> subprocess.CompletedProcess:
        return self.run(pip, "install", "--no-cache-dir", "--index-url", self.simple, "--target", self.folder / "installed", "--upgrade", *words)

    def installs(self, pip, *words) -> dict[str, str]:
        """What is there afterwards: versions by names."""
        done = self.pip(pip, *words)
        assert done.returncode == 0, done.stdout + done.stderr
        return dict(info.name.removesuffix(".dist-info").split("-") for info in (self.folder / "installed").glob("*.dist-info"))

    def yank(self, package, version, reason):
        self.api.deed(f"/tenants/default/repositories/{self.name}/packages/{package}/versions/{version}/yank", {"reason": reason})


@pytest.fixture
def index(world, clients, tmp_path):
    return Index(world, clients, tmp_path)


@pytest.mark.parametrize("pip", PIPS)
def test_twine_uploads_and_pip_installs(index, pip):
    index.upload(make_wheel(index.folder, "hello-one", "1.0", requires=["hello-two>=1"]), make_sdist(index.folder, "hello-one", "1.0"),
                 make_wheel(index.folder, "hello-two", "1.0"), make_wheel(index.folder, "hello-two", "1.1", python=">=4"))
    assert index.installs(pip, "Hello.One") == {"hello_one": "1.0", "hello_two": "1.0"}, "nothing that this Python is too old for"
    assert (index.folder / "installed/hello_one.py").read_text() == 'version = "1.0"\n'


def test_twine_is_told_of_files_that_are_there(index, clients):
    wheel = make_wheel(index.folder, "hello", "1.0")
    index.upload(wheel)
    index.upload(wheel)
    make_wheel(index.folder, "hello", "1.0", summary="Something else")
    refused = index.twine(wheel)
    assert refused.returncode != 0 and "File already exists" in refused.stdout + refused.stderr, refused.stdout
    # twine takes the option only where the address is that of one index; what it does with the answer is what counts.
    skipping = ("-c", "from twine import settings, __main__ as m; settings.Settings.verify_feature_capability = lambda self: None; m.main()", "upload")
    done = subprocess.run(["/usr/bin/python3", *skipping, "--non-interactive", "--skip-existing", "--repository-url", index.legacy, "--username", "__token__",
                           "--password", index.key, wheel], env=environment_of(index.folder, clients.folder(TWINE)), stdin=subprocess.DEVNULL,
                          capture_output=True, text=True, timeout=LIMIT_S, check=False)
    assert done.returncode == 0 and "Skipping" in done.stdout + done.stderr, done.stdout + done.stderr


def test_twine_is_told_what_is_wrong(index):
    wheel = make_wheel(index.folder, "hello", "1.0")
    wrong = wheel.rename(index.folder / "hello-1.0.1-py3-none-any.whl")
    refused = index.twine(wrong)
    assert refused.returncode != 0 and "hello-1.0.1-py3-none-any.whl" in refused.stdout + refused.stderr
    nobody = index.run(TWINE, "upload", "--non-interactive", "--repository-url", index.legacy, make_wheel(index.folder, "hello", "1.0"),
                       env={"TWINE_USERNAME": "__token__", "TWINE_PASSWORD": "wrong"})
    assert nobody.returncode != 0 and "401" in nobody.stdout + nobody.stderr


@pytest.mark.parametrize("pip", PIPS)
def test_pip_checks_hashes(index, pip):
    wheel = make_wheel(index.folder, "hello", "1.0")
    index.upload(wheel)
    requirements = index.folder / "requirements.txt"
    requirements.write_text(f"hello==1.0 --hash=sha256:{hashlib.sha256(wheel.read_bytes()).hexdigest()}\n")
    assert index.installs(pip, "--require-hashes", "-r", requirements) == {"hello": "1.0"}
    requirements.write_text(f"hello==1.0 --hash=sha256:{'0' * 64}\n")
    assert "DO NOT MATCH" in index.pip(pip, "--require-hashes", "-r", requirements).stderr


@pytest.mark.parametrize("pip", PIPS)
def test_pip_takes_only_wheels(index, pip):
    index.upload(make_wheel(index.folder, "hello", "1.0"), make_sdist(index.folder, "hello", "2.0"))
    assert index.installs(pip, "--only-binary", ":all:", "hello") == {"hello": "1.0"}


@pytest.mark.parametrize("pip", PIPS)
def test_pip_passes_over_what_was_yanked(index, pip):
    index.upload(make_wheel(index.folder, "hello", "1.0"), make_wheel(index.folder, "hello", "1.1"))
    index.yank("hello", "1.1", "it says goodbye")
    assert index.installs(pip, "hello") == {"hello": "1.0"}
    pinned = index.pip(pip, "hello==1.1")
    assert pinned.returncode == 0 and "it says goodbye" in pinned.stdout + pinned.stderr


def fetched(index, before) -> list[str]:
    """The paths of files that were asked for since."""
    paths = [line.get("path", "") for line in index.server.log()[before:]]
    return [path for path in paths if f"{index.mount}/files/" in path]


@pytest.mark.parametrize("client", [PIPS[1], UV])
def test_resolvers_go_back_by_metadata_alone(index, client):
    index.upload(make_wheel(index.folder, "needed", "1.0"), *(make_wheel(index.folder, "hello", f"{n}.0", requires=[f"needed>={n}"]) for n in (1, 2, 3)))
    before = len(index.server.log())
    if client == UV:
        index.say(UV, "pip", "install", "--index-url", index.simple, "--target", index.folder / "installed", "hello")
    else:
        assert index.installs(client, "hello") == {"hello": "1.0", "needed": "1.0"}
    wait_until(lambda: sum(path.endswith(".whl") for path in fetched(index, before)) == 2)
    paths = fetched(index, before)
    assert any(path.endswith("hello-3.0-py3-none-any.whl.metadata") for path in paths), paths
    assert {path.rpartition("/")[2] for path in paths if path.endswith(".whl")} == {"hello-1.0-py3-none-any.whl", "needed-1.0-py3-none-any.whl"}


def test_uv_publishes_and_installs(index):
    wheel, sdist = make_wheel(index.folder, "hello", "1.0"), make_sdist(index.folder, "hello", "1.0")
    publish = ("publish", "--publish-url", index.legacy, "--check-url", index.simple, "--username", "__token__", "--password", index.key, "--trusted-publishing", "never")
    index.say(UV, *publish, wheel, sdist)
    assert "already exists" in index.say(UV, *publish, wheel, sdist)
    make_wheel(index.folder, "hello", "1.0", summary="Something else")
    assert index.run(UV, *publish, wheel).returncode != 0
    index.say(UV, "pip", "install", "--index-url", index.simple, "--target", index.folder / "installed", "hello")
    assert (index.folder / "installed/hello.py").exists()
    index.yank("hello", "1.0", "it says goodbye")
    assert index.run(UV, "pip", "install", "--no-cache", "--index-url", index.simple, "--target", index.folder / "other", "hello").returncode != 0
    assert "it says goodbye" in index.say(UV, "pip", "install", "--no-cache", "--index-url", index.simple, "--target", index.folder / "other", "hello==1.0")


def test_uv_lets_nothing_by_that_is_too_new(index):
    index.upload(make_wheel(index.folder, "hello", "1.0"))
    refused = index.run(UV, "pip", "install", "--index-url", index.simple, "--exclude-newer", "2020-01-01T00:00:00Z", "--target", index.folder / "old", "hello")
    assert refused.returncode != 0, "it has an upload-time"
    index.say(UV, "pip", "install", "--index-url", index.simple, "--exclude-newer", "2100-01-01T00:00:00Z", "--target", index.folder / "new", "hello")


def test_poetry_publishes_and_locks(index):
    project = index.folder / "project"
    make_wheel(project / "dist", "hello", "1.0")
    (project / "pyproject.toml").write_text('[project]\nname = "hello"\nversion = "1.0"\nrequires-python = ">=3.7"\n[tool.poetry]\npackage-mode = true\n')
    settings = {"POETRY_REPOSITORIES_COMPANY_URL": index.legacy, "POETRY_HTTP_BASIC_COMPANY_USERNAME": "__token__", "POETRY_HTTP_BASIC_COMPANY_PASSWORD": index.key}
    index.say(POETRY, "publish", "--no-interaction", "--repository", "company", env=settings, cwd=project)
    user = index.folder / "user"
    user.mkdir()
    (user / "pyproject.toml").write_text('[project]\nname = "user"\nversion = "1.0"\nrequires-python = ">=3.9"\ndependencies = ["hello>=1"]\n'
                                         f'[[tool.poetry.source]]\nname = "company"\nurl = "http://{index.host}{index.mount}/simple/"\npriority = "primary"\n')
    index.say(POETRY, "lock", "--no-interaction", env=settings, cwd=user)
    assert 'hello-1.0-py3-none-any.whl", hash = "sha256:' in (user / "poetry.lock").read_text()


def test_pdm_publishes_and_locks(index):
    project = index.folder / "project"
    make_wheel(project / "dist", "hello", "1.0")
    (project / "pyproject.toml").write_text('[project]\nname = "hello"\nversion = "1.0"\nrequires-python = ">=3.7"\n')
    index.say(PDM, "publish", "--no-build", "--repository", index.legacy, "--username", "__token__", "--password", index.key, cwd=project)
    user = index.folder / "user"
    user.mkdir()
    (user / "pyproject.toml").write_text('[project]\nname = "user"\nversion = "1.0"\nrequires-python = ">=3.9"\ndependencies = ["hello>=1"]\n'
                                         f'[[tool.pdm.source]]\nname = "pypi"\nurl = "{index.simple}"\nverify_ssl = false\n')
    index.say(PDM, "lock", "--no-isolation", cwd=user)
    assert 'hello-1.0-py3-none-any.whl' in (user / "pdm.lock").read_text()


def test_both_forms_of_the_index_say_the_same(index, clients):
    index.upload(make_wheel(index.folder, "hello", "1.0", python=">=3.7,<5"), make_sdist(index.folder, "hello", "1.0"), make_wheel(index.folder, "hello", "2.0rc1"))
    index.yank("hello", "2.0rc1", 'it says "<goodbye>"')
    done = subprocess.run(["/usr/bin/python3", "-c", READ_PAGE, f"http://{index.host}{index.mount}/simple/", index.key], capture_output=True, text=True, timeout=LIMIT_S,
                          env=environment_of(index.folder, clients.folder(READER)), stdin=subprocess.DEVNULL, check=False)
    assert done.returncode == 0, done.stderr
    rows, texts = json.loads(done.stdout)
    assert [(row[0], row[2], row[3], row[7], row[8], row[9]) for row in rows] == [
        ("hello-1.0-py3-none-any.whl", "1.0", "wheel", False, None, True), ("hello-1.0.tar.gz", "1.0", "sdist", False, None, False),
        ("hello-2.0rc1-py3-none-any.whl", "2.0rc1", "wheel", True, 'it says "<goodbye>"', True)]
    assert rows[0][6] == ">=3.7,<5" and len(texts) == 2 and texts[0].startswith("Metadata-Version: 2.1")


def test_pip_audit_finds_what_was_imported(index, clients):
    index.upload(make_wheel(index.folder, "audited", "1.0"), make_wheel(index.folder, "audited", "1.5"))
    record = {"id": "PYSEC-2026-1", "modified": "2026-01-02T00:00:00Z", "aliases": ["CVE-2026-1"], "details": "Very bad.", "affected": [
        {"package": {"ecosystem": "PyPI", "name": "Audited"}, "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "1.5"}]}]}]}
    report = index.api.deed("/advisories/imports", record)
    assert report["broken"] == 0 and report["passed_over"] == 0
    (index.folder / "requirements.txt").write_text("audited==1.0\n")
    words = ["--requirement", "requirements.txt", "--no-deps", "--disable-pip", "--format", "json", "--desc", "on", "--progress-spinner", "off", "--cache-dir", index.folder / "cache"]

    def audit():
        done = subprocess.run([str(word) for word in ["/usr/bin/python3", "-c", AUDIT, f"http://{index.host}{index.mount}", index.key, *words]], cwd=index.folder,
                              capture_output=True, text=True, timeout=LIMIT_S, env=environment_of(index.folder, clients.folder(AUDITOR)), stdin=subprocess.DEVNULL, check=False)
        assert done.stdout.startswith("{"), done.stdout + done.stderr
        return done.returncode, json.loads(done.stdout)["dependencies"][0]["vulns"]

    status, found = audit()
    assert status == 1
    assert [(one["id"], one["aliases"], one["fix_versions"], one["description"]) for one in found] == [("PYSEC-2026-1", ["CVE-2026-1"], ["1.5"], "Very bad.")]
    (index.folder / "requirements.txt").write_text("audited==1.5\n")
    assert audit() == (0, [])


def test_the_document_is_true(binary, clients, tmp_path):
    installation = Installation(binary, tmp_path / "data")
    programs = tmp_path / "programs"
    programs.mkdir()
    (programs / "lodestone").symlink_to(binary)
    make_wheel(tmp_path / "dist", "hello-lodestone", "1.0")
    environment = environment_of(tmp_path, clients.folder(TWINE), clients.folder(PIPS[1]))
    environment.update(LODESTONE_DATA_DIR=str(installation.data), PATH=f"{programs}:{environment['PATH']}")
    with installation.server() as server, Shell(tmp_path, environment) as shell:
        server.wait_for_log("serving")
        here = f"127.0.0.1:{server.port}"
        for _ in Walk("pypi.md", shell, {"https://registry.example": f"http://{here}", "https://__token__:$KEY@registry.example": f"http://__token__:$KEY@{here}"}).run():
            pass
    assert (tmp_path / "installed/hello_lodestone.py").exists()
