"""No secret is anywhere but where it was shown once: a server that logs everything is led through all that has to do with
secrets, with right and wrong values, over HTTP and at a shell; then all that it wrote is searched for them."""
import base64
import json
import re
import zlib
from pathlib import Path

from support import postgres
from support.collector import Collector
from support.installation import Api
from support.openid_provider import OpenIdProvider
from support.totp import step_now, totp
from support.witness import Witness

DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
TOKEN = re.compile(r"\bls[a-z]_(?:live_|test_)?[0-9A-Za-z]{54}\b")
DATABASE_PASSWORD = "database-Passw0rd/for+tests"


def with_another_secret(token: str) -> str:
    """A token that is well formed, of the same id, and was never given to anybody."""
    body = token[:-38] + token[-38:-6][::-1]
    rest, checksum = zlib.crc32(body.encode()), ""
    for _ in range(6):
        rest, digit = divmod(rest, 62)
        checksum = DIGITS[digit] + checksum
    return body + checksum


class WatchedApi(Api):
    """Keeps every answer, heads too, but for what it shows this once."""

    def __init__(self, server, witness, token=None):
        super().__init__(server, token)
        self.witness = witness

    def of(self, token):
        return WatchedApi(self.server, self.witness, token)

    def ask(self, method, path, body=None, shows=(), **headers):
        answer = super().ask(method, path, body, **headers)
        where = f"the answer {answer.status} to {method} {path.partition('?')[0]}"
        self.witness.keep(where, json.dumps(answer.headers))
        shown = []
        for name in shows if answer.status < 300 else ():
            values = answer.json[name] if isinstance(answer.json[name], list) else [answer.json[name]]
            shown += [self.witness.know(f"{name} of {method} {path}", value) for value in values if value]
        text = answer.body.decode()
        if "otpauth:" in text:  # for typing, and for scanning
            shown = [answer.json["url"], answer.json["secret"]]
        self.witness.keep_but(where, text, *shown)
        return answer

    def expect(self, status, method, path, body=None, **more):
        answer = self.ask(method, path, body, **more)
        assert answer.status == status, f"{method} {path} is {answer.status}: {answer.body.decode()}"
        return answer.json

    def try_wrong(self, status, path, body, **secret):
        """Sends what is no good, and then the same in a body that nobody can read."""
        [(field, value)] = secret.items()
        value = self.witness.know(f"a wrong {field} for {path}", value)
        self.expect(status, "POST", path, {**body, field: value})
        self.expect(400, "POST", path, {**body, field: [value]})
        self.expect(400, "POST", path, {**body, "no_such_field": value})
        broken = json.dumps({**body, field: value})[:-2]
        headers = {"Content-Type": "application/json", **({"Authorization": f"Bearer {self.token}"} if self.token else {})}
        self.witness.keep(f"the answer to half a body for {path}", self.server.request("POST", f"/api/v1{path}", headers, broken).body)


class Story:
    """What the tests of this file share: an installation, its server and whoever takes part."""

    def __init__(self, installation, server, provider, witness):
        self.here, self.server, self.provider, self.witness = installation, server, provider, witness
        self.nobody = WatchedApi(server, witness)
        self.admin = None
        self.people = "/tenants/default/users"

    def command(self, *words, shows=r"(?!)"):
        done = self.here.run(*words)
        found = re.findall(shows, done.stdout)
        for secret in found:
            self.witness.know(f"what {words[:2]} printed", secret)
        self.witness.keep_but(f"the output of {words[:2]}", done.stdout, *found)
        self.witness.keep(f"the errors of {words[:2]}", done.stderr)
        return found[0] if found else done

    def sign_in(self, account, password, status=200, **more):
        return self.nobody.expect(status, "POST", "/sign-in", {"tenant_id": "default", "account": account, "password": password, **more},
                                  shows=("access_token", "refresh_token", "challenge"))

    def passwords(self):
        know = self.witness.know
        first = know("the first password", (self.here.data / "secrets/admin-password").read_text().strip())
        self.nobody.try_wrong(401, "/sign-in", {"tenant_id": "default", "account": "admin"}, password="no such Passw0rd")
        self.nobody.expect(401, "POST", "/sign-in", {"tenant_id": "default", "account": first, "password": "typed into the wrong field"})
        session = self.sign_in("admin", first)
        chosen = know("the password that admin chose", "umbrella Weather/7+")
        own = self.nobody.of(session["access_token"])
        own.expect(400, "PUT", "/me/password", {"current_password": know("a wrong current password", "not the Current one"), "new_password": chosen})
        own.expect(400, "PUT", "/me/password", {"current_password": first, "new_password": know("a short password", "sHort+9")})
        own.expect(204, "PUT", "/me/password", {"current_password": first, "new_password": chosen})
        again = self.nobody.expect(200, "POST", "/sign-in/refresh", {"refresh_token": session["refresh_token"]},
                                   shows=("access_token", "refresh_token"))
        self.nobody.try_wrong(401, "/sign-in/refresh", {}, refresh_token=with_another_secret(again["refresh_token"]))
        self.nobody.expect(401, "POST", "/sign-in/refresh", {"refresh_token": session["access_token"]})
        self.admin = self.nobody.of(self.sign_in("admin", chosen)["access_token"])
        return chosen

    def second_factor(self, password):
        self.admin.try_wrong(400, "/me/second-factor", {}, password="guessed Passw0rd 1")
        offer = self.admin.expect(200, "POST", "/me/second-factor", {"password": password}, shows=("secret",))
        step = step_now()
        wrong, right, later = (self.witness.know(f"a code of step {number}", totp(offer["secret"], number)) for number in (step - 99, step, step + 1))
        self.admin.try_wrong(400, "/me/second-factor/confirm", {}, code=wrong)
        papers = self.admin.expect(200, "POST", "/me/second-factor/confirm", {"code": right}, shows=("recovery_codes",))["recovery_codes"]
        challenge = self.sign_in("admin", password)["challenge"]
        self.nobody.try_wrong(401, "/sign-in/second-factor", {"challenge": challenge}, code=wrong)
        self.nobody.expect(401, "POST", "/sign-in/second-factor", {"challenge": challenge, "code": right})  # it was used
        self.nobody.expect(200, "POST", "/sign-in/second-factor", {"challenge": challenge, "code": later}, shows=("access_token", "refresh_token"))
        self.sign_in("admin", password, code=papers[0])
        self.sign_in("admin", password, 401, code=papers[0])
        self.admin.expect(200, "POST", "/me/second-factor/recovery-codes", {"password": password}, shows=("recovery_codes",))

    def keys(self):
        me = self.admin.show("/me")["user_id"]
        body = {"name": "laptop", "scopes": [{"actions": ["*"]}]}
        key = self.admin.expect(201, "POST", f"{self.people}/{me}/keys", body, shows=("text", "hf_text"), Idempotency_Key="one")
        self.admin.expect(201, "POST", f"{self.people}/{me}/keys", body, Idempotency_Key="one")  # the same, without its text
        robot = self.admin.expect(201, "POST", "/tenants/default/apps/main/keys", {"name": "ci"}, shows=("text",))
        other = self.witness.know("a key that was made up", with_another_secret(key["text"]))
        for text, status in ((key["text"], 200), (other, 401), (key["text"][:-1] + "!", 401)):
            basic = base64.b64encode(f"admin:{text}".encode()).decode()
            for name, value in (("Authorization", f"Bearer {text}"), ("Authorization", f"Basic {basic}"), ("Authorization", text), ("X-API-Key", text),
                                ("X-NuGet-ApiKey", text), ("X-Authorization", text)):
                answer = self.server.request("GET", "/api/v1/me", {name: value})
                assert answer.status == status, f"{name}: {answer.status}"
                self.witness.keep(f"the answer to {name}", json.dumps(answer.headers) + answer.body.decode())
        for place in ("?access_token=", "?key="):
            self.nobody.ask("GET", f"/me{place}{key['text']}")
        self.server.request("GET", "/api/v1/me", {"Cookie": f"session={key['text']}"})
        rotated = self.admin.expect(201, "POST", f"/tenants/default/apps/main/keys/{robot['id']}/rotate", {}, shows=("text",))
        self.nobody.try_wrong(204, "/leaked-tokens", {}, text=other)
        self.nobody.expect(204, "POST", "/leaked-tokens", {"text": f"see {rotated['text']} here"})
        made = self.command("key", "create", "--user", "admin", "--name", "shell", shows=TOKEN)
        self.command("key", "rotate", self.here.rows("key", "list", "--user", "admin")[0]["id"], "--json", shows=TOKEN)
        self.command("key", "revoke", made)  # the text where the id belongs
        self.command("key", "list", "--json")

    def links(self):
        know = self.witness.know
        account = {"username": "ida", "password": know("the password of ida", "seven Purple umbrellas")}
        invitation = self.admin.expect(201, "POST", "/tenants/default/invitations", {"role": "viewer"}, shows=("text",))["text"]
        self.nobody.try_wrong(404, "/accept-invitation", account, invitation=with_another_secret(invitation))
        self.nobody.try_wrong(400, "/accept-invitation", {"username": "ida", "invitation": invitation}, password="iDa-shorT+1")
        ida = self.nobody.expect(200, "POST", "/accept-invitation", {**account, "invitation": invitation}, shows=("access_token", "refresh_token"))["user_id"]
        self.nobody.expect(403, "POST", "/tenants/default/register", {**account, "username": "ina"})
        for make in (lambda: self.admin.expect(201, "POST", f"{self.people}/{ida}/reset-links", shows=("text",))["text"],
                     lambda: self.command("user", "reset-password", "ida", shows=TOKEN), lambda: self.command("user", "reset-password", "ida", "--json", shows=TOKEN)):
            link = make()
            chosen = know(f"what ida chose with {link[:9]}", f"a {link[4:9]} garden Gate")
            self.nobody.try_wrong(404, "/reset-password", {"new_password": chosen}, link=with_another_secret(link))
            self.nobody.try_wrong(400, "/reset-password", {"link": link}, new_password="iDa-shorT+2")
            self.nobody.expect(204, "POST", "/reset-password", {"link": link, "new_password": chosen})
            session = self.sign_in("ida", chosen)
            self.nobody.expect(204, "POST", "/sign-out", {"token": session["access_token"]})
        password = r"[2-9a-km-np-z]{5}(?:-[2-9a-km-np-z]{5}){4}"
        self.command("user", "reset-password", "ida", "--print-password", shows=password)
        self.command("user", "create", "udo", "--json", shows=password)

    def federation(self):
        secret = self.witness.know("the client secret", "client/Secret+of-provider")
        body = {"id": "corporate", "name": "Corporate", "issuer": self.provider.issuer, "client_id": "lodestone", "registration": "everybody"}
        providers = "/tenants/default/providers"
        self.admin.expect(201, "POST", providers, {**body, "client_secret": secret})
        self.admin.try_wrong(409, providers, body, client_secret="Another-clients/secret+")
        self.admin.expect(412, "PATCH", f"{providers}/corporate", {"client_secret": secret}, If_Match='"99"')
        way = "/tenants/default/sign-in/corporate"
        for refusal, status in ((None, 200), (f"the secret {secret} is wrong", 502)):
            self.provider.refusal = refusal
            departure = self.nobody.ask("GET", way)
            state, code = self.provider.agree(departure.header("Location"), sub="person-1", email="p@acme.example", name="P")
            mark = departure.header("Set-Cookie").partition(";")[0]
            self.witness.know("a code of the provider", code)
            back = self.nobody.ask("GET", f"{way}/callback?state={state}&code={code}", shows=("access_token", "refresh_token"), Cookie=mark)
            assert back.status == status, back.body
            self.nobody.expect(403, "GET", f"{way}/callback?state={state}&code={code}")  # another browser, and too late
        assert len(self.provider.forms) == 2
        # Between the two ends of the way it waits in the database; without the code it is good for nothing.
        for form in self.provider.forms:
            self.witness.know("the proof of the provider's code", form["code_verifier"], kept_in=["the database"])
        self.publishing()

    def publishing(self):
        self.admin.make("/tenants/default/publishers", {
            "app_id": "main", "name": "release", "forge": "github", "issuer": self.provider.issuer, "repository": "acme/widgets", "repository_id": "4711",
            "owner_id": "17", "workflow": ".github/workflows/release.yml", "scopes": [{"actions": ["package:publish"]}]})
        token = self.provider.sign("https://registry.example", jti="run-1", sub="repo:acme/widgets", repository="acme/widgets", repository_id="4711", repository_owner_id="17",
                                   workflow_ref="acme/widgets/.github/workflows/release.yml@refs/heads/main")
        self.witness.know("the signature of the pipeline's token", token.rpartition(".")[2])
        exchange = "/tenants/default/trusted-publishing/exchange"
        self.nobody.try_wrong(401, exchange, {}, token=token[:-6] + "AAAAAA")
        self.nobody.expect(200, "POST", exchange, {"token": token}, shows=("key",))
        self.nobody.expect(401, "POST", exchange, {"token": token})

    def words_at_a_shell(self):
        wrong = self.witness.know("the password of a database that is away", "away/Passw0rd+of-it")
        for url in (f"postgres://ann:{wrong}@127.0.0.1:1/lodestone", f"postgres://ann:{wrong}@[::1/lodestone", f"host=127.0.0.1 port=1 password={wrong}"):
            done = self.here.run("user", "list", env={"DATABASE_URL": url})
            assert done.returncode != 0
            self.witness.keep("the errors of a wrong DATABASE_URL", done.stdout + done.stderr)
            self.witness.keep("a flag that is refused", self.here.run("user", "list", "--set", f"database.url={url}").stderr)
            self.witness.keep("config show", self.here.run("config", "show", "--json", env={"DATABASE_URL": url}).stdout)
        for words in (("config", "show"), ("audit", "export"), ("audit", "list", "--json", "--limit", "1000"), ("user", "list", "--json")):
            self.command(*words)


def keep_everything(story, collector):
    """What the server wrote besides its answers, and what it keeps on its disk and in its database."""
    operator = story.server.operator_headers()
    story.witness.know("the operator's token", operator["Authorization"].partition(" ")[2])
    for path in ("/metrics", "/health", "/ready", "/api/v1/audit/export"):
        answer = story.server.request("GET", path, operator)
        assert answer.status == 200 and answer.body, path
        story.witness.keep(path, answer.body)
    story.witness.know("the pepper", (story.here.data / "secrets/pepper").read_text().strip())
    story.witness.keep("the database", dump_database(story.here))
    story.server.stop()  # what was to be sent is sent
    story.witness.keep("the log", story.server.log_text())
    story.witness.keep("standard output", story.server.printed())
    for number, body in enumerate(collector.bodies):
        story.witness.keep(f"trace {number}", body)


def dump_database(installation) -> bytes:
    if installation.database_url:
        return postgres.dump(installation.database_url).encode()
    return b"".join(path.read_bytes() for path in sorted(Path(installation.data).glob("lodestone.db*")))


def test_secrets_are_nowhere_but_where_they_were_shown(installation, tmp_path):
    witness = Witness()
    if installation.database_url:
        witness.know("the password of the database", DATABASE_PASSWORD)
        installation.database_url = installation.database_url.replace("postgres@", f"postgres:{DATABASE_PASSWORD.replace('/', '%2F')}@")
    with OpenIdProvider(tmp_path) as provider, Collector() as collector:
        settings = {"LODESTONE_LOG_LEVEL": "debug", "LODESTONE_SERVER_PUBLIC_URL": "https://registry.example",
                    "LODESTONE_TRACING_OTLP_URL": collector.url, "LODESTONE_TRACING_SAMPLE_RATIO": "1", **provider.settings}
        with installation.server(env=settings) as server:
            story = Story(installation, server, provider, witness)
            password = story.passwords()
            story.keys()
            story.links()
            story.federation()
            story.second_factor(password)
            story.words_at_a_shell()
            keep_everything(story, collector)
    assert len(witness.secrets) > 60 and collector.bodies, "the story was told"
    assert any("/api/v1/sign-in" in text for where, text in witness.writings if where == "the log")
    leaks = witness.find_leaks()
    assert not leaks, "\n".join(leaks)
