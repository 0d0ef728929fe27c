"""Advisories at a shell, on both engines: what may be imported, what is said of it, and that a running server answers by it at once."""
import json
import os
import subprocess
import zipfile

from support.installation import Api

DAYS = {"first": "2026-01-02T00:00:00Z", "second": "2026-01-03T00:00:00Z"}


def record(name, package, day="first", **more):
    return {"id": name, "modified": DAYS[day], "affected": [{"package": {"ecosystem": "npm", "name": package}, "ranges": [
        {"type": "SEMVER", "events": [{"introduced": "0"}, {"fixed": "1.0.1"}]}]}], **more}


def write_lines(path, *records):
    path.write_text("".join(json.dumps(one) + "\n" for one in records))
    return path


def write_zip(path, *records, more=()):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for one in records:
            archive.writestr(f"{one['id']}.json", json.dumps(one, indent=2))
        for name, content in more:
            archive.writestr(name, content)
    return path


def pipe(installation, stdin, *words):
    outer = {key: value for key, value in os.environ.items() if not key.startswith("LODESTONE_") and key != "DATABASE_URL"}
    return subprocess.run([installation.binary, "advisories", "import", "-", *words, "--data", installation.data], env={**outer, **installation.environment},
                          capture_output=True, timeout=120, check=False, **stdin)


def test_what_is_imported_is_answered_by_a_server_that_runs(installation, tmp_path):
    with installation.server() as server:
        server.wait_for_log("serving")
        installation.say("repository", "create", "packages", "--app", "main", "--format", "npm")
        key = installation.say("key", "create", "--user", "admin", "--quiet").strip()

        def audit():
            answer = server.request("POST", "/npm/default/packages/-/npm/v1/security/advisories/bulk", {"Authorization": f"Bearer {key}"},
                                    b'{"left-pad":["1.0.0"],"right-pad":["1.0.0"]}')
            assert answer.status == 200
            return sorted(json.loads(answer.body))

        assert audit() == []
        archive = write_zip(tmp_path / "npm.zip", record("A-1", "left-pad"), record("A-2", "right-pad"), more=[("README.md", "Records.")])
        assert installation.say("advisories", "import", archive).startswith("2 records: 2 added, 0 replaced, 0 withdrawn, 0 known already")
        assert audit() == ["left-pad", "right-pad"]
        again = installation.json("advisories", "import", archive)
        assert (again["records"], again["added"], again["unchanged"], again["faults"]) == (2, 0, 2, [])
        gone = write_lines(tmp_path / "gone.jsonl", record("A-1", "left-pad", "second", withdrawn=DAYS["second"]))
        assert installation.json("advisories", "import", gone)["withdrawn"] == 1
        assert audit() == ["right-pad"]
        status = installation.json("advisories", "status")
        assert status["ecosystems"] == [{"ecosystem": "npm", "advisories": 1, "packages": 1}]
        assert [(one["imported_by"], one["records"]) for one in status["imports"]] == [("operator", 1), ("operator", 2), ("operator", 2)]
        assert Api(server, key).show("/advisories")["ecosystems"] == status["ecosystems"]
        assert "right-pad" not in installation.say("advisories", "status")
        [entry] = [one for one in installation.rows("audit", "list", "--action", "advisory.import") if '"withdrawn":1' in json.dumps(one).replace(" ", "")]
        assert entry["subject"] == status["imports"][0]["id"]


def test_standard_input(installation, tmp_path):
    with installation.server() as server:
        server.wait_for_log("serving")
    lines = b"".join(json.dumps(record(f"A-{number}", f"pad-{number}")).encode() + b"\n" for number in range(1200))
    done = pipe(installation, {"input": lines}, "--json")
    assert (done.returncode, done.stderr) == (0, b"")
    assert json.loads(done.stdout)["added"] == 1200
    archive = write_zip(tmp_path / "npm.zip", record("B-1", "left-pad"))
    with open(archive, "rb") as file:
        done = pipe(installation, {"stdin": file}, "--json")
    assert json.loads(done.stdout)["added"] == 1, done.stderr
    done = pipe(installation, {"input": archive.read_bytes()})
    assert done.returncode == 2 and b"A zip is read from its end" in done.stderr


def test_what_is_broken(installation, tmp_path):
    with installation.server() as server:
        server.wait_for_log("serving")
    path = write_lines(tmp_path / "some.jsonl", record("A-1", "left-pad"), {"id": "A-2"}, record("A-3", "left-pad"))
    done = installation.run("advisories", "import", path)
    assert done.returncode == 1
    assert done.stdout.startswith("3 records: 2 added") and "1 broken" in done.stdout
    assert done.stderr == "lodestone: record 2: The record does not say when it was modified.\n"
    damaged = tmp_path / "damaged.zip"
    damaged.write_bytes(write_zip(tmp_path / "npm.zip", record("B-1", "left-pad")).read_bytes()[:-30])
    for wrong in (damaged, tmp_path / "missing.zip", tmp_path):
        done = installation.run("advisories", "import", wrong)
        assert done.returncode == 1 and done.stderr.startswith("lodestone: "), done
    assert installation.run("advisories", "import").returncode == 2
