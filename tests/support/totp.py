"""The codes that an app on a phone shows."""
import base64
import hmac
import struct
import time

PERIOD_S = 30


def totp(secret: str, step: int) -> str:
    """Of the secret in base32, as people type it."""
    key = base64.b32decode(secret + "=" * (-len(secret) % 8))
    digest = hmac.digest(key, struct.pack(">Q", step), "sha1")
    at = digest[-1] & 15
    return f"{(struct.unpack('>I', digest[at:at + 4])[0] & 0x7FFFFFFF) % 1_000_000:06}"


def step_now() -> int:
    return int(time.time()) // PERIOD_S


def totp_now(secret: str) -> str:
    return totp(secret, step_now())
