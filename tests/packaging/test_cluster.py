"""The compose file's three nodes as plain processes: started at once on an empty PostgreSQL, with the settings that it
gives them, each becomes ready."""
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import yaml
from support.postgres import PostgresServer, find_programs

COMPOSE = Path(__file__).resolve().parents[2] / "packaging/compose.cluster.yaml"
NODES = ("node1", "node2", "node3")


@pytest.mark.skipif(find_programs() is None, reason="PostgreSQL is not installed (Debian package postgresql)")
def test_nodes_that_start_together_share_one_new_database(start_server, tmp_path):
    services = yaml.safe_load(COMPOSE.read_text())["services"]
    with PostgresServer() as database:
        def write(name, text):
            path = tmp_path / name
            path.write_text(text)
            path.chmod(0o600)
            return str(path)

        secrets = {"database_url": database.url(), "pepper": "p" * 64, "sealing_key": "s" * 64}
        files = {f"/run/secrets/{name}": write(name, text) for name, text in secrets.items()}

        def start(name):
            given = services[name]["environment"]
            return start_server(env={setting: files.get(value, value) for setting, value in given.items()})

        with ThreadPoolExecutor(len(NODES)) as pool:
            nodes = list(pool.map(start, NODES))
        assert [node.request("GET", "/ready").status for node in nodes] == [200] * len(NODES)
        for node in nodes:
            node.send_signal()
        assert [node.wait() for node in nodes] == [0] * len(NODES)
