"""The image, the compose files and the balancer: what can be checked without a container daemon."""
import ipaddress
import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
PACKAGING = ROOT / "packaging"
COMPOSE_FILES = ["compose.yaml", "compose.cluster.yaml"]


def instructions() -> list[tuple[str, str]]:
    """The Dockerfile's instructions in order, continued lines joined."""
    lines = [line for line in (PACKAGING / "Dockerfile").read_text().splitlines() if not line.startswith("#")]
    joined = re.sub(r"\\\n\s*", "", "\n".join(lines))
    return [tuple(line.split(" ", 1)) for line in joined.splitlines() if line.strip()]


def compose(name: str) -> dict:
    return yaml.safe_load((PACKAGING / name).read_text())


def test_image_copies_what_exists():
    stages = [re.search(r"AS (\w+)$", text).group(1) for word, text in instructions() if word == "FROM" and " AS " in text]
    copies = [text.split() for word, text in instructions() if word == "COPY"]
    assert copies
    for *sources, _target in copies:
        if sources[0].startswith("--from="):
            assert sources[0].removeprefix("--from=") in stages
            continue
        for source in sources:
            assert (ROOT / source).exists(), f"COPY {source}"


def test_image_runs_as_nobody_special_and_says_how_it_is():
    last_stage = {}
    for word, text in instructions():
        last_stage = {} if word == "FROM" else last_stage
        last_stage.setdefault(word, []).append(text)
    assert re.fullmatch(r"[1-9]\d+:[1-9]\d+", last_stage["USER"][-1]), "numbers, so that runAsNonRoot can check them"
    assert '["lodestone", "healthcheck"]' in last_stage["HEALTHCHECK"][0]
    assert last_stage["ENTRYPOINT"] == ['["lodestone"]'], "no shell between the signal and the server"
    assert last_stage["STOPSIGNAL"] == ["SIGTERM"]
    assert any("org.opencontainers.image.licenses" in text for text in last_stage["LABEL"])
    assert instructions().count(("USER", last_stage["USER"][-1])) == 1
    for word, text in instructions():
        assert word != "ADD", "COPY does what it says"
        if "apt-get install" in text:
            assert "--no-install-recommends" in text and "/var/lib/apt/lists" in text


def test_a_platform_may_say_where_the_image_listens():
    """PORT counts only where nothing more exact is said."""
    said = " ".join(text for word, text in instructions() if word == "ENV").split()
    assert "PORT=8080" in said and not any(one.startswith("LODESTONE_SERVER_LISTEN") for one in said)
    assert ("EXPOSE", "8080") in instructions()


def test_images_can_say_of_which_commit_they_are():
    """The build does not see the history."""
    assert ".git" in (ROOT / ".dockerignore").read_text().splitlines()
    assert ("ARG", 'COMMIT=""') in instructions()
    assert any(text.startswith("LODESTONE_COMMIT=$COMMIT ./dev package") for _, text in instructions())
    assert "$ENV{LODESTONE_COMMIT}" in (ROOT / "cmake/BuildInfo.cmake").read_text()


def test_images_have_fixed_bases():
    for word, text in instructions():
        if word == "FROM":
            assert text.split()[0] == "debian:bookworm-slim"
    for name in COMPOSE_FILES:
        for service, settings in compose(name)["services"].items():
            assert settings["image"] == "lodestone" or re.search(r":[\w.-]*\d", settings["image"]), service


@pytest.mark.parametrize("name", COMPOSE_FILES)
def test_compose_file_is_whole(name):
    """Every volume, network, secret and dependency that a service names is declared, and every file mounted is there."""
    file = compose(name)
    for service, settings in file["services"].items():
        for volume in settings.get("volumes", []):
            source = volume.split(":")[0]
            known = (PACKAGING / source).exists() if source.startswith(".") else source in file["volumes"]
            assert known, f"{service} mounts {source}"
        assert set(settings.get("networks", [])) <= set(file.get("networks", {}))
        assert set(settings.get("secrets", [])) <= set(file.get("secrets", {}))
        assert set(settings.get("depends_on", [])) <= set(file["services"])
        if "build" in settings:
            assert (PACKAGING / settings["build"]["context"] / settings["build"]["dockerfile"]).exists()
        for port in settings.get("ports", []):
            assert port.startswith("127.0.0.1:"), f"{service} opens {port} to everybody"


@pytest.mark.parametrize("name", COMPOSE_FILES)
def test_docker_understands_the_compose_file(name):
    if shutil.which("docker") is None or subprocess.run(["docker", "compose", "version"], capture_output=True).returncode:
        pytest.skip("docker compose is not installed")
    done = subprocess.run(["docker", "compose", "-f", str(PACKAGING / name), "config", "--quiet"],
                          capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_cluster_starts_what_is_used_and_nothing_else():
    services = {"balancer", "node1", "node2", "node3", "postgres", "redis", "garage"}
    assert set(compose("compose.cluster.yaml")["services"]) == services


def test_nodes_reach_the_database_with_what_the_comment_makes():
    file = compose("compose.cluster.yaml")
    comment = (PACKAGING / "compose.cluster.yaml").read_text().partition("x-node")[0]
    user, host, database = re.search(r"'postgresql://(\w+):%s@(\w+)/(\w+)'", comment).groups()
    assert host in file["services"]
    assert (user, database) == (file["services"][host]["environment"]["POSTGRES_USER"],) * 2, "the image names the database after the user"
    for node in ("node1", "node2", "node3"):
        settings = file["services"][node]
        named = Path(settings["environment"]["LODESTONE_DATABASE_URL_FILE"])
        assert named.parent == Path("/run/secrets") and named.name in settings["secrets"]
        assert f">{Path(file['secrets'][named.name]['file']).name}" in comment, "the comment makes it"
        assert settings["depends_on"][host]["condition"] == "service_healthy"
        for secret in ("pepper", "sealing_key"):
            assert settings["environment"][f"LODESTONE_IDENTITY_{secret.upper()}_FILE"] == f"/run/secrets/{secret}"
            assert secret in settings["secrets"] and f">{secret} " in comment, "the same on every node"
        assert "healthcheck" in file["services"][host]


def test_nodes_reach_redis_and_do_without_it():
    file = compose("compose.cluster.yaml")
    comment = (PACKAGING / "compose.cluster.yaml").read_text().partition("x-node")[0]
    assert re.search(r"'redis://:%s@(\w+)/0'", comment)[1] in file["services"]
    for node in ("node1", "node2", "node3"):
        assert file["services"][node]["environment"]["LODESTONE_REDIS_URL_FILE"] == "/run/secrets/redis_url"
        assert "redis_url" in file["services"][node]["secrets"] and ">redis_url" in comment and ">redis " in comment
        assert "redis" not in file["services"][node]["depends_on"], "nobody waits for it"
    assert "/run/secrets/redis" in file["services"]["redis"]["command"][-1] and file["services"]["redis"]["secrets"] == ["redis"]


def test_nodes_keep_their_bytes_in_the_store_that_is_started():
    file = compose("compose.cluster.yaml")
    comment = (PACKAGING / "compose.cluster.yaml").read_text().partition("x-node")[0]
    store, toml = file["services"]["garage"], (PACKAGING / "garage.toml").read_text()
    secret = re.search(r"printf '(\w+)=%s\\n(\w+)=%s\\n' \"\$\(cat s3_secret_key\)\" .*>garage.env\)", comment)
    assert secret and secret.groups() == ("GARAGE_DEFAULT_SECRET_KEY", "GARAGE_RPC_SECRET") and store["env_file"] == ["secrets/garage.env"]
    region, port = re.search(r's3_region = "(\w+)"', toml)[1], re.search(r'\[s3_api\]\napi_bind_addr = "\S+:(\d+)"', toml)[1]
    assert re.fullmatch("GK[0-9a-f]{24}", store["environment"]["GARAGE_DEFAULT_ACCESS_KEY"]), "no other form is taken"
    for node in ("node1", "node2", "node3"):
        settings = file["services"][node]["environment"]
        assert settings["LODESTONE_BLOBS_STORE"] == "s3" and settings["LODESTONE_S3_REGION"] == region
        assert settings["LODESTONE_S3_ENDPOINT"] == f"http://garage:{port}"
        assert settings["LODESTONE_S3_BUCKET"] == store["environment"]["GARAGE_DEFAULT_BUCKET"]
        assert settings["LODESTONE_S3_ACCESS_KEY"] == store["environment"]["GARAGE_DEFAULT_ACCESS_KEY"]
        assert settings["LODESTONE_S3_SECRET_KEY_FILE"] == "/run/secrets/s3_secret_key" and ">s3_secret_key" in comment
        assert file["services"][node]["depends_on"]["garage"]["condition"] == "service_healthy"


def test_nodes_believe_the_balancer_and_nobody_else():
    file = compose("compose.cluster.yaml")
    balancer = ipaddress.ip_address(file["services"]["balancer"]["networks"]["inside"]["ipv4_address"])
    (inside,) = file["networks"]["inside"]["ipam"]["config"]
    assert balancer in ipaddress.ip_network(inside["subnet"])
    assert balancer not in ipaddress.ip_network(inside["ip_range"]), "whoever starts before it could be given its address"
    assert ipaddress.ip_network(inside["ip_range"]).subnet_of(ipaddress.ip_network(inside["subnet"]))
    for node in ("node1", "node2", "node3"):
        trusted = ipaddress.ip_network(file["services"][node]["environment"]["LODESTONE_SERVER_TRUSTED_PROXIES"])
        assert list(trusted) == [balancer]


def test_cluster_holds_no_password():
    text = (PACKAGING / "compose.cluster.yaml").read_text()
    assert not re.search(r"(?i)(password|secretkey|requirepass)\S*[:=]\s*\"?[a-z0-9]{4,}\"?\s*$", text, re.MULTILINE)
    ignored = (PACKAGING / "secrets/.gitignore").read_text().splitlines()
    assert "*" in ignored, "generated secrets must not reach the repository"


def test_balancer_understands_its_configuration(run_tool):
    done = run_tool("haproxy", "-c", "-f", PACKAGING / "haproxy.cfg")
    warnings = [line for line in done.stdout.splitlines() if "WARNING" in line]
    assert all("could not resolve address 'node" in line for line in warnings), done.stdout


def test_balancer_honours_ready_before_the_node_refuses():
    text = (PACKAGING / "haproxy.cfg").read_text()
    assert re.search(r"http-check send meth GET uri /ready\b", text)
    assert "http-check expect status 200" in text
    seconds, falls = map(int, re.search(r"check inter (\d+)s fall (\d+)", text).groups())
    node = compose("compose.cluster.yaml")["services"]["node1"]
    delay_s = int(node["environment"]["LODESTONE_SERVER_DRAIN_DELAY"].removesuffix("s"))
    assert delay_s > 2 * seconds * falls, "the balancer must have noticed by then"
