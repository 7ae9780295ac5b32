"""What the vault keeps of a person, sealed: document and name. Nothing here knows the database.

Records are AES-SIV (RFC 5297), bound to their person_key, so that none can be exchanged or changed. SIV needs no
nonce, so no number of records wears a key out, and its steps are the same for all records of one length: a chunk of
a file is sealed block by block, in native code, where a call per person was the dearest part of intake.
"""

import numpy as np
import polars as pl
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM, AESSIV
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

BLOCK = 16  # bytes of AES
_NONCE = 12  # bytes before a record of release 0.1, which was AES-256-GCM
_COUNTER = np.uint64(0x7FFFFFFF7FFFFFFF)  # SIV clears two bits, so that counting never carries


class Vault:
    """Seals and opens what the vault keeps of a person."""

    def __init__(self, key: bytes) -> None:
        derived = HKDF(hashes.SHA256(), length=64, salt=None, info=b"shegong vault, AES-SIV").derive(key)
        self._siv, self._gcm = AESSIV(derived), AESGCM(key)
        # AES itself, of which SIV's modes are made below
        self._mac_cipher = Cipher(algorithms.AES(derived[:32]), modes.ECB())  # noqa: S305
        self._text_cipher = Cipher(algorithms.AES(derived[32:]), modes.ECB())  # noqa: S305
        nothing = np.zeros((1, 1, 2), dtype=np.uint64)
        self._last = _double(_apply(self._mac_cipher, nothing[0]))  # CMAC: joins the last block
        self._first = _double(self._mac(nothing))  # S2V: where every record begins

    def seal(self, person_keys: np.ndarray, contents: np.ndarray) -> np.ndarray:
        """Sealed records, one row of bytes each, 16 longer than the contents; what AESSIV gives for each alone.

        Keys and contents are rows of bytes, of whole blocks (`contents_of`); contents have one length in a call.
        """
        keys, plain = (
            np.ascontiguousarray(rows).view(np.uint64).reshape(len(rows), -1, 2)
            for rows in (person_keys, contents)
        )
        bound = plain.copy()
        bound[:, -1] ^= self._first ^ self._mac(keys)
        tag = self._mac(bound)
        counters = np.repeat(tag[:, None], plain.shape[1], axis=1)
        low = (tag[:, 1].byteswap() & _COUNTER)[:, None] + np.arange(plain.shape[1], dtype=np.uint64)
        counters[:, :, 1] = low.byteswap()
        sealed = np.concatenate([tag[:, None], plain ^ _apply(self._text_cipher, counters)], axis=1)
        return sealed.view(np.uint8).reshape(len(plain), -1)

    def open(self, person_key: str, sealed: bytes) -> dict[str, str]:
        """The document and name of one person, from what vault.reveal() gave. Raises InvalidTag if it was exchanged."""
        try:
            content = self._siv.decrypt(sealed, [person_key.encode()])
        except InvalidTag:
            content = self._gcm.decrypt(sealed[:_NONCE], sealed[_NONCE:], person_key.encode())
        parts = content.rstrip(b"\0").decode().split("\t")
        return dict(zip(("id_type", "id_no", "person_name"), parts, strict=True))

    def _mac(self, messages: np.ndarray) -> np.ndarray:
        """CMAC of messages of equally many blocks, a block of all of them at a time."""
        state = np.zeros((len(messages), 2), dtype=np.uint64)
        for at in range(messages.shape[1]):
            state = state ^ messages[:, at]
            if at == messages.shape[1] - 1:
                state ^= self._last
            state = _apply(self._mac_cipher, state)
        return state


def contents_of(persons: pl.DataFrame) -> pl.Series:
    """What is sealed of each person, filled up with NUL to whole blocks, which hides a little of a name's length."""
    told = pl.concat_str("id_type", "id_no", pl.col("person_name").fill_null(""), separator="\t")
    content = persons.select(told).to_series()
    missing = (BLOCK - content.str.len_bytes() % BLOCK) % BLOCK
    return content + pl.Series(["\0" * count for count in range(BLOCK)]).gather(missing)


def _apply(cipher: Cipher, blocks: np.ndarray) -> np.ndarray:
    """Each block by itself through the cipher. Blocks are two words each, as they lie in memory."""
    encryptor = cipher.encryptor()
    return np.frombuffer(
        encryptor.update(blocks.data.cast("B")) + encryptor.finalize(), dtype=np.uint64
    ).reshape(blocks.shape)


def _double(block: np.ndarray) -> np.ndarray:
    """Twice a block in GF(2^128), as CMAC and S2V define it."""
    value = int.from_bytes(block.tobytes(), "big") << 1
    if value >> 128:
        value ^= (1 << 128) | 0x87
    return np.frombuffer(value.to_bytes(BLOCK, "big"), dtype=np.uint64)
