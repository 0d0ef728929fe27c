"""An installation under test on either engine: a data folder, the database beside it, the commands that administer it and
the servers that serve it. And its API, asked as a program would."""
import contextlib
import dataclasses
import json
import os
import sqlite3
import subprocess
from pathlib import Path

import pytest
from support import postgres
from support.server import Server


@dataclasses.dataclass
class Installation:
    binary: Path
    data: Path
    database_url: str | None = None  # of a PostgreSQL; None: the file in the data folder

    @property
    def environment(self) -> dict[str, str]:
        """What the server and the commands must agree on, besides the data folder."""
        return {"DATABASE_URL": self.database_url, "LODESTONE_DATABASE_MIGRATIONS": "auto"} if self.database_url else {}

    def server(self, *arguments, env=None, **options) -> Server:
        return Server(self.binary, arguments, env={**self.environment, **(env or {})}, data=self.data, **options)

    def run(self, *words, env=None, data=None) -> subprocess.CompletedProcess:
        outer = {key: value for key, value in os.environ.items() if not key.startswith("LODESTONE_") and key != "DATABASE_URL"}
        command = [self.binary, *words, "--data", data or self.data]
        return subprocess.run([str(word) for word in command], env={**outer, **self.environment, **(env or {})}, stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, timeout=120, check=False)

    def say(self, *words) -> str:
        """What a command printed that had to go well and have nothing to complain of."""
        done = self.run(*words)
        assert (done.returncode, done.stderr) == (0, ""), f"{words}: {done.stdout}{done.stderr}"
        return done.stdout

    def json(self, *words):
        return json.loads(self.say(*words, "--json"))

    def rows(self, *words) -> list[dict]:
        """Of a list: {"NAME": […]}."""
        [rows] = self.json(*words).values()
        return rows

    def sql(self, statement: str):
        """Straight into the database, for what only time could do otherwise."""
        if self.database_url:
            postgres.run_sql(self.database_url, statement)
            return
        database = sqlite3.connect(self.data / "lodestone.db", timeout=60)
        with database:
            database.execute(statement)
        database.close()


@contextlib.contextmanager
def installed(request, binary, data):
    """For a fixture with the parameters "sqlite" and "postgres": an installation in which nothing has been started yet."""
    if request.param == "sqlite":
        yield Installation(binary, data)
        return
    url = request.getfixturevalue("postgres_url")
    if not url:
        pytest.skip("PostgreSQL is not installed (Debian package postgresql)")
    with postgres.database(url) as database_url:
        yield Installation(binary, data, database_url)


class Api:
    """/api/v1 of a running server, asked by whoever has this token, or by nobody."""

    def __init__(self, server: Server, token: str | None = None):
        self.server, self.token = server, token

    def of(self, token) -> "Api":
        return Api(self.server, token)

    def ask(self, method, path, body=None, **headers):
        """`headers` by their names with _ for -: If_Match='"1"'. The answer, its JSON as `.json`."""
        fields = {name.replace("_", "-"): value for name, value in headers.items()}
        if self.token:
            fields["Authorization"] = f"Bearer {self.token}"
        if body is not None:
            fields.setdefault("Content-Type", "application/json")
        answer = self.server.request(method, f"/api/v1{path}", fields, b"" if body is None else json.dumps(body))
        answer.json = json.loads(answer.body) if "json" in (answer.header("Content-Type") or "") else None
        return answer

    def expect(self, status, method, path, body=None, **headers):
        """The JSON of an answer that has this status."""
        answer = self.ask(method, path, body, **headers)
        assert answer.status == status, f"{method} {path} is {answer.status}: {answer.body.decode(errors='replace')}"
        return answer.json

    def show(self, path):
        return self.expect(200, "GET", path)

    def make(self, path, body):
        return self.expect(201, "POST", path, body)

    def change(self, path, body):
        return self.expect(200, "PATCH", path, body, If_Match="*")

    def deed(self, path, body=None, status=200):
        return self.expect(status, "POST", path, body)

    def status(self, path) -> int:
        return self.ask("GET", path).status

    def sign_in(self, account, password, tenant="default", **more):
        return self.expect(200, "POST", "/sign-in", {"tenant_id": tenant, "account": account, "password": password, **more})
