"""Memory that a step frees is there for the next one."""

import ctypes
import resource
import sys

import pytest
import torch

from reparam.training import memory
from reparam.training.memory import freed_memory_kept

glibc = pytest.mark.skipif(
    not hasattr(ctypes.CDLL(None), "mallopt"), reason="needs glibc's mallopt"
)


def faults():
    """How many pages the system cleared while 20 pairs of 4 MiB came and went."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    for _ in range(20):
        pair = [torch.ones(2**20) for _ in range(2)]
        del pair
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before


@glibc
@pytest.mark.skipif(sys.platform != "linux", reason="counts Linux's page faults")
def test_the_system_clears_fewer_pages_inside():
    library = ctypes.CDLL(None)
    library.mallopt(memory.TRIM, 128 * 1024)  # glibc's first values
    library.mallopt(memory.MMAP, 128 * 1024)
    outside = faults()
    with freed_memory_kept():
        faults()
        inside = faults()
    assert outside > 20 * 1000
    assert inside < outside / 10


@glibc
@pytest.mark.parametrize("name", memory.USERS)
def test_what_the_user_has_set_stays(monkeypatch, name):
    calls = []

    class Library:
        mallopt = malloc_trim = lambda self, *given: calls.append(given)

    monkeypatch.setattr(memory.ctypes, "CDLL", lambda name: Library())
    monkeypatch.setenv(name, "1")
    with freed_memory_kept():
        pass
    assert calls == []
    monkeypatch.delenv(name)
    with freed_memory_kept():
        pass
    assert len(calls) == 4


def test_another_c_library_is_left_alone(monkeypatch):
    monkeypatch.setattr(memory.ctypes, "CDLL", lambda name: object())
    with freed_memory_kept():
        assert True
