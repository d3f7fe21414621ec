"""How a receiver knows that a message is ours: Standard Webhooks, and DingTalk's own way.

WeCom's robots know us by the key in their URL and sign nothing.
"""

import base64
import binascii
import hashlib
import hmac
import secrets
from datetime import datetime
from urllib.parse import urlencode

PREFIX = "whsec_"
KEY_LEAST, KEY_MOST = 24, 64
"""Bytes that a Standard Webhooks key has."""


def new_secret() -> str:
    return PREFIX + base64.b64encode(secrets.token_bytes(32)).decode()


def key_of(secret: str) -> bytes:
    """The bytes that sign. Raises ValueError with what a secret should look like."""
    try:
        key = base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if not secret.startswith(PREFIX) or not KEY_LEAST <= len(key) <= KEY_MOST:
        raise ValueError(
            f"secret 应为 {PREFIX} 加 {KEY_LEAST}–{KEY_MOST} 字节的 Base64;留空则自动生成"
        )
    return key


def standard_headers(secret: str, message: str, at: datetime, body: bytes) -> dict[str, str]:
    """https://www.standardwebhooks.com: `v1,` and the HMAC-SHA256 over `id.timestamp.body`."""
    timestamp = str(int(at.timestamp()))
    signed = f"{message}.{timestamp}.".encode() + body
    signature = base64.b64encode(_hmac(key_of(secret), signed)).decode()
    return {
        "webhook-id": message,
        "webhook-timestamp": timestamp,
        "webhook-signature": f"v1,{signature}",
    }


def dingtalk_query(secret: str, at: datetime) -> str:
    """`timestamp=…&sign=…`: milliseconds, and the HMAC-SHA256 over `timestamp\\nsecret`."""
    timestamp = str(round(at.timestamp() * 1000))
    sign = base64.b64encode(_hmac(secret.encode(), f"{timestamp}\n{secret}".encode())).decode()
    return urlencode({"timestamp": timestamp, "sign": sign})


def _hmac(key: bytes, message: bytes) -> bytes:
    return hmac.new(key, message, hashlib.sha256).digest()
