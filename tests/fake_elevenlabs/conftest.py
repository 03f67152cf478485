"""The fake vendor under test, its client, and a portal for its agents."""

import httpx
import pytest
from elevenlabs import ElevenLabs

from tests.fake_elevenlabs import FakeElevenLabs
from tests.fake_elevenlabs.portal import Portal

KEY = "test-key"


@pytest.fixture(scope="package")
def running():
    fake = FakeElevenLabs(api_key=KEY)
    fake.start()
    yield fake
    fake.stop()


@pytest.fixture(scope="package")
def http():
    with httpx.Client() as client:
        yield client


@pytest.fixture
def fake(running):
    running.reset()
    running.retry_delays = (0.0,) * 5
    return running


@pytest.fixture
def sdk(fake, http):
    """Return the vendor's own client of the fake account."""
    return ElevenLabs(api_key=KEY, base_url=fake.url, httpx_client=http)


@pytest.fixture
def portal():
    return Portal()
