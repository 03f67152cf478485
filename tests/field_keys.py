"""Keys for tests of encrypted fields."""

from base64 import b64encode

KEYS = [b64encode(bytes([number]) * 32).decode() for number in range(1, 4)]
INDEX_KEY = b64encode(b"i" * 32).decode()
NEW_INDEX_KEY = b64encode(b"j" * 32).decode()
