"""A fake ElevenLabs, for the tests and for demonstrations without an account.

    fake = FakeElevenLabs(api_key="test-key")
    fake.start()
    ElevenLabs(api_key="test-key", base_url=fake.url)

Each is one workspace: several of them, with keys of their own, are several workspaces.
It keeps to the vendor's documents and to what the packages `elevenlabs` and
`@elevenlabs/client` show; nothing here was compared with the real service.
"""

from tests.fake_elevenlabs.faults import QUOTA_EXCEEDED, Faults
from tests.fake_elevenlabs.record import Conversation
from tests.fake_elevenlabs.server import FakeElevenLabs

__all__ = ["QUOTA_EXCEEDED", "Conversation", "FakeElevenLabs", "Faults"]
