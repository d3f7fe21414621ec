"""Signatures against vectors that others computed (openssl, and the public documentation)."""

from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs

import pytest

from services.gateway.notify.signing import dingtalk_query, key_of, new_secret, standard_headers


def test_standard_webhooks_published_vector() -> None:
    at = datetime.fromtimestamp(1614265330, UTC)
    got = standard_headers(
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        "msg_p5jXN8AQM9LWM0D4loKWxJek",
        at,
        b'{"test": 2432232314}',
    )
    assert got == {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }


def test_dingtalk_signature_as_openssl_makes_it() -> None:
    at = datetime.fromtimestamp(1577262236, UTC) + timedelta(milliseconds=757)
    got = parse_qs(dingtalk_query("SECthis is secret", at))
    assert got["timestamp"] == ["1577262236757"]
    assert got["sign"] == ["J2qBKLynGZv5uMXAkGgdbSkX8S8Dbkqw1VOS3Ie+DF0="]
    assert "+" not in dingtalk_query("SECthis is secret", at).partition("sign=")[2]


def test_a_new_secret_is_fit_and_new() -> None:
    assert len(key_of(new_secret())) == 32
    assert new_secret() != new_secret()


@pytest.mark.parametrize(
    "wrong", ["secret", "whsec_", "whsec_!!!", "whsec_c2hvcnQ=", "MfKQ9r8GKYqrTw"]
)
def test_a_secret_that_is_none_is_said_so(wrong: str) -> None:
    with pytest.raises(ValueError, match="whsec_"):
        key_of(wrong)
