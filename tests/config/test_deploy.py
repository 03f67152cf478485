"""deploy/: it cannot be run here, but must fit what it deploys."""

import configparser
import re
import shutil
import subprocess
from http.server import BaseHTTPRequestHandler, HTTPServer
from importlib import import_module
from threading import Thread

import pytest
import yaml

from core.environment import BASE_DIR

DEPLOY = BASE_DIR / "deploy"
# The images' own, compose's, and boto3's.
OTHERS = {
    "COMPOSE_PROFILES",
    "PORTAL_HOST",
    "POSTGRES_PASSWORD",
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
}


def names_in(path):
    return set(re.findall(r"^([A-Z0-9_]+)=", path.read_text(), re.MULTILINE))


@pytest.fixture(scope="module")
def services():
    return yaml.safe_load((DEPLOY / "compose.yaml").read_text())["services"]


def test_composition_has_two_of_what_runs_the_portal(services):
    commands = [
        service["command"] for service in services.values() if "command" in service
    ]
    lines = (BASE_DIR / "Procfile").read_text().splitlines()

    assert sorted(commands) == [["release"], ["web"], ["web"], ["worker"], ["worker"]]
    assert {command for [command] in commands} == {line.split(":")[0] for line in lines}


def test_variables_of_the_deployment_are_the_portals(services):
    known = names_in(BASE_DIR / ".env.example")
    given = {
        name for each in services.values() for name in each.get("environment", {})
    } - {"POSTGRES_USER", "POSTGRES_DB"}

    assert (given | names_in(DEPLOY / "env.example")) - known == OTHERS


def test_secrets_of_the_deployment_are_in_no_file(services):
    texts = [path.read_text() for path in DEPLOY.iterdir() if path.is_file()]

    assert not re.search(r"(PASSWORD|SECRET_KEY|API_KEY)=[^$\s]{8,}", "".join(texts))


def test_web_instances_go_through_the_pooler_and_commands_do_not(services):
    pooler = configparser.ConfigParser()
    pooler.read(DEPLOY / "pgbouncer.ini")
    web = services["web1"]["environment"]

    assert web == services["web2"]["environment"]
    assert f"@pgbouncer:{pooler['pgbouncer']['listen_port']}/" in web["DATABASE_URL"]
    assert "@database:5432/" in web["DATABASE_DIRECT_URL"]
    assert web["DATABASE_POOLER"] == "true"
    # Prepared statements on one side only would fail, or cost four times the work.
    assert int(web["DATABASE_PREPARE_THRESHOLD"]) > 0
    assert int(pooler["pgbouncer"]["max_prepared_statements"]) > 0
    assert pooler["pgbouncer"]["pool_mode"] == "transaction"


def test_balancer_knows_the_instances_that_there_are(services):
    nginx = (DEPLOY / "nginx.conf").read_text()
    servers = set(re.findall(r"server (\w+):(\d+)", nginx))

    assert servers == {
        (name, service["environment"]["PORT"])
        for name, service in services.items()
        if service.get("command") == ["web"]
    }


def test_caddy_knows_the_instances_that_there_are(services):
    caddy = (DEPLOY / "Caddyfile").read_text()
    upstreams = re.findall(r"reverse_proxy (.*) {", caddy)

    assert upstreams == [
        " ".join(
            f"{name}:{service['environment']['PORT']}"
            for name, service in services.items()
            if service.get("command") == ["web"]
        )
    ] * len(upstreams)
    assert caddy.count("{") == caddy.count("}")


def test_who_speaks_tls_is_chosen(services):
    listening = {name for name, each in services.items() if "443:443" in str(each)}
    profiles = {name: services[name]["profiles"] for name in listening}

    assert profiles == {"balancer": ["nginx"], "caddy": ["caddy"]}
    assert "COMPOSE_PROFILES=nginx" in (DEPLOY / "env.example").read_text()


def test_portal_has_no_rights_and_writes_to_its_own_places_alone(services):
    for name in ("web1", "web2", "worker1", "worker2", "release"):
        service = services[name]
        assert service["read_only"]
        assert service["cap_drop"] == ["ALL"]
        assert service["security_opt"] == ["no-new-privileges:true"]
        assert service["tmpfs"] == ["/tmp"]
    dockerfile = (DEPLOY / "Dockerfile").read_text()
    assert re.findall(r"^USER (.*)$", dockerfile, re.MULTILINE) == ["10001"]


def test_health_check_asks_by_a_name_that_the_portal_knows(monkeypatch):
    asked = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append((self.path, self.headers["Host"]))
            self.send_response(200 if self.headers["Host"] == "portal.example" else 400)
            self.end_headers()

        def log_message(self, *arguments):
            pass

    monkeypatch.syspath_prepend(DEPLOY)
    healthy = import_module("healthy")
    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        monkeypatch.setenv("PORT", str(server.server_port))
        answers = []
        for hosts in (".portal.example,other", "other"):
            monkeypatch.setenv("ALLOWED_HOSTS", hosts)
            answers.append(healthy.is_healthy())
        server.shutdown()

    assert answers == [True, False]
    assert asked == [("/healthz", "portal.example"), ("/healthz", "other")]
    assert not healthy.is_healthy()


def test_line_of_the_procfile_is_found():
    unknown = subprocess.run([DEPLOY / "start.sh", "nothing"], capture_output=True)

    assert (unknown.returncode, unknown.stderr) == (
        2,
        b"The Procfile has no line nothing.\n",
    )


@pytest.mark.skipif(not shutil.which("nginx"), reason="There is no nginx here.")
def test_balancer_understands_its_configuration(tmp_path):
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    made = ["-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=x"]
    subprocess.run(
        ["openssl", "req", *made, "-keyout", key, "-out", certificate],
        check=True,
        capture_output=True,
    )
    text = (DEPLOY / "nginx.conf").read_text()
    text = text.replace("/etc/nginx/tls", str(tmp_path))
    # Names of other machines are looked up at once.
    text = re.sub(r"server web\d", "server 127.0.0.1", text)
    (tmp_path / "nginx.conf").write_text(text)

    result = subprocess.run(
        ["nginx", "-t", "-q", "-c", tmp_path / "nginx.conf"], capture_output=True
    )

    assert (result.returncode, result.stderr) == (0, b"")
