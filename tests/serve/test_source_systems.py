"""The acceptance steps of the systems that Lodestone unites, over HTTP and on both engines: a tenant with an app, a branch, a
user, a grant and a key is made, found in every way, kept unique, kept from others, and taken away with all that it holds.
(src/identity/nouns/source_systems_test.cpp walks the same below HTTP, and through the purge, which takes weeks.)"""
import pytest
from support.installation import Api
from support.process import wait_until

PASSWORD = "springfield 1 main street"
DEMO, OTHER = "/tenants/demo-corp", "/tenants/other"
TENANT = {"id": "demo-corp", "name": "Demo Corp", "domain": "demo.example",
          "owner": {"id": "jdoe", "username": "jdoe", "email": "jdoe@demo.example", "full_name": "John Doe"},
          "settings": {"max_users": 100, "max_apps": 10, "password_policy": {"min_length": 8}},
          "config": {"security": {"global_rate_limit_per_minute": 1000}}}
APP = {"id": "pos", "name": "Point of Sale", "type": "web"}
BRANCH = {"id": "hq", "code": "HQ", "name": "Headquarters", "type": "headquarters",
          "address": {"street": "1 Main", "city": "Springfield", "country": "US"}}
USER = {"id": "jane", "username": "jane", "email": "jane@demo.example", "full_name": "Jane Roe"}


class World:
    """Two tenants: what each step is tried on, and another that nothing of it may reach."""

    def __init__(self, installation, server):
        self.here = installation
        self.operator = Api(server, installation.say("key", "create", "--user", "admin", "--quiet").strip())
        self.operator.make("/tenants", TENANT)
        self.operator.make("/tenants", {"id": "other", "name": "Other", "owner": {"id": "ola", "username": "ola"}})
        self.owner = self.let_in("demo-corp", "jdoe")
        self.stranger = self.let_in("other", "ola")
        self.owner.make(f"{DEMO}/apps", APP)
        self.owner.make(f"{DEMO}/apps/pos/branches", BRANCH)
        self.owner.make(f"{DEMO}/users", USER)
        self.owner.expect(200, "PUT", f"{DEMO}/apps/pos/members/jane", {"role": "developer"})
        self.jane = self.let_in("demo-corp", "jane")

    def let_in(self, tenant, user) -> Api:
        link = self.here.say("user", "reset-password", user, "--tenant", tenant, "--quiet").strip()
        self.operator.deed("/reset-password", {"link": link, "new_password": PASSWORD}, 204)
        return self.operator.of(self.operator.sign_in(user, PASSWORD, tenant)["access_token"])


@pytest.fixture
def world(installation):
    with installation.server() as server:
        server.wait_for_log("serving")
        yield World(installation, server)


def ids(listed) -> list[str]:
    return [item["id"] for item in listed["items"]]


def test_what_is_made_is_found_in_every_way(world):
    shown = world.owner.show(DEMO)
    assert (shown["name"], shown["domain"], shown["status"]) == ("Demo Corp", "demo.example", "active")
    assert shown["settings"]["password_policy"]["min_length"] == 8 and shown["config"]["security"]["global_rate_limit_per_minute"] == 1000
    lists = {"users?username=jdoe": ["jdoe"], "users?email=JANE@demo.example": ["jane"], "users?sort=username": ["jane", "jdoe"], "users?status=suspended": [],
             "apps?type=web": ["pos"], "apps?type=mobile": [], "apps?name=point": ["pos"], "apps?status=active": ["pos"],
             "apps/pos/branches?type=headquarters": ["hq"], "apps/pos/branches?type=store": []}
    for query, found in lists.items():
        assert ids(world.owner.show(f"{DEMO}/{query}")) == found, query
    assert world.owner.show(f"{DEMO}/apps/pos/branches/hq")["address"] == BRANCH["address"]
    assert [member["user_id"] for member in world.owner.show(f"{DEMO}/apps/pos/members")["items"]] == ["jane"]
    assert [(one["app_id"], one["role"]) for one in world.jane.show(f"{DEMO}/users/jane/memberships")["items"]] == [("pos", "developer")]
    assert world.owner.show(f"{DEMO}/owner")["user_id"] == "jdoe"
    for query in ("status=active&name=demo", "search=demo"):
        assert ids(world.operator.show(f"/tenants?{query}")) == ["demo-corp"], query


def test_defaults_are_what_they_were(world):
    made = world.owner.make(f"{DEMO}/users", {"username": "new"})
    assert (made["status"], made["email"], made["full_name"], made["metadata"], made["version"]) == ("active", None, "", {}, 1)
    assert world.owner.show(f"{DEMO}/users/{made['id']}/memberships")["items"] == []
    assert world.owner.show(f"{DEMO}/users/{made['id']}/roles")["roles"] == []
    app = world.owner.make(f"{DEMO}/apps", {"name": "Plain"})
    assert (app["type"], app["status"]) == ("service", "active")


TAKEN = [  # where, what would be made, and what of it is taken
    ("users", {"username": "jdoe"}, "jdoe"), ("users", {"username": "JDOE"}, "JDOE"), ("users", {"username": "xena", "email": "JDOE@demo.example"}, "JDOE@demo.example"),
    ("users", {"id": "jane", "username": "xena"}, "jane"), ("apps", {"name": "point of SALE"}, "point of SALE"), ("apps", {"id": "pos", "name": "x"}, "pos"),
    ("apps/pos/branches", {"code": "hq", "name": "x"}, "hq"), ("apps/pos/branches", {"id": "hq", "code": "x", "name": "x"}, "hq")]


def test_what_is_unique_stays_unique(world):
    for path, body, taken in TAKEN:
        refused = world.owner.expect(409, "POST", f"{DEMO}/{path}", body)
        assert refused["code"] == "conflict" and taken in refused["detail"], body
    # In another tenant all of it is free.
    world.stranger.make(f"{OTHER}/users", {"id": "jane", "username": "JDOE", "email": "jdoe@other.example"})
    world.stranger.make(f"{OTHER}/apps", {"id": "pos", "name": "Point of Sale"})
    for body in ({"name": "DEMO corp"}, {"id": "demo-corp", "name": "x"}, {"name": "x", "domain": "demo.example"}):
        world.operator.expect(409, "POST", "/tenants", {**body, "owner": {"username": "xena"}})


def test_changes_keep_what_they_do_not_name(world):
    changed = world.owner.change(f"{DEMO}/users/jane", {"full_name": "Jane Doe", "metadata": {"floor": 3}})
    assert (changed["username"], changed["full_name"], changed["email"], changed["version"]) == ("jane", "Jane Doe", "jane@demo.example", 2)
    assert world.owner.change(f"{DEMO}/apps/pos", {"type": "mobile"})["name"] == "Point of Sale"
    assert world.owner.change(f"{DEMO}/apps/pos/branches/hq", {"code": "HQ-1"})["name"] == "Headquarters"
    world.owner.expect(409, "PATCH", f"{DEMO}/users/jane", {"username": "jdoe"}, If_Match="*")
    world.owner.expect(412, "PATCH", f"{DEMO}/users/jane", {"full_name": "late"}, If_Match='"1"')


def test_a_grant_gives_and_takes(world):
    assert world.jane.status(f"{DEMO}/apps/pos") == 200
    world.owner.expect(204, "DELETE", f"{DEMO}/apps/pos/members/jane")
    assert world.jane.status(f"{DEMO}/apps/pos") == 403
    assert world.owner.show(f"{DEMO}/apps/pos/members/jane")["status"] == "revoked"
    world.owner.expect(200, "PUT", f"{DEMO}/apps/pos/members/jane", {"role": "viewer"})
    assert world.jane.status(f"{DEMO}/apps/pos") == 200


def test_a_key_is_made_listed_rotated_and_revoked(world):
    made = world.owner.make(f"{DEMO}/apps/pos/keys", {"name": "till", "scopes": [{"actions": ["app:read"]}], "environment": "test"})
    assert made["text"].startswith("lsa_test_") and made["expires_at"]
    till = world.owner.of(made["text"])
    keys = f"{DEMO}/apps/pos/keys"
    assert till.show("/me")["app_id"] == "pos"
    assert ids(world.owner.show(keys)) == [made["id"]] and ids(world.owner.show(f"{DEMO}/keys?app_id=pos&environment=test")) == [made["id"]]
    assert "text" not in world.owner.show(f"{keys}/{made['id']}")
    again = world.owner.expect(201, "POST", f"{keys}/{made['id']}/rotate", {"overlap_seconds": 0})
    assert again["rotated_from"] == made["id"] and again["scopes"] == made["scopes"]
    assert till.status("/me") == 401, "no overlap was asked for"
    world.owner.deed(f"{keys}/{again['id']}/revoke", {"reason": "done"})
    assert world.owner.of(again["text"]).status("/me") == 401


def test_what_is_suspended_is_shut_out_on_the_next_request(world):
    key = world.owner.of(world.owner.make(f"{DEMO}/apps/pos/keys", {"name": "till"})["text"])
    for who, path, shut, open_again in ((key, f"{DEMO}/apps/pos", "disable", "activate"), (world.jane, f"{DEMO}/users/jane", "suspend", "activate")):
        assert who.status("/me") == 200
        world.owner.deed(f"{path}/{shut}")
        assert who.status("/me") == 403
        world.owner.deed(f"{path}/{open_again}")
        assert who.status("/me") == 200
    world.operator.deed(f"{DEMO}/suspend")
    assert [who.status("/me") for who in (world.owner, world.jane, key, world.stranger)] == [403, 403, 403, 200]
    world.operator.deed(f"{DEMO}/activate")
    assert world.jane.status("/me") == 200


def test_another_tenants_things_are_not_there(world):
    paths = ["", "/apps", "/apps/pos", "/apps/pos/branches/hq", "/apps/pos/members/jane", "/users", "/users/jane", "/owner", "/keys", "/audit", "/users/nobody"]
    assert {world.stranger.status(DEMO + path) for path in paths} == {404}
    assert {world.operator.status(DEMO + path) for path in paths[1:7]} == {404}, "a platform administrator sees nothing inside"
    assert world.stranger.ask("PATCH", f"{DEMO}/users/jane", {"full_name": "x"}, If_Match="*").status == 404
    assert world.stranger.ask("PUT", f"{OTHER}/apps/pos/members/jane", {"role": "viewer"}).status == 404
    # An id of theirs in a body is as little there as one in a path.
    assert world.stranger.ask("PUT", f"{OTHER}/owner", {"user_id": "jdoe"}).status == 404
    assert world.owner.show(f"{DEMO}/users/jane")["full_name"] == "Jane Roe"


def test_exactly_one_owns_a_tenant(world):
    world.jane.expect(403, "PUT", f"{DEMO}/owner", {"user_id": "jane"})
    world.owner.expect(200, "PUT", f"{DEMO}/owner", {"user_id": "jane", "reason": "moves on"})
    assert world.jane.show(f"{DEMO}/owner")["user_id"] == "jane"
    world.owner.expect(403, "PUT", f"{DEMO}/owner", {"user_id": "jdoe"})
    history = world.jane.show(f"{DEMO}/ownership-history")["items"]
    assert [(one["previous_owner"], one["new_owner"]) for one in history] == [("jdoe", "jane"), (None, "jdoe")]
    [moved] = world.jane.show(f"{DEMO}/audit?action=tenant.transfer&actor=jdoe")["items"]
    assert (moved["subject"], moved["result"], moved["details"]["new_owner"]["to"]) == ("demo-corp", "ok", "jane")


def test_what_is_deleted_goes_with_all_that_it_holds_and_comes_back(world):
    key = world.owner.of(world.owner.make(f"{DEMO}/apps/pos/keys", {"name": "till"})["text"])
    world.owner.expect(204, "DELETE", f"{DEMO}/apps/pos")
    assert world.owner.status(f"{DEMO}/apps/pos") == 404
    assert key.status("/me") == 401 and world.jane.show(f"{DEMO}/users/jane/memberships")["items"] == []
    world.owner.deed(f"{DEMO}/apps/pos/restore")
    assert world.owner.show(f"{DEMO}/apps/pos/branches/hq")["code"] == "HQ" and key.status("/me") == 200
    assert world.jane.status(f"{DEMO}/apps/pos") == 200, "restored with all of it"
    world.operator.expect(204, "DELETE", DEMO)
    wait_until(lambda: [who.status("/me") for who in (world.owner, world.jane, key)] == [401] * 3)
    assert world.operator.status(DEMO) == 404
    world.operator.deed(f"{DEMO}/restore")
    assert world.jane.status(f"{DEMO}/apps/pos") == 200
