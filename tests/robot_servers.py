"""HTTP servers on loopback that speak as the chat services do: their addresses, signatures, limits and error codes.

They check by code of their own, from the services' documents; nothing here is taken from the package.
"""

import base64
import hashlib
import hmac
import http.server
import json
import threading
import time
from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

Reply = tuple[int, dict[str, str], bytes]


class RobotServer(http.server.ThreadingHTTPServer):
    """One service with one robot. `texts` came through; `scripted` answers stand before its own judgement."""

    daemon_threads = True

    def __init__(self, clock: Callable[[], float], token="tok-en+/=1", secret="SEC-of-tests", keyword=""):
        super().__init__(("127.0.0.1", 0), _Handler)
        self.clock, self.token, self.secret, self.keyword = clock, token, secret, keyword
        self.texts: list[str] = []
        self.codes: list[str] = []
        self.sizes: list[int] = []
        self.moments: list[float] = []
        self.blocked_until = 0.0
        self.scripted: list[Reply | float] = []
        self.before_reply: Callable[[], None] | None = None
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def stop(self) -> None:
        self.shutdown()
        self.server_close()

    def handle_error(self, request, client_address) -> None:
        """A client that was killed is what a test wants."""

    def reply(self, path: str, headers, body: bytes) -> Reply:
        self.sizes.append(len(body))
        code, words = self.judge(path, headers, body)
        self.codes.append(code)
        return 200, {"Content-Type": "application/json"}, json.dumps(words).encode()

    def judge(self, path: str, headers, body: bytes) -> tuple[str, dict]:
        raise NotImplementedError

    def takes_another(self, most: int, block_seconds: float) -> bool:
        """Its own count of the last 60 seconds; beyond it the robot is shut out for a while."""
        now = self.clock()
        if now < self.blocked_until:
            return False
        if sum(now - at < 60 for at in self.moments) >= most:
            self.blocked_until = now + block_seconds
            return False
        self.moments.append(now)
        return True


class DingTalkServer(RobotServer):
    def judge(self, path: str, headers, body: bytes) -> tuple[str, dict]:
        parts = urlsplit(path)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        content = json.loads(body)
        if parts.path != "/robot/send" or query.get("access_token") != self.token:
            return self.say(300001, "token is not exist")
        if self.secret:
            if abs(self.clock() * 1000 - int(query.get("timestamp", 0))) > 3_600_000:
                return self.say(310000, "invalid timestamp")
            words = f"{query['timestamp']}\n{self.secret}".encode()
            own = hmac.new(self.secret.encode(), words, hashlib.sha256).digest()
            if base64.b64decode(query.get("sign", "")) != own:
                return self.say(310000, f"sign not match, more: {parts.query}")
        if content["msgtype"] != "text":
            return self.say(400105, "unsupported msgtype")
        if self.keyword not in content["text"]["content"]:
            return self.say(310000, "keywords not in content")
        if len(body) > 20_000:
            return self.say(460101, "message too long, exceed 20000 bytes")
        if not self.takes_another(20, 600):
            return self.say(130101, "send too fast, exceed 20 times per minute")
        self.texts.append(content["text"]["content"])
        return self.say(0, "ok")

    def say(self, code: int, words: str) -> tuple[str, dict]:
        return str(code), {"errcode": code, "errmsg": words}


class WeComServer(RobotServer):
    def judge(self, path: str, headers, body: bytes) -> tuple[str, dict]:
        parts = urlsplit(path)
        content = json.loads(body)
        if parts.path != "/cgi-bin/webhook/send" or parse_qs(parts.query).get("key") != [self.token]:
            return self.say(93000, "invalid webhook url")
        if len(content["text"]["content"].encode()) > 2_048:
            return self.say(40058, "text.content exceed max length 2048")
        if not self.takes_another(20, 60):
            return self.say(45009, "api freq out of limit")
        self.texts.append(content["text"]["content"])
        return self.say(0, "ok")

    def say(self, code: int, words: str) -> tuple[str, dict]:
        return str(code), {"errcode": code, "errmsg": words}


class FeishuServer(RobotServer):
    def judge(self, path: str, headers, body: bytes) -> tuple[str, dict]:
        content = json.loads(body)
        if path != f"/open-apis/bot/v2/hook/{_quoted(self.token)}":
            return self.say(19001, "param invalid: incoming webhook access token invalid")
        if self.secret:
            stamp = content.get("timestamp", "0")
            own = hmac.new(f"{stamp}\n{self.secret}".encode(), b"", hashlib.sha256).digest()
            if abs(self.clock() - int(stamp)) > 3600 or base64.b64decode(content.get("sign", "")) != own:
                return self.say(
                    19021, "sign match fail or timestamp is not within one hour from current time"
                )
        if self.keyword not in content["content"]["text"]:
            return self.say(19024, "Key Words Not Found")
        if len(body) > 20_480:
            return self.say(9499, "Bad Request")
        if not self.takes_another(100, 60):
            return self.say(11232, "frequency limited")
        self.texts.append(content["content"]["text"])
        return self.say(0, "success")

    def say(self, code: int, words: str) -> tuple[str, dict]:
        return str(code), {"code": code, "msg": words, "data": {}}


class WebhookServer(RobotServer):
    """A receiver that checks our signature and knows what came twice."""

    def reply(self, path: str, headers, body: bytes) -> Reply:
        stamp, mark = headers["X-Shegong-Timestamp"], headers["X-Shegong-Message"]
        own = hmac.new(self.token.encode(), f"{stamp}.".encode() + body, hashlib.sha256).hexdigest()
        if not hmac.compare_digest(f"v1={own}", headers["X-Shegong-Signature"]):
            return 401, {}, b""
        if abs(self.clock() - int(stamp)) > 300:
            return 400, {}, b""
        content = json.loads(body)
        if content["message"] != mark:
            return 400, {}, b""
        self.codes.append(mark)
        self.texts.append(content["text"])
        return 202, {}, b""


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: RobotServer

    def log_message(self, *words) -> None:
        """Nothing to the test's output."""

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        scripted = self.server.scripted.pop(0) if self.server.scripted else None
        if isinstance(scripted, float):
            time.sleep(scripted)
        status, headers, answer = (
            scripted if isinstance(scripted, tuple) else self.server.reply(self.path, self.headers, body)
        )
        if self.server.before_reply:
            self.server.before_reply()
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)


def _quoted(token: str) -> str:
    return "".join(c if c.isalnum() or c in "-._~" else f"%{ord(c):02X}" for c in token)
