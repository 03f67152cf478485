"""Whatever address somebody types, nothing but the public net is called."""

import socket
import ssl
import time
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from threading import Thread

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from core import outgoing
from core.outgoing import Refused, Target, Unreachable, fetch, is_public, target_of

HOST = "hooks.example.com"
PUBLIC = "93.184.216.34"
# The form alone is enough to refuse these; no name is looked up.
BAD_FORMS = """
http://hooks.example.com/
ftp://hooks.example.com/
file:///etc/passwd
gopher://hooks.example.com:443/
javascript:alert(1)
data:text/plain,x
//hooks.example.com/
hooks.example.com
https://
https:///path
https://:443/
https://user@hooks.example.com/
https://user:secret@hooks.example.com/
https://@hooks.example.com/
https://hooks.example.com@127.0.0.1/
https://127.0.0.1@hooks.example.com/
https://hooks.example.com:80/
https://hooks.example.com:22/
https://hooks.example.com:5432/
https://hooks.example.com:0/
https://hooks.example.com:99999/
https://hooks.example.com:x/
https://127.0.0.1/
https://127.1/
https://127.0.0.1./
https://2130706433/
https://0x7f000001/
https://0x7f.1/
https://017700000001/
https://0/
https://10.0.0.1/
https://169.254.169.254/latest/meta-data/
https://192.168.1.1/
https://93.184.216.34/
https://[::1]/
https://[::ffff:127.0.0.1]/
https://[64:ff9b::7f00:1]/
https://[2002:7f00:1::]/
https://[fe80::1%25eth0]/
https://[fd00::1]/
https://localhost/
https://localhost./
https://portal/
https://db.internal/
https://printer.local/
https://router.lan/
https://a.localhost/
https://hooks..example.com/
https://.example.com/
https://hooks.example.com\\@127.0.0.1/
https://hooks.example.com /
https://hooks.exa\tmple.com/
https://hooks.example.com/\r\nX-Evil: 1
https://hooks.example.com/\x00
https://ⓗooks.example.com/
https://hooks。example.com/
https://hooks.example.com%00.evil/
https://hooks_example/
https://hooks.example.1/
https://[hooks.example.com]/
""".strip("\n").split("\n")
# What a good name may turn out to stand for.
BAD_ADDRESSES = [
    "127.0.0.1",
    "127.255.255.254",
    "0.0.0.0",  # noqa: S104 (nobody binds to it)
    "10.1.2.3",
    "172.16.0.1",
    "172.31.255.255",
    "192.168.0.1",
    "169.254.169.254",
    "168.63.129.16",
    "100.64.0.1",
    "192.0.0.1",
    "192.0.2.1",
    "192.88.99.1",
    "198.18.0.1",
    "198.51.100.1",
    "203.0.113.1",
    "224.0.0.1",
    "239.255.255.255",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::127.0.0.1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "::ffff:169.254.169.254",
    "64:ff9b::7f00:1",
    "64:ff9b::a9fe:a9fe",
    "64:ff9b:1::1",
    "100::1",
    "2001:db8::1",
    "2001::1",
    "2002:7f00:1::",
    "2002:a00:1::",
    "fc00::1",
    "fd00::1",
    "fe80::1",
    "fec0::1",
    "ff02::1",
]


@pytest.mark.parametrize("url", BAD_FORMS)
def test_address_of_another_form_is_refused_before_any_name_is_looked_up(
    url, monkeypatch
):
    monkeypatch.setattr(socket, "getaddrinfo", never)

    with pytest.raises(Refused):
        fetch(url.replace("\\\\", "\\"))


def test_the_corpus_is_of_sixty_addresses():
    assert len(set(BAD_FORMS)) >= 60


@pytest.mark.parametrize(
    ("url", "target"),
    [
        (f"https://{HOST}", Target(HOST, 443, "/")),
        (f"https://{HOST}:8443/a/b?c=d#e", Target(HOST, 8443, "/a/b?c=d")),
        (f"HTTPS://{HOST.upper()}./x", Target(HOST, 443, "/x")),
        ("https://xn--e1afmkfd.xn--p1ai/", Target("xn--e1afmkfd.xn--p1ai", 443, "/")),
    ],
)
def test_good_address_is_read(url, target):
    assert target_of(url) == target


@pytest.mark.parametrize("address", BAD_ADDRESSES)
def test_address_of_no_public_machine_is_refused(address):
    assert not is_public(ip_address(address))


@pytest.mark.parametrize("address", [PUBLIC, "8.8.8.8", "2606:4700::1111"])
def test_public_address_is_taken(address):
    assert is_public(ip_address(address))


@pytest.mark.parametrize("address", BAD_ADDRESSES)
def test_name_that_leads_inside_is_refused(address, monkeypatch):
    monkeypatch.setattr(socket, "getaddrinfo", resolver([address]))
    monkeypatch.setattr(socket, "create_connection", never)

    with pytest.raises(Refused):
        fetch(f"https://{HOST}/")


def test_one_inner_address_among_public_ones_is_enough(monkeypatch):
    monkeypatch.setattr(socket, "getaddrinfo", resolver([PUBLIC, "10.0.0.1"]))
    monkeypatch.setattr(socket, "create_connection", never)

    with pytest.raises(Refused):
        fetch(f"https://{HOST}/")


def test_name_that_changes_its_mind_is_asked_once(monkeypatch):
    """DNS rebinding: public when it is checked, ours when it is called."""
    answers = iter([[PUBLIC], ["127.0.0.1"]])
    called = []
    monkeypatch.setattr(
        socket, "getaddrinfo", lambda *a, **k: resolver(next(answers))(*a, **k)
    )

    def connect(address, timeout):
        called.append(address)
        raise OSError("nobody there")

    monkeypatch.setattr(socket, "create_connection", connect)

    with pytest.raises(Unreachable):
        fetch(f"https://{HOST}/")

    assert called == [(PUBLIC, 443)]
    assert next(answers) == ["127.0.0.1"]  # nobody asked again


def test_unknown_name_is_unreachable(monkeypatch):
    def unknown(*arguments, **options):
        raise socket.gaierror

    monkeypatch.setattr(socket, "getaddrinfo", unknown)

    with pytest.raises(Unreachable):
        fetch(f"https://{HOST}/")


# Over the wire


def test_answer_comes_from_the_pinned_address_by_its_name(server):
    with server(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok") as seen:
        answer = fetch(f"https://{HOST}/hook?a=b", method="POST", body=b"{}")

    assert (answer.status, answer.content) == (200, b"ok")
    assert seen["sni"] == HOST
    assert seen["request"].startswith(b"POST /hook?a=b HTTP/1.1\r\n")
    assert f"Host: {HOST}\r\n".encode() in seen["request"]


def test_redirect_is_not_followed(server):
    with server(
        b"HTTP/1.1 302 Found\r\nLocation: https://127.0.0.1/\r\n"
        b"Content-Length: 0\r\n\r\n"
    ):
        answer = fetch(f"https://{HOST}/")

    assert (answer.status, answer.headers["Location"]) == (302, "https://127.0.0.1/")


def test_proxy_of_the_environment_is_not_asked(server, monkeypatch):
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:1")
    with server(b"HTTP/1.1 204 No Content\r\n\r\n"):
        assert fetch(f"https://{HOST}/").status == 204


def test_certificate_of_another_name_is_refused(server):
    with (
        server(b"HTTP/1.1 200 OK\r\n\r\n", name="elsewhere.example.com"),
        pytest.raises(Unreachable, match="SSLCertVerificationError"),
    ):
        fetch(f"https://{HOST}/")


def test_endless_answer_is_cut(server):
    with (
        server(b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 5000),
        pytest.raises(Unreachable, match="too large"),
    ):
        fetch(f"https://{HOST}/", most_bytes=1000)


def test_answer_that_trickles_is_given_up(server):
    """Each byte comes in time, and the whole never."""
    with (
        server(b"HTTP/1.1 200 OK\r\nX: " + b"y" * 100, pause=0.05),
        pytest.raises(Unreachable),
    ):
        fetch(f"https://{HOST}/", seconds=0.4)


def test_calls_go_out_by_current_tls_alone():
    context = outgoing.context()

    assert context.minimum_version == ssl.TLSVersion.TLSv1_2
    assert (context.verify_mode, context.check_hostname) == (ssl.CERT_REQUIRED, True)


def never(*arguments, **options):
    raise AssertionError("nobody was to be asked")


def resolver(addresses):
    def getaddrinfo(host, port, **options):
        return [
            (
                socket.AF_INET6 if ":" in address else socket.AF_INET,
                socket.SOCK_STREAM,
                6,
                "",
                (address, port),
            )
            for address in addresses
        ]

    return getaddrinfo


@pytest.fixture
def server(tmp_path, monkeypatch):
    """Return a server that gives one answer, and what it saw; it passes as public."""

    @contextmanager
    def run(answer, *, name=HOST, pause=0.0):
        context, authority = identity(tmp_path, name)
        listening = socket.create_server(("127.0.0.1", 0))
        seen = {}
        context.sni_callback = lambda sock, sni, ctx: seen.update(sni=sni)
        trusted = ssl.create_default_context(cafile=authority)
        monkeypatch.setattr(outgoing, "context", lambda: trusted)
        monkeypatch.setattr(socket, "getaddrinfo", resolver([PUBLIC]))
        monkeypatch.setattr(
            socket,
            "create_connection",
            lambda address, timeout: connected(listening.getsockname(), timeout),
        )
        thread = Thread(target=serve, args=(listening, context, answer, pause, seen))
        thread.start()
        try:
            yield seen
        finally:
            thread.join(5)
            listening.close()

    return run


def connected(address, timeout):
    plain = socket.socket()
    plain.settimeout(timeout)
    plain.connect(address)
    return plain


def serve(listening, context, answer, pause, seen):
    plain, _ = listening.accept()
    try:
        with context.wrap_socket(plain, server_side=True) as secure:
            seen["request"] = secure.recv(10_000)
            for piece in [answer] if not pause else [bytes([b]) for b in answer]:
                secure.sendall(piece)
                time.sleep(pause)
            # Closing before all was read would take the answer back.
            while secure.recv(10_000):
                pass
    except OSError:
        plain.close()


def identity(folder, name):
    """Make a certificate of a name, signed by itself; return a server's context and it."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), False)
        .sign(key, hashes.SHA256())
    )
    file = folder / "identity.pem"
    file.write_bytes(
        certificate.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    return context, file
