import pytest

from core.addresses import client_address


@pytest.mark.parametrize(
    ("behind_proxy", "remote", "forwarded", "address"),
    [
        (False, "192.0.2.1", None, "192.0.2.1"),
        # Without a proxy the header is the client's own invention.
        (False, "192.0.2.1", "198.51.100.7", "192.0.2.1"),
        (True, "192.0.2.1", "198.51.100.7", "198.51.100.7"),
        (True, "192.0.2.1", "10.9.8.7, 198.51.100.7", "198.51.100.7"),
        (True, "", "2001:DB8::1", "2001:db8::1"),
        (True, "192.0.2.1", None, "192.0.2.1"),
        (True, "192.0.2.1", "198.51.100.7, <script>", None),
        # A server behind a Unix socket has no address to tell.
        (False, "", None, None),
    ],
)
def test_address_is_what_the_nearest_proxy_saw(
    rf, settings, behind_proxy, remote, forwarded, address
):
    settings.BEHIND_PROXY = behind_proxy
    headers = {"HTTP_X_FORWARDED_FOR": forwarded} if forwarded else {}
    request = rf.get("/", REMOTE_ADDR=remote, **headers)

    assert client_address(request) == address
