"""Sealing: only the right key opens, anything changed does not, digests are SM3."""

import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gangmu.kit import seal

KEY = bytes(range(16))


def test_digests_are_those_of_the_standard():
    """The two examples of GB/T 32905 appendix A."""
    assert seal.sm3(b"abc").hex() == "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"
    assert seal.sm3(*[b"abcd"] * 16).hex() == "debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732"
    parts = seal.Sm3()
    parts.add(b"a")
    parts.add(b"bc")
    assert parts.hex() == seal.sm3(b"abc").hex()


@given(st.binary(max_size=200), st.binary(max_size=30))
def test_what_is_locked_opens_with_the_same_key_and_subject(text, about):
    blob = seal.lock(KEY, text, about)
    assert seal.unlock(KEY, blob, about) == text
    assert seal.unlock(KEY, blob, about + b"x") is None
    assert seal.unlock(bytes(16), blob, about) is None
    assert text == b"" or len(text) < 4 or text not in blob


@given(st.integers(min_value=0, max_value=40), st.integers(min_value=1, max_value=255))
def test_any_changed_byte_is_noticed(at, by):
    blob = bytearray(seal.lock(KEY, b"wang xiao er", b"rep_1"))
    if at < len(blob):
        blob[at] ^= by
        assert seal.unlock(KEY, bytes(blob), b"rep_1") is None


@pytest.mark.parametrize("blob", [b"", b"x", b"\0" * 27, b"\0" * 28])
def test_what_is_no_sealed_text(blob):
    assert seal.unlock(KEY, blob) is None


def test_the_same_text_is_never_sealed_alike():
    assert seal.lock(KEY, b"x") != seal.lock(KEY, b"x")


def test_keys_are_made_once_and_closed_to_others(tmp_path):
    first, again = seal.Keys.load(tmp_path / "keys"), seal.Keys.load(tmp_path / "keys")
    assert (first.master, first.pepper) == (again.master, again.pepper)
    assert first.blind("13612345678") == again.blind("13612345678") != first.blind("13612345679")
    for name in ("master", "signer"):
        assert os.stat(tmp_path / "keys" / name).st_mode & 0o077 == 0
    assert seal.Keys.load(tmp_path / "others").blind("13612345678") != first.blind("13612345678")
