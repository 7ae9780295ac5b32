"""A message to any system that takes JSON: one POST, signed so that the receiver knows it is ours and unchanged.

A recipient is the id of an Airflow connection: host (the whole address), password (the shared secret), extra `ca`.
The receiver checks X-Shegong-Signature, which is "v1=" and the hex of HMAC-SHA256 over timestamp + "." + body, turns
away a timestamp that is minutes old, and knows by X-Shegong-Message what came twice (docs/operations.md).
"""

import hashlib
import hmac
from urllib.parse import urlsplit

from shegong.alerts.channels.channel import Answer, Message, Refused
from shegong.alerts.channels.post import Poster, as_bytes, base_of, post


class Webhook(Poster):
    """Every 2xx is a yes; 429 and 5xx wait; all else, a redirect too, is a refusal."""

    per_minute: int | None = None

    def service(self, recipient: str) -> str:
        parts = urlsplit(base_of(self._access(recipient), ""))
        return f"{parts.scheme}://{parts.netloc}"

    def send(self, message: Message, attachment: bytes | None) -> Answer:
        access = self._access(message.recipient)
        body = as_bytes(
            {
                "message": message.identity,
                "subject": message.subject,
                "text": message.body_text,
                "created_at": message.created_at.isoformat(),
            }
        )
        stamp = str(int(self._clock().timestamp()))
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "X-Shegong-Message": message.identity,
            "X-Shegong-Timestamp": stamp,
            "X-Shegong-Signature": signature(access.password, stamp, body),
        }
        response = post(base_of(access, ""), "", body, headers, access, self._wait_seconds)
        if not 200 <= response.status < 300:
            raise Refused(str(response.status), "refused")
        return Answer(str(response.status), is_delivered=True)


def signature(secret: str, stamp: str, body: bytes) -> str:
    return "v1=" + hmac.new(secret.encode(), stamp.encode() + b"." + body, hashlib.sha256).hexdigest()
