"""What the files of the deployment promise: TLS, addresses, and what is in the image."""

import re

from core.environment import BASE_DIR


def text(name):
    return (BASE_DIR / name).read_text()


def test_balancer_speaks_current_tls_alone():
    """Of these two versions OpenSSL offers ciphers with forward secrecy first."""
    protocols = re.findall(r"ssl_protocols ([^;]+);", text("deploy/nginx.conf"))

    assert protocols == ["TLSv1.2 TLSv1.3"]
    assert re.findall(r"ssl_ciphers ([^;]+);", text("deploy/nginx.conf")) == [
        "ECDHE+AESGCM:ECDHE+CHACHA20"
    ]
    # Caddy has both by default, and is told nothing else.
    assert "protocols" not in text("deploy/Caddyfile")
    assert "ciphers" not in text("deploy/Caddyfile")


def test_balancer_leads_to_https():
    before, after = text("deploy/nginx.conf").split("listen 443 ssl;")

    assert "listen 80;" in before
    assert "return 308 https://" in before
    assert "listen 80" not in after


def test_balancer_says_what_it_saw():
    """The visitor's address is added last, and the scheme is set, whatever a client sent."""
    found = dict(
        re.findall(r"proxy_set_header (\S+) ([^;]+);", text("deploy/nginx.conf"))
    )

    assert found["X-Forwarded-For"] == "$proxy_add_x_forwarded_for"
    assert found["X-Forwarded-Proto"] == "$scheme"
    assert "trusted_proxies" not in text("deploy/Caddyfile")


def test_image_leaves_the_history_behind():
    left_out = text(".dockerignore").split()

    for name in (".git", ".env", "var", "deploy/.env", "deploy/tls", "tests", "bench"):
        assert name in left_out


def test_image_runs_as_nobody_in_particular():
    assert re.search(r"(?m)^USER [1-9]\d+$", text("deploy/Dockerfile"))
