"""What is counted while the server serves is written down when it ends."""
from support.installation import Api


def test_downloads_are_there_after_an_orderly_end(begun):
    begun.say("repository", "create", "files", "--app", "main", "--format", "generic")
    key = begun.say("key", "create", "--user", "admin", "--quiet").strip()
    shown = {"Authorization": f"Bearer {key}"}
    with begun.server() as server:
        assert server.request("PUT", "/generic/default/files/tool/1.0/a", shown, b"hello").status == 201
        for _ in range(3):
            assert server.request("GET", "/generic/default/files/tool/1.0/a", shown).body == b"hello"
        server.stop()
        assert server.exit_code == 0
    with begun.server() as server:
        tool = Api(server, key).show("/tenants/default/repositories/files/packages/tool")
        assert tool["downloads"]["count"] == 3
        found = Api(server, key).show("/tenants/default/search?q=tool")
        assert [one["name"] for one in found["items"]] == ["tool"]
