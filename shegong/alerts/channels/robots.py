"""Group robots of DingTalk (浙政钉 too), WeCom and Feishu: one POST a message, answered by a code inside HTTP 200.

A recipient is the id of an Airflow connection: host (empty: the public service; 浙政钉 and private editions have their
own), password (the robot's token or key), extra `secret` (where it signs), `keyword` (where it asks for one), `ca`.
A second message after a kill between sending and recording can't be told from the first by these services: they know
no key of ours. An alert that comes twice is the lesser evil (see outbox.py).
"""

import base64
import hashlib
import hmac
import json
import re
from datetime import timedelta
from urllib.parse import quote

from shegong.access import Access
from shegong.alerts.channels.channel import Answer, Message, Refused, TryLater
from shegong.alerts.channels.fitting import fitted
from shegong.alerts.channels.post import Poster, Response, as_bytes, base_of, post

_MINUTE = timedelta(minutes=1)
Body = dict[str, object]


class Robot(Poster):
    """What the robots share. `pauses`: codes that say "too fast", with how long the service then refuses."""

    public_host: str
    code_name: str
    most_bytes: int
    per_minute: int | None = 20
    pauses: dict[str, timedelta]
    busy: frozenset[str] = frozenset({"-1"})

    def service(self, recipient: str) -> str:
        return base_of(self._access(recipient), self.public_host)

    def send(self, message: Message, attachment: bytes | None) -> Answer:
        """The text part alone: a robot carries no HTML and no file."""
        access = self._access(message.recipient)
        text = message.body_text.strip()
        keyword = access.extra.get("keyword", "")
        text = text if keyword in text else f"{keyword}\n{text}"
        text = fitted(text, self.most_bytes, lambda part: self.size(self._body(part, access)))
        body = self._body(text, access)
        response = post(
            base_of(access, self.public_host),
            self._path(access),
            as_bytes(body),
            {"Content-Type": "application/json; charset=utf-8"},
            access,
            self._wait_seconds,
        )
        return self._judge(response, access)

    def size(self, body: Body) -> int:
        """The bytes that the service counts: all of the request, unless it counts otherwise."""
        return len(as_bytes(body))

    def _path(self, access: Access) -> str:
        raise NotImplementedError

    def _body(self, text: str, access: Access) -> Body:
        return {"msgtype": "text", "text": {"content": text}}

    def _judge(self, response: Response, access: Access) -> Answer:
        try:
            answer = json.loads(response.body)
            code = str(answer[self.code_name])
        except (ValueError, KeyError, TypeError) as error:
            if response.status != 200:
                raise Refused(str(response.status), "refused without a code") from error
            raise TryLater("200", "an answer that is not the service's", is_service=True) from error
        if code == "0":
            return Answer(code, is_delivered=True)
        said = without_secrets(str(answer.get("errmsg") or answer.get("msg") or ""), access)
        if code in self.pauses:
            raise TryLater(code, said, self.pauses[code])
        if code in self.busy:
            raise TryLater(code, said)
        raise Refused(code, said)


class DingTalk(Robot):
    """A refusal for speed lasts ten minutes. 310000 is a wrong keyword, signature, clock or address of ours."""

    public_host = "oapi.dingtalk.com"
    code_name = "errcode"
    most_bytes = 20_000
    pauses = dict.fromkeys(("130101", "410100", "660026"), 10 * _MINUTE)

    def _path(self, access: Access) -> str:
        path = f"/robot/send?access_token={quote(access.password, safe='')}"
        if secret := access.extra.get("secret"):
            stamp = str(int(self._clock().timestamp() * 1000))
            sign = base64.b64encode(_hmac(secret, f"{stamp}\n{secret}")).decode()
            path += f"&timestamp={stamp}&sign={quote(sign, safe='')}"
        return path


class WeCom(Robot):
    """Counts the bytes of the text alone: 2,048. 93000 is a wrong key."""

    public_host = "qyapi.weixin.qq.com"
    code_name = "errcode"
    most_bytes = 2_048
    pauses = dict.fromkeys(("45009", "45033"), _MINUTE)

    def _path(self, access: Access) -> str:
        return f"/cgi-bin/webhook/send?key={quote(access.password, safe='')}"

    def size(self, body: Body) -> int:
        return len(body["text"]["content"].encode())


class Feishu(Robot):
    """Would take 100 a minute; ours stays at what the others take. 19021 is a wrong signature or clock."""

    public_host = "open.feishu.cn"
    code_name = "code"
    most_bytes = 20_000
    pauses = dict.fromkeys(("11232", "99991400"), _MINUTE)

    def _path(self, access: Access) -> str:
        return f"/open-apis/bot/v2/hook/{quote(access.password, safe='')}"

    def _body(self, text: str, access: Access) -> Body:
        body: Body = {"msg_type": "text", "content": {"text": text}}
        if secret := access.extra.get("secret"):
            stamp = str(int(self._clock().timestamp()))
            # Feishu's own order: the text to be signed is the key, what is signed is empty.
            body |= {"timestamp": stamp, "sign": base64.b64encode(_hmac(f"{stamp}\n{secret}", "")).decode()}
        return body


def without_secrets(text: str, access: Access) -> str:
    """What a service says, in case it quotes our address with token and signature."""
    for secret in (access.password, access.extra.get("secret", "")):
        for written in (secret, quote(secret, safe="")):
            text = text.replace(written, "***") if written else text
    return re.sub(r"sign=[^&\s]*", "***", text)


def _hmac(key: str, text: str) -> bytes:
    return hmac.new(key.encode(), text.encode(), hashlib.sha256).digest()
