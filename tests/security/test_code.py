"""What the source may not do. Each rule reads it, so that a line added tomorrow is read too."""

import ast
import re
import subprocess
import tomllib
from functools import cache
from pathlib import Path

import pytest
from django.apps import apps

from accounts.models import User
from core.environment import BASE_DIR
from voice.vendor import client_for

APPS = {
    Path(app.path).name
    for app in apps.get_app_configs()
    if BASE_DIR in Path(app.path).parents and ".venv" not in Path(app.path).parts
}
# Who may speak to other machines, and by whose address.
MAY_CALL_OUT = {
    "core/outgoing.py": "the guard, for addresses that people typed",
    "core/bucket.py": "S3, of the administrator's environment",
    "core/doctor_address.py": "PUBLIC_URL, of the environment",
    "core/doctor_mail.py": "the mail server, of the environment",
    "core/metrics_folder.py": "the name of the machine, no connection",
    "core/management/commands/portal.py": "the demo's own server",
    "interviews/mail/delivery.py": "errors of the mail server, of the environment",
    "interviews/simulation/agents.py": "the portal itself, from the command line",
    "voice/account.py": "ElevenLabs, of the environment",
    "voice/diagnosis.py": "PUBLIC_URL, of the environment",
    "voice/doctor.py": "ElevenLabs, of the environment",
    "voice/pull.py": "ElevenLabs, of the environment",
    "voice/vendor.py": "ElevenLabs, of the environment",
}
CLIENTS = {
    *("httpx", "requests", "urllib3", "http.client", "urllib.request", "aiohttp"),
    *("socket", "smtplib", "ftplib", "boto3", "botocore", "storages", "elevenlabs"),
    *("websockets", "paramiko"),
}
# Modules in which processes are started: of the product's own programs, with lists.
PROCESSES = {"subprocess", "os.system", "os.popen", "os.exec", "pty"}


@cache
def sources():
    """Every file of the product, apart from tests and migrations, as a tree."""
    return [
        (path.relative_to(BASE_DIR).as_posix(), ast.parse(path.read_text()))
        for app in sorted(APPS | {"config"})
        for path in sorted((BASE_DIR / app).rglob("*.py"))
        if "migrations" not in path.parts
    ]


@cache
def imported(tree):
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module)
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


@cache
def called(tree):
    """The names of all that is called: "mark_safe", "cursor.execute"."""
    return [
        (dotted(node.func), node)
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
    ]


def dotted(node):
    """As ast.unparse says it, which takes seconds for them all."""
    if isinstance(node, ast.Attribute):
        return f"{dotted(node.value)}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else ""


def who_imports(names):
    return {
        name
        for name, tree in sources()
        for module in imported(tree)
        if any(module == one or module.startswith(f"{one}.") for one in names)
    }


def who_calls(*names):
    return {
        (name, function)
        for name, tree in sources()
        for function, _node in called(tree)
        if function in names or function.rpartition(".")[2] in names
    }


def test_the_source_is_read():
    assert len(dict(sources())) > 200


def test_only_named_modules_call_out():
    found = who_imports(CLIENTS)

    assert found - MAY_CALL_OUT.keys() == set(), "use core.outgoing, or say why not"


def test_every_name_on_the_list_is_needed():
    assert MAY_CALL_OUT.keys() - who_imports(CLIENTS) == set()


def test_nothing_is_evaluated():
    assert {
        (name, function)
        for name, function in who_calls("eval", "exec", "compile", "__import__")
        if function in {"eval", "exec", "compile", "__import__"}
    } == set()


def test_nothing_is_unpickled():
    modules = {"pickle", "marshal", "shelve", "dill", "yaml", "jsonpickle"}

    assert who_imports(modules) == set()


def test_nothing_is_marked_safe():
    """Markup comes from templates, and from format_html, which escapes."""
    allowed = {"reviews/marks.py", "voice/templatetags/voice_admin.py"}
    found = {name for name, _ in who_calls("mark_safe", "SafeString", "safe")}
    templates = [
        path.relative_to(BASE_DIR).as_posix()
        for path in (BASE_DIR / "templates").rglob("*.html")
        if re.search(r"\|\s*safe\b|autoescape\s+off", path.read_text())
    ]

    assert found - allowed == set()
    assert templates == []


def test_no_shell_is_started():
    shells = {
        name
        for name, tree in sources()
        for function, node in called(tree)
        if function in {"os.system", "os.popen"}
        or any(
            keyword.arg == "shell" and ast.unparse(keyword.value) != "False"
            for keyword in node.keywords
        )
    }

    assert shells == set()


def test_statements_are_never_built_of_input():
    """ruff's S608 and its like, in every `make test`; exceptions say why on their line."""
    rules = tomllib.loads((BASE_DIR / "pyproject.toml").read_text())["tool"]["ruff"]

    assert "S" in rules["lint"]["select"]
    assert [rule for rule in rules["lint"]["ignore"] if rule.startswith("S")] == [
        "S101"
    ]
    assert '"ruff check" .venv/bin/ruff check .' in (
        (BASE_DIR / "scripts/checks.sh").read_text()
    )
    assert who_calls("extra", "RawSQL") == set()


def test_exceptions_to_the_security_rules_say_why():
    bare = [
        f"{name}:{number}"
        for name in dict(sources())
        for number, line in enumerate((BASE_DIR / name).read_text().splitlines(), 1)
        if re.search(r"# noqa: S\d+\s*$", line)
    ]

    assert bare == []


def test_patterns_hold_no_input():
    """What is put into a pattern goes through re.escape, or is a constant."""
    found = {
        f"{name}: {ast.unparse(node.args[0])}"
        for name, tree in sources()
        for function, node in called(tree)
        if function in {f"re.{verb}" for verb in ("compile", "sub", "search", "match")}
        and isinstance(node.args[0], ast.JoinedStr)
        and "re.escape" not in ast.unparse(node.args[0])
    }

    # Of constants: names of variables, signs that begin a formula.
    allowed = {"voice/env_file.py", "reviews/exports/cells.py"}
    assert {line.partition(":")[0] for line in found} <= allowed


def test_weak_hashes_are_not_used():
    weak = {"md5", "sha1", "MD5", "SHA1"}

    assert {
        name
        for name, tree in sources()
        for part in imported(tree)
        if part.rpartition(".")[2] in weak
    } == set()
    assert who_calls("md5", "sha1") == set()


def test_cryptography_is_the_libraries():
    """No mode, padding or cipher is chosen by hand but Fernet and AES-GCM."""
    allowed = {
        "cryptography.fernet",
        "cryptography.hazmat.primitives.ciphers.aead",
        "cryptography.exceptions",
        "cryptography.hazmat.primitives",
        "cryptography.hazmat.primitives.hashes",
        "cryptography.hazmat.primitives.kdf.hkdf",
    }
    found = {
        module
        for _name, tree in sources()
        for module in imported(tree)
        if module.startswith("cryptography")
    }

    assert {
        module
        for module in found
        if module not in allowed and module.rpartition(".")[0] not in allowed
    } == set()
    assert who_imports({"Crypto", "Cryptodome", "nacl"}) == set()


def test_certificates_are_never_left_unchecked():
    unchecked = {
        name
        for name, tree in sources()
        for _function, node in called(tree)
        for keyword in node.keywords
        if keyword.arg in {"verify", "check_hostname"}
        and ast.unparse(keyword.value) in {"False", "None"}
    }

    assert unchecked == set()
    assert who_calls("_create_unverified_context") == set()


def test_forms_list_their_fields():
    everything = [
        name
        for name in dict(sources())
        if re.search(
            r"fields\s*=\s*[\"']__all__|\bexclude\s*=\s*[\[(][\"']",
            (BASE_DIR / name).read_text(),
        )
    ]

    assert everything == []


def test_no_secret_is_in_the_source():
    """ruff's S105 to S107 over everything, tests apart; and no key by its shape."""
    shapes = re.compile(
        r"sk_[0-9a-f]{30,}|AKIA[0-9A-Z]{16}|-----BEGIN [A-Z ]*PRIVATE KEY"
    )
    listed = subprocess.run(
        ["git", "ls-files"], cwd=BASE_DIR, capture_output=True, text=True, check=True
    ).stdout.split("\n")
    texts = [
        path
        for path in listed
        if path.endswith((".py", ".yaml", ".conf", ".example", ".md", ".sh", ".js"))
        and not path.startswith("tests/")
    ]

    assert [
        path
        for path in texts
        if (BASE_DIR / path).exists() and shapes.search((BASE_DIR / path).read_text())
    ] == []


# The browser's side


def scripts():
    for folder in ("js", "admin"):
        for path in sorted((BASE_DIR / "static" / folder).rglob("*.js")):
            yield path.relative_to(BASE_DIR).as_posix(), path.read_text()


def test_scripts_write_text_alone():
    forbidden = re.compile(
        r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function"
        r"|srcdoc|__proto__|setTimeout\(\s*[\"'`]|addEventListener\(\s*[\"']message[\"']"
        r"|document\.cookie|createContextualFragment"
    )

    # Parts of HR's own pages, which the portal has rendered and escaped.
    fragments = {"static/admin/home.js", "static/admin/wording.js"}

    assert len(list(scripts())) > 20
    assert {
        f"{name}: {found[0]}"
        for name, text in scripts()
        for found in forbidden.finditer(text)
    } == {f"{name}: innerHTML" for name in fragments}


def test_scripts_keep_only_what_is_listed():
    """Drafts, choices and a page's id; docs/security.md says of each what it is."""
    storage = {
        name
        for name, text in scripts()
        if re.search(r"localStorage|sessionStorage|indexedDB|\bcaches\.", text)
    }

    # The last only looks whether there is a draft.
    assert storage <= {
        "static/js/memory.js",
        "static/admin/review/player.js",
        "static/js/away.js",
    }


# Packages


def test_packages_are_pinned_by_hash():
    for name in ("requirements.txt", "requirements-demo.txt", "requirements-dev.txt"):
        text = (BASE_DIR / name).read_text()
        pins = re.findall(r"(?m)^[\w.\[\]-]+==[^\s;]+", text)

        assert len(pins) > 3
        # A package without a hash would end in its own line.
        assert not re.search(r"(?m)^[\w.\[\]-]+==[^\\\n]*$", text)


def test_production_needs_no_package_of_the_tests():
    text = (BASE_DIR / "requirements.txt").read_text()

    for name in ("pytest", "hypothesis", "schemathesis", "factory-boy", "playwright"):
        assert not re.search(rf"(?m)^{name}==", text)


def test_audit_reads_every_list_of_packages():
    script = (BASE_DIR / "scripts/audit.py").read_text()
    makefile = (BASE_DIR / "Makefile").read_text()

    assert "requirements*.txt" in script
    assert re.search(r"(?m)^audit:.*\n\t.*scripts/audit\.py", makefile)


# The installation


@pytest.mark.django_db
def test_nobody_is_made_by_installing():
    assert not User.objects.exists()


def test_the_voice_services_client_follows_no_redirect():
    client = client_for("key", "https://api.example.com")

    assert client._client_wrapper.httpx_client.httpx_client.follow_redirects is False
