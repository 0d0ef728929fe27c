"""Two programs that start on one empty database at the same moment, again and again: one schema, one first
administrator, and no word of the other's."""
import os
import threading

import pytest
from support import postgres
from support.process import is_sanitized
from support.server import Server, shared_secrets

MIGRATING = ["--set", "database.migrations=auto", "--threads", "1"]
WHAT_THERE_IS = """SELECT (SELECT count(*) FROM schema_history) || ' steps, ' ||
    (SELECT count(*) FROM (SELECT version FROM schema_history WHERE is_done GROUP BY version HAVING count(*) > 1) AS doubled) || ' doubled; '
    || (SELECT string_agg(id, ' ' ORDER BY id) FROM tenants) || ': ' || (SELECT string_agg(username, ' ') FROM users)
    || ' owns ' || (SELECT string_agg(tenant_id, ' ') FROM tenant_owners) || ', ' || (SELECT count(*) FROM platform_admins) || ' for all'"""


# Fifty times, or ten of a build that is slow, in five tests: each ends in good time on a busy machine, too.
in_parts = pytest.mark.parametrize("part", range(5))


def rounds(binary) -> range:
    return range(2 if is_sanitized(binary) else 10)


def start_at_once(servers) -> list[str]:
    """Starts them side by side; for each, empty or why it did not start."""
    told = [""] * len(servers)
    gate = threading.Barrier(len(servers))

    def start(number):
        gate.wait()
        try:
            servers[number].start()
        except AssertionError as refusal:
            told[number] = str(refusal)

    together(start, len(servers))
    return told


def together(function, count):
    threads = [threading.Thread(target=function, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


@pytest.fixture(scope="module")
def shared_postgres():
    if not postgres.find_programs():
        pytest.skip("PostgreSQL is not installed (Debian package postgresql)")
    with postgres.shared_server():
        yield os.environ[postgres.VARIABLE]


def start_on_one_empty_database(binary, postgres_url, tmp_path, number, settings=()) -> str:
    """Both serve; what there is then in the database."""
    with postgres.database(postgres_url) as url:
        folders = [tmp_path / f"{number}-{node}" for node in "ab"]
        env = {"DATABASE_URL": url, **shared_secrets(tmp_path)}
        shared = ["--set", f"blobs.dir={tmp_path / str(number)}-blobs"]
        servers = [Server(binary, [*MIGRATING, *shared, *settings], env=env, data=folder) for folder in folders]
        try:
            assert start_at_once(servers) == ["", ""]
            for server in servers:
                server.wait_for_log("serving")
                assert server.request("GET", "/ready").status == 200, server.log_text()
            found = postgres.run_sql(url, WHAT_THERE_IS)
            passwords = [folder / "secrets/admin-password" for folder in folders]
            assert len([path for path in passwords if path.exists()]) == 1, "whoever was second keeps no password that opens nothing"
        finally:
            together(lambda one: servers[one].stop(), len(servers))
        assert [server.exit_code for server in servers] == [0, 0]
    return found


@in_parts
def test_on_postgres_both_serve_one_installation(binary, shared_postgres, tmp_path, part):
    seen = {start_on_one_empty_database(binary, shared_postgres, tmp_path, number) for number in rounds(binary)}
    assert len(seen) == 1, seen
    assert seen.pop().endswith(" 0 doubled; default platform: admin owns default, 1 for all")


@pytest.mark.parametrize("lacks", ["advisory_locks,listen", "advisory_locks,listen,transactional_ddl"])
def test_on_a_server_that_can_do_less_it_is_the_same(binary, shared_postgres, tmp_path, lacks):
    settings = ["--set", f"database.lacks={lacks}"]
    for number in range(2):
        found = start_on_one_empty_database(binary, shared_postgres, tmp_path, number, settings)
        assert found.endswith(" 0 doubled; default platform: admin owns default, 1 for all")


@in_parts
def test_of_two_in_one_folder_one_serves_and_one_says_why_not(binary, tmp_path, part):
    for number in rounds(binary):
        data = tmp_path / str(number)
        servers = [Server(binary, ["--threads", "1"], data=data) for _ in "ab"]
        try:
            told = start_at_once(servers)
            assert sorted(map(bool, told)) == [False, True], told
            assert f"The data folder {data} is in use by another lodestone. Stop it, or choose another with --data." in "".join(told)
            serving = servers[told.index("")]
            serving.wait_for_log("first start: made the tenant default and its administrator admin")
            assert serving.request("GET", "/ready").status == 200
        finally:
            together(lambda one: servers[one].stop(), len(servers))
